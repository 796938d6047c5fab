"""What people type about a booking: the slot, the request, an answer, the real use."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trebbo.kernel.errors import Refusal
from trebbo.kernel.local_time import AmbiguousTime, local_moment
from trebbo.sharing.resources.queries.wording import moment_words

WRONG_TIME = _("This is not a time: write it like 14:30.")
WRONG_DAY = _("This is not a day: write it like 31/12/2026.")


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day of the calendar."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": WRONG_DAY},
    )


def time_field(label: Any) -> forms.TimeField:
    """A time of the clock, to the quarter of an hour."""
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time", "step": "900"}, format="%H:%M"),
        error_messages={"invalid": WRONG_TIME},
    )


def words_field(label: Any, *, required: bool, rows: int = 3, help_text: Any = "") -> Any:
    """Some lines of text."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class SlotForm(forms.Form):
    """From when until when, by the clock that hangs where the resource stands.

    A time that the clock shows twice, when it goes back, is asked for once more: which of the two.
    """

    day = day_field(_("Day"))
    start = time_field(pgettext_lazy("time", "From"))
    end = time_field(pgettext_lazy("time", "Until"))
    end_day = day_field(
        _("Last day"), required=False, help_text=_("Only if it goes on for more than a day.")
    )

    SLOT = ("day", "start", "end", "end_day", "start_which", "end_which")
    TYPED_AS = {"starts_at": "start", "ends_at": "end", "slot": "start"}
    """Where on this form a refusal about a field of the action belongs."""

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        for name in ("start", "end"):
            which = f"{name}_which"
            if self.initial.get(which):
                self.fields[which] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Add the two moments, `starts_at` and `ends_at`."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        last = typed.get("end_day") or typed.get("day")
        typed["starts_at"] = self._moment("start", typed.get("day"), typed.get("start"))
        typed["ends_at"] = self._moment("end", last, typed.get("end"))
        return typed

    def bounds(self) -> list[forms.BoundField]:
        """The fields of the slot that are there, in order."""
        return [self[name] for name in self.SLOT if name in self.fields]

    def others(self) -> list[forms.BoundField]:
        """The fields that are none of the slot's."""
        return [bound for bound in self if bound.name not in self.SLOT]

    def tell(self, refusal: Refusal) -> None:
        """Say beside the fields what an action refused, and above the form what fits none."""
        for name, words in refusal.fields.items():
            known = self.TYPED_AS.get(name, name)
            self.add_error(known if known in self.fields else None, words)
        if not refusal.fields:
            self.add_error(None, refusal.message)

    def _moment(self, name: str, day: Any, clock: Any) -> datetime | None:
        if day is None or clock is None:
            return None
        zone = ZoneInfo(self.zone)
        try:
            return local_moment(day, clock, zone).astimezone(UTC)
        except AmbiguousTime as twice:
            self._ask_which(name, twice.choices)
            chosen = self.data.get(self.add_prefix(f"{name}_which"), "")
            if chosen in ("0", "1"):
                return twice.choices[int(chosen)].astimezone(UTC)
            self.add_error(f"{name}_which", twice.message)
        except Refusal as refusal:
            self.add_error(name, refusal.message)
        return None

    def _ask_which(self, name: str, moments: Sequence[datetime]) -> None:
        """A choice between the two moments that one time can mean."""
        choices = [(str(key), moment_words(one, self.zone)) for key, one in enumerate(moments)]
        label = _("Which of the two: from") if name == "start" else _("Which of the two: until")
        self.fields[f"{name}_which"] = forms.ChoiceField(
            label=label, choices=choices, required=False, widget=forms.RadioSelect
        )


class BookForm(SlotForm):
    """A request for a slot, with what it is for."""

    purpose = words_field(
        _("What you want to do"),
        required=False,
        rows=4,
        help_text=_("Only who answers for the owner reads it, and your colleagues."),
    )
    samples = words_field(
        _("Samples"),
        required=False,
        help_text=_("What they are, how they are prepared, whether they are dangerous."),
    )
    sample_count = forms.IntegerField(
        label=_("Number of samples"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        error_messages={"invalid": _("Write a whole number.")},
    )
    profile = forms.ChoiceField(label=_("For"), required=False)
    is_economic = forms.ChoiceField(
        label=_("Is it an economic activity?"),
        required=False,
        choices=[
            ("", _("I do not know: the owner decides")),
            ("yes", _("Yes: for goods or services on a market")),
            ("no", _("No: for example independent research, or teaching")),
        ],
        help_text=_("Owners of publicly funded resources have to count the two apart."),
    )

    TYPED_AS = {**SlotForm.TYPED_AS, "profile_id": "profile"}

    def __init__(self, *args: Any, bodies: Iterable[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["profile"]
        choices = list(bodies)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        if not choices:
            del self.fields["profile"]

    def request(self) -> dict[str, Any]:
        """What the action takes."""
        typed = self.cleaned_data
        profile = typed.get("profile") or ""
        return {
            "starts_at": typed["starts_at"],
            "ends_at": typed["ends_at"],
            "purpose": typed["purpose"],
            "samples": typed["samples"],
            "sample_count": typed["sample_count"],
            "profile_id": int(profile) if profile else None,
            "is_economic": {"yes": True, "no": False}.get(typed["is_economic"]),
        }


class ReasonForm(forms.Form):
    """Why a request is declined, or a booking cancelled; the other side reads it."""

    reason = words_field(
        _("Reason"), required=True, help_text=_("The other side reads it: say what would help.")
    )


class ProposeForm(SlotForm):
    """Another slot than the one asked for."""

    words = words_field(_("In your own words"), required=False)

    TYPED_AS = {**SlotForm.TYPED_AS, "answer": "words"}


class UseForm(SlotForm):
    """The use that really took place: shorter or longer than booked."""

    is_economic = forms.ChoiceField(
        label=_("Economic activity"),
        choices=[("yes", _("Yes: for goods or services on a market")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say which of the two it was.")},
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class VoidForm(forms.Form):
    """Why a recorded use is struck out: the ledger keeps both."""

    reason = forms.CharField(
        label=_("Why the record is wrong"),
        max_length=500,
        help_text=_("The record stays in the ledger, struck out, with this reason."),
    )
