"""Hands the registry to the search engine and brings its answers back."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import override

from trebbo.ecosystem.clusters.models import Cluster, Membership
from trebbo.ecosystem.clusters.policies import IN_THE_CLUSTER
from trebbo.ecosystem.organisations.choices import (
    ItemSection,
    Kind,
    ProfileType,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import Organisation, Profile, Technopole, Unit
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Province, WordPair
from trebbo.engine.search import Concept as LexiconEntry
from trebbo.engine.search import (
    DistanceReason,
    Document,
    Gazetteer,
    Hit,
    IndexBroken,
    IndexBusy,
    IndexMissing,
    IndexStatus,
    Lexicon,
    MatchReason,
    Part,
    Place,
    Point,
    PostgresIndex,
    Query,
    Results,
    SearchIndex,
    Settings,
    TantivyIndex,
    Understanding,
)
from trebbo.engine.search.contracts import Weight
from trebbo.engine.search.stored import dump, load
from trebbo.partnering.introductions.choices import ACCREDITED_NOW, Facet, PartName

__all__ = [
    "DistanceReason",
    "Hit",
    "IndexBroken",
    "IndexBusy",
    "IndexMissing",
    "MatchReason",
    "Query",
    "Results",
    "Understanding",
]

BATCH = 1_000
WORDS_LAST_SECONDS = 15 * 60
FOUND_TYPES = (
    ProfileType.ORGANISATION,
    ProfileType.UNIT,
    ProfileType.TECHNOPOLE,
    ProfileType.CLUSTER,
)
ITEM_PARTS = {
    ItemSection.COMPETENCE: PartName.COMPETENCE,
    ItemSection.EQUIPMENT: PartName.EQUIPMENT,
    ItemSection.SERVICE: PartName.SERVICE,
}
NARROWNESS = {Visibility.PUBLIC: 0, Visibility.NETWORK: 1, Visibility.HIDDEN: 2}
# What `Part.name` says: the part, and in which language it is written.
LANGUAGE_MARK = ":"


def find(query: Query) -> Results:
    """Answer a question. Raises IndexMissing or IndexBroken when there is nothing to read.

    The values of a facet that the question narrows by are counted as if it did not, so that the
    others can be added to those chosen: they are alternatives.
    """
    index, words = _index(), current_words()
    results = index.search(query, *words)
    facets = dict(results.facets)
    for name in query.filters if query.facet_counts else ():
        others = {key: values for key, values in query.filters.items() if key != name}
        wider = replace(query, filters=others, order="title", limit=1, offset=0)
        facets[name] = index.search(wider, *words).facets.get(name, ())
    return replace(results, facets=facets)


def total(query: Query) -> int:
    """How many profiles fit; raises as `find`."""
    counting = replace(query, order="title", limit=1, offset=0, facet_counts=False)
    return _index().search(counting, *current_words()).total


def rebuild(today: date) -> int:
    """Replace the whole index by what the registry says today; returns how many profiles."""
    forget_words()
    with _read_ahead(documents(_indexed_profiles(), today)) as ready:
        return _index().replace_all(ready)


def refresh(profile_ids: Iterable[int], today: date) -> None:
    """Bring the index up to date for these profiles and for those whose text names them.

    Builds the whole index where there is none that can be used.
    """
    index = _index()
    if index.check().state != "ready":
        rebuild(today)
        return
    ids = set(profile_ids)
    ids |= set(_naming(ids).values_list("pk", flat=True))
    found = list(documents(_indexed_profiles().filter(pk__in=ids), today))
    index.put(found)
    index.remove({key_of(pk) for pk in ids} - {document.key for document in found})


def _naming(ids: set[int]) -> QuerySet[Profile]:
    """The profiles whose documents hold words of these ones."""
    return Profile.objects.filter(
        Q(as_unit__organisation__in=ids)
        | Q(as_unit__technopole__in=ids)
        | Q(as_organisation__units__in=ids)
        | Q(as_technopole__units__in=ids)
        | Q(as_technopole__manager__in=ids)
        | Q(memberships__cluster__in=ids)
        | Q(chains__value_chain__cluster__in=ids)
    )


@contextmanager
def _read_ahead(found: Iterable[Document]) -> Iterator[Iterator[Document]]:
    """The documents, read to the end before the first is given.

    PostgreSQL copies them in over the connection that they are read from, and cannot do both.
    """
    with tempfile.TemporaryFile() as spool:
        for document in found:
            spool.write(dump(document).encode() + b"\n")
        spool.seek(0)
        yield (load(line) for line in spool)


def status() -> IndexStatus:
    """Whether the index can be used, and how many profiles it holds."""
    return _index().check()


def expected() -> int:
    """How many profiles the index should hold."""
    return _indexed_profiles().count()


def forget_words() -> None:
    """Read the vocabularies afresh at the next question."""
    _words.cache_clear()


def key_of(profile_id: int) -> str:
    """The engine's key of a profile."""
    return f"profile:{profile_id}"


