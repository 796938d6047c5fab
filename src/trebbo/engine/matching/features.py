"""The features of bodies for a need: sums and maxima of the signals over their works."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from trebbo.engine.matching.corpus import Numbers, Places
from trebbo.engine.matching.history import DAYS_A_YEAR, History
from trebbo.engine.matching.signals import HIGHEST, LED, SUMMED, Signals

EARTH_KM = 6371.0
SCHEMA = 1
"""Raise when a feature is added, taken away or counted differently."""
NAMES = (
    *SUMMED,
    *(f"led_{name}" for name in LED),
    *(f"highest_{name}" for name in HIGHEST),
    "special", "second_fair", "likely_fair", "near_mean", "tied_share", "team_share",
    "lead_rate", "mean_size", "years_since", "experience",
    "country_by_text", "country_by_ties", "country_of_team", "same_country", "same_province",
    "distance", "kind", "asker_kind", "kind_by_text", "kind_of_team", "is_sme",
    "asker_experience", "team_size", "terms", "focus",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Whose features: a body for each row, with those of its works that count for it.

    `parts` and `leads` are rows by works. `is_placed` and `has_kind` are False for a row that is
    read as if its place or its kind were not known.
    """

    bodies: Places
    parts: sp.csr_matrix
    leads: sp.csr_matrix
    is_placed: Places
    has_kind: Places


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the near and the tied bodies are spread over countries and kinds."""

    country_by_text: Numbers
    country_by_ties: Numbers
    country_of_team: Numbers
    kind_by_text: Numbers
    kind_of_team: Numbers


def rows_of(history: History, bodies: Places) -> Rows:
    """The bodies with all of their works."""
    everywhere = np.ones(len(bodies), bool)
    return Rows(bodies, history.members[bodies], history.leads[bodies], everywhere, everywhere)


def surroundings_of(history: History, signals: Signals) -> Surroundings:
    """Read the spread once for a need; it does not hang on any one row."""
    corpus = history.corpus
    votes = np.array(signals.votes)
    ties = history.members @ signals.summed[:, SUMMED.index("tied")]
    for known in (*signals.team, *([signals.asker] if signals.asker >= 0 else [])):
        votes[known] = ties[known] = 0
    aboard = np.zeros(len(corpus.bodies))
    aboard[signals.team] = 1
    countries, kinds = len(corpus.names["country"]), len(corpus.names["kind"])
    return Surroundings(
        _spread(corpus.countries, votes, countries),
        _spread(corpus.countries, ties, countries),
        _spread(corpus.countries, aboard, countries),
        _spread(corpus.kinds, votes, kinds),
        _spread(corpus.kinds, aboard, kinds),
    )


def _spread(groups: Places, weights: Numbers, most: int) -> Numbers:
    """The share of each group; one more at the end for the unknown, which is 0."""
    placed = groups >= 0
    sums = np.bincount(groups[placed], weights[placed], minlength=most + 1).astype(np.float32)
    return sums / max(float(sums.sum()), 1e-9)


def features_of(
    history: History, signals: Signals, surroundings: Surroundings, rows: Rows
) -> Numbers:
    """The feature table: rows by NAMES."""
    summed = np.asarray(rows.parts @ signals.summed)
    wanted = [SUMMED.index(name) for name in LED]
    led = np.asarray(rows.leads @ signals.summed[:, wanted])
    table = np.full((len(rows.bodies), len(NAMES)), np.nan, np.float32)
    table[:, : len(SUMMED)] = summed
    table[:, len(SUMMED) : len(SUMMED) + len(LED)] = led
    for name in HIGHEST:
        column = signals.summed[:, SUMMED.index(name)]
        table[:, NAMES.index(f"highest_{name}")] = _highest(rows.parts, column)
    own: dict[str, Numbers | float] = {
        **_rates(history, signals, rows, summed, led),
        **_places(history, signals, surroundings, rows),
        **_kinds(history, signals, surroundings, rows),
        "asker_experience": _experience(history, signals),
        "team_size": float(len(signals.team)),
        "terms": float(signals.terms),
        "focus": signals.focus,
    }
    for name, values in own.items():
        table[:, NAMES.index(name)] = values
    return table


def _highest(parts: sp.csr_matrix, column: Numbers) -> Numbers:
    """The highest value among each row's works; 0 without works."""
    highest = np.zeros(parts.shape[0], np.float32)
    filled = np.flatnonzero(np.diff(parts.indptr))
    if len(filled):
        highest[filled] = np.maximum.reduceat(column[parts.indices], parts.indptr[filled])
    return np.maximum(highest, 0)


