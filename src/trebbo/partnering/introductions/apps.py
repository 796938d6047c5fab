"""Registers the asks, with their words and their part of profiles' pages; listens to news."""

from django.apps import AppConfig


class IntroductionsConfig(AppConfig):
    """Asks and shortlists as a Django app."""

    name = "trebbo.partnering.introductions"
    label = "introductions"

    def ready(self) -> None:
        """Listen to news from below; add the words of the trail, and a part to profiles' pages."""
        # What leans on models can be imported only when all apps are there.
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section
        from trebbo.partnering.introductions import choices, receivers  # noqa: F401
        from trebbo.partnering.introductions.views import preferences_section

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
        add_profile_section("in_asks", preferences_section, position=50)
