"""Registers the resources."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    """The catalogue of resources and their bookings as a Django app."""

    name = "trebbo.sharing.resources"
    label = "resources"

    def ready(self) -> None:
        """Add the words of the trail and the part of profiles' pages; listen to news from below."""
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section
        from trebbo.sharing.resources import choices, receivers  # noqa: F401
        from trebbo.sharing.resources.views.sections import resources_section

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
        add_profile_section("resources", resources_section, position=27)
