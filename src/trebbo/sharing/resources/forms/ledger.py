"""What people type about the ledger: own use, the capacity of a year, the ceiling."""

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.sharing.resources.forms.bookings import UseForm, day_field

NO_NUMBER = _("Write a whole number.")


class CapacityForm(forms.Form):
    """How many hours a resource can be used in a year, and why."""

    hours = forms.IntegerField(
        label=_("Hours of the year"),
        required=False,
        help_text=_("Leave it blank, and the hours follow from opening hours less maintenance."),
        error_messages={"invalid": NO_NUMBER},
    )
    reason = forms.CharField(label=_("How the hours follow"), required=False, max_length=500)


class OwnUseForm(UseForm):
    """A use of the owner without a booking."""


class CeilingForm(forms.Form):
    """The share of capacity that economic use may have, from a day on."""

    valid_from = day_field(_("From"))
    percent = forms.DecimalField(
        label=_("Per cent of the yearly capacity"),
        localize=True,
        max_digits=5,
        decimal_places=2,
        error_messages={"invalid": _("Write a number, like 20.")},
    )
    warn_percent = forms.IntegerField(
        label=_("Warn from"),
        initial=75,
        help_text=_("Per cent of the ceiling from which owners are warned."),
        error_messages={"invalid": NO_NUMBER},
    )
    source = forms.CharField(
        label=_("Where it is written"),
        max_length=500,
        help_text=_("For example the point of the framework for State aid."),
    )
