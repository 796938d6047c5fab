"""What people hand in to bring resources in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.organisations.models import Profile


class ResourcesFileForm(forms.Form):
    """A table of resources, or equipment as CERIF XML with the body that owns it."""

    file = forms.FileField(
        label=_("File (CSV, XLSX or CERIF XML)"),
        help_text=_("At most 5 MB and 1,000 rows."),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
    owner = forms.ChoiceField(
        label=_("Owner of the equipment"),
        required=False,
        help_text=_("Only for CERIF XML: a table names the owner in each row."),
    )

    def __init__(self, *args: Any, owners: Iterable[Profile], **options: Any) -> None:
        super().__init__(*args, **options)
        field, offered = self.fields["owner"], [(one.slug, one.name) for one in owners]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*([("", "—")] if len(offered) != 1 else []), *offered]
