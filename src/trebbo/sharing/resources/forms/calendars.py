"""What people type about calendars."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OwnCalendarForm(forms.Form):
    """A calendar that shall block slots: its address, or a file."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("For you and your colleagues: whose calendar it is."),
        error_messages={"required": _("Give the calendar a name.")},
    )
    address = forms.CharField(
        label=_("Address of the calendar"),
        required=False,
        help_text=_(
            "Begins with https:// or webcal:// and mostly ends with .ics. Your calendar program "
            "shows it where you share or publish a calendar. It is read every hour."
        ),
    )
    file = forms.FileField(
        label=_("Or a file (.ics)"),
        required=False,
        help_text=_("At most 5 MB. It counts for a year and is not read again."),
        error_messages={"empty": _("The file is empty.")},
    )
