"""Answers: the profiles that fit a question, among those that the viewer may see."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import get_language

from trebbo.ecosystem.evidence.queries.words import fields_told, projects_told
from trebbo.ecosystem.organisations.choices import Kind, ProfileType, Visibility
from trebbo.ecosystem.organisations.models import KindPeriod, Profile, ProfileItem, Seat
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.organisations.queries.gathering import fields_of, restored, rows_of
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import BY_EVIDENCE, PartName
from trebbo.partnering.introductions.queries.facets import facet_groups
from trebbo.partnering.introductions.queries.questions import (
    Paged,
    Question,
    engine_query,
    pages_of,
    unavailable,
)
from trebbo.partnering.introductions.queries.reasons import (
    SECTIONS,
    Met,
    Texts,
    Told,
    few_projects,
    reasons_in_words,
)

MOST_LISTED = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """One profile of the answer, what it is, where, and why it is there.

    `owner` and `host` are the unit's organisation and Technopole where the viewer may see them.
    `distance_km` is from `place`, None where it is not known. `more_projects` funded projects fit
    besides those among `met`.
    """

    profile: Profile
    kind: str
    towns: tuple[str, ...]
    owner: Profile | None
    host: Profile | None
    score: float
    met: tuple[Met, ...]
    distance_km: float | None
    place: str
    inside: bool
    more_projects: int = 0

    @property
    def by_evidence(self) -> bool:
        """Whether open data alone speaks for it, nothing that it says of itself."""
        return bool(self.met) and all(one.by_evidence for one in self.met)


@dataclass(frozen=True, slots=True)
class Answer(Paged):
    """The profiles that fit, on one page."""

    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Many profiles at once, without reasons; `total` counts every one that fits."""

    found: tuple[Found, ...]
    total: int


def answer(question: Question, *, viewer: Viewer) -> Answer:
    """Who can help with `question`, among the profiles that `viewer` may see.

    A page beyond the last gives the last. Refuses a text of more than SEARCH_LIMIT characters, and
    says so when there is no index.
    """
    query = engine_query(question, viewer)
    try:
        if question.page > 1:
            last = pages_of(question, gateway.total(query))
            question = replace(question, page=min(question.page, last))
            query = engine_query(question, viewer)
        results = gateway.find(query)
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        raise unavailable() from error
    found = _found(results.hits, viewer)
    total = max(0, results.total - (len(results.hits) - len(found)))
    return Answer(
        question=question,
        found=found,
        total=total,
        pages=pages_of(question, total),
        groups=facet_groups(results.facets, question.filters, viewer=viewer),
        understood=results.understood,
    )


def listing(question: Question, *, viewer: Viewer, most: int = MOST_LISTED) -> Listing:
    """The first `most` profiles that fit, in one go; refuses as `answer`."""
    query = replace(engine_query(question, viewer), offset=0, limit=most, facet_counts=False)
    try:
        results = gateway.find(query)
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        raise unavailable() from error
    return Listing(_found(results.hits, viewer, reasons=False), results.total)


def _found(
    hits: Iterable[gateway.Hit], viewer: Viewer, *, reasons: bool = True
) -> tuple[Found, ...]:
    """The hits as the viewer may see them today, whatever the index remembers."""
    by_id = {gateway.id_of(hit.key): hit for hit in hits}
    profiles = _profiles(by_id, viewer)
    seen = _visible_around(profiles.values(), viewer)
    told = _told(by_id, viewer) if reasons else {}
    described = (
        _described(hit, profiles[pk], seen, told.get(pk), viewer)
        for pk, hit in by_id.items()
        if pk in profiles
    )
    return tuple(one for one in described if one)


def _told(hits: Mapping[int, gateway.Hit], viewer: Viewer) -> dict[int, Told]:
    """What the evidence says now of those whose reasons it gives, by profile."""
    facts = {part: {pk: facts_met(hit, part) for pk, hit in hits.items()} for part in BY_EVIDENCE}
    parts = projects_told(set[int]().union(*facts[PartName.PROJECT].values()), viewer=viewer)
    pairs = {(pk, one) for pk, ids in facts[PartName.EVIDENCE_FIELD].items() for one in ids}
    fields: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for (pk, concept), row in fields_told(pairs, viewer=viewer).items():
        fields[pk][concept] = (row.label_it, row.label_en)
    return {
        pk: Told(
            {
                one: parts[one]
                for one in facts[PartName.PROJECT][pk]
                if one in parts and parts[one].participation.profile_id == pk
            },
            fields[pk],
        )
        for pk in hits
    }


