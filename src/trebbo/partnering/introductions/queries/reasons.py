"""Reasons: which words of a profile answer which words of the question, as a person reads them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trebbo.ecosystem.evidence.queries.words import ProjectTold
from trebbo.ecosystem.organisations.choices import ItemSection
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import BY_EVIDENCE, PartName

SECTIONS = {
    PartName.COMPETENCE: ItemSection.COMPETENCE,
    PartName.EQUIPMENT: ItemSection.EQUIPMENT,
    PartName.SERVICE: ItemSection.SERVICE,
}
Texts = dict[PartName, list[tuple[str, str]]]
"""The texts of a profile by part, each in Italian and English."""
MOST_PROJECTS_TOLD = 3
"""Funded projects that are told of one body as reasons; of the others the number is."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one body now: parts in projects, their fields, competences, training, by id.

    What is not among them was hidden, ended, corrected or given to another since the index was
    built.
    """

    projects: Mapping[int, ProjectTold] = field(default_factory=dict)
    fields: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    competences: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    training: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def words(self, part: PartName) -> Mapping[int, tuple[str, str]] | None:
        """The words of a part whose facts can change or be hidden, in Italian and in English."""
        return {
            PartName.EVIDENCE_FIELD: self.fields,
            PartName.COMPETENCE: self.competences,
            PartName.TRAINING: self.training,
        }.get(part)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a profile; `pieces` alternate between plain and met words."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(text for text, _met in self.pieces)

    @property
    def marked(self) -> SafeString:
        """The words as HTML, those met marked."""
        marked = (
            format_html("<mark>{}</mark>", text) if met else text for text, met in self.pieces
        )
        return format_html_join("", "{}", ((piece,) for piece in marked))


@dataclass(frozen=True, slots=True)
class Met:
    """Words of the question met in one text of a profile.

    `language` is that of the text where it is not the page's. `asked_as` are the words of the
    question that stand there in other words or another language, `partly` those of which it holds
    only a piece. `share` is in points of the score. Where the text is a funded project's title,
    `project` is that project, and `label` its acronym (or key) with the words met in it.
    """

    part: str
    excerpt: Excerpt
    language: str
    asked_as: tuple[str, ...]
    partly: tuple[str, ...]
    share: float
    by_evidence: bool = False
    project: ProjectTold | None = None
    label: Excerpt | None = None


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
    project: ProjectTold | None = None

    @property
    def label(self) -> str:
        """What the project is called for short."""
        return (self.project.project.acronym or self.project.project.key) if self.project else ""

    @property
    def shown(self) -> str:
        """All that the reader sees of it."""
        return f"{self.label} {self.text}" if self.label else self.text

    @property
    def about(self) -> tuple[object, ...]:
        """What makes it one reason."""
        return self.part, self.text, self.project and self.project.participation.pk


def reasons_in_words(
    reasons: Iterable[gateway.MatchReason],
    *,
    texts: Texts,
    kinds: str,
    language: str,
    told: Told | None = None,
) -> tuple[Met, ...]:
    """The reasons, weightiest first, one for each text, in the page's language where there is one.

    `texts` holds what the profile says in both languages, so that a word met in the other one is
    shown where it stands in the page's; `kinds` says what the body is; `told` what the evidence
    says of it now: a reason from the evidence that is not there is left out.
    """
    lines: dict[tuple[object, ...], _Line] = {}
    said: dict[tuple[object, ...], bool] = {}
    told = told or Told()
    read = [pair for reason in reasons if (pair := _read(reason, texts, kinds, language, told))]
    # What stands in the page's language comes first; the rest only where it adds something.
    for reason, line in sorted(read, key=lambda pair: bool(pair[1].language)):
        about = (line.part, reason.asked, line.project and line.project.participation.pk)
        if line.language and said.get(about):
            continue
        said[about] = True
        kept = lines.setdefault(line.about, line)
        kept.words.update(dict.fromkeys(reason.found))
        kept.share += reason.share
        if reason.meeting == "partial":
            kept.partly[reason.asked] = None
        elif _needs_a_word(reason, kept):
            kept.asked_as[reason.asked] = None
    return tuple(_finished(line) for line in sorted(lines.values(), key=lambda one: -one.share))


def few_projects(met: Iterable[Met]) -> tuple[tuple[Met, ...], int]:
    """The reasons with the weightiest projects only, and how many projects were left out."""
    kept: list[Met] = []
    projects = 0
    for one in met:
        projects += one.project is not None
        if one.project is None or projects <= MOST_PROJECTS_TOLD:
            kept.append(one)
    return tuple(kept), max(0, projects - MOST_PROJECTS_TOLD)


def _needs_a_word(reason: gateway.MatchReason, line: _Line) -> bool:
    """Whether the reader would not see by the marks alone what this text has to do with it."""
    if line.part is PartName.KIND or _stands_in(reason.asked, line.shown):
        return False
    return reason.meeting == "synonym" or not _any_in(reason.found, line.shown)


def _read(
    reason: gateway.MatchReason, texts: Texts, kinds: str, language: str, told: Told
) -> tuple[gateway.MatchReason, _Line] | None:
    part, written, fact = gateway.said_in(reason.part)
    if part is PartName.PROJECT:
        project = told.projects.get(fact)
        return (reason, _project_line(reason, project, language)) if project else None
    words = told.words(part) if fact else None
    if words is not None and fact not in words:
        return None
    if part is PartName.KIND and kinds:
        return reason, _Line(part, kinds, "", words={kinds: None})
    if written in ("", language):
        return reason, _Line(part, reason.excerpt, "")
    pairs = texts.get(part, ()) if words is None else (words[fact],)
    other = _translated(written, reason.excerpt, pairs)
    return reason, _Line(part, other or reason.excerpt, "" if other else written)


def _project_line(reason: gateway.MatchReason, project: ProjectTold, language: str) -> _Line:
    """A project's title, with the title of its call where the words stand only there."""
    row = project.project
    title, call = row.title, row.topic_title
    only_there = not any(_stands_in(word, f"{row.acronym} {title}") for word in reason.found)
    text = " – ".join(filter(None, (title, call if only_there else "")))
    other = "" if project.language == language else project.language
    return _Line(PartName.PROJECT, text, other, project=project)


def _translated(written: str, excerpt: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The text in the page's language of which the excerpt is the other one; blank if none."""
    for italian, english in pairs:
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
        by_evidence=line.part in BY_EVIDENCE,
        project=line.project,
        label=Excerpt(tuple(_pieces(line.label, line.words))) if line.project else None,
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
