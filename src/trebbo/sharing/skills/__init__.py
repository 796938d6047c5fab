"""Competences offered and sought, with evidence; training on offer; the map of who covers what."""
