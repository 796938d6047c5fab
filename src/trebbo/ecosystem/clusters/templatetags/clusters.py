"""Small pieces of the pages of clusters."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def counted(key: str, counts: Mapping[str, int]) -> int:
    """How often a key was counted; zero where it was not."""
    return counts.get(key, 0)


@register.filter
def named(key: str, labels: Mapping[str, str]) -> str:
    """What a counted key is called."""
    return labels.get(key, key)