def _rates(
    history: History, signals: Signals, rows: Rows, summed: Numbers, led: Numbers
) -> dict[str, Numbers]:
    """Sums set against how much a body does at all."""

    def column(name: str) -> Numbers:
        values: Numbers = summed[:, SUMMED.index(name)]
        return values

    works, consortia = column("works"), column("consortia")
    fair = np.sqrt(consortia + 1)
    newest = _highest(rows.parts, history.corpus.days[: history.count].astype(np.float32))
    own = signals.summed[:, SUMMED.index("tied")]
    shared = np.asarray(rows.parts @ (own > 0).astype(np.float32))
    team_ties = signals.summed[:, SUMMED.index("team_tied")] > 0
    with_team = np.asarray(rows.parts @ team_ties.astype(np.float32))
    ratio = len(history.corpus.works[: history.count]) / max(float(history.is_team.sum()), 1)
    mean = max(float(history.teams[history.teams > 0].mean()) if history.teams.any() else 0, 1e-9)
    return {
        "special": column("near_broad") / fair,
        "second_fair": column("second") / fair,
        "likely_fair": column("likely") / fair,
        "near_mean": column("near") / np.maximum(works, 1),
        "tied_share": shared / max(float((own > 0).sum()), 1),
        "team_share": with_team / max(float(team_ties.sum()), 1),
        "lead_rate": led[:, LED.index("works")] / np.maximum(works, 1) * ratio,
        "mean_size": column("sizes") / np.maximum(works, 1),
        "years_since": np.where(newest > 0, (history.day - newest) / DAYS_A_YEAR, np.nan),
        "experience": np.log1p(consortia / mean),
    }


def _experience(history: History, signals: Signals) -> float:
    return float(np.log1p(history.teams[signals.asker])) if signals.asker >= 0 else float("nan")


def _places(
    history: History, signals: Signals, surroundings: Surroundings, rows: Rows
) -> dict[str, Numbers]:
    corpus = history.corpus
    country = np.where(rows.is_placed, corpus.countries[rows.bodies], -1)
    province = np.where(rows.is_placed, corpus.provinces[rows.bodies], -1)
    unknown = country < 0
    nothing = np.full(len(rows.bodies), np.nan, np.float32)
    found = {
        "country_by_text": np.where(unknown, np.nan, surroundings.country_by_text[country]),
        "country_by_ties": np.where(unknown, np.nan, surroundings.country_by_ties[country]),
        "country_of_team": np.where(unknown, np.nan, surroundings.country_of_team[country]),
        "same_country": nothing,
        "same_province": nothing,
        "distance": nothing,
    }
    if signals.asker >= 0:
        home, near = corpus.countries[signals.asker], corpus.provinces[signals.asker]
        if home >= 0:
            found["same_country"] = np.where(unknown, np.nan, country == home)
        if near >= 0:
            found["same_province"] = np.where(province < 0, np.nan, province == near)
        kilometres = distances_km(corpus.degrees[signals.asker], corpus.degrees[rows.bodies])
        found["distance"] = np.where(rows.is_placed, np.log1p(kilometres), np.nan)
    return found


def _kinds(
    history: History, signals: Signals, surroundings: Surroundings, rows: Rows
) -> dict[str, Numbers]:
    corpus = history.corpus
    kind = np.where(rows.has_kind, corpus.kinds[rows.bodies], -1)
    unknown = kind < 0
    asker = corpus.kinds[signals.asker] if signals.asker >= 0 else -1
    return {
        "kind": np.where(unknown, np.nan, kind),
        "asker_kind": np.full(len(kind), np.nan if asker < 0 else asker, np.float32),
        "kind_by_text": np.where(unknown, np.nan, surroundings.kind_by_text[kind]),
        "kind_of_team": np.where(unknown, np.nan, surroundings.kind_of_team[kind]),
        "is_sme": np.where(rows.has_kind, corpus.is_sme[rows.bodies], np.nan),
    }


def distances_km(point: Numbers, others: Numbers) -> Numbers:
    """Great-circle distances in kilometres between degrees (latitude, longitude); NaN if unknown.

    The haversine formula on a sphere of the earth's mean radius.
    """
    here, there = np.radians(np.asarray(point, float)), np.radians(np.asarray(others, float))
    half = (there - here) / 2
    chord: Numbers = np.sin(half[:, 0]) ** 2 + (
        np.cos(here[0]) * np.cos(there[:, 0]) * np.sin(half[:, 1]) ** 2
    )
    kilometres: Numbers = 2 * EARTH_KM * np.arcsin(np.sqrt(chord.clip(0, 1)))
    return kilometres.astype(np.float32)
