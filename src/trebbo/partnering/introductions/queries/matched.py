"""Puts those who fit in order: what they say of themselves, and what the evidence says of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet, Value

from trebbo.ecosystem.clusters.models import ChainMembership, Membership
from trebbo.ecosystem.clusters.policies import IN_THE_CLUSTER
from trebbo.ecosystem.organisations.models import Accreditation, Profile, holding_on
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import in_language
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import BY_EVIDENCE
from trebbo.partnering.introductions.queries.floors import under_floors
from trebbo.partnering.introductions.queries.questions import Question
from trebbo.partnering.introductions.queries.wishes import Wishes, wishes_of

BY_WORDS = 100
"""The best by their words whose evidence is looked at; those below keep the order of words."""
BY_EVIDENCE_ALONE = 150
PROFILES = "profile:"
NOTHING = gateway.Results((), 0, {}, gateway.Understanding())
Facets = Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Placed:
    """One body in the order: its hit, its score, and the points of each term of the score."""

    hit: gateway.Hit
    score: float
    terms: Mapping[str, float]
    facts: gateway.Facts
    chains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """Those who fit, in order down to where the evidence was looked at; `total` counts all.

    `by_words` of the order were found by their words: further pages go on behind them.
    """

    placed: tuple[Placed, ...]
    total: int
    by_words: int
    facets: Facets
    understood: gateway.Understanding
    matching: gateway.Matching
    wishes: Wishes

    def in_full(self, placed: Iterable[Placed]) -> list[gateway.Hit]:
        """The hits of these bodies, in their order, with all of their reasons."""
        light = {one.hit.key: one.hit for one in placed}
        query = replace(
            self.wishes.query,
            only=frozenset(light),
            offset=0,
            limit=len(light),
            facet_counts=False,
        )
        full = {hit.key: hit for hit in gateway.find(query).hits} if query.text and light else {}
        return [full.get(key, hit) for key, hit in light.items()]


@dataclass(frozen=True, slots=True)
class _Around:
    """What the asker shares with others, and who is accredited, by profile."""

    chains: Mapping[int, tuple[str, ...]]
    clusters: Collection[int]
    accredited: Collection[int]


def matched(question: Question, *, viewer: Viewer) -> Matched:
    """Who fits the question, in order. Raises as `gateway.find`, refuses as `engine_query`."""
    wishes = wishes_of(question, viewer=viewer)
    asker = wishes.asker
    query = replace(wishes.query, limit=BY_WORDS, offset=0, unread=BY_EVIDENCE)
    words = gateway.find(query) if question.text else NOTHING
    matching = gateway.match(
        question.text,
        asker=asker.pk if asker else None,
        liked=question.like,
    )
    by_words = {hit.key: hit for hit in words.hits}
    points = matching.ranked(by_words, prefix=PROFILES, most=BY_EVIDENCE_ALONE)
    others = _others(query, words, frozenset(points) - by_words.keys())
    hits = {**{hit.key: hit for hit in others.hits}, **by_words}
    around = _around(hits, asker, viewer)
    weights = matching.chosen.weights
    placed = []
    for key, hit in hits.items():
        said = hit.text_score / words.full_score if key in by_words and words.full_score else 0.0
        placed.append(
            _placed(hit, points.get(key, 0.0), _facts(hit, said, around), around, weights)
        )
    placed.sort(key=lambda one: (-one.score, one.hit.title, one.hit.key))
    return Matched(
        placed=tuple(under_floors(placed, asker=asker, viewer=viewer)),
        total=words.total + others.total,
        by_words=len(by_words),
        facets=_added(words.facets, others.facets),
        understood=words.understood,
        matching=matching,
        wishes=wishes,
    )


def _others(query: gateway.Query, words: gateway.Results, keys: frozenset[str]) -> gateway.Results:
    """Those found by evidence alone, as far as they may be seen and fit the filters.

    Counted without those whom the words find further down.
    """
    if not keys:
        return replace(NOTHING, understood=words.understood)
    only = keys if query.only is None else keys & query.only
    place = words.understood.place
    found = gateway.find(
        replace(query, text="", only=only, near=place or query.near, limit=BY_EVIDENCE_ALONE,
                radius_km=words.understood.radius_km)
    )  # fmt: skip
    if words.total <= BY_WORDS:
        return found
    both = gateway.find(replace(query, only=only, limit=1))
    return replace(
        found, total=found.total - both.total, facets=_added(found.facets, both.facets, sign=-1)
    )


def _added(one: Facets, other: Facets, *, sign: int = 1) -> dict[str, tuple[tuple[str, int], ...]]:
    """The counts of both, facets and values in the order of the engine."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for counts, factor in ((one, 1), (other, sign)):
        for facet, values in counts.items():
            for value, number in values:
                sums[facet][value] += factor * number
    return {
        facet: tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
        for facet, counts in sorted(sums.items())
    }


