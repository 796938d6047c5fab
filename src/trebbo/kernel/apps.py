"""Registers the kernel: its audit table, templates and static files."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The kernel as a Django app."""

    name = "trebbo.kernel"
    label = "kernel"
