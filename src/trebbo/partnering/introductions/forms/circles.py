"""Who may read an ask, and how a person wishes to be asked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.clusters.choices import Circle

Choices = Iterable[tuple[str, Any]]


class CircleForm(forms.Form):
    """The circle of the text, and a teaser for a wider one."""

    circle = forms.ChoiceField(label=_("Who may read the whole text"), choices=Circle.choices)
    teaser = forms.CharField(
        label=_("Teaser"),
        required=False,
        help_text=_("A few words that tell nobody's secret: up to 300 characters."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    teaser_circle = forms.ChoiceField(label=_("Who may read the teaser"), choices=Circle.choices)
    network = forms.ChoiceField(label=_("Which network"), required=False)
    cluster = forms.ChoiceField(label=_("Which cluster"), required=False)
    chain = forms.ChoiceField(label=_("Which value chain"), required=False)

    def __init__(
        self,
        *args: Any,
        networks: Choices,
        clusters: Choices,
        chains: Choices,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        offered = {"network": networks, "cluster": clusters, "chain": chains}
        for name, choices in offered.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("Only where the circle is one")), *choices]


class ReaderForm(forms.Form):
    """One more reader, by address."""

    email = forms.EmailField(
        label=_("E-mail of a person with an account"),
        error_messages={"invalid": _("This is not an e-mail address.")},
    )


class SilenceForm(forms.Form):
    """How a person wishes to be asked."""

    is_silent = forms.BooleanField(
        label=_("Do not introduce me to anybody"),
        required=False,
        help_text=_("You can still ask; nobody can have you asked."),
    )
    most_a_month = forms.IntegerField(
        label=_("At most so many a month"),
        required=False,
        help_text=_("Leave blank for no limit."),
    )
