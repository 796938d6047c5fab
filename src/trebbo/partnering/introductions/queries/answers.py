"""Answers: the profiles that fit a question, among those that the viewer may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import get_language

from trebbo.ecosystem.evidence.queries.words import fields_told, projects_told
from trebbo.ecosystem.organisations.choices import Kind, ProfileType, Visibility
from trebbo.ecosystem.organisations.models import KindPeriod, Profile, ProfileItem, Seat
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.organisations.queries.gathering import fields_of, restored, rows_of
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import SEARCH_LIMIT
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import BY_EVIDENCE, PartName
from trebbo.partnering.introductions.queries.facets import facet_groups
from trebbo.partnering.introductions.queries.languages import language_name
from trebbo.partnering.introductions.queries.matched import Matched, Placed, matched
from trebbo.partnering.introductions.queries.questions import (
    Chip,
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
from trebbo.partnering.introductions.queries.why import (
    Why,
    evidence_in_words,
    facts_in_words,
    projects_behind,
)
from trebbo.partnering.introductions.queries.wishes import (
    LeftOut,
    Relaxed,
    extras_in_words,
    left_out_in_words,
    relaxed,
    wishes_of,
)
from trebbo.sharing.skills.queries.words import competences_told, training_told

MOST_LISTED = 5_000
MOST_MISSING = 5
NOT_READ = gateway.Reading("", "", 0)


@dataclass(frozen=True, slots=True)
class Found:
    """One profile of the answer, what it is, where, and why it is there.

    `owner` and `host` are the unit's organisation and Technopole where the viewer may see them.
    `distance_km` is from `place`, None where it is not known. `more_projects` funded projects fit
    besides those among `met`. `why` are the reasons beside its own words, each with the points that
    the score would lose without it; `words` are the points of its own words, `missing` what was
    asked and is not among them.
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
    why: tuple[Why, ...] = ()
    words: float = 0.0
    missing: tuple[str, ...] = ()
    is_stale: bool = False

    @property
    def points_told(self) -> bool:
        """Whether the points of its reasons are known."""
        return bool(self.why or self.words)

    @property
    def words_weigh_less(self) -> bool:
        """Whether its own words count less because nobody confirmed them lately."""
        return bool(self.words) and self.is_stale

    @property
    def by_evidence(self) -> bool:
        """Whether open data alone speaks for it, nothing that it says of itself."""
        return bool(self.met) and all(one.by_evidence for one in self.met)


