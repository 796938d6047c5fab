"""Registers the area."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The area as a Django app."""

    name = "trebbo.outlets.site"
    label = "site"
