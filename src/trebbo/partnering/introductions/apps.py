"""Registers the asks and keeps their index in step with the registry."""

from django.apps import AppConfig


class IntroductionsConfig(AppConfig):
    """Asks and shortlists as a Django app."""

    name = "trebbo.partnering.introductions"
    label = "introductions"

    def ready(self) -> None:
        """Listen to news from below."""
        from trebbo.partnering.introductions import receivers  # noqa: F401
