"""Changes to the vocabularies."""

from trebbo.ecosystem.vocabularies.actions.importing import (
    VocabularyReport,
    import_vocabulary,
    recognise_vocabulary,
)
from trebbo.ecosystem.vocabularies.actions.labels import (
    LabelRefused,
    choose_label,
    keep_labels,
)
from trebbo.ecosystem.vocabularies.actions.loading import load_vocabularies
from trebbo.ecosystem.vocabularies.actions.official import LeftOut, VocabularyRefused

__all__ = [
    "LabelRefused",
    "LeftOut",
    "VocabularyRefused",
    "VocabularyReport",
    "choose_label",
    "import_vocabulary",
    "keep_labels",
    "load_vocabularies",
    "recognise_vocabulary",
]
