"""What people type about a resource: what it is, on which terms, what it costs, when it is open."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel.money import MoneyField
from trebbo.sharing.resources.choices import (
    BlockKind,
    Operation,
    PriceUnit,
    QuotaPeriod,
    ResourceKind,
    UserClass,
    VatNote,
)

# Lengths and sizes are left to the actions, which say what is wrong and how much fits.
Choices = Iterable[tuple[Any, Any]]
ZONES = ("Europe/Rome", "Europe/London", "Europe/Lisbon", "Europe/Athens", "Europe/Helsinki", "UTC")
SPANS, MOST_SPANS = 2, 6
"""Spans of opening hours that the form offers for a day; where more are kept, as many as those."""
NOT_A_DAY = _("This is not a date: write it like 2026-12-31.")
NOT_A_TIME = _("This is not a time: write it like 08:30.")
NOT_A_NUMBER = _("Write a whole number.")
NOT_AN_AMOUNT = _("This is not an amount in euro: write it like 1,250.50.")


def day_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    """A day, blank where none is known."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NOT_A_DAY},
    )


def time_field(label: Any, *, required: bool = False) -> forms.TimeField:
    """A time of the day."""
    return forms.TimeField(
        label=label,
        required=required,
        widget=forms.TimeInput(attrs={"type": "time", "step": "900"}, format="%H:%M"),
        error_messages={"invalid": NOT_A_TIME},
    )


def _number(label: Any, help_text: Any = "", *, initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        help_text=help_text,
        initial=initial,
        error_messages={"invalid": NOT_A_NUMBER},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


def _line(label: Any, language: str = "", help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"lang": language} if language else {})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _text(label: Any, language: str, rows: int = 4, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "lang": language})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


def _key(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, help_text=help_text
    )


