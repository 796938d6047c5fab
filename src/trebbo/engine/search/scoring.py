"""The score of a document and the reasons for it, the same for every store.

Text: BM25F, that is BM25 over term frequencies weighted by the part they stand in (Robertson and
Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009), with the constants and
the one-byte document lengths that Tantivy fixes. It is multiplied by a factor for distance when
a place is asked for, and by a factor for freshness.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import exp, log

from trebbo.engine.search.analysis import (
    PAIR,
    Token,
    beginning_of,
    normalise,
    pairs_of,
    read_plainly,
    sightings,
    tokens_of,
)
from trebbo.engine.search.contracts import (
    WEIGHTS,
    DistanceReason,
    Document,
    Freshness,
    FreshnessReason,
    Hit,
    Language,
    MatchReason,
    Part,
    Place,
    Query,
    Reason,
    Weight,
)
from trebbo.engine.search.geography import nearest
from trebbo.engine.search.settings import DEFAULTS, Settings
from trebbo.engine.search.understanding import Alternative, Group, Plan, is_pair

_K1, _B = 1.2, 0.75  # fixed by Tantivy
_TEXTS_KEPT = 16_384  # texts whose words are remembered while an index is built


@dataclass(frozen=True, slots=True)
class Weighed:
    """The terms of a document with their weighted frequencies, words apart from pairs."""

    words: dict[str, int]
    pairs: dict[str, int]
    words_length: int
    pairs_length: int
    classes: dict[str, Weight] = field(default_factory=dict)

    def frequency(self, term: str) -> int:
        """The weighted frequency of a term; 0 when the document lacks it."""
        return (self.pairs if is_pair(term) else self.words).get(term, 0)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs to know of the collection."""

    documents: int
    average_words: float
    average_pairs: float
    holding: Callable[[str], int]

    def score(self, term: str, frequency: int, length: int) -> float:
        """The BM25 score of a term with this weighted frequency in a document of this length."""
        if not frequency:
            return 0.0
        holding = min(self.holding(term), self.documents)
        rarity = log(1 + (self.documents - holding + 0.5) / (holding + 0.5))
        average = (self.average_pairs if is_pair(term) else self.average_words) or 1.0
        norm = _K1 * (1 - _B + _B * stored_length(length) / average)
        return rarity * (_K1 + 1) * frequency / (frequency + norm)


def stored_length(length: int) -> int:
    """A length as one byte keeps it: exact below 40, then to four significant bits (Lucene)."""
    if length < 40:
        return length
    shift = (length - 24).bit_length() - 4
    return ((length - 24) >> shift << shift) + 24


def weigh(parts: Iterable[Part], settings: Settings) -> Weighed:
    """The weighted terms of a document.

    Stop words count in names only. Beyond `document_bytes` of distinct terms the rest is left
    out, the least weighty parts first.
    """
    words: dict[str, int] = {}
    pairs: dict[str, int] = {}
    classes: dict[str, Weight] = {}
    room = settings.document_bytes
    for part in sorted(parts, key=lambda part: part.weight):
        weight = settings.weights[WEIGHTS.index(part.weight)]
        counted = _frequencies(part.text, part.language, named=part.weight == "A")
        for table, counts in zip((words, pairs), counted, strict=True):
            for term, count in counts:
                if term not in table:
                    room -= len(term.encode())
                    if room < 0:
                        continue
                    classes[term] = part.weight
                table[term] = table.get(term, 0) + weight * min(count, settings.repeat_cap)
    return Weighed(words, pairs, sum(words.values()), sum(pairs.values()), classes)


