"""Times as people type them, by a local clock that is put forward and back."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from trebbo.kernel.errors import Refusal

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Nobody means a day beyond: near the ends of the calendar there is no reckoning with zones."""


class NoSuchTime(Refusal):
    """The clock is put forward over this time: it does not exist on that day."""


class AmbiguousTime(Refusal):
    """The clock shows this time twice on that day; `choices` are the two moments, in order."""

    def __init__(self, typed: time, choices: tuple[datetime, datetime]) -> None:
        facts = {"time": time_format(typed, "H:i")}
        super().__init__(
            _(
                "The clock shows %(time)s twice on this day, before and after it is put back: "
                "say which one you mean."
            )
            % facts
        )
        self.choices = choices


def local_moment(day: date, clock: time, zone: ZoneInfo, fold: int | None = None) -> datetime:
    """The moment at which a zone's clock shows this time on this day.

    Refuses a time that does not exist (`NoSuchTime`), and one that exists twice (`AmbiguousTime`)
    unless `fold` says which: 0 before, 1 after the clock is put back; and a year nobody means.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refusal(_("Check the year of this date."))
    first, second = (
        datetime.combine(day, clock.replace(tzinfo=None, fold=number), zone) for number in (0, 1)
    )
    if _shown(first, zone) != first.replace(tzinfo=None):
        facts = {"time": time_format(clock, "H:i")}
        raise NoSuchTime(
            _("There is no %(time)s on this day: the clock is put forward over it.") % facts
        )
    if first.utcoffset() == second.utcoffset():
        return first
    if fold is None:
        raise AmbiguousTime(clock, (first, second))
    return second if fold else first


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
