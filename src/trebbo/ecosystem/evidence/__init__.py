"""Imported open data: funded projects and participations, linked to who is in the registry."""