def id_of(key: str) -> int:
    """The profile of an engine's key."""
    return int(key.removeprefix("profile:"))


def _index() -> SearchIndex:
    chosen = Settings(grace_days=settings.CONFIRMATION_GRACE_DAYS)
    if connection.vendor == "postgresql":
        return PostgresIndex(_postgres, settings=chosen)
    return _embedded(str(settings.SEARCH_FOLDER), chosen)


@contextmanager
def _postgres() -> Iterator[Any]:
    """Lends Django's own connection, so that the index shares its transaction."""
    connection.ensure_connection()
    yield connection.connection


@lru_cache(maxsize=4)
def _embedded(folder: str, chosen: Settings) -> TantivyIndex:
    return TantivyIndex(folder, chosen)


# --- What the registry says, as documents.


def _indexed_profiles() -> QuerySet[Profile]:
    return Profile.objects.filter(type__in=FOUND_TYPES).exclude(visibility=Visibility.HIDDEN)


def documents(profiles: QuerySet[Profile], today: date) -> Iterator[Document]:
    """The profiles as documents, read in batches so that memory stays small."""
    kinds = _kind_words()
    rows = profiles.select_related(
        "as_organisation",
        "as_unit__organisation",
        "as_unit__technopole",
        "as_technopole__manager",
        "as_cluster",
    ).prefetch_related(
        "other_names",
        "items",
        "fields",
        "seats__municipality__province",
        "accreditations",
        "memberships__cluster",
        "chains__value_chain__cluster",
        "specialisations__specialisation",
        "as_organisation__kinds",
        "as_organisation__units",
        "as_technopole__units",
        "as_cluster__value_chains",
    )
    for profile in rows.order_by("pk").iterator(chunk_size=BATCH):
        yield _document(profile, kinds, today)


def _document(profile: Profile, kinds: dict[str, tuple[str, str]], today: date) -> Document:
    parts = list(_own_parts(profile))
    facets = {(Facet.TYPE.value, profile.type)}
    for facet, value, more in _context(profile, kinds, today):
        parts.extend(more)
        if value:
            facets.add((facet, value))
    confirmed = profile.confirmed_at
    return Document(
        key=key_of(profile.pk),
        title=profile.name,
        parts=tuple(part for part in parts if part.text),
        facets=frozenset(facets),
        audiences=frozenset({profile.visibility}),
        points=tuple(_points(profile, today)),
        confirmed_on=timezone.localtime(confirmed).date() if confirmed else None,
        due_on=profile.due_date,
    )


def _own_parts(profile: Profile) -> Iterator[Part]:
    yield from _names(PartName.NAME, profile, "A")
    others = (other.name for other in profile.other_names.all())
    for text in dict.fromkeys((profile.acronym, *others)):
        if text not in (profile.name, profile.name_en):
            yield Part(PartName.NAME.value, text, "any", "A")
    yield from _pair(PartName.DESCRIPTION, profile.description_it, profile.description_en, "C")
    for item in profile.items.all():
        part = ITEM_PARTS[ItemSection(item.section)]
        yield from _pair(part, item.text_it, item.text_en, "B")
    for concept in profile.fields.all():
        yield from _pair(PartName.FIELD, concept.label_it, concept.label_en, "B")