def _flag(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class ResourceForm(forms.Form):
    """All that the catalogue says of a resource but for prices, hours and files."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=[("", _("Choose")), *ResourceKind.choices]
    )
    name_it = _line(_("Name in Italian"), "it")
    name_en = _line(_("Name in English"), "en")
    description_it = _text(_("Description in Italian"), "it")
    description_en = _text(_("Description in English"), "en")
    measurements_it = _text(
        _("What it measures or makes, in Italian"), "it", 3, _("Quantities, ranges, materials.")
    )
    measurements_en = _text(_("What it measures or makes, in English"), "en", 3)
    standards = _line(_("Standards"), help_text=_("For example ISO 527-1, UNI EN 10002."))
    words = forms.CharField(
        label=_("Search the vocabularies, in Italian or in English"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 100}),
    )
    field_ids = forms.TypedMultipleChoiceField(
        label=_("Fields"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    visibility = forms.ChoiceField(
        label=_("Who sees it"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.PUBLIC,
    )
    municipality_id = _key(
        _("Municipality"), _("Where it stands, if not at the owner's main seat.")
    )
    room = _line(_("Building and room"))
    operation = forms.ChoiceField(
        label=_("Who works with it"),
        required=False,
        choices=[("", _("Not stated")), *Operation.choices],
    )
    operator_id = _key(_("Operated by"), _("Where it is not the owner itself."))
    contact = forms.CharField(
        label=_("E-mail for questions"),
        required=False,
        help_text=_("Of an office rather than of a person: it is shown to whoever sees this."),
        widget=forms.EmailInput(),
    )
    terms_it = _text(_("Terms of access in Italian"), "it")
    terms_en = _text(_("Terms of access in English"), "en")
    decided_by = _line(
        _("Who decides on access"), help_text=_("For data sets and biobanks: an office or board.")
    )
    ethics_it = _text(_("Ethics route in Italian"), "it", 3)
    ethics_en = _text(_("Ethics route in English"), "en", 3)
    lead_days = _number(_("Days until an answer, as a rule"))
    identifier = _line(
        _("Persistent identifier"), help_text=_("A DOI or handle, for example 10.1234/abcd.")
    )
    landing_page = _line(_("Web page"))
    manufacturer = _line(_("Manufacturer"))
    model_name = _line(_("Model"))
    serial_number = _line(_("Serial number"), help_text=_("Shown to who looks after it only."))
    commissioned_date = day_field(_("In use since"))
    decommissioned_date = day_field(_("In use until"))
    is_publicly_funded = _flag(
        _("Paid for with public money"),
        _("Then the ledger tells economic from non-economic use, with the ceiling of the year."),
    )
    fund = _line(_("Fund"), help_text=_("For example PR FESR 2021–2027, action 1.1.1."))
    project_id = _key(_("Funded project"))
    is_bookable = _flag(_("Slots can be requested here"))
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=[(one, one) for one in ZONES], initial=ZONES[0]
    )
    shortest_minutes = _number(_("Shortest booking (minutes)"), initial=60)
    longest_minutes = _number(_("Longest booking (minutes)"), initial=480)
    notice_hours = _number(_("Notice (hours before the start)"), initial=24)
    horizon_days = _number(_("How many days ahead one can book"), initial=90)
    quota_hours = _number(_("Most hours of one body"), _("Blank where there is no limit."))
    quota_period = forms.ChoiceField(
        label=_("Counted over"), choices=QuotaPeriod.choices, initial=QuotaPeriod.MONTH
    )
    free_cancellation_hours = _number(
        _("Cancelling is free until (hours before the start)"), initial=24
    )
    late_fee_percent = _number(_("Owed after that (per cent of the price)"), initial=0)
    qualification_id = _key(_("Training needed"))
    booked_with_ids = forms.TypedMultipleChoiceField(
        label=_("Booked together with"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who books this one holds these too."),
    )
    source = _line(_("Source"), help_text=_("Where this is known from, if not from the owner."))

    def __init__(
        self,
        *args: Any,
        concepts: Choices,
        municipalities: Choices,
        operators: Choices,
        projects: Choices,
        qualifications: Choices,
        resources: Choices,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._choose("field_ids", concepts)
        self._choose("booked_with_ids", resources)
        for name, choices in (
            ("municipality_id", municipalities),
            ("operator_id", operators),
            ("project_id", projects),
            ("qualification_id", qualifications),
        ):
            self._choose(name, choices, blank=_("Not stated"))
        zone = self.fields["timezone"]
        stated = self.initial.get("timezone") or self.data.get("timezone")
        if isinstance(zone, forms.ChoiceField) and stated and stated not in ZONES:
            zone.choices = [*[(one, one) for one in ZONES], (stated, stated)]

    def _choose(self, name: str, choices: Choices, blank: Any = None) -> None:
        field, offered = self.fields[name], list(choices)
        if not offered:
            del self.fields[name]
        elif isinstance(field, forms.ChoiceField):
            field.choices = [("", blank), *offered] if blank else offered


class PriceForm(forms.Form):
    """What a class of users pays for a unit."""

    user_class = forms.ChoiceField(label=_("Class of user"), choices=UserClass.choices)
    unit = forms.ChoiceField(label=_("A price for"), choices=PriceUnit.choices)
    amount = MoneyField(
        label=_("Euro"),
        localize=True,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        help_text=_("0 is for free."),
        error_messages={
            "invalid": NOT_AN_AMOUNT,
            "required": _("Write the amount; 0 is for free."),
            "min_value": _("An amount in euro, from 0 on; 0 is for free."),
            "max_decimal_places": _("At most two decimals: euro and cents."),
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    vat = forms.ChoiceField(label=_("VAT"), choices=VatNote.choices, initial=VatNote.PLUS)
    valid_from = day_field(_("From"), _("Today, if you leave it blank."))
    valid_until = day_field(_("Until"))


class HoursForm(forms.Form):
    """The opening hours of a week: `spans` a day; none at all is open round the clock."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.spans = _spans_in([*self.data, *self.initial])
        for weekday in range(7):
            for span in range(self.spans):
                told = {"day": WEEKDAYS[weekday], "number": span + 1}
                self.fields[f"opens_{weekday}_{span}"] = time_field(
                    _("%(day)s: opens (%(number)s)") % told
                )
                self.fields[f"closes_{weekday}_{span}"] = time_field(
                    _("%(day)s: closes (%(number)s)") % told
                )
        self.loose: dict[int, Any] = {}

    @property
    def days(self) -> list[tuple[int, Any, list[tuple[Any, Any]], Any]]:
        """Number and name of each day, its pairs of times, and what is wrong with it."""
        return [
            (
                weekday,
                WEEKDAYS[weekday],
                [
                    (self[f"opens_{weekday}_{span}"], self[f"closes_{weekday}_{span}"])
                    for span in range(self.spans)
                ],
                self.loose.get(weekday, ""),
            )
            for weekday in range(7)
        ]

    @property
    def hours(self) -> list[tuple[int, int, int]]:
        """What was typed, as minutes of the day; midnight as an end is the end of the day."""
        said = self.cleaned_data
        found = []
        for weekday in range(7):
            for span in range(self.spans):
                opens, closes = said[f"opens_{weekday}_{span}"], said[f"closes_{weekday}_{span}"]
                if opens is not None and closes is not None:
                    found.append((weekday, _minute(opens), _minute(closes) or 1440))
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a day with an opening time without its closing time, or the reverse."""
        said = super().clean() or self.cleaned_data
        for weekday in range(7):
            for span in range(self.spans):
                names = f"opens_{weekday}_{span}", f"closes_{weekday}_{span}"
                given = [said.get(name) is not None for name in names]
                if any(given) and not all(given) and not any(n in self.errors for n in names):
                    lacking = names[given.index(False)]
                    self.add_error(lacking, _("Write both times, or neither."))
        return said


def _spans_in(names: Iterable[str]) -> int:
    """How many spans of a day these fields speak of."""
    shown = {name.rpartition("_")[2] for name in names if name.startswith("opens_")}
    return max(SPANS, *(span + 1 for span in range(MOST_SPANS) if str(span) in shown), 0)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


class BlockForm(forms.Form):
    """A span in which the resource is closed, by the clock where it stands."""

    kind = forms.ChoiceField(
        label=_("Why"),
        choices=[(one.value, one.label) for one in (BlockKind.MAINTENANCE, BlockKind.CLOSED)],
    )
    first_day = day_field(_("First day"), required=True)
    first_time = time_field(_("From (time)"))
    last_day = day_field(_("Last day"), _("The same day, if you leave it blank."))
    last_time = time_field(_("Until (time)"))
    reason_it = _line(_("Reason in Italian"), "it", _("Shown to whoever sees the calendar."))
    reason_en = _line(_("Reason in English"), "en")
    despite_bookings = _flag(_("Close it in spite of the bookings that stand there"))

    @property
    def asked(self) -> tuple[datetime, datetime | None]:
        """First and last moment by the local clock; no last where the last day counts whole."""
        said = self.cleaned_data
        first = datetime.combine(said["first_day"], said["first_time"] or time(0))
        last = said["last_day"] or said["first_day"]
        return first, datetime.combine(last, said["last_time"]) if said["last_time"] else None


class PictureForm(forms.Form):
    """A picture, with what it shows."""

    file = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG or WebP, at most 10 MB and 40 million pixels."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
    text_it = _line(_("What it shows, in Italian"), "it", _("For people who do not see it."))
    text_en = _line(_("What it shows, in English"), "en")


class DocumentForm(forms.Form):
    """A document: a manual, a sheet of data, rules of the laboratory."""

    file = forms.FileField(
        label=_("Document"),
        help_text=_("PDF, office documents or text, at most 10 MB."),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
    text_it = _line(_("What it is, in Italian"), "it")
    text_en = _line(_("What it is, in English"), "en")


class QualificationForm(forms.Form):
    """A training that the owner gives."""

    name_it = _line(_("Name in Italian"), "it")
    name_en = _line(_("Name in English"), "en")
    months = _number(_("Holds for (months)"), _("Blank where it does not expire."))


class QualifiedForm(forms.Form):
    """Who was trained, and when."""

    qualification = forms.TypedChoiceField(label=_("Training"), coerce=int)
    email = forms.CharField(
        label=_("E-mail of the person"),
        help_text=_("With which the person signs in here."),
        widget=forms.EmailInput(),
    )
    since = day_field(_("Trained on"), _("Today, if you leave it blank."))
    until = day_field(_("Until"), _("By the months of the training, if you leave it blank."))

    def __init__(self, *args: Any, qualifications: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["qualification"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(qualifications)


class WithdrawForm(forms.Form):
    """Taking a resource out of the catalogue, with its bookings if there are any."""

    cancel_bookings = _flag(_("Cancel the bookings that are still open"))
    reason = forms.CharField(
        label=_("Reason, told to those who booked"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
