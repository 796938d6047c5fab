"""What offices type about the vocabularies: Italian labels, and words that mean the same."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.vocabularies.models import Concept, Scheme, WordPair, phrases_of
from trebbo.ecosystem.vocabularies.queries import LABEL_LISTS, WORD_LISTS
from trebbo.kernel.text import SHORT_LIMIT

LIST_LABELS = {
    "lacking": gettext_lazy("Without an Italian label"),
    "choose": gettext_lazy("The publisher's differs from ours"),
    "kept": gettext_lazy("Written by the offices"),
}
WORD_LIST_LABELS = {
    "all": gettext_lazy("All words"),
    "ours": gettext_lazy("Written by the offices"),
    "left_out": gettext_lazy("Left out of searches"),
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


class WordsSearch(forms.Form):
    """Which list of words, and what to find in it."""

    shown = forms.ChoiceField(
        label=gettext_lazy("Which words"),
        required=False,
        choices=[(key, WORD_LIST_LABELS[key]) for key in WORD_LISTS],
    )
    words = forms.CharField(label=gettext_lazy("Words to find"), max_length=100, required=False)


class WordsForm(forms.Form):
    """Phrases that mean the same, one a line; of a pair of the product's, the office's own."""

    italian = forms.CharField(
        label=gettext_lazy("Italian phrases"),
        required=False,
        help_text=gettext_lazy("One a line, the most usual first."),
        widget=forms.Textarea(attrs={"rows": 4, "lang": "it", "autocomplete": "off"}),
    )
    english = forms.CharField(
        label=gettext_lazy("English phrases"),
        required=False,
        help_text=gettext_lazy("One a line, the most usual first."),
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en", "autocomplete": "off"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, pair: WordPair | None = None) -> None:
        initial: dict[str, Any] = {}
        if pair is not None:
            initial = {
                "italian": "\n".join(phrases_of(pair.phrases_it_kept)),
                "english": "\n".join(phrases_of(pair.phrases_en_kept)),
                "version": pair.version,
            }
        super().__init__(data, initial=initial)
        if pair is not None and not pair.is_own:
            self.fields["italian"].label = _("More Italian phrases")
            self.fields["english"].label = _("More English phrases")

    def shown_again(self, pair: WordPair | None) -> "WordsForm":
        """The form with what was typed, over the pair as it is now; none if the pair is gone."""
        typed = {name: self.cleaned_data.get(name, "") for name in ("italian", "english")}
        return WordsForm({**typed, "version": pair.version if pair else ""}, pair=pair)


class WordsFileForm(forms.Form):
    """A table of words."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "UTF-8, with semicolons or commas. The first row names the columns: code (it may be "
            "missing), phrases_it or italiano, phrases_en or inglese. Several phrases in a cell "
            "are separated by “|”."
        ),
        error_messages={
            "required": gettext_lazy("Choose the file first."),
            "empty": gettext_lazy("The file is empty."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class WordsConfirmForm(forms.Form):
    """The table that was looked at, so that what is right in it can be saved."""

    table = forms.CharField(strip=False, widget=forms.HiddenInput)
    confirmed = forms.CharField(widget=forms.HiddenInput)
