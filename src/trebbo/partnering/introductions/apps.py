"""Registers the asks, gives the audit trail their words, keeps the index in step."""

from django.apps import AppConfig


class IntroductionsConfig(AppConfig):
    """Asks and shortlists as a Django app."""

    name = "trebbo.partnering.introductions"
    label = "introductions"

    def ready(self) -> None:
        """Listen to news from below, and say in words what the trail tells of asks."""
        # What leans on models can be imported only when all apps are there.
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.partnering.introductions import choices, receivers  # noqa: F401

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
