"""Pages of bookings: mine, those of my resources, and one with what can be done."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import key_of
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.forms import ReasonForm, UseForm, VoidForm
from trebbo.sharing.resources.models import Booking
from trebbo.sharing.resources.queries.bookings import ROWS, BookingAct, BookingsFound
from trebbo.sharing.resources.queries.wording import Told, money, use_words
from trebbo.sharing.resources.views.links import answer_forms, give_answer, tell

Typed = dict[str, Any]
Act = Callable[[dict[str, Any], Typed], str]
FURTHEST = 100_000
SHOWS: dict[str, tuple[Any, Callable[..., BookingsFound]]] = {
    "answer": (gettext_lazy("To answer"), queries.bookings_to_answer),
    "record": (gettext_lazy("Use to record"), queries.bookings_to_record),
    "coming": (pgettext_lazy("bookings", "To come"), queries.bookings_of_owner),
    "over": (gettext_lazy("Over"), lambda **how: queries.bookings_of_owner(over=True, **how)),
}
"""What of the bookings of one's resources can be shown, and what reads it."""


@require_safe
@signed_in
def bookings(request: HttpRequest) -> HttpResponse:
    """What the viewer and the bodies for which they act asked for."""
    viewer, over = viewer_of(request), "over" in request.GET
    offset = _offset(request)
    found = queries.my_bookings(viewer=viewer, over=over, offset=offset)
    context = {"over": over, **_rows(found, offset, viewer)}
    return render(request, "resources/my_bookings.html", context)


@require_safe
@signed_in
def bookings_answering(request: HttpRequest) -> HttpResponse:
    """Bookings of resources for whose owner the viewer answers."""
    viewer, asked = viewer_of(request), request.GET.get("show", "")
    show, offset = asked if asked in SHOWS else "answer", _offset(request)
    found = SHOWS[show][1](viewer=viewer, offset=offset)
    context = {
        "shows": [(name, label) for name, (label, _read) in SHOWS.items()],
        "show": show,
        **_rows(found, offset, viewer),
    }
    return render(request, "resources/bookings_answering.html", context)


def _offset(request: HttpRequest) -> int:
    return min(key_of(request.GET.get("from", "")), FURTHEST)


def _rows(found: BookingsFound, offset: int, viewer: Viewer) -> dict[str, Any]:
    return {
        "rows": queries.in_words(found.rows, viewer=viewer),
        "before": max(0, offset - ROWS) if offset else None,
        "after": offset + ROWS if found.more else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """One booking; what was typed stays on the page where an action refuses it."""
    viewer = viewer_of(request)
    page = _page(booking_id, viewer)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, do, page.booking)
    if not do:
        return _show(request, page, forms)
    form = forms.get(do)
    if do not in ACTS:
        raise Http404
    if form is not None and not form.is_valid():
        return _show(request, page, forms, status=400)
    about = {
        "actor": viewer,
        "booking_id": booking_id,
        "version": key_of(request.POST.get("version", "")),
    }
    try:
        typed = {**form.cleaned_data, "page": page} if form else {"page": page}
        words = ACTS[do](about, typed)
    except NotAllowed:
        raise
    except Refusal as refusal:
        page = _page(booking_id, viewer)
        if form is None or isinstance(refusal, actions.BookingChanged):
            return _show(request, page, forms, status=refusal.status, refusal=refusal)
        tell(form, refusal)
        return _show(request, page, forms, status=refusal.status)
    messages.success(request, words)
    return redirect("booking", booking_id)


def _page(booking_id: int, viewer: Viewer) -> queries.BookingPage:
    page = queries.booking_page(booking_id, viewer=viewer)
    if page is None:
        raise Http404
    return page


