"""Reads what the site shows: the entrance, the office's day, and what came of requests."""

from trebbo.outlets.site.queries.entrance import (
    Entrance,
    Numbers,
    entrance,
    example_facts,
    example_profiles,
)

__all__ = ["Entrance", "Numbers", "entrance", "example_facts", "example_profiles"]
