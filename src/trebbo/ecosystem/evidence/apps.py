"""Registers the evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Evidence as a Django app."""

    name = "trebbo.ecosystem.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Add this area's words to the trail."""
        from trebbo.ecosystem.evidence import choices
        from trebbo.ecosystem.organisations.choices import VERB_LABELS

        VERB_LABELS.update(choices.VERB_LABELS)
