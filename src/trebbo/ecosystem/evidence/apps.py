"""Registers the evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Evidence as a Django app."""

    name = "trebbo.ecosystem.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Add this area's words and its part of profiles' pages; listen to news from below."""
        from trebbo.ecosystem.evidence import choices, receivers  # noqa: F401
        from trebbo.ecosystem.evidence.views.sections import evidence_section
        from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section

        VERB_LABELS.update(choices.VERB_LABELS)
        FIELD_LABELS.update(choices.FIELD_LABELS)
        add_profile_section("evidence", evidence_section, position=40)
