"""What a link in a mail opens, without signing in: a look that changes nothing, and one press."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.forms import ProposeForm, ReasonForm, SlotForm


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
def booking_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The owner accepts, declines or proposes another slot, by the link in a mail."""
    viewer = viewer_of(request)
    try:
        opened = actions.open_answer_link(actor=viewer, token=token)
    except actions.AnswerLinkOver as refusal:
        return _over(request, refusal)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = answer_forms(request, do, opened.booking.resource.timezone)
    status = 200
    if do:
        form = forms.get(do)
        if form is None and do != "accept":
            raise Http404
        status = 400
        if form is None or form.is_valid():
            try:
                about = {
                    "actor": opened.by,
                    "booking_id": opened.booking.pk,
                    "version": opened.booking.version,
                }
                heading, words = give_answer(about, do, form.cleaned_data if form else {})
            except actions.BookingChanged:
                return _over(request, _asked_again(request, token))
            except Refusal as refusal:
                if form is None:
                    return _show(request, opened, forms, refusal.status, refusal)
                tell(form, refusal)
                status = refusal.status
            else:
                context = {"heading": heading, "words": words, "booking": opened.booking}
                return render(request, "resources/booking_answered.html", context)
    return _show(request, opened, forms, status)


def answer_forms(request: HttpRequest, do: str, zone: str) -> dict[str, Form]:
    """The forms by which an owner answers; the one that was sent holds what was typed."""

    def sent(name: str) -> Any:
        return request.POST if do == name else None

    return {
        "decline": ReasonForm(sent("decline"), prefix="decline"),
        "propose": ProposeForm(sent("propose"), prefix="propose", zone=zone),
    }


def give_answer(about: dict[str, Any], do: str, typed: dict[str, Any]) -> tuple[str, str]:
    """Give the owner's answer to the booking that `about` names; the words that say so."""
    if do == "accept":
        actions.accept_booking(**about)
        return _("You accepted"), _("The slot is theirs now, and who asked is told.")
    if do == "decline":
        actions.decline_booking(**about, reason=typed["reason"])
        return _("You declined"), _("The slot is free again, and who asked is told the reason.")
    actions.propose_slot(
        **about, starts_at=typed["starts_at"], ends_at=typed["ends_at"], words=typed["words"]
    )
    return _("You proposed another slot"), _("It is held for who asked, until they answer.")


def tell(form: Form, refusal: Refusal) -> None:
    """Say on a form what was refused."""
    if isinstance(form, SlotForm):
        form.tell(refusal)
    else:
        add_refusal(form, refusal)


def _asked_again(request: HttpRequest, token: str) -> actions.AnswerLinkOver:
    """Why the link is over, now that somebody else was faster."""
    try:
        actions.open_answer_link(actor=viewer_of(request), token=token)
    except actions.AnswerLinkOver as refusal:
        return refusal
    return actions.AnswerLinkOver(_("Somebody else answered at the same moment."))


def _show(
    request: HttpRequest,
    opened: actions.OpenAnswer,
    forms: dict[str, Form],
    status: int = 200,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "booking": opened.booking,
        "resource": opened.booking.resource,
        "person": opened.person,
        "forms": forms,
        "told": queries.told(opened.booking, viewer=opened.by),
        "refusal": refusal,
    }
    return render(request, "resources/booking_by_mail.html", context, status=status)


def _over(request: HttpRequest, refusal: actions.AnswerLinkOver) -> HttpResponse:
    context: dict[str, Any] = {"refusal": refusal, "booking": refusal.booking}
    if refusal.booking is not None:
        context["told"] = queries.told(refusal.booking, viewer=viewer_of(request))
    return render(request, "resources/booking_link_over.html", context, status=refusal.status)
