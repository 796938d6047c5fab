"""Closed lists of the vocabularies: what can be done to them, in words."""

from django.utils.translation import gettext_lazy as _

VERB_LABELS = {
    "load_vocabulary": _("loaded the vocabulary"),
    "import_vocabulary": _("imported an edition of the vocabulary"),
    "keep_label": _("wrote the Italian label"),
    "choose_label": _("chose between two Italian labels"),
    "add_words": _("added words that searches understand"),
    "change_words": _("changed words that searches understand"),
    "remove_words": _("removed words that searches understood"),
    "leave_out_words": _("left words out of searches"),
    "use_words_again": _("let searches understand words again"),
}
"""What the audit trail says of each action."""

FIELD_LABELS = {
    "edition": _("Edition"),
    "added": _("Added"),
    "changed": _("Changed"),
    "gone": _("No longer there"),
    "left_out": _("Left out"),
    "label_it": _("Italian label"),
    "phrases_it": _("Italian phrases"),
    "phrases_en": _("English phrases"),
}
"""What the audit trail calls each value."""
