"""Registers the mail, and gives the audit trail its words."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What reaches people by mail, as a Django app."""

    name = "trebbo.outlets.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Listen to mail that is written, and say in words what the trail tells of it."""
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.outlets.notifications import choices, receivers  # noqa: F401

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
