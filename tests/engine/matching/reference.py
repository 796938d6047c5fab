"""The features of one body, spelled out in loops over the evidence itself."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from math import asin, cos, log1p, nan, radians, sin, sqrt

from trebbo.engine.matching import Body, Evidence, Need, Work
from trebbo.engine.matching.history import TEAM
from trebbo.engine.matching.signals import HIGHEST, LED, SUMMED, Signals

TINY = 1e-9


@dataclass
class Read:
    """A need read against the evidence before a day; the signals of works are taken as given."""

    evidence: Evidence
    day: date
    need: Need
    signals: Signals
    works: list[Work] = field(init=False)
    bodies: dict[str, Body] = field(init=False)

    def __post_init__(self) -> None:
        """The works before the day, in the order of the signals."""
        known = [work for work in self.evidence.works if work.day < self.day]
        self.works = sorted(known, key=lambda work: (work.day, work.key))
        self.bodies = {body.key: body for body in self.evidence.bodies}

    def features(
        self, key: str, *, without: Collection[str] = (), placed: bool = True, kind: bool = True
    ) -> dict[str, float]:
        """Every feature by its name; `without` are works that do not count for this body."""
        own = [
            at
            for at, work in enumerate(self.works)
            if self._is_in(key, work) and work.key not in without
        ]
        led = [at for at in own if (key, True) in self._parts(self.works[at])]
        row = {name: sum(self._signal(name, at) for at in own) for name in SUMMED}
        row |= {f"led_{name}": sum(self._signal(name, at) for at in led) for name in LED}
        for name in HIGHEST:
            row[f"highest_{name}"] = max((self._signal(name, at) for at in own), default=0.0)
        row |= self._rates(own, led, row)
        row |= self._places(self.bodies[key], placed=placed)
        row |= self._kinds(self.bodies[key], known=kind)
        asker = self.bodies.get(self.need.asker)
        row["asker_experience"] = log1p(self._teams(asker.key)) if asker else nan
        row["team_size"] = len(self._team())
        row["terms"] = len(self.need.terms)
        row["focus"] = self.signals.focus
        return row

    def _signal(self, name: str, at: int) -> float:
        return float(self.signals.summed[at, SUMMED.index(name)])

    def _parts(self, work: Work) -> set[tuple[str, bool]]:
        return {(member.body, member.leads) for member in work.members}

    def _is_in(self, key: str, work: Work) -> bool:
        return any(member.body == key for member in work.members)

    def _size(self, work: Work) -> int:
        return len({member.body for member in work.members if member.body in self.bodies})

    def _teams(self, key: str) -> int:
        """In how many consortia a body was."""
        return sum(self._is_in(key, work) and self._size(work) >= TEAM for work in self.works)

    def _team(self) -> list[str]:
        return [key for key in self.need.team if key in self.bodies]

    def _rates(self, own: list[int], led: list[int], row: dict[str, float]) -> dict[str, float]:
        fair, works = sqrt(row["consortia"] + 1), max(len(own), 1)
        everywhere = range(len(self.works))
        tied = [at for at in everywhere if self._signal("tied", at) > 0]
        team_tied = [at for at in everywhere if self._signal("team_tied", at) > 0]
        consortia = sum(self._size(work) >= TEAM for work in self.works)
        travelled = [n for n in map(self._teams, self.bodies) if n > 0]
        mean = sum(travelled) / len(travelled) if travelled else TINY
        newest = max((self.works[at].day for at in own), default=None)
        return {
            "special": row["near_broad"] / fair,
            "second_fair": row["second"] / fair,
            "likely_fair": row["likely"] / fair,
            "near_mean": row["near"] / works,
            "tied_share": len(set(own) & set(tied)) / max(len(tied), 1),
            "team_share": len(set(own) & set(team_tied)) / max(len(team_tied), 1),
            "lead_rate": len(led) / works * len(self.works) / max(consortia, 1),
            "mean_size": sum(log1p(self._size(self.works[at])) for at in own) / works,
            "years_since": (self.day - newest).days / 365.25 if newest else nan,
            "experience": log1p(row["consortia"] / mean),
        }

    def _sum(self, name: str, key: str) -> float:
        """A signal summed over all works of a body; nothing for who is there already."""
        if key == self.need.asker or key in self.need.team:
            return 0.0
        own = (at for at, work in enumerate(self.works) if self._is_in(key, work))
        return sum(self._signal(name, at) for at in own)

    def _weights(self) -> Iterator[tuple[str, dict[str, float]]]:
        yield "by_text", {key: self._sum("near", key) for key in self.bodies}
        yield "by_ties", {key: self._sum("tied", key) for key in self.bodies}
        yield "of_team", {key: float(key in self.need.team) for key in self.bodies}

    def _share(self, column: str, value: str, weights: dict[str, float]) -> float:
        """The share of the bodies alike among all of whom that column is known."""
        if not value:
            return nan
        placed = {key: getattr(body, column) for key, body in self.bodies.items()}
        alike = sum(weight for key, weight in weights.items() if placed[key] == value)
        return alike / max(sum(weight for key, weight in weights.items() if placed[key]), TINY)

    def _places(self, body: Body, *, placed: bool) -> dict[str, float]:
        asker = self.bodies.get(self.need.asker)
        country, province = (body.country, body.province) if placed else ("", "")
        found = {
            f"country_{name}": self._share("country", country, weights)
            for name, weights in self._weights()
        }
        distance = kilometres(asker, body) if asker and placed else nan
        return found | {
            "same_country": _same(asker.country if asker else "", country),
            "same_province": _same(asker.province if asker else "", province),
            "distance": log1p(distance),
        }

    def _kinds(self, body: Body, *, known: bool) -> dict[str, float]:
        kind = body.kind if known else ""
        asker = self.bodies.get(self.need.asker)
        weights = dict(self._weights())
        return {
            "kind": self._number(kind),
            "asker_kind": self._number(asker.kind if asker else ""),
            "kind_by_text": self._share("kind", kind, weights["by_text"]),
            "kind_of_team": self._share("kind", kind, weights["of_team"]),
            "is_sme": nan if body.is_sme is None or not known else float(body.is_sme),
        }

    def _number(self, kind: str) -> float:
        kinds = sorted({body.kind for body in self.bodies.values()} - {""})
        return kinds.index(kind) if kind else nan


def _same(one: str, other: str) -> float:
    return float(one == other) if one and other else nan


def kilometres(one: Body, other: Body) -> float:
    """The haversine formula on a sphere of 6,371 km."""
    degrees = (one.latitude, one.longitude, other.latitude, other.longitude)
    if any(value is None for value in degrees):
        return nan
    north, east, to_north, to_east = (radians(value or 0.0) for value in degrees)
    chord = sin((to_north - north) / 2) ** 2
    chord += cos(north) * cos(to_north) * sin((to_east - east) / 2) ** 2
    return 2 * 6371 * asin(sqrt(min(chord, 1)))
