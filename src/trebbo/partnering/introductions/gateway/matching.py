"""Asks the matching engine: its table, its ranking, candidates and the reasons for them."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.utils import timezone

from trebbo.engine.matching.asking import Asked
from trebbo.engine.matching.contracts import EvidenceReason, MatchingError, Need, RankingUnfit
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.floors import Floor, with_floors
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import LearnedRanking, PlainRanking, Ranking
from trebbo.engine.matching.reading import Reading, read
from trebbo.engine.matching.sentences import SentenceModel, SentenceModelUnusable
from trebbo.engine.matching.storing import Stored, dump, load, with_parts
from trebbo.engine.matching.terms import frequent_words, terms_of
from trebbo.engine.matching.weighing import DEFAULT_WEIGHTS, FRESHNESS, Facts, Weights, nearness
from trebbo.engine.matching.weighing import terms_of as weighed_terms
from trebbo.partnering.introductions.gateway.profiles import key_of
from trebbo.partnering.introductions.gateway.words import current_words
from trebbo.partnering.introductions.gateway.works import evidence_on, parts_of
from trebbo.partnering.introductions.models import MatchingTable, TrainedRanking

__all__ = [
    "FRESHNESS",
    "EvidenceReason",
    "Facts",
    "Floor",
    "Reading",
    "SentenceModelUnusable",
    "Weights",
    "nearness",
    "weighed_terms",
    "with_floors",
]

WORKS = "works"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ranking in use, its weights, and why a trained one is not, if so."""

    ranking: Ranking
    weights: Weights
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: int
    history: History
    model: str


_lock = Lock()
_held: _Held | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """A need read against all works: who may help, and why. Keys are those of the search."""

    chosen: Chosen
    reading: Reading
    _asked: Asked | None

    def ranked(self, also: Iterable[str], *, prefix: str, most: int) -> dict[str, float]:
        """Evidence points by key: of `also`, and of the best others of whom a work fits the need.

        Those others are limited to keys that begin with `prefix`.
        """
        asked = self._asked
        if asked is None:
            return {}
        wanted = set(also)
        fitting = asked.fitting
        number = asked.history.corpus.number_of
        found = asked.ranked(also=wanted)
        best = (
            one
            for one in found
            if one.key not in wanted and one.key.startswith(prefix) and fitting[number[one.key]]
        )
        kept = [*islice(best, most), *(one for one in found if one.key in wanted)]
        return {one.key: one.points for one in kept}

    def explained(self, keys: Sequence[str]) -> dict[str, tuple[EvidenceReason, ...]]:
        """Why the evidence speaks for each body."""
        return self._asked.explained_all(keys) if self._asked else dict.fromkeys(keys, ())


def match(text: str, *, asker: int | None, liked: Collection[int] = ()) -> Matching:
    """Read a need against the works; with nothing to read them from, nobody is found by them.

    `asker` is the profile on whose behalf it is asked; `liked` are profiles to find more of.
    """
    stamp, ranking = _in_use()
    held = _works(stamp)
    chosen = _chosen(ranking)
    reading = read(text)
    if held is None or not held.history.is_known.any():
        return Matching(chosen, reading, None)
    history = held.history
    lexicon, _places = current_words()
    terms = terms_of(text, "en" if reading.language == "en" else "it", lexicon)
    for profile in liked:
        for term, weight in _terms_of_body(history, key_of(profile)).items():
            terms[term] = terms.get(term, 0.0) + weight
    meaning = _meaning_of(text, held.model)
    need = Need(terms, key_of(asker) if asker else "", meaning=meaning)
    return Matching(chosen, reading, Asked.of(history, chosen.ranking, need))


def partners_of(profiles: Iterable[int]) -> frozenset[str]:
    """Keys of all that any of the profiles ever shared a work with."""
    held = _works(_in_use()[0])
    if held is None:
        return frozenset()
    history = held.history
    number = history.corpus.number_of
    rows = {number[key] for key in map(key_of, profiles) if key in number}
    met = {
        int(one)
        for row in rows
        for work in history.works_of(row)
        for one in history.bodies_of(work)
    }
    return frozenset(history.corpus.bodies[one] for one in met - rows)


def current_ranking() -> Chosen:
    """The trained ranking where there is one that fits, else the transparent one."""
    return _chosen(_in_use()[1])


def _in_use() -> tuple[int | None, int | None]:
    """The stamp of the table and the key of the trained ranking, as they are now; one query."""
    tables = MatchingTable.objects.filter(name=WORKS).order_by()
    rankings = TrainedRanking.objects.filter(is_present=True).order_by()
    rows = tables.values_list(Value("table"), "stamp").union(
        rankings.values_list(Value("ranking"), "pk")
    )
    found = dict(rows)
    return found.get("table"), found.get("ranking")


