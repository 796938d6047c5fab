"""Registers the ideas."""

from django.apps import AppConfig


class IdeasConfig(AppConfig):
    """Challenges and project ideas as a Django app."""

    name = "trebbo.sharing.ideas"
    label = "ideas"

    def ready(self) -> None:
        """Add the words of the trail, and a part to profiles' pages."""
        # What leans on models can be imported only when all apps are there.
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section
        from trebbo.sharing.ideas import choices
        from trebbo.sharing.ideas.views.sections import ideas_section

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
        add_profile_section("ideas", ideas_section, position=40)
