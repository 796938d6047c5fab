"""What a person types to find lines of the audit trail."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.kernel.text import SHORT_LIMIT


class AuditSearch(forms.Form):
    """Words, kind of change and days; everything may stay blank."""

    words = forms.CharField(label=_("Who, or about what"), max_length=SHORT_LIMIT, required=False)
    verb = forms.ChoiceField(label=_("What was done"), required=False)
    since = forms.DateField(
        label=_("From the day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To the day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: object, verbs: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["verb"].choices = [("", _("Anything")), *verbs]  # type: ignore[attr-defined]