@dataclass(frozen=True, slots=True)
class Answer(Paged):
    """The profiles that fit, on one page.

    `left_out` says why some are not there, `relaxed` which wish empties it and what comes without;
    `problem` why a trained ranking was not used, for offices.
    """

    found: tuple[Found, ...]
    asker: Profile | None = None
    reading: gateway.Reading = NOT_READ
    ranking: str = ""
    problem: str = ""
    left_out: tuple[LeftOut, ...] = ()
    wish_words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    relaxed: tuple[Relaxed, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether the search was given only the most telling words of the need."""
        return len(self.question.text) > SEARCH_LIMIT

    @property
    def other_language(self) -> str:
        """The language of the need in words, where it is neither Italian nor English."""
        return language_name(self.reading.other)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What narrows the answer: filters, then the other wishes."""
        wishes = (
            Chip("", self.wish_words[name, value], self.question.address(without=(name, value)))
            for name, value in self.question.extras
        )
        return (*self.filter_chips, *wishes)


@dataclass(frozen=True, slots=True)
class Listing:
    """Many profiles at once, without reasons; `total` counts every one that fits."""

    found: tuple[Found, ...]
    total: int


def answer(question: Question, *, viewer: Viewer) -> Answer:
    """Who can help with `question`, among the profiles that `viewer` may see.

    A page beyond the last gives the last. Refuses a text of more than LONGEST_NEED characters, and
    says so when there is no index.
    """
    asked = bool(question.text or question.like) and not question.browse
    ranked = asked and question.order == "relevance"
    try:
        given = _matched(question, viewer) if ranked else _listed(question, viewer)
        wishes = extras_in_words(question.extras, viewer=viewer, asker=given.asker)
        given = replace(given, wish_words=wishes)
        if not given.total and not question.browse:
            words = {**_filters_in_words(given), **wishes}
            given = replace(given, relaxed=relaxed(question, words, viewer=viewer))
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        raise unavailable() from error
    return given


def _filters_in_words(given: Answer) -> dict[tuple[str, str], str]:
    return {
        (group.name, one.value): f"{group.label}: {one.label}"
        for group in given.groups
        for one in group.chosen
    }


def _listed(question: Question, viewer: Viewer) -> Answer:
    """The answer where no words are given, or by name: in the order of the search."""
    wishes = None if question.browse else wishes_of(question, viewer=viewer)
    query = wishes.query if wishes else engine_query(question, viewer)
    if question.page > 1:
        last = pages_of(question, gateway.total(query))
        question = replace(question, page=min(question.page, last))
        query = replace(query, offset=(question.page - 1) * question.page_size)
    results = gateway.find(query)
    found = _found(results.hits, viewer)
    total = max(0, results.total - (len(results.hits) - len(found)))
    return Answer(
        question=question,
        found=found,
        total=total,
        pages=pages_of(question, total),
        groups=facet_groups(results.facets, question.filters, viewer=viewer),
        understood=results.understood,
        asker=wishes.asker if wishes else None,
    )


def _matched(question: Question, viewer: Viewer) -> Answer:
    """The answer in the order of matching, with what each reason adds."""
    all_of_it = matched(question, viewer=viewer)
    pages = pages_of(question, all_of_it.total)
    question = replace(question, page=min(question.page, pages))
    size = question.page_size
    start = (question.page - 1) * size
    shown = all_of_it.placed[start : start + size]
    found = explained(all_of_it, shown, viewer=viewer)
    if len(shown) < size:
        found += _further(all_of_it, start, size - len(shown), viewer)
    withdrawn = min(size, max(0, all_of_it.total - start)) - len(found)
    total = max(0, all_of_it.total - withdrawn)
    chosen = all_of_it.matching.chosen
    return Answer(
        question=question,
        found=found,
        total=total,
        pages=pages_of(question, total),
        groups=facet_groups(all_of_it.facets, question.filters, viewer=viewer),
        understood=all_of_it.understood,
        asker=all_of_it.wishes.asker,
        reading=all_of_it.matching.reading,
        ranking=chosen.ranking.label,
        problem=chosen.problem if viewer.is_office else "",
        left_out=left_out_in_words(all_of_it.wishes, viewer=viewer) if question.page == 1 else (),
    )


def _further(all_of_it: Matched, start: int, room: int, viewer: Viewer) -> tuple[Found, ...]:
    """Those whose evidence was not looked at, in the order of their words."""
    behind = max(0, start - len(all_of_it.placed))
    query = replace(
        all_of_it.wishes.query,
        offset=all_of_it.by_words + behind,
        limit=room,
        facet_counts=False,
    )
    known = {one.hit.key for one in all_of_it.placed}
    results = gateway.find(query)
    return _found((hit for hit in results.hits if hit.key not in known), viewer)


def explained(all_of_it: Matched, placed: Sequence[Placed], *, viewer: Viewer) -> tuple[Found, ...]:
    """These bodies with every reason in words, as the viewer may see them."""
    hits = {gateway.id_of(hit.key): hit for hit in all_of_it.in_full(placed)}
    found = _found(hits.values(), viewer)
    if not found:
        return ()
    by_id = {gateway.id_of(one.hit.key): one for one in placed}
    keys = {gateway.key_of(one.profile.pk): one.profile.pk for one in found}
    explained_by_key = all_of_it.matching.explained(list(keys))
    shown = {keys[key]: reasons for key, reasons in explained_by_key.items()}
    projects = projects_behind(shown)
    asker = all_of_it.wishes.asker
    weight = all_of_it.matching.chosen.weights.evidence
    told = []
    for one in found:
        place = by_id[one.profile.pk]
        why = [
            *evidence_in_words(
                shown[one.profile.pk], weight, projects, asker=asker.title if asker else ""
            ),
            *facts_in_words(
                place.terms, chains=place.chains, confirmed=one.profile.confirmed_at, viewer=viewer
            ),
        ]
        told.append(
            replace(
                one,
                score=place.score,
                why=tuple(sorted(why, key=lambda reason: -reason.points)),
                words=place.terms.get("words", 0.0),
                is_stale=place.facts.freshness < 1,
                missing=_missing(all_of_it.understood, hits[one.profile.pk]),
            )
        )
    return tuple(told)


def _missing(understood: gateway.Understanding, hit: gateway.Hit) -> tuple[str, ...]:
    """The words and concepts of the question of which nothing was met in what the body says."""
    met = {one.asked for one in hit.reasons if isinstance(one, gateway.MatchReason)}
    asked = [*(one.typed for one in understood.concepts), *understood.words]
    return tuple(word for word in dict.fromkeys(asked) if word not in met)[:MOST_MISSING]


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
    """What evidence, competences and training say now of those whose reasons they give."""
    named = (*BY_EVIDENCE, PartName.COMPETENCE, PartName.TRAINING)
    facts = {part: {pk: facts_met(hit, part) for pk, hit in hits.items()} for part in named}
    parts = projects_told(set[int]().union(*facts[PartName.PROJECT].values()), viewer=viewer)
    pairs = {(pk, one) for pk, ids in facts[PartName.EVIDENCE_FIELD].items() for one in ids}
    fields: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for (pk, concept), row in fields_told(pairs, viewer=viewer).items():
        fields[pk][concept] = (row.label_it, row.label_en)
    competences = _by_profile(competences_told, facts[PartName.COMPETENCE], viewer)
    training = _by_profile(training_told, facts[PartName.TRAINING], viewer)
    return {
        pk: Told(
            {
                one: parts[one]
                for one in facts[PartName.PROJECT][pk]
                if one in parts and parts[one].participation.profile_id == pk
            },
            fields[pk],
            competences[pk],
            training[pk],
        )
        for pk in hits
    }


def _by_profile(
    told: Callable[..., dict[int, tuple[int, str, str]]],
    facts: Mapping[int, set[int]],
    viewer: Viewer,
) -> dict[int, dict[int, tuple[str, str]]]:
    """The words of what was met, in both languages, by profile and id."""
    found: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    met = set[int]().union(*facts.values()) - {0}
    for one, (pk, italian, english) in told(met, viewer=viewer).items():
        found[pk][one] = (italian, english)
    return found


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
