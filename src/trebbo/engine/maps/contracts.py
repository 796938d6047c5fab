"""What goes into the map's table and what comes out; positions in degrees (WGS84)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AUDIENCE = "audience"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a body: `key` names the place, `body` the body; no position means not known.

    `name` orders the bodies; all places of a body carry the same. `facts` are pairs of a facet and
    a value; who may see the place is the fact of the facet AUDIENCE.
    """

    key: int
    body: int
    name: str
    latitude: float | None
    longitude: float | None
    facts: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Window:
    """The rectangle looked at, and how near: the world is 256 * 2^zoom pixels wide."""

    west: float
    south: float
    east: float
    north: float
    zoom: int = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """Which places: values of one facet are alternatives, facets add up.

    A place is admitted if it has one of the audiences.
    """

    audiences: frozenset[str]
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marker:
    """One or more places drawn at their mean position.

    `keys` names the first places where drawing nearer would not part them: a single one, several
    at one spot (`one_spot`), or several too close for the nearest zoom.
    """

    latitude: float
    longitude: float
    count: int
    window: tuple[float, float, float, float]
    keys: tuple[int, ...]
    one_spot: bool
