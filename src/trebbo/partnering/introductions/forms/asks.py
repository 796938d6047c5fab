"""What people type about asks, their bodies' wishes and the offices' floors."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.partnering.introductions.choices import AskLanguage, FloorGroup

# Lengths are left to the actions, which say how long a text is and how long it may be.
Choices = Iterable[tuple[str, Any]]


class NeedForm(forms.Form):
    """A need in plain words, as it is kept or refined."""

    q = forms.CharField(
        label=_("What you need"),
        help_text=_("In plain Italian or English: a few words, or a whole page pasted here."),
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": _("Write what you need, in a few words at least.")},
    )
    language = forms.ChoiceField(
        label=_("Written in"),
        required=False,
        choices=[("", _("Either, or not said")), *AskLanguage.choices],
    )


class NewAskForm(NeedForm):
    """A need with the body on whose behalf it is kept."""

    asker = forms.ChoiceField(label=_("On behalf of"), required=False)

    def __init__(self, *args: Any, askers: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["asker"]
        choices = [("", _("Myself")), *askers]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()


class PreferencesForm(forms.Form):
    """How a body wishes to be shown in asks."""

    is_silent = forms.BooleanField(
        label=_("Do not show it in asks"),
        required=False,
        help_text=_("It stays in the directory; no ask proposes it."),
    )
    no_capacity_until = forms.DateField(
        label=_("No capacity until"),
        required=False,
        help_text=_("No ask proposes it until that day. Leave blank if it has capacity."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This is not a date: write it like 2026-12-31.")},
    )
    most_a_month = forms.IntegerField(
        label=_("At most so many a month"),
        required=False,
        help_text=_("How often somebody of it is asked at most. Leave blank for no limit."),
    )


class FloorForm(forms.Form):
    """The least share of the first ten places for a group."""

    office = forms.ChoiceField(label=_("For the asks of"))
    group = forms.ChoiceField(label=_("Group"), choices=FloorGroup.choices)
    value = forms.ChoiceField(
        label=_("Province"), required=False, help_text=_("Only where the group is a province.")
    )
    share = forms.IntegerField(
        label=_("Least share of the first ten places, in percent"), initial=20
    )

    def __init__(self, *args: Any, offices: Choices, provinces: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("office", offices), ("value", [("", _("None")), *provinces])):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(choices)
