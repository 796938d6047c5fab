"""What people type about clusters, value chains and memberships."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.clusters.choices import ENDINGS, MembershipCategory, MembershipState

# Lengths are left to the actions, which say how long a text is and how long it may be.
DAY = {"type": "date"}


def _day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        error_messages={"invalid": _("This is not a date: write it like 2026-12-31.")},
    )


def _line(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, show_hidden_initial=True
    )


def _text(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 6}),
        show_hidden_initial=True,
    )


class ClusterForm(forms.Form):
    """What the office writes on its cluster's page; each field remembers what it showed first."""

    name = _line(_("Name"), required=True)
    name_en = _line(_("Name in English"))
    acronym = _line(_("Acronym"))
    field_it = _line(_("Field, in Italian"))
    field_en = _line(_("Field, in English"))
    description_it = _text(_("Description, in Italian"))
    description_en = _text(_("Description, in English"))
    notes_it = _text(_("Notes, in Italian"))
    notes_en = _text(_("Notes, in English"))
    website = _line(_("Web site"), help_text=_("For example https://www.example.it"))
    statute_url = _line(_("Address of the published statute"))
    founded_year = forms.IntegerField(
        label=_("Founded in the year"), required=False, show_hidden_initial=True
    )
    status_it = _line(_("Status, in Italian"))
    status_en = _line(_("Status, in English"))


class ValueChainForm(forms.Form):
    """The names and aims of a value chain."""

    name_it = _line(_("Name in Italian"), required=True)
    name_en = _line(_("Name in English"), required=True)
    aim_it = _text(_("Aim, in Italian"))
    aim_en = _text(_("Aim, in English"))
    notes_it = _text(_("Notes, in Italian"))
    notes_en = _text(_("Notes, in English"))


class FindMemberForm(forms.Form):
    """Words of the name of somebody who may become a member."""

    find = forms.CharField(label=_("Organisation or unit"), max_length=300)


class AddMemberForm(forms.Form):
    """A new membership or candidature."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            (MembershipState.ACTIVE, _("Member")),
            (MembershipState.CANDIDATE, _("Candidate")),
        ],
        widget=forms.RadioSelect,
        initial=MembershipState.ACTIVE,
    )
    category = forms.ChoiceField(label=_("Category"), choices=MembershipCategory.choices)
    valid_from = _day(_("Since"), help_text=_("Leave blank if it is not known."))
    valid_until = _day(_("Until"), help_text=_("Only for a membership that has ended."))
    evidence_it = forms.CharField(label=_("What proves it, in Italian"), required=False)
    evidence_en = forms.CharField(label=_("What proves it, in English"), required=False)
    source = forms.CharField(
        label=_("Source"), required=False, help_text=_("A page, an act or the minutes.")
    )


class ChangeStateForm(forms.Form):
    """Another state for a membership, from those that its present one allows."""

    state = forms.ChoiceField(label=_("New state"))
    on = _day(_("From the day"), help_text=_("Of a candidate: the first day as a member."))

    def __init__(self, *args: Any, states: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (state, MembershipState(state).label) for state in states
        ]


class EndMembershipForm(forms.Form):
    """The last day of a membership, and how it ends."""

    valid_until = _day(_("Last day"), required=True)
    ending = forms.ChoiceField(
        label=_("How it ends"),
        choices=[(state.value, state.label) for state in ENDINGS],
        initial=MembershipState.WITHDRAWN,
    )