def _context(
    profile: Profile, kinds: dict[str, tuple[str, str]], today: date
) -> Iterator[tuple[str, str, list[Part]]]:
    """What surrounds a profile, as (facet, value, parts)."""
    yield from _identity(profile, kinds, today)
    yield from _clusters(profile, today)
    for seat in profile.seats.all():
        if seat.municipality and seat.holds_on(today):
            place = seat.municipality
            words = Part(PartName.PLACE.value, f"{place.name} {place.province.name_it}", "any", "D")
            yield Facet.PROVINCE.value, place.province_id, [words]
    for link in profile.specialisations.all():
        if link.holds_on(today):
            named = link.specialisation
            words_of = _pair(PartName.SPECIALISATION, named.name_it, named.name_en, "D")
            yield Facet.SPECIALISATION.value, named.slug, words_of
    for concept in profile.fields.all():
        yield Facet.FIELD.value, concept.code, []
    if any(accreditation.holds_on(today) for accreditation in profile.accreditations.all()):
        yield Facet.ACCREDITED.value, ACCREDITED_NOW, []


def _clusters(profile: Profile, today: date) -> Iterator[tuple[str, str, list[Part]]]:
    """The clusters and value chains that a profile belongs to, and a cluster's own."""
    for membership in profile.memberships.all():
        cluster = membership.cluster
        if _goes_on(membership, today) and _may_name(profile, cluster):
            italian = _joined(cluster.name, cluster.field_it)
            english = _joined(cluster.name_en or cluster.name, cluster.field_en)
            yield Facet.CLUSTER.value, cluster.slug, _pair(PartName.CLUSTER, italian, english, "D")
    for link in profile.chains.all():
        chain = link.value_chain
        if link.holds_on(today) and _may_name(profile, chain.cluster):
            italian = _joined(chain.name_it, chain.aim_it)
            english = _joined(chain.name_en, chain.aim_en)
            yield Facet.CHAIN.value, chain.slug, _pair(PartName.CHAIN, italian, english, "D")
    own: Cluster | None = getattr(profile, "as_cluster", None)
    if own:
        yield "", "", _pair(PartName.FIELD, own.field_it, own.field_en, "B")
        for chain in own.value_chains.all():
            if chain.holds_on(today):
                yield "", "", _pair(PartName.CHAIN, chain.name_it, chain.name_en, "C")


def _goes_on(membership: Membership, today: date) -> bool:
    """As the rule `memberships_on`: one that will end still counts until its last day."""
    counts = membership.state in IN_THE_CLUSTER or membership.valid_until is not None
    return counts and membership.holds_on(today)


def _may_name(profile: Profile, other: Profile) -> bool:
    """Whether whoever finds the profile may read of the other one."""
    return NARROWNESS[Visibility(other.visibility)] <= NARROWNESS[Visibility(profile.visibility)]


def _identity(
    profile: Profile, kinds: dict[str, tuple[str, str]], today: date
) -> Iterator[tuple[str, str, list[Part]]]:
    """Kind, and the bodies around it: parent organisation, own units, Technopole."""
    for kind in _kinds_on(profile, today):
        yield Facet.KIND.value, kind, _pair(PartName.KIND, *kinds[kind], "C")
    unit: Unit | None = getattr(profile, "as_unit", None)
    technopole: Technopole | None = getattr(profile, "as_technopole", None)
    organisation: Organisation | None = getattr(profile, "as_organisation", None)
    if unit and _may_name(profile, unit.organisation):
        yield "", "", _named(PartName.ORGANISATION, unit.organisation)
    if unit and unit.technopole and _may_name(profile, unit.technopole):
        host = unit.technopole
        yield Facet.TECHNOPOLE.value, host.slug, _named(PartName.TECHNOPOLE, host)
    if technopole and technopole.manager and _may_name(profile, technopole.manager):
        yield "", "", _named(PartName.ORGANISATION, technopole.manager)
    for owner in (organisation, technopole):
        for own in owner.units.all() if owner else ():
            if _may_name(profile, own):
                yield "", "", _named(PartName.UNIT, own)


def _named(part: PartName, body: Profile) -> list[Part]:
    acronym = f" ({body.acronym})" if body.acronym else ""
    return list(_names(part, body, "D", acronym))