@lru_cache(maxsize=_TEXTS_KEPT)
def _frequencies(
    text: str, language: Language, *, named: bool
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """How often each word and each pair stands in a text; many documents share their texts."""
    tokens = tokens_of(normalise(text), language)
    words: dict[str, int] = {}
    pairs: dict[str, int] = {}
    for token in tokens:
        if token.stop and not named:
            continue
        for stem in token.stems:
            words[stem] = words.get(stem, 0) + 1
    for term, _, _ in pairs_of(tokens):
        pairs[term] = pairs.get(term, 0) + 1
    return tuple(words.items()), tuple(pairs.items())


def best_alternative(
    group: Group, weighed: Weighed, statistics: Statistics
) -> tuple[float, Alternative | None]:
    """The best way a document meets a group and its score; (0, None) when it does not."""
    lengths = (weighed.words_length, weighed.pairs_length)
    best: tuple[float, Alternative | None] = (0.0, None)
    for way in group.alternatives:
        if not all(weighed.frequency(term) for term in way.terms):
            continue
        score = way.factor * sum(
            statistics.score(term, weighed.frequency(term), lengths[is_pair(term)])
            for term in way.terms
        )
        if best[1] is None or score > best[0]:
            best = (score, way)
    return best


def text_score(plan: Plan, weighed: Weighed, statistics: Statistics) -> float | None:
    """The text score of a document; None when it meets fewer groups than required."""
    met = [best_alternative(group, weighed, statistics) for group in plan.groups]
    if sum(way is not None for _, way in met) < plan.required:
        return None
    return sum(score for score, _ in met)


def full_score(plan: Plan, statistics: Statistics) -> float:
    """The text score of a document that says every group once among its competences.

    A yardstick that hangs on the question and the collection, not on who was found.
    """
    lengths = (statistics.average_words, statistics.average_pairs)
    return sum(
        max(
            (
                way.factor
                * sum(
                    statistics.score(term, DEFAULTS.weights[1], round(lengths[is_pair(term)]))
                    for term in way.terms
                )
                for way in group.alternatives
            ),
            default=0.0,
        )
        for group in plan.groups
    )


def freshness_of(
    confirmed_on: date | None, due_on: date | None, query: Query, grace: int
) -> Freshness:
    """The freshness on the day of the question; stale once overdue by more than the grace days."""
    if confirmed_on is None:
        return "never"
    if due_on is None or query.today <= due_on:
        return "confirmed"
    return "due" if query.today <= due_on + timedelta(days=grace) else "stale"


def freshness_factor(state: Freshness, settings: Settings) -> float:
    """What freshness does to the score."""
    factors: dict[Freshness, float] = {
        "confirmed": 1.0,
        "due": settings.due_factor,
        "stale": settings.stale_factor,
        "never": settings.never_factor,
    }
    return factors[state]


def distance_factor(distance: float | None, settings: Settings) -> float:
    """What distance does to the score: 1 at the place, falling to the floor; None is unknown."""
    if distance is None:
        return settings.distance_floor
    near = exp(-distance / settings.decay_km)
    return settings.distance_floor + (1 - settings.distance_floor) * near


def inside(place: Place, facets: Iterable[tuple[str, str]]) -> bool:
    """Whether a document with these facets lies inside the place."""
    return place.facet is not None and place.facet in facets


def factors(document: Document, plan: Plan, query: Query, settings: Settings) -> float:
    """Distance times freshness."""
    state = freshness_of(document.confirmed_on, document.due_on, query, settings.grace_days)
    factor = freshness_factor(state, settings)
    if plan.place:
        factor *= _distance(document, plan.place, settings).factor
    return factor


@dataclass(frozen=True, slots=True)
class _Read:
    """A part as it was read: its text, its tokens and where each term of interest stands."""

    part: Part
    text: str
    places: dict[str, list[Token]]


@dataclass(frozen=True, slots=True)
class Found:
    """A document on the page: its lengths in the index, and its text score if the store knows."""

    document: Document
    words_length: int
    pairs_length: int
    text: float | None = None


class Explainer:
    """Turns what one question found into hits with their reasons."""

    def __init__(
        self, plan: Plan, query: Query, statistics: Statistics, settings: Settings
    ) -> None:
        self._plan = plan
        self._query = query
        self._statistics = statistics
        self._settings = settings
        terms = {t for group in plan.groups for way in group.alternatives for t in way.terms}
        self._pairs = frozenset(term for term in terms if is_pair(term))
        stems = {stem for pair in self._pairs for stem in pair.split(PAIR)}
        self._wanted = frozenset(stems | (terms - self._pairs))
        beginnings = sorted({re.escape(beginning_of(stem)) for stem in self._wanted})
        self._beginning = re.compile(rf"\b(?:{'|'.join(beginnings)})")
        self._memory: dict[tuple[str, Language], tuple[tuple[Token, ...], int]] = {}
        # Neighbouring hits share clusters, kinds and places: a text is read once for a question.
        self._texts: dict[tuple[str, Language, bool], tuple[str, dict[str, list[Token]]]] = {}

    def hit(self, found: Found) -> Hit:
        """A hit with its reasons; the shares add up to the text score."""
        document, query = found.document, self._query
        matches = self.match_reasons(found) if self._plan.groups else []
        own = sum(match.share for match in matches)
        told = None if query.unread else found.text
        score = 1.0 if not self._plan.groups else own if told is None else told
        if matches and told is not None:
            matches = [_scaled(match, score / own) for match in matches]
        days = self._settings.grace_days
        state = freshness_of(document.confirmed_on, document.due_on, query, days)
        factor = freshness_factor(state, self._settings)
        reasons: list[Reason] = [*matches]
        final, kilometres = score * factor, None
        if self._plan.place:
            away = _distance(document, self._plan.place, self._settings)
            reasons.append(away)
            final, kilometres = final * away.factor, away.distance_km
        reasons.append(FreshnessReason(state, document.confirmed_on, factor))
        return Hit(document.key, document.title, final, score, tuple(reasons), kilometres, state)

    def match_reasons(self, found: Found) -> list[MatchReason]:
        """One reason for each group and part, the largest share first.

        A group's score is divided among the parts in proportion to the weighted frequency of its
        terms there.
        """
        parts = found.document.parts
        if unread := self._query.unread:
            parts = tuple(part for part in parts if not part.name.startswith(unread))
        read = [self._sightings(part) for part in parts]
        read = [entry for entry in read if entry.places]
        weighed = self._weighed(read, found)
        reasons: list[MatchReason] = []
        for group in self._plan.groups:
            score, way = best_alternative(group, weighed, self._statistics)
            if way is not None:
                reasons += _shares(group, way, score, read, self._settings)
        return sorted(reasons, key=lambda reason: -reason.share)

    def _sightings(self, part: Part) -> _Read:
        """A part with the places where terms of the question stand."""
        named = part.weight == "A"
        key = (part.text, part.language, named)
        if key not in self._texts:
            text, folded = read_plainly(part.text)
            self._texts[key] = text, self._places(folded, part.language, named=named)
        return _Read(part, *self._texts[key])

    def _places(self, folded: str, language: Language, *, named: bool) -> dict[str, list[Token]]:
        places: dict[str, list[Token]] = {}
        # Dotted initials are one word.
        if not self._beginning.search(folded.replace(".", "")):
            return places
        tokens = sightings(folded, language, self._wanted, self._memory)
        for token in tokens:
            if named or not token.stop:
                for stem in token.stems:
                    places.setdefault(stem, []).append(token)
        if self._pairs:
            for term, first, second in pairs_of(tokens):
                if term in self._pairs:
                    places.setdefault(term, []).extend((first, second))
        return places

    def _weighed(self, read: list[_Read], found: Found) -> Weighed:
        words: dict[str, int] = {}
        pairs: dict[str, int] = {}
        for entry in read:
            for term in entry.places:
                table = pairs if is_pair(term) else words
                table[term] = table.get(term, 0) + _weight_in(entry, term, self._settings)
        return Weighed(words, pairs, found.words_length, found.pairs_length)


def _scaled(match: MatchReason, scale: float) -> MatchReason:
    return MatchReason(
        match.part,
        match.asked,
        match.found,
        match.excerpt,
        match.meeting,
        match.concept,
        match.share * scale,
    )


def _distance(document: Document, place: Place, settings: Settings) -> DistanceReason:
    found = nearest(place.latitude, place.longitude, document.points)
    label = found[1].label if found else ""
    distance = found[0] if found else None
    within = inside(place, document.facets)
    factor = 1.0 if within else distance_factor(distance, settings)
    return DistanceReason(place.label, label, distance, within, factor)


def _weight_in(entry: _Read, term: str, settings: Settings) -> int:
    weight = settings.weights[WEIGHTS.index(entry.part.weight)]
    count = len(entry.places.get(term, ())) // (2 if is_pair(term) else 1)
    return weight * min(count, settings.repeat_cap)


def _shares(
    group: Group, way: Alternative, score: float, read: list[_Read], settings: Settings
) -> list[MatchReason]:
    weights = [sum(_weight_in(entry, term, settings) for term in way.terms) for entry in read]
    total = sum(weights)
    reasons = []
    for entry, weight in zip(read, weights, strict=True):
        if weight:
            spans = {t.start: t for term in way.terms for t in entry.places.get(term, ())}
            met = [spans[start] for start in sorted(spans)]
            found = tuple(dict.fromkeys(entry.text[token.start : token.end] for token in met))
            excerpt = excerpt_of(entry.text, met[0], settings.excerpt_characters)
            share = score * weight / total
            reasons.append(
                MatchReason(
                    entry.part.name, group.asked, found, excerpt, way.meeting, group.concept, share
                )
            )
    return reasons


def excerpt_of(text: str, token: Token, characters: int) -> str:
    """A stretch of the text around a token, cut between words, with … where it is cut."""
    if len(text) <= characters:
        return text.strip()
    left = max(0, token.start - (characters - (token.end - token.start)) // 2)
    right = min(len(text), left + characters)
    left = max(0, right - characters)
    if left:
        left = min(token.start, text.find(" ", left, token.start) + 1 or left)
    if right < len(text):
        right = max(token.end, text.rfind(" ", token.end, right))
    return ("…" if left else "") + text[left:right].strip() + ("…" if right < len(text) else "")
