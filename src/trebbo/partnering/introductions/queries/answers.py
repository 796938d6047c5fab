"""Answers: the profiles that fit a question, among those that the viewer may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Kind, ProfileType, Visibility
from trebbo.ecosystem.organisations.models import KindPeriod, Profile, ProfileItem, Seat
from trebbo.ecosystem.organisations.policies import belongs_to_network, view_profile
from trebbo.ecosystem.organisations.queries.gathering import fields_of, restored, rows_of
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import SEARCH_LIMIT, one_line
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import Facet, PartName
from trebbo.partnering.introductions.queries.facets import FacetGroup, facet_groups
from trebbo.partnering.introductions.queries.reasons import (
    SECTIONS,
    Met,
    Texts,
    reasons_in_words,
)

PAGE_SIZE = 20
MOST_PAGES_RANKED = 50
"""Nobody reads further down a ranking; by title one may leaf to the end."""
MOST_LISTED = 5_000
MOST_CHOSEN = 20


class QuestionRefused(Refusal):
    """The question is too long to be a question."""


class AnswerUnavailable(Refusal):
    """There is no index to answer from."""

    status = 503


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks: words, what to narrow by, and which page of the answer."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    order: Literal["relevance", "title"] = "relevance"

    @classmethod
    def from_address(cls, parameters: QueryDict, *, browse: bool = False) -> Self:
        """The question in an address; what makes no sense there is left out, not an error.

        `browse` orders by name when no words are given.
        """
        text = one_line(parameters.get("q", ""))
        page = parameters.get("page", "1")
        chosen = {
            facet.value: tuple(dict.fromkeys(filter(None, parameters.getlist(facet.value))))
            for facet in Facet
        }
        return cls(
            text=text,
            filters={name: values[:MOST_CHOSEN] for name, values in chosen.items() if values},
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
            order="title" if browse and not text else "relevance",
        )

    def address(self, *, without: tuple[str, str] | None = None, words: bool = True) -> str:
        """The question as the query of an address, on its first page.

        Without one (facet, value), or without the words.
        """
        pairs = [("q", self.text)] if self.text and words else []
        pairs += [
            (name, value)
            for name, values in self.filters.items()
            for value in values
            if (name, value) != without
        ]
        return urlencode(pairs)

    @property
    def filters_address(self) -> str:
        """The filters alone, as the query of an address."""
        return self.address(words=False)


@dataclass(frozen=True, slots=True)
class Chip:
    """One value that narrows the answer, and the address of the answer without it."""

    facet: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Found:
    """One profile of the answer, what it is, where, and why it is there.

    `owner` and `host` are the unit's organisation and Technopole where the viewer may see them.
    `distance_km` is from `place`, None where it is not known.
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


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer on one page; `total` counts every profile that fits, `pages` those shown."""

    question: Question
    found: tuple[Found, ...]
    total: int
    pages: int
    groups: tuple[FacetGroup, ...]
    understood: gateway.Understanding

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What narrows the answer, each to be taken away."""
        return tuple(
            Chip(group.label, value.label, self.question.address(without=(group.name, value.value)))
            for group in self.groups
            for value in group.chosen
        )

    @property
    def previous(self) -> int:
        """The page before this one."""
        return self.question.page - 1

    @property
    def next(self) -> int:
        """The page after this one."""
        return self.question.page + 1

    @property
    def first_rank(self) -> int:
        """The place of the first profile of this page in the whole answer."""
        return (self.question.page - 1) * PAGE_SIZE + 1

    @property
    def cut(self) -> bool:
        """Whether more profiles fit than can be leafed through."""
        return self.total > self.pages * PAGE_SIZE


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
            last = _pages(question, gateway.total(query))
            question = replace(question, page=min(question.page, last))
            query = engine_query(question, viewer)
        results = gateway.find(query)
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        raise _unavailable() from error
    found = _found(results.hits, viewer)
    total = max(0, results.total - (len(results.hits) - len(found)))
    return Answer(
        question=question,
        found=found,
        total=total,
        pages=_pages(question, total),
        groups=facet_groups(results.facets, question.filters, viewer=viewer),
        understood=results.understood,
    )


def listing(question: Question, *, viewer: Viewer, most: int = MOST_LISTED) -> Listing:
    """The first `most` profiles that fit, in one go; refuses as `answer`."""
    query = replace(engine_query(question, viewer), offset=0, limit=most, facet_counts=False)
    try:
        results = gateway.find(query)
    except (gateway.IndexMissing, gateway.IndexBroken) as error:
        raise _unavailable() from error
    return Listing(_found(results.hits, viewer), results.total)


def _pages(question: Question, total: int) -> int:
    pages = max(1, -(-total // PAGE_SIZE))
    return pages if question.order == "title" else min(pages, MOST_PAGES_RANKED)


def _unavailable() -> AnswerUnavailable:
    return AnswerUnavailable(_("The search index is being prepared. Try again in a minute."))


def engine_query(question: Question, viewer: Viewer) -> gateway.Query:
    """The question as the engine takes it; refuses a text of more than SEARCH_LIMIT characters."""
    if len(question.text) > SEARCH_LIMIT:
        raise QuestionRefused(
            _(
                "The question has %(length)s characters; the limit is %(limit)s. "
                "Keep the words that matter most."
            )
            % {"length": len(question.text), "limit": SEARCH_LIMIT}
        )
    audiences = {Visibility.PUBLIC.value}
    if belongs_to_network(viewer):
        audiences.add(Visibility.NETWORK.value)
    return gateway.Query(
        today=viewer.today,
        text=question.text,
        filters={name: tuple(values) for name, values in question.filters.items() if values},
        audiences=frozenset(audiences),
        limit=PAGE_SIZE,
        offset=(max(1, question.page) - 1) * PAGE_SIZE,
        order=question.order,
    )


def _found(hits: Iterable[gateway.Hit], viewer: Viewer) -> tuple[Found, ...]:
    """The hits as the viewer may see them today, whatever the index remembers."""
    by_id = {gateway.id_of(hit.key): hit for hit in hits}
    profiles = _profiles(by_id, viewer)
    seen = _visible_around(profiles.values(), viewer)
    return tuple(
        _described(hit, profiles[pk], seen, viewer) for pk, hit in by_id.items() if pk in profiles
    )


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


def _described(hit: gateway.Hit, profile: Profile, seen: set[int], viewer: Viewer) -> Found:
    met = [reason for reason in hit.reasons if isinstance(reason, gateway.MatchReason)]
    near = [reason for reason in hit.reasons if isinstance(reason, gateway.DistanceReason)]
    kind = _kind(profile, viewer)
    owner, host = (body if body and body.pk in seen else None for body in _around(profile))
    return Found(
        profile=profile,
        kind=kind,
        towns=_towns(profile, viewer),
        owner=owner,
        host=host,
        score=hit.score,
        met=reasons_in_words(
            met, texts=_texts(profile), kinds=kind, language=(get_language() or "it")[:2]
        ),
        distance_km=hit.distance_km,
        place=near[0].place if near else "",
        inside=bool(near and near[0].inside),
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