def _names(part: PartName, body: Profile, weight: Weight, more: str = "") -> Iterator[Part]:
    """A body's name and its English one; a name is looked for in whatever language."""
    if body.name_en in ("", body.name):
        yield Part(part.value, f"{body.name}{more}", "any", weight)
        return
    for language, name in (("it", body.name), ("en", body.name_en)):
        yield Part(f"{part.value}{LANGUAGE_MARK}{language}", f"{name}{more}", "any", weight)


def _kinds_on(profile: Profile, today: date) -> list[str]:
    if profile.type == ProfileType.ORGANISATION:
        periods = profile.as_organisation.kinds.all()
        return [period.kind for period in periods if period.holds_on(today)]
    if profile.type == ProfileType.UNIT:
        return [profile.as_unit.kind]
    return [profile.type]


def _kind_words() -> dict[str, tuple[str, str]]:
    """For each kind, all its words in Italian and in English."""
    words: dict[str, tuple[str, str]] = {}
    for choice in (*Kind, *UnitKind, ProfileType.TECHNOPOLE, ProfileType.CLUSTER):
        with override("it"):
            italian = str(choice.label)
        with override("en"):
            english = str(choice.label)
        words[choice.value] = (italian, english)
    # Short for "laboratory" in both languages; as a synonym in questions it would lift those few
    # that have it in their name above all others.
    italian, english = words[UnitKind.LABORATORY]
    words[UnitKind.LABORATORY] = (f"{italian} lab", f"{english} lab")
    for concept in Concept.objects.filter(scheme__code="kinds"):
        italian = f"{concept.label_it} {concept.synonyms_it}".replace("|", " ")
        english = f"{concept.label_en} {concept.synonyms_en}".replace("|", " ")
        words[concept.code] = (italian, english)
    return words


def _points(profile: Profile, today: date) -> Iterator[Point]:
    for seat in profile.seats.all():
        if seat.latitude is not None and seat.longitude is not None and seat.holds_on(today):
            label = seat.municipality.name if seat.municipality else seat.label
            yield Point(seat.latitude, seat.longitude, label)


def _pair(part: PartName, italian: str, english: str, weight: Weight) -> list[Part]:
    return [
        Part(f"{part.value}{LANGUAGE_MARK}it", italian, "it", weight),
        Part(f"{part.value}{LANGUAGE_MARK}en", english, "en", weight),
    ]


def _joined(*texts: str) -> str:
    return ": ".join(text for text in texts if text)


# --- Words and places that questions are made of.


def current_words() -> tuple[Lexicon, Gazetteer]:
    """The words and places that questions are understood with; read afresh every minute."""
    return _words(int(time.monotonic() // WORDS_LAST_SECONDS))


@lru_cache(maxsize=1)
def _words(_period: int) -> tuple[Lexicon, Gazetteer]:
    return Lexicon(_lexicon_entries()), Gazetteer(_places())


def _lexicon_entries() -> Iterator[LexiconEntry]:
    for pair in WordPair.objects.all():
        yield LexiconEntry(pair.code, _phrases(pair.phrases_it), _phrases(pair.phrases_en))
    for concept in Concept.objects.filter(scheme__code__in=("euroscivoc", "kinds", "s3_themes")):
        yield LexiconEntry(
            f"concept-{concept.pk}",
            _phrases(f"{concept.label_it}|{concept.synonyms_it}"),
            _phrases(f"{concept.label_en}|{concept.synonyms_en}"),
        )


def _phrases(joined: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in joined.split("|") if phrase.strip())


def _places() -> Iterator[Place]:
    for town in Municipality.objects.all():
        yield Place((town.name,), town.latitude, town.longitude, "municipality")
    for province in Province.objects.all():
        if province.latitude is not None and province.longitude is not None:
            names = tuple(dict.fromkeys((province.name_it, province.name_en)))
            facet = (Facet.PROVINCE.value, province.code)
            yield Place(names, province.latitude, province.longitude, "province", facet)
    for technopole in Technopole.objects.prefetch_related("seats", "other_names"):
        for seat in technopole.seats.all():
            if seat.latitude is not None and seat.longitude is not None:
                names = (technopole.name, *(other.name for other in technopole.other_names.all()))
                yield Place(names, seat.latitude, seat.longitude, "technopole")