def facts_met(hit: gateway.Hit, wanted: PartName) -> set[int]:
    """The facts of one part of the evidence that a hit's reasons name."""
    met = (one.part for one in hit.reasons if isinstance(one, gateway.MatchReason))
    said = (gateway.said_in(name) for name in met)
    return {fact for part, _language, fact in said if part is wanted}


def _profiles(ids: Iterable[int], viewer: Viewer) -> dict[int, Profile]:
    """The profiles with their small facts, in one query."""
    rows = view_profile.filter(viewer, Profile.objects.filter(pk__in=list(ids)))
    rows = rows.select_related("as_unit__organisation", "as_unit__technopole").annotate(
        seat_rows=rows_of(Seat, "profile"),
        item_rows=rows_of(ProfileItem, "profile"),
        kind_rows=rows_of(KindPeriod, "organisation"),
        field_rows=fields_of(),
    )
    return {profile.pk: profile for profile in rows}


def _visible_around(profiles: Iterable[Profile], viewer: Viewer) -> set[int]:
    """Of the bodies around these profiles, the ids of those that the viewer may see."""
    around = {body.pk: body for profile in profiles for body in _around(profile) if body}
    public = {pk for pk, body in around.items() if body.visibility == Visibility.PUBLIC}
    asked = view_profile.filter(viewer, Profile.objects.filter(pk__in=around.keys() - public))
    return public | set(asked.values_list("pk", flat=True) if around.keys() - public else ())


def _around(profile: Profile) -> tuple[Profile | None, Profile | None]:
    if profile.type != ProfileType.UNIT:
        return None, None
    return profile.as_unit.organisation, profile.as_unit.technopole


def _described(
    hit: gateway.Hit, profile: Profile, seen: set[int], told: Told | None, viewer: Viewer
) -> Found | None:
    """The profile with its reasons; None where all were withdrawn since the index was built.

    Without reasons where `told` is None.
    """
    met = [reason for reason in hit.reasons if isinstance(reason, gateway.MatchReason)]
    near = [reason for reason in hit.reasons if isinstance(reason, gateway.DistanceReason)]
    kind = _kind(profile, viewer)
    language = (get_language() or "it")[:2]
    owner, host = (body if body and body.pk in seen else None for body in _around(profile))
    reasons: tuple[Met, ...] = ()
    if told is not None:
        reasons = reasons_in_words(
            met, texts=_texts(profile), kinds=kind, language=language, told=told
        )
        if met and not reasons:
            return None
    shown, more = few_projects(reasons)
    return Found(
        profile=profile,
        kind=kind,
        towns=_towns(profile, viewer),
        owner=owner,
        host=host,
        score=hit.score,
        met=shown,
        distance_km=hit.distance_km,
        place=near[0].place if near else "",
        inside=bool(near and near[0].inside),
        more_projects=more,
    )


def _kind(profile: Profile, viewer: Viewer) -> str:
    """What the body is today, in words."""
    if profile.type == ProfileType.UNIT:
        return str(profile.as_unit.get_kind_display())
    if profile.type != ProfileType.ORGANISATION:
        return str(profile.get_type_display())
    periods = restored(KindPeriod, vars(profile)["kind_rows"])
    kinds = (Kind(period.kind).label for period in periods if period.holds_on(viewer.today))
    return ", ".join(str(label) for label in kinds)


def _towns(profile: Profile, viewer: Viewer) -> tuple[str, ...]:
    """Where the body is today, the main seat first, each town once."""
    seats = restored(Seat, vars(profile)["seat_rows"])
    present = [seat for seat in seats if seat.municipality and seat.holds_on(viewer.today)]
    present.sort(key=lambda seat: (not seat.is_main, seat.pk))
    return tuple(dict.fromkeys(str(seat.municipality) for seat in present))


def _texts(profile: Profile) -> Texts:
    facts = vars(profile)
    fields = facts["field_rows"] or ()
    texts: Texts = {
        PartName.NAME: [(profile.name, profile.name_en)],
        PartName.FIELD: [(row["concept__label_it"], row["concept__label_en"]) for row in fields],
        PartName.DESCRIPTION: [(profile.description_it, profile.description_en)],
    }
    items = restored(ProfileItem, facts["item_rows"])
    for part, section in SECTIONS.items():
        texts[part] = [(one.text_it, one.text_en) for one in items if one.section == section]
    return texts
