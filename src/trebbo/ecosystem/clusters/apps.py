"""Registers networks and clusters, and lets their offices care for their members' profiles."""

from django.apps import AppConfig


class ClustersConfig(AppConfig):
    """Networks and clusters as a Django app."""

    name = "trebbo.ecosystem.clusters"
    label = "clusters"

    def ready(self) -> None:
        """Add this area's grants to the registry's rules, and its part to the registry's pages."""
        # Models, and what leans on them, can be imported only when all apps are there.
        from trebbo.ecosystem.clusters import choices, policies
        from trebbo.ecosystem.clusters.views import memberships_section
        from trebbo.ecosystem.organisations.choices import VERB_LABELS
        from trebbo.ecosystem.organisations.sections import add_profile_section

        VERB_LABELS.update(choices.VERB_LABELS)
        policies.extend_profile_rules()
        add_profile_section("memberships", memberships_section, position=30)
