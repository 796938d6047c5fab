"""What people type about competences and training."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.sharing.skills.choices import Direction, Level, TrainingKind

# Lengths and sizes are left to the actions, which say what is wrong and how much fits.
Choices = Iterable[tuple[str, Any]]
BLANK_ROWS = 2
NOT_A_DAY = _("This is not a date: write it like 2026-12-31.")
NOT_A_NUMBER = _("Write a whole number.")


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NOT_A_DAY},
    )


def _number(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, help_text=help_text, error_messages={"invalid": NOT_A_NUMBER}
    )


def _line(label: Any, language: str = "", help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"lang": language} if language else {})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _text(label: Any, language: str, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "lang": language})
    return forms.CharField(label=label, required=False, widget=widget)


def _circle(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.PUBLIC,
    )


class CompetenceForm(forms.Form):
    """A competence offered or sought, with what stands behind it."""

    direction = forms.ChoiceField(
        label=_("Offered or sought"), choices=Direction.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Search the vocabularies, in Italian or in English"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 100}),
    )
    concept = forms.ChoiceField(label=_("Competence"), required=False, widget=forms.RadioSelect)
    term_it = _line(_("In your own words, in Italian"), "it")
    term_en = _line(_("In your own words, in English"), "en")
    level = forms.TypedChoiceField(
        label=_("Level"),
        required=False,
        choices=[("", _("Not stated")), *Level.choices],
        coerce=int,
        empty_value=None,
    )
    people = _number(_("People who have it"), _("How many; their names are not asked."))
    note_it = _text(_("Note in Italian"), "it", 3)
    note_en = _text(_("Note in English"), "en", 3)
    visibility = _circle(_("Who sees it"))
    valid_from = _day(_("From"))
    valid_until = _day(_("Until"))
    projects = forms.TypedMultipleChoiceField(
        label=_("Funded projects"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    accreditations = forms.TypedMultipleChoiceField(
        label=_("Accreditations"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    items = forms.TypedMultipleChoiceField(
        label=_("Equipment"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        concepts: Choices,
        projects: Choices,
        accreditations: Choices,
        items: Choices,
        rows: int,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._choose("concept", concepts)
        for name, choices in (
            ("projects", projects),
            ("accreditations", accreditations),
            ("items", items),
        ):
            if not self._choose(name, choices):
                del self.fields[name]
        self.rows = range(1, rows + BLANK_ROWS + 1)
        for number in self.rows:
            told = {"number": number}
            self.fields[f"other_text_{number}"] = _line(_("Evidence %(number)s in words") % told)
            self.fields[f"other_link_{number}"] = _line(_("Link of evidence %(number)s") % told)

    def _choose(self, name: str, choices: Choices) -> bool:
        field, offered = self.fields[name], list(choices)
        if isinstance(field, forms.ChoiceField):
            field.choices = offered
        return bool(offered)

    @property
    def others(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The rows of evidence in words."""
        return [(self[f"other_text_{n}"], self[f"other_link_{n}"]) for n in self.rows]


class TrainingForm(forms.Form):
    """A course, master, seminar or work-based place."""

    kind = forms.ChoiceField(
        label=_("Kind of training"), choices=[("", _("Choose")), *TrainingKind.choices]
    )
    title_it = _line(_("Title in Italian"), "it")
    title_en = _line(_("Title in English"), "en")
    description_it = _text(_("Description in Italian"), "it", 6)
    description_en = _text(_("Description in English"), "en", 6)
    words = forms.CharField(
        label=_("Search the vocabularies, in Italian or in English"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 100}),
    )
    fields_taught = forms.TypedMultipleChoiceField(
        label=_("Fields"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    hours = _number(_("Hours"))
    places = _number(_("Number of places"))
    valid_from = _day(_("First day"))
    valid_until = _day(_("Last day"))
    apply_by = _day(_("Apply by"))
    address = _line(_("Web address"), help_text=_("For example https://www.example.it"))
    visibility = _circle(_("Who sees it"))

    def __init__(self, *args: Any, concepts: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        field, offered = self.fields["fields_taught"], list(concepts)
        if isinstance(field, forms.ChoiceField):
            field.choices = offered
        if not offered:
            del self.fields["fields_taught"]


class TableForm(forms.Form):
    """A table of competences."""

    file = forms.FileField(
        label=_("Table (CSV)"),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
