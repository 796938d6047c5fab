"""A form with one field of each kind, for the component gallery."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

CHOICES = [("one", _("The first")), ("other", _("The other"))]


class GalleryForm(forms.Form):
    """One field of each kind; `EXAMPLE` leaves required ones blank, to show errors."""

    EXAMPLE: ClassVar[dict[str, str]] = {"text": "", "email": "not-an-address", "number": "3,5,7"}

    text = forms.CharField(label=_("One line"), help_text=_("With a help text below."))
    email = forms.EmailField(label=_("E-mail address"))
    number = forms.DecimalField(label=_("Number"))
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    words = forms.CharField(label=_("Several lines"), required=False, widget=forms.Textarea)
    choice = forms.ChoiceField(label=_("One of a list"), choices=CHOICES)
    several = forms.MultipleChoiceField(
        label=_("Several of a list"), choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    either = forms.ChoiceField(label=_("Either"), choices=CHOICES, widget=forms.RadioSelect)
    agreed = forms.BooleanField(label=_("I agree"))


class ContactForm(forms.Form):
    """That somebody spoke with a member."""

    contact_date = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This is not a date: write it like 2026-12-31.")},
    )
    words = forms.CharField(
        label=_("About what"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
