"""Asking for a slot: the week, the form, the price before anything is sent, the waiting list."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.choices import BookingState
from trebbo.sharing.resources.forms import BookForm
from trebbo.sharing.resources.queries.desk import Desk, QuoteInWords
from trebbo.sharing.resources.queries.wording import is_twice, slot_words
from trebbo.sharing.resources.views.finding import coming_workday
from trebbo.sharing.resources.views.grids import grid_of
from trebbo.sharing.resources.views.resource import length_words

HALF_HOUR = 30
PICK, WEEK = "pick:", "week:"
"""How a button begins that takes a slot of the grid, or turns to another week."""


@require_http_methods(["GET", "HEAD", "POST"])
@public
def resource_book(request: HttpRequest, resource_id: int) -> HttpResponse:
    """The week of a resource, and the form that asks for a slot.

    Buttons of the grid belong to the form: picking a slot, or turning to another week, loses
    nothing of what was typed.
    """
    viewer = viewer_of(request)
    desk = queries.booking_desk(resource_id, viewer=viewer)
    if desk is None or not desk.is_open:
        raise Http404
    if request.method == "POST" and not viewer.signed_in:
        raise NotAllowed(_("Sign in to book."))
    page = _Page(request, desk, viewer)
    if request.method != "POST":
        return page.show()
    return page.answer()


class _Page:
    """One look at the page: what was asked, the form, and what is shown beside it."""

    def __init__(self, request: HttpRequest, desk: Desk, viewer: Viewer) -> None:
        self.request, self.desk, self.viewer = request, desk, viewer
        self.zone = ZoneInfo(desk.resource.timezone)
        self.context: dict[str, Any] = {}

    @property
    def step(self) -> int:
        """Minutes of a cell: hours, where a day has too many halves of them."""
        return HALF_HOUR if self.desk.resource.opening_hours.exists() else 2 * HALF_HOUR

    def show(self, form: BookForm | None = None, status: int = 200) -> HttpResponse:
        """The page, with the form as it was typed, or as the address proposes."""
        picked = self._moment(self.request.GET.get("start", ""))
        form = form or self._form(initial=self._slot(picked) if picked else {})
        day = self._week_day(form, picked)
        resource, today = self.desk.resource, self.viewer.now.astimezone(self.zone).date()
        day = day or self._first_day()
        week = queries.week_of(resource, day, viewer=self.viewer, step=self.step)
        quote = self._quote(form)
        form.fields["purpose"].required = True  # marked so; to look at a price needs none yet
        context = {
            "resource": resource,
            "shortest": length_words(resource.shortest_minutes),
            "longest": length_words(resource.longest_minutes),
            "form": form,
            "week": week,
            "today": today,
            "days": grid_of(week),
            "quote": quote,
            "pick": PICK,
            "turn": WEEK,
            **self.context,
        }
        return render(self.request, "resources/book.html", context, status=status)

    def answer(self) -> HttpResponse:
        """What a button of the form asks for."""
        do = self.request.POST.get("do", "")
        if do.startswith((PICK, WEEK)):
            return self._turn(do)
        form = self._form(self.request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        quote = self._quote(form)
        if quote is None:
            form.add_error("end", _("The end has to come after the start."))
            return self.show(form, status=400)
        if do not in ("send", "wait"):
            return self.show(form)
        if self.request.POST.get("seen", "") != quote.mark:
            self.context["asks_again"] = True
            return self.show(form)
        return self._send(form, waiting=do == "wait")

    def _send(self, form: BookForm, *, waiting: bool) -> HttpResponse:
        try:
            booking = actions.request_booking(
                actor=self.viewer,
                resource_id=self.desk.resource.pk,
                waiting=waiting,
                **form.request(),
            )
        except actions.SlotTaken as taken:
            self.context["taken"] = taken
            self.context["next_slots"] = [
                (slot, self._in_words(slot.starts_at, slot.ends_at)) for slot in taken.next_slots
            ]
            form.tell(taken)
            return self.show(form, status=taken.status)
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.tell(refusal)
            return self.show(form, status=refusal.status)
        messages.success(self.request, _SENT[BookingState(booking.state)])
        return redirect("booking", booking.pk)

    def _turn(self, do: str) -> HttpResponse:
        """Take a slot of the grid into the form, or another week beside it; nothing is checked."""
        typed = self.request.POST.copy()
        if do.startswith(PICK):
            picked = self._moment(do.removeprefix(PICK))
            if picked is not None:
                for name, value in self._slot(picked, self._length(typed)).items():
                    typed[name] = _plain(value)
        else:
            self.context["day"] = _day(do.removeprefix(WEEK))
        form = self._form(initial={name: typed.get(name, "") for name in typed})
        return self.show(form)

    def _form(self, typed: QueryDict | None = None, initial: Any = None) -> BookForm:
        bodies = [(str(body.pk), body.title) for body in self.desk.bodies]
        return BookForm(typed, initial=initial, zone=str(self.zone), bodies=bodies)

    def _slot(self, picked: datetime, minutes: int = 0) -> dict[str, Any]:
        """The fields of a slot that begins at a moment, as its local clock shows them."""
        length = timedelta(minutes=minutes or self.desk.resource.shortest_minutes)
        start = picked.astimezone(self.zone)
        end = (picked.astimezone(UTC) + length).astimezone(self.zone)
        slot: dict[str, Any] = {"day": start.date(), "start": start.time(), "end": end.time()}
        slot["end_day"] = end.date() if end.date() != start.date() else None
        for name, moment in (("start_which", start), ("end_which", end)):
            slot[name] = str(moment.fold) if is_twice(moment) else ""
        return slot

    def _length(self, typed: QueryDict) -> int:
        """The minutes that were typed so far, where they make a slot."""
        form = self._form(typed)
        form.is_valid()
        start, end = form.cleaned_data.get("starts_at"), form.cleaned_data.get("ends_at")
        if not start or not end or end <= start:
            return 0
        return int((end - start).total_seconds()) // 60

    def _quote(self, form: BookForm) -> QuoteInWords | None:
        """What the slot in the form costs, as far as it is one."""
        said = form if form.is_bound else self._form(_as_typed(form))
        said.is_valid()
        typed = said.cleaned_data
        start, end = typed.get("starts_at"), typed.get("ends_at")
        if not self.viewer.signed_in or not start or not end or end <= start:
            return None
        chosen = typed.get("profile") or (str(self.desk.bodies[0].pk) if self.desk.bodies else "")
        return queries.quote_in_words(
            self.desk,
            int(chosen) if chosen else None,
            start,
            end,
            typed.get("sample_count"),
            viewer=self.viewer,
        )

    def _week_day(self, form: BookForm, picked: datetime | None) -> date | None:
        asked = self.context.get("day") or _day(self.request.GET.get("week", ""))
        if asked or picked is None:
            typed = _day(str(form["day"].value() or ""))
            return asked or typed
        return picked.astimezone(self.zone).date()

    def _first_day(self) -> date:
        """The first day that can be asked for, or the Monday after its weekend."""
        notice = timedelta(hours=self.desk.resource.notice_hours)
        return coming_workday((self.viewer.now + notice).astimezone(self.zone).date())

    def _moment(self, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment if moment.tzinfo and 2000 < moment.year < 2200 else None

    def _in_words(self, starts_at: datetime, ends_at: datetime) -> str:
        return slot_words(starts_at, ends_at, str(self.zone))


def _as_typed(form: BookForm) -> QueryDict:
    """The initial values of a form as if they had been sent."""
    typed = QueryDict(mutable=True)
    for name, value in form.initial.items():
        typed[name] = _plain(value)
    return typed


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%H:%M") if hasattr(value, "hour") else str(value)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


_SENT: dict[str, Any] = {
    BookingState.REQUESTED: gettext_lazy(
        "Your request is sent, and the slot is held for you until there is an answer."
    ),
    BookingState.WAITING: gettext_lazy(
        "You are on the waiting list: if the slot becomes free, you are told."
    ),
    BookingState.ACCEPTED: gettext_lazy("The slot is booked."),
}
