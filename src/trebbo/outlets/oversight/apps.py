"""Registers the area."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """The area as a Django app."""

    name = "trebbo.outlets.oversight"
    label = "oversight"
