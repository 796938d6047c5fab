"""From the page of an idea: look for who could answer it, and introduce who did."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trebbo.kernel.access import signed_in, viewer_of
from trebbo.partnering.introductions import actions


@signed_in
@require_POST
def ask_from_idea(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Keep the ask of an idea, and go to it."""
    return redirect(actions.ask_from_idea(actor=viewer_of(request), idea_id=idea_id))


@signed_in
@require_POST
def introduce_answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Introduce who gave an accepted answer, and go to the introduction."""
    introduction = actions.introduce_answer(actor=viewer_of(request), answer_id=answer_id)
    words = _("Introduced: both sides now know how to reach each other.")
    messages.success(request, words)
    return redirect(introduction)
