"""What offices type about the vocabularies: Italian labels, several at a time."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.vocabularies.models import Concept, Scheme
from trebbo.ecosystem.vocabularies.queries import LABEL_LISTS
from trebbo.kernel.text import SHORT_LIMIT

LIST_LABELS = {
    "lacking": gettext_lazy("Without an Italian label"),
    "choose": gettext_lazy("The publisher's differs from ours"),
    "kept": gettext_lazy("Written by the offices"),
}


class LabelSearch(forms.Form):
    """Which vocabulary, which list of its concepts, and words to find in them."""

    scheme = forms.ChoiceField(label=gettext_lazy("Vocabulary"), required=False)
    shown = forms.ChoiceField(
        label=gettext_lazy("Which concepts"),
        required=False,
        choices=[(key, LIST_LABELS[key]) for key in LABEL_LISTS],
    )
    words = forms.CharField(label=gettext_lazy("Words to find"), max_length=100, required=False)

    def __init__(self, data: Any, schemes: Iterable[Scheme]) -> None:
        super().__init__(data)
        self.fields["scheme"].choices = [  # type: ignore[attr-defined]
            (scheme.code, scheme.name) for scheme in schemes
        ]


class LabelsForm(forms.Form):
    """One field for the Italian label of each concept shown, and what it was when shown."""

    def __init__(self, data: Any, concepts: Iterable[Concept]) -> None:
        super().__init__(data)
        self.concepts = list(concepts)
        for concept in self.concepts:
            self.fields[f"label-{concept.pk}"] = forms.CharField(
                label=_("Italian label of “%(label)s”") % {"label": concept.label_en},
                max_length=SHORT_LIMIT,
                required=False,
                initial=concept.label_it_kept,
                widget=forms.TextInput(attrs={"lang": "it", "autocomplete": "off"}),
            )
            self.fields[f"seen-{concept.pk}"] = forms.CharField(
                required=False, initial=concept.label_it, widget=forms.HiddenInput
            )

    def rows(self) -> list[tuple[Concept, forms.BoundField, forms.BoundField]]:
        """Each concept with its two fields."""
        return [
            (concept, self[f"label-{concept.pk}"], self[f"seen-{concept.pk}"])
            for concept in self.concepts
        ]

    def typed(self) -> tuple[dict[int, str], dict[int, str]]:
        """What was typed and what was seen, by concept; where nothing was there or typed, not."""
        labels, seen = {}, {}
        for concept in self.concepts:
            label = self.cleaned_data.get(f"label-{concept.pk}", "")
            if label or concept.label_it_kept:
                labels[concept.pk] = label
                seen[concept.pk] = self.cleaned_data.get(f"seen-{concept.pk}", "")
        return labels, seen
