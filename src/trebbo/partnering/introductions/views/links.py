"""What a link in a mail opens, without signing in: a look that changes nothing, and one press."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.pages import add_refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import LinkPurpose
from trebbo.partnering.introductions.forms import (
    ColleagueForm,
    DeclineForm,
    OutcomeForm,
    WordsForm,
)
from trebbo.partnering.introductions.queries.ideas import idea_behind

Act = Callable[[Viewer, str, dict[str, Any]], tuple[str, str]]
READ = "read"
FORMS: dict[LinkPurpose, dict[str, type[Form]]] = {
    LinkPurpose.CONSENT: {"withdraw": WordsForm},
    LinkPurpose.ANSWER: {"decline": DeclineForm, "pass_on": ColleagueForm},
    LinkPurpose.OUTCOME: {"outcome": OutcomeForm},
}


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def consent_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks agrees to an introduction, or does not."""
    return _by_link(request, LinkPurpose.CONSENT, token)


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def answer_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Who is asked says yes, no, or whom to ask instead."""
    return _by_link(request, LinkPurpose.ANSWER, token)


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def outcome_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Either side says whether they met, and what came of it."""
    return _by_link(request, LinkPurpose.OUTCOME, token)


def _by_link(request: HttpRequest, purpose: LinkPurpose, token: str) -> HttpResponse:
    name = request.POST.get("do", "") if request.method == "POST" else ""
    forms = {
        key: form(request.POST if key == name else None, prefix=key)
        for key, form in FORMS[purpose].items()
    }
    try:
        opened = actions.open_link(actor=viewer_of(request), purpose=purpose, token=token)
        if name and name != READ and (answered := _answer(request, purpose, token, forms)):
            return answered
    except actions.LinkUsed as refusal:
        return _over(request, refusal)
    # An idea's text is for its circle, on its own page: a link in a mail opens none of it.
    is_its_own = opened.introduction.ask.idea_id is None
    reads = name == READ and purpose == LinkPurpose.ANSWER and is_its_own
    if reads:
        _note_reading(request, opened)
    context = {
        "opened": opened,
        "introduction": opened.introduction,
        "ask": opened.introduction.ask,
        "forms": forms,
        "reads": reads,
        "idea": idea_behind(opened.introduction, viewer=viewer_of(request)),
    }
    status = 400 if any(form.errors for form in forms.values()) else 200
    return render(request, f"introductions/{purpose.value}_by_mail.html", context, status=status)


def _answer(
    request: HttpRequest, purpose: LinkPurpose, token: str, forms: dict[str, Form]
) -> HttpResponse | None:
    """Do what was pressed, and say what happens next; None where a form says what is wrong."""
    name = request.POST["do"]
    act, form = ACTS[purpose].get(name), forms.get(name)
    if act is None:
        raise Http404
    if form is not None and not form.is_valid():
        return None
    try:
        heading, words = act(viewer_of(request), token, form.cleaned_data if form else {})
    except actions.IntroductionRefused as refusal:
        if form is None:
            raise
        add_refusal(form, refusal)
        return None
    return render(request, "introductions/answered.html", {"heading": heading, "words": words})


def _note_reading(request: HttpRequest, opened: actions.OpenLink) -> None:
    viewer = viewer_of(request)
    actions.note_reading(
        actor=viewer,
        ask=opened.introduction.ask,
        email=opened.link.email,
        label=opened.by(viewer).label,
    )


def _over(request: HttpRequest, refusal: actions.LinkUsed) -> HttpResponse:
    context = {"refusal": refusal, "introduction": refusal.introduction}
    return render(request, "introductions/link_over.html", context, status=refusal.status)


def _consent(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.consent_to_introduction(actor=viewer, token=token)
    return _("You agreed"), _("The other side is asked now. You will hear what they say.")


def _withdraw(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.withdraw_introduction(actor=viewer, token=token, **typed)
    return _("You did not agree"), _("Nobody is asked. Whoever proposed it is told.")


def _accept(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.accept_introduction(actor=viewer, token=token)
    words = _("A message with how to reach each other is on its way to both of you.")
    return _("You accepted"), words


def _decline(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.decline_introduction(actor=viewer, token=token, **typed)
    words = _("Who asks is told the reason, and never learns your address. Nobody asks again.")
    return _("You declined"), words


def _pass_on(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.pass_on_introduction(actor=viewer, token=token, **typed)
    return _("Passed on"), _("Your colleague is asked now; you need do nothing more.")


def _met(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.record_meeting(actor=viewer, token=token)
    return _("Thank you"), _("It is noted that you met. What came of it is asked later.")


def _outcome(viewer: Viewer, token: str, typed: dict[str, Any]) -> tuple[str, str]:
    actions.record_outcome(actor=viewer, token=token, **typed)
    return _("Thank you"), _("It is noted what came of it.")


ACTS: dict[LinkPurpose, dict[str, Act]] = {
    LinkPurpose.CONSENT: {"consent": _consent, "withdraw": _withdraw},
    LinkPurpose.ANSWER: {"accept": _accept, "decline": _decline, "pass_on": _pass_on},
    LinkPurpose.OUTCOME: {"met": _met, "outcome": _outcome},
}
