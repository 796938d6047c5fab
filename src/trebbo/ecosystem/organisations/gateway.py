"""The registry's way to the engine: figures in, size class out."""

from decimal import Decimal

from trebbo.ecosystem.organisations.choices import SizeClass
from trebbo.engine.state_aid.size import size_class


def computed_size(
    headcount: Decimal, turnover: Decimal | None, balance: Decimal | None
) -> SizeClass | None:
    """The size class of these figures (annual work units, euro); None if too few are known."""
    size = size_class(headcount, turnover, balance)
    return None if size is None else SizeClass(size.value)