@lru_cache(maxsize=2)
def _chosen(pk: int | None) -> Chosen:
    row = TrainedRanking.objects.filter(pk=pk).first() if pk else None
    if row is None:
        return Chosen(PlainRanking(), DEFAULT_WEIGHTS)
    weights = Weights.of(row.weights)
    if row.problem or not row.booster:
        return Chosen(PlainRanking(), weights, row.problem)
    try:
        return Chosen(LearnedRanking.loads(row.booster), weights)
    except RankingUnfit as error:
        return Chosen(PlainRanking(), weights, error.message)


def forget_matching() -> None:
    """Read works, ranking and sentence model afresh at the next ask."""
    global _held  # noqa: PLW0603
    _held = None
    _chosen.cache_clear()
    sentence_model.cache_clear()


def rebuild_matching(today: date) -> int:
    """Replace the table by what the evidence says today; how many works it holds."""
    evidence = evidence_on(today)
    corpus = Corpus.of(evidence)
    directions = History.of(corpus, _after(today)).directions
    model = sentence_model()
    sentences = None
    if model is not None:
        texts = {work.key: work.text for work in evidence.works}
        sentences = model.encode([texts[key] for key in corpus.works])
    _write(Stored(corpus, directions, sentences, model.fingerprint if model else ""))
    return len(corpus.works)


def refresh_matching(profile_ids: Collection[int]) -> None:
    """Bring the parts of these profiles up to date, at once."""
    with transaction.atomic():
        row = MatchingTable.objects.select_for_update().filter(name=WORKS).first()
        if row is None:
            return
        try:
            stored = load(bytes(row.content))
        except MatchingError:
            return  # the next rebuild replaces it
        _write(replace(stored, corpus=with_parts(stored.corpus, parts_of(profile_ids))))


def _write(stored: Stored) -> None:
    MatchingTable.objects.update_or_create(
        name=WORKS,
        defaults={
            "stamp": time.time_ns(),
            "content": dump(stored),
            "written_at": timezone.now(),
        },
    )


def matching_status() -> tuple[str, int]:
    """("ready", works), ("missing", 0) or ("broken", 0)."""
    row = MatchingTable.objects.filter(name=WORKS).first()
    if row is None:
        return "missing", 0
    try:
        return "ready", len(load(bytes(row.content)).corpus.works)
    except MatchingError:
        return "broken", 0


def _works(stamp: int | None) -> _Held | None:
    """The works as this process holds them, read again when they changed."""
    global _held  # noqa: PLW0603
    if stamp is None:
        return None
    held = _held
    if held is None or held.stamp != stamp:
        with _lock:
            held = _held
            if held is None or held.stamp != stamp:
                row = MatchingTable.objects.get(name=WORKS)
                try:
                    stored = load(bytes(row.content))
                except MatchingError:
                    return None
                day = _after(timezone.localtime(row.written_at).date())
                history = History.of(stored.corpus, day, stored.directions, stored.sentences)
                _held = held = _Held(stamp, history, stored.model)
    return held


@lru_cache(maxsize=1)
def sentence_model() -> SentenceModel | None:
    """The model that TREBBO_SENTENCE_MODEL names; None without one. Raises where it is unusable."""
    folder = settings.SENTENCE_MODEL
    return SentenceModel.load(Path(folder)) if folder else None


def _meaning_of(text: str, fingerprint: str) -> tuple[float, ...]:
    """The text by the model that read the works; nothing where it was another, or none."""
    model = sentence_model() if fingerprint else None
    if model is None or model.fingerprint != fingerprint:
        return ()
    return tuple(map(float, model.encode([text])[0]))


def _after(day: date) -> int:
    """The day after, as histories count days: what was signed today is known."""
    return day.toordinal() + 1


def _terms_of_body(history: History, key: str) -> Mapping[str, float]:
    """The words that tell most of what a body did."""
    row = history.corpus.number_of.get(key)
    if row is None:
        return {}
    works = history.works_of(row)[-20:]
    weights = np.asarray(history.vectors[works].sum(axis=0)).ravel()
    terms = history.corpus.terms
    return {terms[at]: 2.0 * float(weights[at]) for at in weights.argsort()[::-1][:60]
            if weights[at] > 0}  # fmt: skip


def telling_words(text: str, most: int) -> str:
    """The words that a long text says most often, as one line."""
    return " ".join(frequent_words(text, most))
