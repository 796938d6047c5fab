"""What people type about organisations, units and Technopoles."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.organisations import queries
from trebbo.ecosystem.organisations.actions import ItemText
from trebbo.ecosystem.organisations.choices import (
    FIELD_LABELS,
    IdentifierScheme,
    Kind,
    NameKind,
    ParentageKind,
    SizeClass,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import Organisation
from trebbo.kernel.access import Viewer

Layout = tuple[tuple[str, ...], ...]

BLANK_ROWS = 3
BY_NAME = gettext_lazy("The name of an organisation of the registry.")
BY_WHICH_FIGURES = gettext_lazy("Follows from the figures")


class Sheet(forms.Form):
    """A form whose fields stand in rows: `layout` names those that stand side by side."""

    layout: ClassVar[Layout] = ()

    def rows(self) -> Iterator[list[forms.BoundField]]:
        """The visible fields, row by row; those that the layout leaves out follow."""
        placed = {name for row in self.layout for name in row}
        for row in self.layout:
            yield [self[name] for name in row]
        for bound in self.visible_fields():
            if bound.name not in placed:
                yield [bound]


class DayField(forms.DateField):
    """A day, picked or typed."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrganisationField(forms.CharField):
    """An organisation by its name or by the end of its page's address."""

    def __init__(self, *, viewer: Viewer, **options: Any) -> None:
        super().__init__(**options)
        self.viewer = viewer

    def clean(self, value: Any) -> Organisation | None:
        """The organisation meant; where several could be, the error names them."""
        words = super().clean(value)
        if not words:
            return None
        found = list(queries.organisations_named(words, viewer=self.viewer))
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("No organisation of the registry has this name."))
        names = "; ".join(organisation.slug for organisation in found)
        raise ValidationError(
            _("Several organisations could be meant. Type one of these: %(names)s.")
            % {"names": names}
        )


class PairRows(forms.Widget):
    """Rows of two inputs, Italian and English, with some blank ones to fill."""

    template_name = "organisations/parts/pair_rows.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows to draw."""
        context = super().get_context(name, value, attrs)
        context["pairs"] = [*(value or ()), *[ItemText("", "")] * BLANK_ROWS]
        return context

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> list[ItemText]:
        """The pairs as typed, without blank rows."""
        if not isinstance(data, MultiValueDict):
            return []
        pairs = zip_longest(data.getlist(f"{name}_it"), data.getlist(f"{name}_en"), fillvalue="")
        return [ItemText(it, en) for it, en in pairs if it.strip() or en.strip()]

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        """Whether the form came without these rows."""
        return f"{name}_it" not in data

    def id_for_label(self, id_: str) -> str:
        """The first input of the first row."""
        return f"{id_}_it_1" if id_ else ""


class PairsField(forms.Field):
    """Entries in both languages, side by side."""

    widget = PairRows

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether anything differs from what there was."""
        return list(initial or ()) != list(data or ())


class IdentityForm(Sheet):
    """What every profile is called and who sees it."""

    layout: ClassVar[Layout] = (("name", "name_en"), ("acronym", "website"))

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=FIELD_LABELS["name"])
    name_en = forms.CharField(label=FIELD_LABELS["name_en"], required=False)
    acronym = forms.CharField(label=FIELD_LABELS["acronym"], required=False)
    website = forms.CharField(label=FIELD_LABELS["website"], required=False)
    visibility = forms.ChoiceField(
        label=FIELD_LABELS["visibility"], choices=Visibility.choices, widget=forms.RadioSelect
    )


class OrganisationForm(IdentityForm):
    """An organisation's identity."""

    layout = (
        ("name", "name_en"),
        ("acronym", "website"),
        ("tax_code", "vat_number"),
        ("certified_email", "legal_form"),
    )

    tax_code = forms.CharField(
        label=FIELD_LABELS["tax_code"],
        required=False,
        help_text=gettext_lazy("11 digits, or 16 letters and digits of a person."),
    )
    vat_number = forms.CharField(
        label=FIELD_LABELS["vat_number"],
        required=False,
        help_text=gettext_lazy("11 digits; a foreign one with the two letters of its state."),
    )
    certified_email = forms.CharField(label=FIELD_LABELS["certified_email"], required=False)
    legal_form = forms.ChoiceField(label=FIELD_LABELS["legal_form"], required=False)
    sector = forms.ChoiceField(label=FIELD_LABELS["sector"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "legal_form", queries.legal_form_choices(viewer=viewer))
        _choices(self, "sector", queries.sector_choices(viewer=viewer))


class UnitForm(IdentityForm):
    """A unit's identity."""

    layout = (("name", "name_en"), ("acronym", "website"), ("kind", "technopole"))

    kind = forms.ChoiceField(label=FIELD_LABELS["kind"], choices=UnitKind.choices)
    technopole = forms.ChoiceField(label=FIELD_LABELS["technopole"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "technopole", queries.technopole_choices(viewer=viewer))


class TechnopoleForm(IdentityForm):
    """A Technopole's identity."""

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["manager"] = OrganisationField(
            viewer=viewer,
            label=FIELD_LABELS["manager"],
            required=False,
            help_text=BY_NAME,
        )


class WordsForm(Sheet):
    """Descriptions and notes, both languages side by side."""

    layout = (("description_it", "description_en"), ("notes_it", "notes_en"))

    version = forms.IntegerField(widget=forms.HiddenInput)
    description_it = forms.CharField(
        label=FIELD_LABELS["description_it"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "it"}),
    )
    description_en = forms.CharField(
        label=FIELD_LABELS["description_en"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "en"}),
    )
    notes_it = forms.CharField(
        label=FIELD_LABELS["notes_it"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "it"}),
    )
    notes_en = forms.CharField(
        label=FIELD_LABELS["notes_en"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}),
    )


