"""Registers the skills."""

from django.apps import AppConfig


class SkillsConfig(AppConfig):
    """Competences and training on offer as a Django app."""

    name = "trebbo.sharing.skills"
    label = "skills"

    def ready(self) -> None:
        """Add the words of the trail and the part of profiles' pages; listen to news from below."""
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section
        from trebbo.sharing.skills import choices, receivers  # noqa: F401
        from trebbo.sharing.skills.views.sections import skills_section
        from trebbo.sharing.skills.views.skills_map import skills_map_section

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
        add_profile_section("skills", skills_section, position=25)
        add_profile_section("skills_map", skills_map_section, position=36)
