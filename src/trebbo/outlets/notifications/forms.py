"""What people say about their mail, and the reports that an office has in hand."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from trebbo.outlets.notifications.choices import Frequency, Topic
from trebbo.outlets.notifications.importers import LARGEST_REPORT, Report, read_report


class MailPreferenceForm(forms.Form):
    """How often, and about what."""

    frequency = forms.ChoiceField(
        label=_("How often"), choices=Frequency.choices, widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label=_("About what"),
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("What cannot wait comes at once, unless you want no messages at all."),
    )


class BounceForm(forms.Form):
    """A report of a mail that came back, as a mail program saves it."""

    report = forms.FileField(
        label=_("Report of a message that came back"),
        help_text=_("The message of the server (“undelivered mail”), saved as an .eml file."),
    )

    def clean_report(self) -> Report:
        """What the file reports; another file is refused."""
        file: UploadedFile[Any] = self.cleaned_data["report"]
        report = read_report(file.read()) if (file.size or 0) <= LARGEST_REPORT else None
        if report is None:
            words = _("This file holds no report of a message that could not be delivered.")
            raise forms.ValidationError(words)
        return report
