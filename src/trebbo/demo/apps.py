"""Registers the demonstration, only where it is switched on."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration as a Django app."""

    name = "trebbo.demo"
    label = "demo"
