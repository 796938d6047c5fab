"""Asks the search engine and keeps its two indexes: the registry's, and that of bodies outside.

Two, because what open data adds about others must not change how the network's own are ranked,
counted or how quickly they are found.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.evidence.queries.words import outside_bodies
from trebbo.ecosystem.organisations.models import Profile
from trebbo.engine.search import (
    Document,
    IndexStatus,
    PostgresIndex,
    Query,
    Results,
    SearchIndex,
    Settings,
    TantivyIndex,
)
from trebbo.engine.search.stored import dump, load
from trebbo.partnering.introductions.gateway.bodies import body_documents, key_of_body
from trebbo.partnering.introductions.gateway.matching import rebuild_matching, refresh_matching
from trebbo.partnering.introductions.gateway.profiles import documents, indexed_profiles, key_of
from trebbo.partnering.introductions.gateway.words import current_words, forget_words

OUTSIDE_TABLES = "trebbo_outside"
OUTSIDE_FOLDER = "outside"


def find(query: Query) -> Results:
    """Answer a question. Raises IndexMissing or IndexBroken when there is nothing to read.

    The values of a facet that the question narrows by are counted as if it did not, so that the
    others can be added to those chosen: they are alternatives.
    """
    return _find(_index(), query)


def find_outside(query: Query) -> Results:
    """Answer a question by the bodies outside the registry; as `find`."""
    return _find(_outside_index(), query)


def total(query: Query) -> int:
    """How many profiles fit; raises as `find`."""
    return _total(_index(), query)


def total_outside(query: Query) -> int:
    """How many bodies outside the registry fit; raises as `find`."""
    return _total(_outside_index(), query)


def rebuild(today: date) -> int:
    """Replace both indexes and the table of works by what the database says today.

    Returns how many profiles there are.
    """
    forget_words()
    with _read_ahead(documents(indexed_profiles(), today)) as ready:
        profiles = _index().replace_all(ready)
    rebuild_outside()
    rebuild_matching(today)
    return profiles


def rebuild_outside() -> int:
    """Replace the index of the bodies outside the registry; returns how many there are.

    Builds none where the evidence knows nobody.
    """
    index = _outside_index()
    if not Body.objects.exists() and index.check().state == "missing":
        return 0
    with _read_ahead(body_documents(outside_bodies())) as ready:
        return index.replace_all(ready)


def refresh(profile_ids: Iterable[int], today: date) -> None:
    """Bring the index up to date for these profiles and for those whose text names them.

    Builds the whole index where there is none that can be used.
    """
    ids = set(profile_ids)
    _refresh(ids | set(_naming(ids).values_list("pk", flat=True)), today)


def refresh_evidence(profile_ids: Iterable[int], today: date) -> None:
    """Bring up to date what the evidence says of these profiles, and the bodies linked to them."""
    ids = set(profile_ids)
    _refresh(ids, today)
    refresh_matching(ids)
    linked = Body.objects.filter(links__profile__in=ids)
    keys = set(linked.values_list("pk", flat=True))
    index = _outside_index()
    if not keys or index.check().state != "ready":
        return
    found = list(body_documents(outside_bodies().filter(pk__in=keys)))
    index.put(found)
    index.remove({key_of_body(pk) for pk in keys} - {document.key for document in found})


def _refresh(ids: set[int], today: date) -> None:
    index = _index()
    if index.check().state != "ready":
        rebuild(today)
        return
    found = list(documents(indexed_profiles().filter(pk__in=ids), today))
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


def status() -> IndexStatus:
    """Whether the index can be used, and how many profiles it holds."""
    return _index().check()


def outside_status() -> IndexStatus:
    """Whether the index of bodies outside the registry can be used, and how many it holds."""
    return _outside_index().check()


def expected() -> int:
    """How many profiles the index should hold."""
    return indexed_profiles().count()


def _find(index: SearchIndex, query: Query) -> Results:
    words = current_words()
    results = index.search(query, *words)
    facets = dict(results.facets)
    for name in query.filters if query.facet_counts else ():
        others = {key: values for key, values in query.filters.items() if key != name}
        wider = replace(query, filters=others, order="title", limit=1, offset=0)
        facets[name] = index.search(wider, *words).facets.get(name, ())
    return replace(results, facets=facets)


def _total(index: SearchIndex, query: Query) -> int:
    counting = replace(query, order="title", limit=1, offset=0, facet_counts=False)
    return index.search(counting, *current_words()).total


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


def _index() -> SearchIndex:
    if connection.vendor == "postgresql":
        return PostgresIndex(_postgres, settings=_settings())
    return _embedded(str(settings.SEARCH_FOLDER), _settings())


def _outside_index() -> SearchIndex:
    if connection.vendor == "postgresql":
        return PostgresIndex(_postgres, OUTSIDE_TABLES, _settings())
    return _embedded(str(Path(settings.SEARCH_FOLDER) / OUTSIDE_FOLDER), _settings())


def _settings() -> Settings:
    return Settings(grace_days=settings.CONFIRMATION_GRACE_DAYS)


@contextmanager
def _postgres() -> Iterator[Any]:
    """Lends Django's own connection, so that the index shares its transaction."""
    connection.ensure_connection()
    yield connection.connection


@lru_cache(maxsize=8)
def _embedded(folder: str, chosen: Settings) -> TantivyIndex:
    return TantivyIndex(folder, chosen)
