"""What calendars are made of: openings, spans of quarters, and one calendar as a whole."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

QUARTER = 900
"""Seconds of a quarter of an hour."""
DAY_MINUTES = 24 * 60

Quarters = npt.NDArray[np.bool_]
"""One yes or no for each quarter of a span."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on a day of the week (0 is Monday) between two minutes of the local day, half-open.

    Refuses (ValueError) what is not within one day, or ends before it begins.
    """

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.weekday <= 6 and 0 <= self.opens < self.closes <= DAY_MINUTES):
            raise ValueError("an opening lies within one day of the week")


@dataclass(frozen=True, slots=True)
class Span:
    """The quarters from `first` until before `until`, counted since 1970 in UTC."""

    first: int
    until: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """When one thing can be used: its opening hours by a zone's clock, less what is taken."""

    openings: tuple[Opening, ...]
    zone: ZoneInfo
    taken: tuple[Span, ...] = ()
