"""Reads from an address what part of the map is looked at and what it is narrowed by."""

import re

from django.http import QueryDict
from django.utils.translation import gettext as _

from trebbo.kernel.errors import Refusal
from trebbo.outlets.maps.gateway import Window
from trebbo.partnering.introductions.choices import Facet

MOST_VALUES = 20
MOST_ZOOM = 20
FIRST_ZOOM = 8
DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")


class WindowRefused(Refusal):
    """The address does not name a part of the map."""


def window_from(parameters: QueryDict) -> Window | None:
    """The window in `bbox` (west, south, east, north in degrees) and `zoom`; None without a bbox.

    Refuses what is not four numbers, not on Earth, or not in that order.
    """
    written = parameters.get("bbox", "")
    if not written:
        return None
    numbers = written.split(",")
    if len(numbers) != 4 or not all(DEGREES.fullmatch(number) for number in numbers):
        raise WindowRefused(
            _(
                "The area of the map cannot be read: it takes four numbers in degrees, separated "
                "by commas: west, south, east, north."
            )
        )
    west, south, east, north = (float(number) for number in numbers)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise WindowRefused(
            _(
                "This area of the map does not exist: longitudes go from -180 to 180, latitudes "
                "from -90 to 90, and west and south come before east and north."
            )
        )
    return Window(west, south, east, north, zoom=_zoom(parameters.get("zoom", str(FIRST_ZOOM))))


def demanded_window(parameters: QueryDict) -> Window:
    """The window, which must be there."""
    window = window_from(parameters)
    if window is None:
        raise WindowRefused(
            _("Which area of the map? Name it in “bbox”: west, south, east, north.")
        )
    return window


def filters_from(parameters: QueryDict) -> dict[str, tuple[str, ...]]:
    """What the address narrows the map by, in the names that the directory uses too."""
    chosen = {
        facet.value: tuple(
            value for value in parameters.getlist(facet.value)[:MOST_VALUES] if value
        )
        for facet in Facet
    }
    return {name: values for name, values in chosen.items() if values}


def page_from(parameters: QueryDict) -> int:
    """The page of the list; what makes no sense is the first."""
    page = parameters.get("page", "1")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1


def _zoom(written: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", written) or int(written) > MOST_ZOOM:
        raise WindowRefused(
            _("The zoom of the map is a whole number from 0 to %(most)s.") % {"most": MOST_ZOOM}
        )
    return int(written)
