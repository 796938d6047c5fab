"""What people type about the evidence."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.evidence.choices import ParticipationRole
from trebbo.ecosystem.organisations.choices import FIELD_LABELS, Kind
from trebbo.ecosystem.organisations.queries import municipality_choices
from trebbo.kernel.access import Viewer
from trebbo.kernel.money import MoneyField


class ImportForm(forms.Form):
    """An official file, as its publisher gives it."""

    file = forms.FileField(
        label=_("Official file"),
        help_text=_(
            "Unchanged, as published: CORDIS, ROR, OpenCoesione, or a vocabulary. It may be large."
        ),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
    allow_older = forms.BooleanField(
        label=_("Import it even if it is older than the present edition"), required=False
    )


class RegisterBodyForm(forms.Form):
    """What a body known from open data starts with in the registry; a person has the last word."""

    name = forms.CharField(
        label=FIELD_LABELS["name"],
        help_text=_(
            "Registers often write names in capitals and without accents: "
            "write it as the body itself does."
        ),
    )
    acronym = forms.CharField(label=FIELD_LABELS["acronym"], required=False)
    kind = forms.ChoiceField(
        label=FIELD_LABELS["kind"],
        choices=[("", _("Choose")), *Kind.choices],
        help_text=_("What open data says of it is only a hint."),
    )
    municipality = forms.ChoiceField(label=FIELD_LABELS["municipality"], required=False)
    website = forms.CharField(label=FIELD_LABELS["website"], required=False)
    vat_number = forms.CharField(label=FIELD_LABELS["vat_number"], required=False)
    tax_code = forms.CharField(label=FIELD_LABELS["tax_code"], required=False)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        municipality = self.fields["municipality"]
        if isinstance(municipality, forms.ChoiceField):
            municipality.choices = municipality_choices(viewer=viewer)


class CorrectionForm(forms.Form):
    """What the official record should say of the profile's part in a project."""

    role = forms.ChoiceField(
        label=FIELD_LABELS["role"],
        required=False,
        choices=[("", _("As in the official record")), *ParticipationRole.choices],
    )
    contribution = MoneyField(
        label=_("Contribution (euro)"),
        required=False,
        localize=True,
        max_digits=16,
        decimal_places=2,
        help_text=_("Leave it blank if the official amount is right."),
    )
    done_by = forms.ChoiceField(
        label=_("Done by one of your units"),
        required=False,
        help_text=_("The project then stands on the unit's page."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, units: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        done_by = self.fields["done_by"]
        choices = [("", _("Not a unit in particular")), *units]
        if isinstance(done_by, forms.ChoiceField):
            done_by.choices = choices
        if len(choices) == 1:
            del self.fields["done_by"]


class RightFieldForm(forms.Form):
    """The right field, in place of the one that the evidence gives."""

    words = forms.CharField(label=_("Words of the right field"), required=False, max_length=100)
    instead = forms.ChoiceField(label=_("Right field"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        instead = self.fields["instead"]
        if isinstance(instead, forms.ChoiceField):
            instead.choices = list(choices)
