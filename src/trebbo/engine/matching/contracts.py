"""What goes into matching and what comes out of it: frozen dataclasses only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["it", "en"]


class MatchingError(Exception):
    """Something about matching that a person can mend; `message` says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RankingUnfit(MatchingError):
    """A trained ranking that this program, or the present evidence, cannot use."""


class TooLittleToLearn(MatchingError):
    """The evidence holds too few consortia to learn from."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that can be ranked; `key` names it for the caller, e.g. "profile:12".

    `kind` is a short code of the caller's (HES, PRC, REC, PUB, OTH in CORDIS), blank where unknown,
    like all else. `province` is the finest place known (a NUTS code). Degrees are WGS 84.
    """

    key: str
    kind: str = ""
    is_sme: bool | None = None
    country: str = ""
    province: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A body's part in a work; `leads` for its coordinator."""

    body: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Something that bodies did together, mostly a funded project.

    `text` is what it is about (title and objective), `context` what it stands in (`call`, the title
    of its call, with fields and keywords); `programme` and `area` are codes of where it was funded,
    the coarse and the finer one.
    """

    key: str
    day: date
    title: str
    text: str
    context: str = ""
    language: Language = "en"
    programme: str = ""
    area: str = ""
    call: str = ""
    members: tuple[Member, ...] = ()


def area_of(topic: str) -> str:
    """The part of a topic code that stays from year to year: HORIZON-CL5-D2 of
    HORIZON-CL5-2021-D2-01-11."""
    return "-".join(part for part in topic.split("-") if not part.isdigit())


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of who did what with whom; a member that is no body is passed over."""

    bodies: tuple[Body, ...]
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for: `terms` are stems with their weights (see `terms.terms_of`).

    `asker` is the key of the body that asks, blank where nobody in particular does; `team` are
    those already on board. `meaning` is the row of a sentence model for the text, where there is
    one that also read the works.
    """

    terms: Mapping[str, float]
    asker: str = ""
    team: tuple[str, ...] = ()
    meaning: tuple[float, ...] = ()


ReasonKind = Literal["partnership", "projects", "network", "experience", "place", "kind"]


@dataclass(frozen=True, slots=True)
class EvidenceReason:
    """Why the evidence speaks for a body: the facts, and by what the score falls without them.

    `works` are the keys of the works it rests on, the weightiest first. Each of a body's works
    stands in one reason only. `distance_km` is that from the asker, for the place.
    """

    kind: ReasonKind
    points: float
    works: tuple[str, ...] = ()
    distance_km: float | None = None
    newest: date | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A body with its points."""

    key: str
    points: float