class ListsForm(Sheet):
    """Competences, equipment and services, both languages side by side."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    competence = PairsField(label=FIELD_LABELS["competence"], required=False)
    equipment = PairsField(label=FIELD_LABELS["equipment"], required=False)
    service = PairsField(label=FIELD_LABELS["service"], required=False)


class FieldsForm(Sheet):
    """The fields in which a body works, ticked among those found."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("Find fields"),
        required=False,
        help_text=gettext_lazy(
            "Type a word, press “Find”, then tick. What is ticked already stays."
        ),
    )
    fields_chosen = forms.MultipleChoiceField(
        label=FIELD_LABELS["fields"], required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, viewer: Viewer, chosen: Iterable[str], find: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        choices = queries.field_choices(viewer=viewer, chosen=chosen, words=find)
        _choices(self, "fields_chosen", choices)


class SeatForm(Sheet):
    """A seat: its place by municipality, by address, or by coordinates."""

    layout = (
        ("label", "municipality"),
        ("address", "postcode"),
        ("latitude", "longitude"),
        ("valid_from", "valid_until"),
    )

    seat = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(label=FIELD_LABELS["label"], required=False)
    municipality = forms.ChoiceField(label=FIELD_LABELS["municipality"], required=False)
    address = forms.CharField(label=FIELD_LABELS["address"], required=False)
    postcode = forms.CharField(label=FIELD_LABELS["postcode"], required=False)
    latitude = forms.FloatField(
        label=FIELD_LABELS["latitude"],
        required=False,
        localize=True,
        help_text=gettext_lazy("Decimal degrees; without them the municipality places the seat."),
    )
    longitude = forms.FloatField(label=FIELD_LABELS["longitude"], required=False, localize=True)
    valid_from = DayField(label=FIELD_LABELS["valid_from"], required=False)
    valid_until = DayField(label=FIELD_LABELS["valid_until"], required=False)
    is_main = forms.BooleanField(label=FIELD_LABELS["is_main"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "municipality", queries.municipality_choices(viewer=viewer))


class NameForm(Sheet):
    """Another name."""

    layout = (("name", "kind"),)

    name = forms.CharField(label=FIELD_LABELS["other_name"])
    kind = forms.ChoiceField(label=gettext_lazy("Kind of name"), choices=NameKind.choices)


class IdentifierForm(Sheet):
    """An identifier in a register."""

    layout = (("scheme", "value"),)

    scheme = forms.ChoiceField(label=gettext_lazy("Register"), choices=IdentifierScheme.choices)
    value = forms.CharField(label=FIELD_LABELS["identifier"])
    source = forms.CharField(label=FIELD_LABELS["source"], required=False)


class KindForm(Sheet):
    """What an organisation is, from a day on."""

    layout = (("kind", "valid_from"),)

    kind = forms.ChoiceField(label=FIELD_LABELS["kind"], choices=Kind.choices)
    valid_from = DayField(label=FIELD_LABELS["valid_from"], required=False)
    source = forms.CharField(label=FIELD_LABELS["source"], required=False)


class SizeForm(Sheet):
    """The figures of a year, or the size class that a source states."""

    layout = (("year", "headcount"), ("turnover", "balance"), ("size", "source"))

    year = forms.IntegerField(label=FIELD_LABELS["year"])
    headcount = forms.DecimalField(
        label=FIELD_LABELS["headcount"],
        required=False,
        localize=True,
        max_digits=9,
        decimal_places=2,
    )
    turnover = forms.DecimalField(
        label=FIELD_LABELS["turnover"],
        required=False,
        localize=True,
        max_digits=15,
        decimal_places=2,
    )
    balance = forms.DecimalField(
        label=FIELD_LABELS["balance"],
        required=False,
        localize=True,
        max_digits=15,
        decimal_places=2,
    )
    size = forms.ChoiceField(
        label=FIELD_LABELS["size"],
        required=False,
        choices=[("", BY_WHICH_FIGURES), *SizeClass.choices],
    )
    source = forms.CharField(label=FIELD_LABELS["source"], required=False)


class ParentForm(Sheet):
    """A tie to an organisation above."""

    layout = (("parent", "kind"), ("valid_from", "source"))

    kind = forms.ChoiceField(label=gettext_lazy("Kind of tie"), choices=ParentageKind.choices)
    valid_from = DayField(label=FIELD_LABELS["valid_from"], required=False)
    source = forms.CharField(label=FIELD_LABELS["source"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent"] = OrganisationField(viewer=viewer, label=FIELD_LABELS["parent"])


class AccreditationForm(Sheet):
    """An accreditation in the High Technology Network."""

    layout = (("valid_from", "valid_until"), ("act", "source"), ("notes_it", "notes_en"))

    valid_from = DayField(label=FIELD_LABELS["valid_from"], required=False)
    valid_until = DayField(label=FIELD_LABELS["valid_until"], required=False)
    act = forms.CharField(label=FIELD_LABELS["act"], required=False)
    source = forms.CharField(label=FIELD_LABELS["source"], required=False)
    notes_it = forms.CharField(label=FIELD_LABELS["notes_it"], required=False)
    notes_en = forms.CharField(label=FIELD_LABELS["notes_en"], required=False)


class RowForm(forms.Form):
    """One row of a table to take away or to end on a day."""

    row = forms.IntegerField()
    valid_until = forms.DateField(label=FIELD_LABELS["valid_until"], required=False)


class NewOrganisationForm(Sheet):
    """What an organisation starts with; the rest follows on its edit page."""

    layout = (
        ("name", "name_en"),
        ("kind", "municipality"),
        ("tax_code", "vat_number"),
        ("website", "acronym"),
    )

    name = forms.CharField(label=FIELD_LABELS["name"])
    name_en = forms.CharField(label=FIELD_LABELS["name_en"], required=False)
    kind = forms.ChoiceField(label=FIELD_LABELS["kind"], choices=Kind.choices)
    municipality = forms.ChoiceField(label=FIELD_LABELS["municipality"], required=False)
    tax_code = forms.CharField(label=FIELD_LABELS["tax_code"], required=False)
    vat_number = forms.CharField(label=FIELD_LABELS["vat_number"], required=False)
    website = forms.CharField(label=FIELD_LABELS["website"], required=False)
    acronym = forms.CharField(label=FIELD_LABELS["acronym"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "municipality", queries.municipality_choices(viewer=viewer))


class NewUnitForm(Sheet):
    """What a unit starts with."""

    layout = (("name", "name_en"), ("acronym", "kind"))

    name = forms.CharField(label=FIELD_LABELS["name"])
    name_en = forms.CharField(label=FIELD_LABELS["name_en"], required=False)
    acronym = forms.CharField(label=FIELD_LABELS["acronym"], required=False)
    kind = forms.ChoiceField(label=FIELD_LABELS["kind"], choices=UnitKind.choices)
    technopole = forms.ChoiceField(label=FIELD_LABELS["technopole"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "technopole", queries.technopole_choices(viewer=viewer))


class NewTechnopoleForm(Sheet):
    """What a Technopole starts with."""

    layout = (("name", "name_en"), ("code", "municipality"))

    name = forms.CharField(label=FIELD_LABELS["name"])
    name_en = forms.CharField(label=FIELD_LABELS["name_en"], required=False)
    code = forms.CharField(label=FIELD_LABELS["code"])
    municipality = forms.ChoiceField(label=FIELD_LABELS["municipality"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "municipality", queries.municipality_choices(viewer=viewer))
        self.fields["manager"] = OrganisationField(
            viewer=viewer, label=FIELD_LABELS["manager"], required=False, help_text=BY_NAME
        )


def _choices(form: forms.Form, name: str, choices: Iterable[Any]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)