def _around(hits: Iterable[str], asker: Profile | None, viewer: Viewer) -> _Around:
    ids = [gateway.id_of(key) for key in hits]
    now = holding_on(viewer.today)
    rows = _told(Accreditation.objects.filter(now, profile__in=ids), "accredited", "act", "act")
    if asker:
        own = ChainMembership.objects.filter(now, profile=asker).values("value_chain")
        chains = ChainMembership.objects.filter(now, profile__in=ids, value_chain__in=own)
        members = Membership.objects.filter(now, state__in=IN_THE_CLUSTER)
        shared = members.filter(profile=asker).values("cluster")
        clusters = members.filter(profile__in=ids, cluster__in=shared)
        rows = rows.union(
            _told(chains, "chain", "value_chain__name_it", "value_chain__name_en"),
            _told(clusters, "cluster", "cluster__slug", "cluster__slug"),
        )
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for what, pk, italian, english in rows:
        found[what][pk].append(in_language(italian, english))
    chain_names = {pk: tuple(sorted(names)) for pk, names in found["chain"].items()}
    return _Around(chain_names, set(found["cluster"]), set(found["accredited"]))


def _told(rows: QuerySet[Any], what: str, italian: str, english: str) -> QuerySet[Any, Any]:
    """The rows as (what, profile, name in both languages), for one query of several tables."""
    named: QuerySet[Any] = rows.order_by().annotate(what=Value(what))
    told: QuerySet[Any, Any] = named.values_list("what", "profile_id", italian, english)
    return told


def _facts(hit: gateway.Hit, said: float, around: _Around) -> gateway.Facts:
    """What is known of a body; `said` is how far its own words meet the need, 0 to 1."""
    pk = gateway.id_of(hit.key)
    near = [one for one in hit.reasons if isinstance(one, gateway.DistanceReason)]
    return gateway.Facts(
        words=said,
        freshness=gateway.FRESHNESS[hit.freshness],
        place=(1.0 if near[0].inside else gateway.nearness(hit.distance_km)) if near else 0.0,
        chain=float(pk in around.chains),
        cluster=float(pk in around.clusters),
        accredited=float(pk in around.accredited),
        fresh=float(hit.freshness == "confirmed"),
    )


def _placed(
    hit: gateway.Hit,
    evidence: float,
    facts: gateway.Facts,
    around: _Around,
    weights: gateway.Weights,
) -> Placed:
    terms = gateway.weighed_terms(evidence, facts, weights)
    chains = around.chains.get(gateway.id_of(hit.key), ())
    return Placed(hit, sum(terms.values()), terms, facts, chains)


def values_of(question: Question, profile_id: int, *, viewer: Viewer) -> dict[str, float]:
    """What the ranking knows of a body for a question, by term and before any weight.

    Empty where the body is not among the answers, or there is no index to ask.
    """
    try:
        found = matched(question, viewer=viewer)
    except (gateway.IndexMissing, gateway.IndexBroken):
        return {}
    key = gateway.key_of(profile_id)
    placed = next((one for one in found.placed if one.hit.key == key), None)
    if placed is None:
        return {}
    weights = found.matching.chosen.weights
    return {name: points / getattr(weights, name) for name, points in placed.terms.items()}
