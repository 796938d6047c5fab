"""Wishes of an ask beside its filters: who asks, how near, whom never to show, what to have."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from trebbo.ecosystem.organisations.choices import ItemSection
from trebbo.ecosystem.organisations.models import Profile, ProfileItem, Unit, holding_on
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.models import AskingPreference
from trebbo.partnering.introductions.queries.preferences import not_shown
from trebbo.partnering.introductions.queries.questions import Question, engine_query

Wish = tuple[str, str]
"""A filter or wish as an address says it: name and value."""
MOST_NAMES = 5
NAMING = ("as", "like", "not")
WHY_NOT: Mapping[str, str | Promise] = {
    "not_shown": gettext_lazy("asked not to be shown, or is kept apart from a competitor"),
    "busy": gettext_lazy("has no free capacity at present"),
    "met": gettext_lazy("worked with the asker before"),
    "unliked": gettext_lazy("was set aside for this ask"),
}
WISH_LABELS: Mapping[str, str | Promise] = {
    "as": pgettext_lazy("wish", "Asked for"),
    "km": pgettext_lazy("wish", "At most"),
    "new": pgettext_lazy("wish", "New partners only"),
    "equipment": pgettext_lazy("wish", "With equipment"),
    "like": pgettext_lazy("wish", "More like"),
    "not": pgettext_lazy("wish", "Not"),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """A question's wishes as the engine takes them: the query, and keys left out by reason."""

    query: gateway.Query
    asker: Profile | None
    left_out: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why some are not there though they fit; names for those who broker."""

    reason: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A wish without which somebody fits: what it says, how many, and the question without it."""

    label: str
    count: int
    address: str


def asker_of(question: Question, *, viewer: Viewer) -> Profile | None:
    """On whose behalf the viewer asks: the one named if they may, else the only one they act for.

    Offices may ask for any body that they see.
    """
    rows = view_profile.filter(viewer, Profile.objects.all())
    if question.asker:
        named = rows.filter(slug=question.asker)
        return (named if viewer.is_office else named.filter(pk__in=list(viewer.mandates))).first()
    if len(viewer.mandates) == 1 and not viewer.is_office:
        return rows.filter(pk__in=list(viewer.mandates)).first()
    return None


def askers_to_choose(*, viewer: Viewer) -> tuple[Profile, ...]:
    """Those for whom the viewer may ask by mandate, where there is a choice."""
    if len(viewer.mandates) < 2:
        return ()
    rows = view_profile.filter(viewer, Profile.objects.filter(pk__in=list(viewer.mandates)))
    return tuple(rows.order_by("sort_name"))


def wishes_of(question: Question, *, viewer: Viewer) -> Wishes:
    """Read the wishes; refuses as `engine_query`."""
    query = engine_query(question, viewer)
    asker = asker_of(question, viewer=viewer)
    left_out = _left_out(question, asker, viewer)
    if question.km and asker and (place := _place_of(asker, viewer)):
        query = replace(query, near=place, radius_km=float(question.km))
    if question.equipment:
        query = replace(query, only=_equipped(question.equipment))
    return Wishes(
        replace(query, without=frozenset[str]().union(*left_out.values())), asker, left_out
    )


def _left_out(
    question: Question, asker: Profile | None, viewer: Viewer
) -> dict[str, frozenset[str]]:
    own = _own(asker) if asker else frozenset()
    silent, busy = _preferring(viewer)
    apart = not_shown([asker.pk], viewer=viewer) if asker else silent
    groups = {
        # Who did not say on whose behalf they ask may well be looking for their own laboratory.
        "self": own if question.asker else frozenset(),
        "not_shown": apart - own,
        "busy": busy - own,
        "unliked": frozenset(question.unlike),
    }
    keys = {name: frozenset(map(gateway.key_of, ids)) for name, ids in groups.items() if ids}
    if question.new and asker:
        keys["met"] = gateway.partners_of(own)
    return keys


def _preferring(viewer: Viewer) -> tuple[frozenset[int], frozenset[int]]:
    """Those who asked not to be shown, and those without capacity today; one query."""
    rows = AskingPreference.objects.filter(
        Q(is_silent=True) | Q(no_capacity_until__gte=viewer.today)
    )
    said = list(rows.values_list("profile_id", "is_silent"))
    return (
        frozenset(pk for pk, silent in said if silent),
        frozenset(pk for pk, silent in said if not silent),
    )


