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
from trebbo.ecosystem.vocabularies.actions.word_files import (
    RefusedRow,
    WordRow,
    WordsReport,
    import_words,
)
from trebbo.ecosystem.vocabularies.actions.words import (
    WordsChanged,
    WordsRefused,
    add_words,
    change_words,
    remove_words,
    use_words_again,
)

__all__ = [
    "LabelRefused",
    "LeftOut",
    "RefusedRow",
    "VocabularyRefused",
    "VocabularyReport",
    "WordRow",
    "WordsChanged",
    "WordsRefused",
    "WordsReport",
    "add_words",
    "change_words",
    "choose_label",
    "import_vocabulary",
    "import_words",
    "keep_labels",
    "load_vocabularies",
    "recognise_vocabulary",
    "remove_words",
    "use_words_again",
]
