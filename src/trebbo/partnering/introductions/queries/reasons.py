"""Reasons: which words of a profile answer which words of the question, as a person reads them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trebbo.ecosystem.organisations.choices import ItemSection
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import PartName

SECTIONS = {
    PartName.COMPETENCE: ItemSection.COMPETENCE,
    PartName.EQUIPMENT: ItemSection.EQUIPMENT,
    PartName.SERVICE: ItemSection.SERVICE,
}
Texts = dict[PartName, list[tuple[str, str]]]
"""The texts of a profile by part, each in Italian and English."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a profile; `pieces` alternate between plain and met words."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(text for text, _met in self.pieces)


@dataclass(frozen=True, slots=True)
class Met:
    """Words of the question met in one text of a profile.

    `language` is that of the text where it is not the page's. `asked_as` are the words of the
    question that stand there in other words or another language, `partly` those of which it holds
    only a piece. `share` is in points of the score.
    """

    part: str
    excerpt: Excerpt
    language: str
    asked_as: tuple[str, ...]
    partly: tuple[str, ...]
    share: float


@dataclass(slots=True)
class _Line:
    """One reason in the making: what was met in one text."""

    part: PartName
    text: str
    language: str
    words: dict[str, None] = field(default_factory=dict)
    asked_as: dict[str, None] = field(default_factory=dict)
    partly: dict[str, None] = field(default_factory=dict)
    share: float = 0.0


def reasons_in_words(
    reasons: Iterable[gateway.MatchReason], *, texts: Texts, kinds: str, language: str
) -> tuple[Met, ...]:
    """The reasons, weightiest first, one for each text, in the page's language where there is one.

    `texts` holds what the profile says in both languages, so that a word met in the other one is
    shown where it stands in the page's; `kinds` says what the body is.
    """
    lines: dict[tuple[PartName, str], _Line] = {}
    told: dict[tuple[PartName, str], bool] = {}
    read = [_read(reason, texts, kinds, language) for reason in reasons]
    # What stands in the page's language comes first; the rest only where it adds something.
    for reason, line in sorted(read, key=lambda pair: bool(pair[1].language)):
        about = (line.part, reason.asked)
        if line.language and told.get(about):
            continue
        told[about] = True
        kept = lines.setdefault((line.part, line.text), line)
        kept.words.update(dict.fromkeys(reason.found))
        kept.share += reason.share
        if reason.meeting == "partial":
            kept.partly[reason.asked] = None
        elif _needs_a_word(reason, kept):
            kept.asked_as[reason.asked] = None
    return tuple(_finished(line) for line in sorted(lines.values(), key=lambda one: -one.share))


def _needs_a_word(reason: gateway.MatchReason, line: _Line) -> bool:
    """Whether the reader would not see by the marks alone what this text has to do with it."""
    if line.part is PartName.KIND or _stands_in(reason.asked, line.text):
        return False
    return reason.meeting == "synonym" or not _any_in(reason.found, line.text)


def _read(
    reason: gateway.MatchReason, texts: Texts, kinds: str, language: str
) -> tuple[gateway.MatchReason, _Line]:
    name, _mark, written = reason.part.partition(gateway.LANGUAGE_MARK)
    part = PartName(name)
    if part is PartName.KIND and kinds:
        return reason, _Line(part, kinds, "", words={kinds: None})
    if written in ("", language):
        return reason, _Line(part, reason.excerpt, "")
    told = _translated(part, written, reason.excerpt, texts)
    return reason, _Line(part, told or reason.excerpt, "" if told else written)


def _translated(part: PartName, written: str, excerpt: str, texts: Texts) -> str:
    """The text in the page's language of which the excerpt is the other one; blank if none."""
    for italian, english in texts.get(part, ()):
        own, other = (italian, english) if written == "it" else (english, italian)
        if own.strip() == excerpt and other:
            return other
    return ""


def _finished(line: _Line) -> Met:
    return Met(
        part=str(line.part.label),
        excerpt=Excerpt(tuple(_pieces(line.text, line.words))),
        language=line.language,
        asked_as=tuple(line.asked_as),
        partly=tuple(line.partly),
        share=line.share,
    )


def _pieces(text: str, words: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The text cut at the words that were met."""
    wanted = sorted(filter(None, words), key=len, reverse=True)
    at = 0
    for match in _pattern(wanted).finditer(text) if wanted else ():
        if match.start() > at:
            yield text[at : match.start()], False
        yield match.group(), True
        at = match.end()
    if at < len(text):
        yield text[at:], False


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def _stands_in(words: str, text: str) -> bool:
    return _pattern([words]).search(text) is not None


def _any_in(words: Iterable[str], text: str) -> bool:
    return any(_stands_in(word, text) for word in words if word)
