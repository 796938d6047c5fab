"""Registers the maps, and keeps them in step with news from below."""

from django.apps import AppConfig


class MapsConfig(AppConfig):
    """Maps as a Django app."""

    name = "trebbo.outlets.maps"
    label = "maps"

    def ready(self) -> None:
        """Listen to the registry and the clusters."""
        from trebbo.outlets.maps import receivers  # noqa: F401
