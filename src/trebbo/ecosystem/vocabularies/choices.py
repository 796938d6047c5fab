"""Closed lists of the vocabularies: what can be done to them, in words."""

from django.utils.translation import gettext_lazy as _

VERB_LABELS = {"load_vocabulary": _("loaded the vocabulary")}
"""What the audit trail says of each action."""
