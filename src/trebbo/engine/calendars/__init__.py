"""When something is free: opening hours of a local clock, less what is taken, by the quarter."""

from trebbo.engine.calendars.contracts import QUARTER, Calendar, Opening, Quarters, Span
from trebbo.engine.calendars.free import (
    free_quarters,
    free_together,
    open_quarters,
    starts,
    stretches,
)
from trebbo.engine.calendars.quarters import covering, moment_of, quarter_of, wall_quarters

__all__ = [
    "QUARTER",
    "Calendar",
    "Opening",
    "Quarters",
    "Span",
    "covering",
    "free_quarters",
    "free_together",
    "moment_of",
    "open_quarters",
    "quarter_of",
    "starts",
    "stretches",
    "wall_quarters",
]
