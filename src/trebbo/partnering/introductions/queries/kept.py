"""Reads kept asks: mine and those shared with my office, each with its shortlist as of now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import QueryDict

from trebbo.ecosystem.clusters.models import Network
from trebbo.ecosystem.clusters.queries import visible_clusters
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import seen_by, view_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import fold, in_language
from trebbo.partnering.introductions.choices import FIRST_PROPOSED, EntryStanding, Facet
from trebbo.partnering.introductions.models import Ask, AskShare, ShortlistEntry
from trebbo.partnering.introductions.policies import edit_ask, edit_shortlist, view_ask
from trebbo.partnering.introductions.queries.answers import Found, answer
from trebbo.partnering.introductions.queries.facets import FacetGroup, facet_groups
from trebbo.partnering.introductions.queries.preferences import not_shown, rows_not_shown
from trebbo.partnering.introductions.queries.questions import Question
from trebbo.partnering.introductions.queries.wishes import extras_in_words

Wishes = dict[str, Any]
"""What a question narrows by: facet to list of values, and extras."""
ASKER = "as"
"""How an address names the body that asks."""
"""Wishes whose value is the id of a profile."""


@dataclass(frozen=True, slots=True)
class Row:
    """One body of the shortlist, as it is now.

    `found` is the body in the present answer, None where it is not among its first. A body whose
    name the viewer may not read, or that is no longer shown in such asks, is not `is_shown`.
    """

    entry: ShortlistEntry
    found: Found | None
    is_new: bool
    is_shown: bool
    busy_until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The shortlist as of now: the rows on it, those dropped, and who would come in with a run.

    `refusal` says why there is no present answer to compare with.
    """

    rows: tuple[Row, ...]
    dropped: tuple[Row, ...]
    coming: tuple[Found, ...]
    refusal: Refusal | None

    @property
    def leaving(self) -> int:
        """How many proposed bodies without a note the present answer does not have."""
        if self.refusal:
            return 0
        return sum(
            row.found is None
            and row.entry.standing == EntryStanding.PROPOSED
            and not row.entry.note
            for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class First:
    """Whom a shortlist may propose, the best first, and the label of the ranking that says so."""

    found: tuple[Found, ...]
    ranking: str


@dataclass(frozen=True, slots=True)
class KeptAsk:
    """One ask: who may do what with it, whom it is shared with, and its wishes in words."""

    ask: Ask
    shares: tuple[AskShare, ...]
    wishes: tuple[FacetGroup, ...]
    extras: tuple[str, ...]
    may_edit: bool
    may_edit_shortlist: bool


def my_asks(*, viewer: Viewer) -> QuerySet[Ask]:
    """The asks that the viewer may see: their own, their bodies' and those shared with them.

    Open ones first, the last changed first; `listed` counts the bodies on the shortlist.
    """
    rows = view_ask.filter(viewer, Ask.objects.select_related("asker", "owner").defer("text"))
    on_list = ShortlistEntry.objects.filter(ask=OuterRef("pk")).order_by().values("ask")
    numbered = on_list.exclude(standing=EntryStanding.DROPPED).annotate(number=Count("pk"))
    counted = Subquery(numbered.values("number"))
    return (
        rows.annotate(listed=Coalesce(counted, 0))
        .prefetch_related(Prefetch("shares", _shares()))
        .order_by(F("closed_at").desc(nulls_first=True), "-changed_at", "-pk")
    )


def kept_ask(ask_id: int, *, viewer: Viewer) -> KeptAsk | None:
    """The ask, if the viewer may see it."""
    rows = view_ask.filter(viewer, Ask.objects.select_related("asker", "owner"))
    ask = rows.filter(pk=ask_id).first()
    if ask is None:
        return None
    may_edit = edit_ask.allows(viewer, ask)
    return KeptAsk(
        ask=ask,
        shares=tuple(_shares().filter(ask=ask)),
        wishes=wishes_in_words(filters_of(ask.wishes), viewer=viewer),
        extras=tuple(words for _key, _value, words in extras_of(ask.wishes, viewer=viewer)),
        may_edit=may_edit,
        may_edit_shortlist=may_edit or edit_shortlist.allows(viewer, ask),
    )


def standing_of(ask: Ask, *, viewer: Viewer) -> Standing:
    """The shortlist of an ask that the viewer may see, joined to what is answered now."""
    entries = list(_entries(ask, viewer))
    found, refusal = _found_now(ask, viewer)
    older = any(ask.ran_at and entry.changed_at < ask.ran_at for entry in entries)
    rows = [_row(entry, ask, found, viewer, older=older) for entry in entries]
    known = {entry.profile_id for entry in entries} | {ask.asker_id}
    return Standing(
        rows=tuple(row for row in rows if row.entry.standing != EntryStanding.DROPPED),
        dropped=tuple(row for row in rows if row.entry.standing == EntryStanding.DROPPED),
        coming=tuple(one for pk, one in found.items() if pk not in known),
        refusal=refusal,
    )


def first_found(ask: Ask, *, viewer: Viewer) -> First:
    """The first of the present answer whom a shortlist may propose; refuses as `answer`."""
    hidden = not_shown(askers_of(ask, viewer), viewer=viewer)
    given = answer(question_of(ask), viewer=viewer)
    found = [
        one
        for one in given.found
        if one.profile.pk not in hidden and one.profile.pk != ask.asker_id
    ]
    return First(tuple(found[:FIRST_PROPOSED]), given.ranking)


def wishes_in_words(
    filters: Mapping[str, tuple[str, ...]], *, viewer: Viewer
) -> tuple[FacetGroup, ...]:
    """The facets that filters narrow by, with their values in words."""
    return facet_groups({}, filters, viewer=viewer) if filters else ()


def wishes_to_choose(
    ask: Ask, filters: Mapping[str, tuple[str, ...]], *, viewer: Viewer
) -> tuple[FacetGroup, ...]:
    """What an ask may be narrowed by: the facets of its present answer, `filters` chosen.

    Only those chosen where there is no answer.
    """
    try:
        found = answer(replace(question_of(ask), filters=filters), viewer=viewer)
    except Refusal:
        return wishes_in_words(filters, viewer=viewer)
    return found.groups


def question_of(ask: Ask) -> Question:
    """The question that an ask puts, for the body that asks: a page is a first shortlist."""
    address = QueryDict(mutable=True)
    for name, value in pairs_of(ask.wishes):
        address.appendlist(name, value)
    if ask.asker:
        address[ASKER] = ask.asker.slug
    address["q"] = ask.text
    return replace(Question.from_address(address), page_size=FIRST_PROPOSED)


def wishes_of(question: Question) -> Wishes:
    """What a question narrows by, as an ask keeps it; who asks is not one of these wishes."""
    address = QueryDict(question.address())
    return {
        name: values if name in Facet.values or len(values) > 1 else values[0]
        for name, values in address.lists()
        if name not in ("q", ASKER)
    }


def pairs_of(wishes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The wishes as pairs of name and value, as in an address."""
    return [
        (name, str(one))
        for name, value in wishes.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def filters_of(wishes: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Of the wishes, the facets with their values."""
    return {
        name: tuple(map(str, values)) for name, values in wishes.items() if name in Facet.values
    }


def extras_of(wishes: Mapping[str, Any], *, viewer: Viewer) -> list[tuple[str, str, str]]:
    """Of the wishes, those that are no facet: name, value, and what they say to this viewer."""
    pairs = [pair for pair in pairs_of(wishes) if pair[0] not in Facet.values]
    words = extras_in_words(pairs, viewer=viewer)
    return [(*pair, words[pair]) for pair in pairs]


def askers_of(ask: Ask, viewer: Viewer) -> Collection[int]:
    """For whom an ask is put: the body it names, else those that the viewer acts for."""
    return [ask.asker_id] if ask.asker_id else list(viewer.mandates)


def possible_askers(slug: str = "", *, viewer: Viewer) -> list[Profile]:
    """The bodies that the viewer acts for; an office may also name another that it sees."""
    named = Q(slug=slug) if slug and viewer.is_office else Q(pk__in=())
    rows = Profile.objects.filter(Q(pk__in=list(viewer.mandates)) | named)
    return list(view_profile.filter(viewer, rows).order_by("sort_name"))


def brokers(shares: Iterable[AskShare], *, viewer: Viewer) -> list[tuple[str, str]]:
    """Offices and agencies that an ask is not yet shared with: a key, such as "cluster-3", a name.

    In one query.
    """
    clusters = visible_clusters(viewer=viewer).order_by()
    networks = Network.objects.order_by()
    rows = clusters.values_list(Value("cluster"), "pk", "name", "name_en").union(
        networks.values_list(Value("network"), "pk", "name_it", "name_en"), all=True
    )
    taken = {broker_key(share) for share in shares}
    found = [(f"{kind}-{pk}", in_language(italian, english)) for kind, pk, italian, english in rows]
    return sorted((pair for pair in found if pair[0] not in taken), key=lambda pair: fold(pair[1]))


def broker_key(share: AskShare) -> str:
    """The key of the broker that an ask is shared with."""
    return f"cluster-{share.cluster_id}" if share.cluster_id else f"network-{share.network_id}"


def _shares() -> QuerySet[AskShare]:
    return AskShare.objects.select_related("cluster", "network").order_by("shared_at", "pk")


def _entries(ask: Ask, viewer: Viewer) -> QuerySet[ShortlistEntry]:
    """The entries in order, each with whether the viewer may be shown it, in one query."""
    hidden = rows_not_shown(askers_of(ask, viewer)).filter(pk=OuterRef("profile"))
    shown = Q(seen_by(viewer, "profile")) & ~Q(Exists(hidden))
    rows = ShortlistEntry.objects.filter(ask=ask).annotate(
        is_shown=Case(When(profile__isnull=True, then=True), When(shown, then=True), default=False)
    )
    related = ("profile__asking_preference", "body", "changed_by")
    return rows.select_related(*related).order_by("position", "pk")


def _row(
    entry: ShortlistEntry, ask: Ask, found: Mapping[int, Found], viewer: Viewer, *, older: bool
) -> Row:
    is_shown = bool(vars(entry)["is_shown"])
    said = getattr(entry.profile, "asking_preference", None)
    until = said.no_capacity_until if said and is_shown else None
    return Row(
        entry=entry,
        found=found.get(entry.profile_id or 0) if is_shown else None,
        is_new=older and _came_last(entry, ask),
        is_shown=is_shown,
        busy_until=until if until and until >= viewer.today else None,
    )


def _found_now(ask: Ask, viewer: Viewer) -> tuple[dict[int, Found], Refusal | None]:
    try:
        found = answer(question_of(ask), viewer=viewer).found
    except Refusal as refusal:
        return {}, refusal
    # Of the body that asks, the answer has thought already.
    several = ask.asker_id is None and len(viewer.mandates) > 1
    hidden = not_shown(viewer.mandates, viewer=viewer) if several else frozenset()
    shown = [one for one in found if one.profile.pk not in hidden]
    return {one.profile.pk: one for one in shown[:FIRST_PROPOSED]}, None


def _came_last(entry: ShortlistEntry, ask: Ask) -> bool:
    return entry.standing == EntryStanding.PROPOSED and entry.changed_at == ask.ran_at
