"""Asks and their answers."""
