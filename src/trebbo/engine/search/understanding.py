"""Turns a question into a plan: what has to be met, in how many ways, and near which place."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from trebbo.engine.search.analysis import PAIR, Token, normalise, pair_of, tokens_of
from trebbo.engine.search.contracts import ConceptMatch, Meeting, Place, Query, Understanding
from trebbo.engine.search.lexicon import Lexicon, Phrase
from trebbo.engine.search.places import Gazetteer
from trebbo.engine.search.settings import Settings


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet a group: all of its terms, worth `factor` of their score."""

    terms: tuple[str, ...]
    factor: float
    meeting: Meeting


@dataclass(frozen=True, slots=True)
class Group:
    """A word or concept of the question; its best alternative counts, once."""

    asked: str
    alternatives: tuple[Alternative, ...]
    concept: ConceptMatch | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A question ready to be run.

    "browse": no text at all; "words": documents must meet `required` of the groups; "nothing":
    there was text but nothing in it to look for.
    """

    mode: Literal["browse", "words", "nothing"]
    groups: tuple[Group, ...]
    required: int
    place: Place | None
    radius_km: float | None
    understood: Understanding


def is_pair(term: str) -> bool:
    """Whether a term stands for two words together."""
    return PAIR in term


def plan_of(query: Query, lexicon: Lexicon, gazetteer: Gazetteer, settings: Settings) -> Plan:
    """Read a question. Never fails, whatever the text."""
    text = normalise(query.text[: settings.max_characters])
    truncated = len(query.text) > settings.max_characters
    place, radius = query.near, query.radius_km
    found = gazetteer.find(text)
    if found and not query.near:
        place, radius = found.place, radius if radius is not None else found.radius_km
    if found:
        text = text[: found.start] + " " * (found.end - found.start) + text[found.end :]
    radius = None if place is None or radius is None else min(radius, settings.max_radius_km)
    tokens = [token for token in tokens_of(text, "any") if token.place is None or token.stems]
    content = _content(tokens)
    dropped = tuple(dict.fromkeys(text[t.start : t.end] for t in tokens if t.stop))
    if not content and place is None:
        content, dropped = [token for token in tokens if token.stop], ()
    groups = _groups(text, content, lexicon, settings)
    kept = groups[: settings.max_groups]
    understood = Understanding(
        words=tuple(group.asked for group in kept if group.concept is None),
        concepts=tuple(group.concept for group in kept if group.concept is not None),
        place=place,
        radius_km=radius,
        dropped=dropped,
        truncated=truncated or len(kept) < len(groups),
    )
    mode: Literal["browse", "words", "nothing"] = "words"
    if not kept:
        mode = "browse" if place or not query.text.strip() else "nothing"
    required = 1 + (len(kept) - 1) // settings.words_per_required if kept else 0
    return Plan(mode, tuple(kept), required, place, radius, understood)


def _content(tokens: list[Token]) -> list[Token]:
    """Content tokens of a question: a joined form stands for its members."""
    kept: list[Token] = []
    until = -1
    for token in tokens:
        if token.stop or token.start < until:
            continue
        if token.place is None:
            until = token.end
        kept.append(token)
    return kept


def _groups(text: str, content: list[Token], lexicon: Lexicon, settings: Settings) -> list[Group]:
    """The groups of a question, each thing once, in the order asked."""
    groups: dict[tuple[Alternative, ...], Group] = {}
    italian = [token.stems[0] for token in content]
    english = [token.stems[-1] for token in content]
    at = 0
    while at < len(content) and len(groups) <= settings.max_groups:
        longest = at + settings.max_alternatives
        match = lexicon.longest_match(italian[at:longest], english[at:longest])
        size = match[0] if match else 1
        typed = content[at : at + size]
        asked = text[typed[0].start : typed[-1].end]
        group = _concept(asked, typed, match[1], lexicon) if match else _word(asked, typed[0])
        limited = replace(group, alternatives=group.alternatives[: settings.max_alternatives])
        group = _priced(limited, settings)
        groups.setdefault(group.alternatives, group)
        at += size
    return list(groups.values())


def _word(asked: str, token: Token) -> Group:
    """A plain word: any of its stems; a joined form also as its members together."""
    ways: list[tuple[str, ...]] = [(stem,) for stem in token.stems]
    if token.place is None and not token.stop:
        members = [part.stems for part in tokens_of(asked, "any")[1:] if part.place is not None]
        ways += [_terms(tuple(stems[side] for stems in members)) for side in (0, -1)]
    unique = dict.fromkeys(way for way in ways if way)
    return Group(asked, tuple(Alternative(way, 1.0, "direct") for way in unique))


def _concept(asked: str, typed: list[Token], concepts: list[str], lexicon: Lexicon) -> Group:
    """A concept: the phrase as typed, its other phrases, and single words of any phrase."""
    sides = [tuple(t.stems[0] for t in typed), tuple(t.stems[-1] for t in typed)]
    ways: dict[tuple[str, ...], Meeting] = {_terms(side): "direct" for side in sides}
    phrases: list[Phrase] = [p for concept in concepts for p in lexicon.phrases(concept)]
    for phrase in phrases:
        ways.setdefault(_terms(phrase.stems), "synonym")
    if len(typed) > 1:
        longer = [phrase.stems for phrase in phrases if len(phrase.stems) > 1]
        for stem in dict.fromkeys(stem for stems in [*sides, *longer] for stem in stems):
            ways.setdefault((stem,), "partial")
    first = lexicon.concepts[concepts[0]]
    label = ConceptMatch(first.id, asked, first.italian_label, first.english_label)
    return Group(asked, tuple(Alternative(t, 1.0, m) for t, m in ways.items()), label)


def _terms(stems: tuple[str, ...]) -> tuple[str, ...]:
    """The terms of a phrase: its word, or each two that follow each other."""
    if len(stems) < 2:
        return stems
    return tuple(dict.fromkeys(pair_of(one, other) for one, other in pairwise(stems)))


def _priced(group: Group, settings: Settings) -> Group:
    factors: dict[Meeting, float] = {
        "direct": 1.0,
        "synonym": settings.synonym_factor,
        "partial": settings.partial_factor,
    }
    asked = len(group.alternatives[0].terms)
    # The scores of a way's terms add up: a longer way of saying the same is not worth more.
    priced = (
        replace(way, factor=factors[way.meeting] * min(1.0, asked / len(way.terms)))
        for way in group.alternatives
    )
    return replace(group, alternatives=tuple(priced))
