"""Registers the vocabularies."""

from django.apps import AppConfig


class VocabulariesConfig(AppConfig):
    """The vocabularies as a Django app."""

    name = "trebbo.ecosystem.vocabularies"
    label = "vocabularies"
