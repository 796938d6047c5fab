"""Registers people and what they hold."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People as a Django app."""

    name = "trebbo.ecosystem.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to new accounts."""
        from trebbo.ecosystem.accounts import receivers  # noqa: F401
