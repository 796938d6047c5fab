"""Registers organisations, units and Technopoles."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Organisations as a Django app."""

    name = "trebbo.ecosystem.organisations"
    label = "organisations"

    def ready(self) -> None:
        """Load the rules: those of people and invitations get their grants with them."""
        from trebbo.ecosystem.organisations import policies  # noqa: F401
