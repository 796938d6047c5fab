"""Small pieces of the pages of skills maps."""

from collections.abc import Iterable, Mapping

from django import template

from trebbo.ecosystem.organisations.models import Profile
from trebbo.sharing.skills.queries import Offer

register = template.Library()

HEAT = (1, 2, 3, 5)
"""From how many bodies on a cell of the table by kind has its next shade."""


@register.filter
def named_in(offers: Iterable[Offer], names: Mapping[int, Profile]) -> list[tuple[Profile, Offer]]:
    """The bodies behind these offers, as far as the viewer may see them."""
    return [(names[offer.profile], offer) for offer in offers if offer.profile in names]


@register.filter
def heat(count: int) -> int:
    """Which shade a number of bodies has, from 0 to 4; the number itself stands in the cell."""
    return sum(count >= step for step in HEAT)
