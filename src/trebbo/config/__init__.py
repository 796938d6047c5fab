"""Composition root: settings, addresses and the `trebbo` command."""
