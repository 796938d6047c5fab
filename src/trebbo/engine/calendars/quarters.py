"""From moments to quarters of an hour and back, and what a zone's clock shows at each quarter."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from trebbo.engine.calendars.contracts import QUARTER, Span

QUARTERS_OF_DAY = 96
QUARTERS_OF_WEEK = 7 * QUARTERS_OF_DAY
THURSDAY = 3  # 1 January 1970
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Numbers = npt.NDArray[np.int64]


def quarter_of(moment: datetime) -> int:
    """The quarter in which an aware moment lies, counted since 1970 in UTC.

    Refuses (ValueError) a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return (moment - EPOCH) // timedelta(seconds=QUARTER)


def moment_of(quarter: int) -> datetime:
    """The moment at which a quarter begins, in UTC."""
    return EPOCH + timedelta(seconds=quarter * QUARTER)


def covering(start: datetime, end: datetime) -> Span:
    """The quarters that a span of time touches, also those that it only begins or ends in."""
    return Span(quarter_of(start), -(-(end - EPOCH) // timedelta(seconds=QUARTER)))


def wall_quarters(zone: ZoneInfo, first: int, until: int) -> Numbers:
    """The quarter of the local week that the clock shows at the start of each quarter.

    0 is Monday at midnight; 671 the last quarter of Sunday. Where clocks go forward, numbers are
    left out; where they go back, they come twice. The array is shared: do not write into it.
    """
    return _wall_quarters(zone, first, max(first, until))


@lru_cache(maxsize=64)
def _wall_quarters(zone: ZoneInfo, first: int, until: int) -> Numbers:
    quarters = np.arange(first, until, dtype=np.int64)
    begins = range(first - first % QUARTERS_OF_DAY, until, QUARTERS_OF_DAY)
    offsets = np.zeros(len(begins) * QUARTERS_OF_DAY, dtype=np.int64)
    for number, day in enumerate(begins):
        offsets[number * QUARTERS_OF_DAY : (number + 1) * QUARTERS_OF_DAY] = _offsets(zone, day)
    start = first - begins.start
    seconds = quarters * QUARTER + offsets[start : start + len(quarters)]
    shown: Numbers = (seconds // QUARTER + THURSDAY * QUARTERS_OF_DAY) % QUARTERS_OF_WEEK
    shown.setflags(write=False)
    return shown


def _offsets(zone: ZoneInfo, day: int) -> int | list[int]:
    """Seconds ahead of UTC in the day of UTC from this quarter: one, or one for each quarter.

    No zone changes its clock twice within a day of UTC.
    """
    begin, end = _offset(zone, day), _offset(zone, day + QUARTERS_OF_DAY)
    if begin == end:
        return begin
    return [_offset(zone, quarter) for quarter in range(day, day + QUARTERS_OF_DAY)]


def _offset(zone: ZoneInfo, quarter: int) -> int:
    offset = moment_of(quarter).astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds())