def _show(
    request: HttpRequest,
    page: queries.BookingPage,
    forms: dict[str, Form],
    status: int = 200,
    refusal: Refusal | None = None,
) -> HttpResponse:
    viewer, shown = viewer_of(request), page.booking
    told = queries.told(shown, viewer=viewer)
    context = {
        "page": page,
        "acts": {act.value for act in page.acts},
        "uses": [
            (use, use_words(use)) for use in page.uses if use.resource_id == shown.resource_id
        ],
        "used": use_words(page.used) if page.used else "",
        "booking": shown,
        "resource": shown.resource,
        "told": told,
        "accepts": BookingAct.ACCEPT in page.acts,
        "forms": forms,
        "refusal": refusal,
        "cancel_hint": _cancel_hint(page, told),
    }
    return render(request, "resources/booking.html", context, status=status)


def _forms(request: HttpRequest, do: str, shown: Booking) -> dict[str, Form]:
    def sent(name: str) -> Any:
        return request.POST if do == name else None

    zone = shown.resource.timezone
    return {
        **answer_forms(request, do, zone),
        "cancel": ReasonForm(sent("cancel"), prefix="cancel"),
        "use": UseForm(sent("use"), prefix="use", zone=zone, initial=_as_booked(shown)),
        "void": VoidForm(sent("void"), prefix="void"),
    }


def _as_booked(shown: Booking) -> dict[str, Any]:
    """The slot as it was booked, by its local clock: most uses are as booked."""
    zone = ZoneInfo(shown.resource.timezone)
    start, end = shown.starts_at.astimezone(zone), shown.ends_at.astimezone(zone)
    economic = None if shown.is_economic is None else "yes" if shown.is_economic else "no"
    last = end.date() if end.date() != start.date() else None
    return {
        "day": start.date(),
        "start": start.time(),
        "end": end.time(),
        "end_day": last,
        "is_economic": economic,
    }


def _cancel_hint(page: queries.BookingPage, told: Told) -> str:
    shown = page.booking
    if not page.for_asker:
        return _("Who asked is told the reason, and owes nothing.")
    if not shown.late_fee_percent or not shown.price:
        return _("It costs nothing, and the slot becomes free for others.")
    facts = {"until": told.free_until, "percent": shown.late_fee_percent}
    words = _("Free of charge until %(until)s; later %(percent)s %% of the price is owed.")
    return words % facts


def _answer(do: str) -> Act:
    def act(about: dict[str, Any], typed: Typed) -> str:
        return ": ".join(give_answer(about, do, typed))

    return act


def _agree(about: dict[str, Any], _typed: Typed) -> str:
    actions.agree_to_slot(**about)
    return _("The slot is yours. A message with the date for your calendar is on its way.")


def _withdraw(about: dict[str, Any], _typed: Typed) -> str:
    actions.withdraw_booking(**about)
    return _("The request is withdrawn.")


def _cancel(about: dict[str, Any], typed: Typed) -> str:
    cancelled = actions.cancel_booking(**about, reason=typed["reason"])
    if cancelled.fee:
        return _("The booking is cancelled. %(fee)s is owed.") % {"fee": money(cancelled.fee)}
    return _("The booking is cancelled.")


def _use(about: dict[str, Any], typed: Typed) -> str:
    actions.record_use(
        **about,
        starts_at=typed["starts_at"],
        ends_at=typed["ends_at"],
        is_economic=typed["is_economic"] == "yes",
        note=typed["note"],
    )
    return _("The use is in the ledger.")


def _no_show(about: dict[str, Any], _typed: Typed) -> str:
    actions.record_no_show(**about)
    return _("It is noted that nobody came.")


def _void(about: dict[str, Any], typed: Typed) -> str:
    standing = [use for use in typed["page"].uses if use.voided_at is None]
    if not standing:
        raise actions.BookingChanged(typed["page"].booking)
    actions.void_use(actor=about["actor"], use_id=standing[0].pk, reason=typed["reason"])
    return _("The record is struck out. Record the use as it was.")


ACTS: dict[str, Act] = {
    "accept": _answer("accept"),
    "decline": _answer("decline"),
    "propose": _answer("propose"),
    "agree": _agree,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "use": _use,
    "no_show": _no_show,
    "void": _void,
}