def _own(asker: Profile) -> frozenset[int]:
    """The asker, its units, and the organisation that it is a unit of."""
    rows = Unit.objects.filter(Q(organisation=asker.pk) | Q(pk=asker.pk))
    pairs = rows.values_list("pk", "organisation_id")
    owners = {owner for pk, owner in pairs if pk == asker.pk}
    return frozenset({asker.pk, *owners, *(pk for pk, owner in pairs if owner == asker.pk)})


def _place_of(asker: Profile, viewer: Viewer) -> gateway.Place | None:
    seat = (
        asker.seats.filter(holding_on(viewer.today), latitude__isnull=False)
        .order_by("-is_main", "pk")
        .first()
    )
    if seat is None or seat.latitude is None or seat.longitude is None:
        return None
    return gateway.Place((asker.title,), seat.latitude, seat.longitude)


def _equipped(words: str) -> frozenset[str]:
    """Keys of the profiles that name equipment with all of these words, in either language."""
    ways = gateway.ways_to_say(words)
    found = reduce(lambda one, other: one | other, (_says(way) for way in ways), Q(pk__in=()))
    rows = ProfileItem.objects.filter(found, section=ItemSection.EQUIPMENT)
    return frozenset(map(gateway.key_of, rows.values_list("profile_id", flat=True)))


def _says(stems: Iterable[str]) -> Q:
    condition = Q()
    for stem in stems:
        condition &= Q(text_it__icontains=stem) | Q(text_en__icontains=stem)
    return condition


def left_out_in_words(wishes: Wishes, *, viewer: Viewer) -> tuple[LeftOut, ...]:
    """Who would fit but for a reason; only brokers read names, and of the silent only the agency's
    and clusters' offices read anything at all."""
    told = []
    for reason, keys in wishes.left_out.items():
        if reason not in WHY_NOT or (reason == "not_shown" and not viewer.is_office):
            continue
        query = replace(
            wishes.query, without=frozenset(), only=keys, limit=MOST_NAMES, facet_counts=False
        )
        results = gateway.find(query)
        if results.total:
            names = tuple(hit.title for hit in results.hits) if viewer.is_office else ()
            told.append(LeftOut(str(WHY_NOT[reason]), results.total, names))
    return tuple(told)


def relaxed(
    question: Question, words: Mapping[Wish, str], *, viewer: Viewer
) -> tuple[Relaxed, ...]:
    """Each filter and wish without which somebody fits, the most fruitful first; `words` say them.

    Who asks, and more of whom, narrow nothing.
    """
    found = []
    for name, value in (wish for wish in words if wish[0] not in ("as", "like")):
        wider = question.without(name, value)
        total = gateway.total(wishes_of(wider, viewer=viewer).query)
        if total:
            found.append(Relaxed(words[name, value], total, wider.address()))
    return tuple(sorted(found, key=lambda one: -one.count))


def extras_in_words(
    wishes: Collection[Wish], *, viewer: Viewer, asker: Profile | None = None
) -> dict[Wish, str]:
    """What each wish beside the filters says; a body is named only if the viewer may see it.

    One query where any names a body other than `asker`, who is known already.
    """
    titles = {asker.slug: asker.title} if asker else {}
    named = {value for name, value in wishes if name in NAMING} - titles.keys()
    if named:
        numbers = [int(value) for value in named if value.isdecimal()]
        rows = Profile.objects.filter(Q(pk__in=numbers) | Q(slug__in=named))
        for profile in view_profile.filter(viewer, rows):
            titles |= dict.fromkeys((profile.slug, str(profile.pk)), profile.title)
    return {(name, value): _in_words(name, value, titles) for name, value in wishes}


def _in_words(name: str, value: str, titles: Mapping[str, str]) -> str:
    label = str(WISH_LABELS[name])
    if name == "new":
        return label
    if name == "km":
        return _("At most %(km)s km away") % {"km": value}
    if name in NAMING:
        return f"{label}: {titles.get(value) or _('A body that is not shown here')}"
    return f"{label}: {value}"
