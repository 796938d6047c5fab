"""Answers from outside the network: bodies that only open data knows, and why they fit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import get_language

from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.evidence.queries.words import ProjectTold, outside_bodies, projects_told
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.countries import country_name
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import OUTSIDE, OUTSIDE_FACETS, PartName
from trebbo.partnering.introductions.queries.answers import facts_met
from trebbo.partnering.introductions.queries.facets import facet_groups
from trebbo.partnering.introductions.queries.matched import BY_WORDS
from trebbo.partnering.introductions.queries.questions import (
    Paged,
    Question,
    engine_query,
    pages_of,
    unavailable,
)
from trebbo.partnering.introductions.queries.reasons import (
    Met,
    Told,
    few_projects,
    reasons_in_words,
)
from trebbo.partnering.introductions.queries.wishes import asker_of

BODIES = "body:"
FIRST_OUTSIDE = 10
"""Bodies shown below the network's own answer; the others have pages of their own."""


@dataclass(frozen=True, slots=True)
class FoundOutside:
    """One body outside the network, and why it is there; distance as in `Found`.

    `place` is blank where the distance is not known, as it is for most of them.
    """

    body: Body
    country: str
    met: tuple[Met, ...]
    more_projects: int
    distance_km: float | None
    place: str
    inside: bool


@dataclass(frozen=True, slots=True)
class Outside(Paged):
    """The bodies outside the network that fit, on one page.

    `idle` are the filters that say nothing of bodies outside, so that none of these fits them.
    """

    found: tuple[FoundOutside, ...]
    idle: bool


def outside(question: Question, *, viewer: Viewer) -> Outside:
    """Who outside the network fits `question`: the first few, or a page where only they are asked.

    Bodies that the registry knows by now are left out. Refuses as `answer`.
    """
    alone = question.outside == "only"
    question = question if alone else replace(question, page=1)
    if question.filters.keys() - {facet.value for facet in OUTSIDE_FACETS}:
        return _nobody(question, idle=True)
    try:
        if question.page > 1:
            last = pages_of(question, gateway.total_outside(_query(question, viewer)))
            question = replace(question, page=min(question.page, last))
        results = _ranked(question, _query(question, viewer), viewer)
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        if Body.objects.exists():
            raise unavailable() from error
        return _nobody(question, idle=False)
    found = _found(results.hits, viewer)
    total = max(0, results.total - (len(results.hits) - len(found)))
    return Outside(
        question=question,
        total=total,
        pages=pages_of(question, total),
        groups=facet_groups(results.facets, question.filters, viewer=viewer) if alone else (),
        understood=results.understood,
        found=found,
        idle=False,
    )


def _ranked(question: Question, query: gateway.Query, viewer: Viewer) -> gateway.Results:
    """The hits in the order of matching: the best by their words, then by their evidence.

    Bodies outside say nothing of themselves, so evidence alone decides. Pages behind those whose
    evidence was looked at go on in the order of words.
    """
    behind = query.offset + query.limit > BY_WORDS
    if not question.text or query.order == "title" or behind:
        return gateway.find_outside(query)
    results = gateway.find_outside(replace(query, offset=0, limit=BY_WORDS))
    asker = asker_of(question, viewer=viewer)
    matching = gateway.match(question.text, asker=asker.pk if asker else None)
    points = matching.ranked([hit.key for hit in results.hits], prefix=BODIES, most=0)
    near = {hit.key: gateway.nearness(hit.distance_km) for hit in results.hits}
    hits = sorted(
        results.hits,
        key=lambda hit: -(points.get(hit.key, 0.0) + matching.chosen.weights.place * near[hit.key]),
    )
    return replace(results, hits=tuple(hits[query.offset : query.offset + query.limit]))


def _nobody(question: Question, *, idle: bool) -> Outside:
    return Outside(
        question=question,
        total=0,
        pages=1,
        groups=(),
        understood=gateway.Understanding(),
        found=(),
        idle=idle,
    )


def _query(question: Question, viewer: Viewer) -> gateway.Query:
    """The question as the index of bodies outside takes it; filters are counted on their page."""
    query = replace(engine_query(question, viewer), audiences=frozenset({OUTSIDE}))
    if question.outside == "only":
        return query
    return replace(query, limit=FIRST_OUTSIDE, facet_counts=False)


def _found(hits: Iterable[gateway.Hit], viewer: Viewer) -> tuple[FoundOutside, ...]:
    """The hits that are still outside, with what the evidence says of them now."""
    by_id = {gateway.body_of(hit.key): hit for hit in hits}
    bodies = outside_bodies().filter(pk__in=list(by_id)).in_bulk()
    parts = projects_told(_facts(by_id.values(), PartName.PROJECT), viewer=viewer)
    labels = {
        pk: (italian, english)
        for pk, italian, english in Concept.objects.filter(
            pk__in=_facts(by_id.values(), PartName.EVIDENCE_FIELD)
        ).values_list("pk", "label_it", "label_en")
    }
    described = (
        _described(
            hit,
            bodies[pk],
            Told({key: one for key, one in parts.items() if _is_its(one, pk)}, labels),
        )
        for pk, hit in by_id.items()
        if pk in bodies
    )
    return tuple(one for one in described if one)


def _facts(hits: Iterable[gateway.Hit], part: PartName) -> set[int]:
    return {fact for hit in hits for fact in facts_met(hit, part)}


def _is_its(told: ProjectTold, body_id: int) -> bool:
    """Whether the part is the body's, and nobody's in the registry."""
    return told.participation.body_id == body_id and told.participation.profile_id is None


def _described(hit: gateway.Hit, body: Body, told: Told) -> FoundOutside | None:
    met = [reason for reason in hit.reasons if isinstance(reason, gateway.MatchReason)]
    near = [reason for reason in hit.reasons if isinstance(reason, gateway.DistanceReason)]
    language = (get_language() or "it")[:2]
    reasons = reasons_in_words(met, texts={}, kinds="", language=language, told=told)
    if met and not reasons:
        return None
    shown, more = few_projects(reasons)
    return FoundOutside(
        body=body,
        country=country_name(body.country) if body.country else "",
        met=shown,
        more_projects=more,
        distance_km=hit.distance_km,
        place=near[0].place if near and hit.distance_km is not None else "",
        inside=bool(near and near[0].inside),
    )
