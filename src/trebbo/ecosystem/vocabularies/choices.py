"""Closed lists of the vocabularies: what can be done to them, in words."""

from django.utils.translation import gettext_lazy as _

VERB_LABELS = {
    "load_vocabulary": _("loaded the vocabulary"),
    "import_vocabulary": _("imported an edition of the vocabulary"),
    "keep_label": _("wrote the Italian label"),
    "choose_label": _("chose between two Italian labels"),
}
"""What the audit trail says of each action."""

FIELD_LABELS = {
    "edition": _("Edition"),
    "added": _("Added"),
    "changed": _("Changed"),
    "gone": _("No longer there"),
    "left_out": _("Left out"),
    "label_it": _("Italian label"),
}
"""What the audit trail calls each value."""
