"""Reads the ESCO classification: skills, occupations and ISCO groups, in English or Italian."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official.contents import (
    ConceptRow,
    Edition,
    LeftOut,
    OnProgress,
    VocabularyRefused,
)
from trebbo.ecosystem.vocabularies.actions.official.reading import Row, is_zip, members, table

NEEDED = ("conceptUri", "preferredLabel", "altLabels")
MEMBER = re.compile(
    r"(?:.*/)?(?P<table>skills|skillGroups|skillsHierarchy|ISCOGroups|isco_groups|occupations|"
    r"broaderRelationsSkillPillar|broaderRelationsOccPillar)_(?P<language>[a-z]{2})\.csv",
    re.IGNORECASE,
)
VERSION = re.compile(r"v(\d+(?:\.\d+)+)")
LONGEST_LABEL = 300
Tables = dict[str, str]
Broader = dict[str, list[tuple[str, str]]]


def read(path: Path, on_progress: OnProgress | None = None) -> list[Edition]:
    """The vocabularies in ESCO's zip, or in one of its tables by itself.

    Labels are read in the language that the names of the files end with (`_en`, `_it`).
    """
    inside = is_zip(path)
    names = members(path) if inside else [path.name.removesuffix(".gz")]
    found = {name: match for name in names if (match := MEMBER.fullmatch(name))}
    languages = {match["language"].casefold() for match in found.values()}
    if not languages or languages - {"en", "it"}:
        raise VocabularyRefused(
            _(
                "Of ESCO, the English and the Italian edition can be taken in, whole or table by "
                "table; the name of each table ends with _en.csv or _it.csv."
            )
        )
    version = VERSION.search(path.name)
    editions: list[Edition] = []
    for language in sorted(languages):
        tables = {
            match["table"].casefold().replace("_", ""): name if inside else ""
            for name, match in found.items()
            if match["language"].casefold() == language
        }
        reader = _Reader(path, language, version[1] if version else "", on_progress)
        editions += reader.editions(tables)
    return editions


class _Reader:
    """Reads the tables of one file in one language."""

    def __init__(
        self, path: Path, language: str, version: str, on_progress: OnProgress | None
    ) -> None:
        self.path, self.language, self.version = path, language, version
        self.on_progress = on_progress

    def editions(self, tables: Tables) -> Iterator[Edition]:
        """Groups first: occupations belong to them."""
        if "iscogroups" in tables:
            edition = Edition("isco", self.version)
            self._concepts(edition, tables["iscogroups"], _isco_code, _isco_broader)
            yield edition
        if "skills" in tables or "skillgroups" in tables:
            yield self._skills(tables)
        if "occupations" in tables:
            above = self._relations(tables, "broaderrelationsoccpillar")
            edition = Edition("esco_occupations", self.version)
            codes: dict[str, str] = {}

            def broader(code: str, row: Row) -> list[tuple[str, str]]:
                codes[row.get("code", "")] = code
                return [*above.get(code, []), ("isco", row.get("iscoGroup", ""))]

            self._concepts(edition, tables["occupations"], _last_part, broader)
            _under_wider_occupations(edition, codes)
            yield edition

    def _skills(self, tables: Tables) -> Edition:
        above = self._relations(tables, "broaderrelationsskillpillar")
        for code, wider in self._hierarchy(tables).items():
            above.setdefault(code, []).extend(wider)
        edition = Edition("esco_skills", self.version, speaks_of_broader=bool(above))
        for name in ("skillgroups", "skills"):
            if name in tables:
                self._concepts(
                    edition, tables[name], _last_part, lambda code, _row: above.get(code, [])
                )
        if len(tables.keys() & {"skillgroups", "skills"}) < 2:
            raise VocabularyRefused(
                _("Skills and their groups go together: import the whole zip of ESCO.")
            )
        return edition

    def _concepts(
        self,
        edition: Edition,
        member: str,
        code_of: Callable[[str], str],
        broader_of: Callable[[str, Row], list[tuple[str, str]]],
    ) -> None:
        for line, row in self._rows(member, NEEDED):
            uri, label = row["conceptUri"].strip(), " ".join(row["preferredLabel"].split())
            if row.get("status", "released") not in {"released", ""}:
                edition.left_out.append(LeftOut(line, uri, _("not released by ESCO")))
            elif not uri or not label or len(label) > LONGEST_LABEL:
                edition.left_out.append(LeftOut(line, uri, _("without an address or a label")))
            else:
                code = code_of(uri)
                concept = ConceptRow(code, line, broader=tuple(broader_of(code, row)))
                setattr(concept, f"label_{self.language}", label)
                names = [" ".join(name.split()) for name in row["altLabels"].splitlines()]
                others = [name for name in dict.fromkeys(names) if name and name != label]
                joined = "|".join(name.replace("|", "/") for name in others)
                setattr(concept, f"synonyms_{self.language}", joined)
                edition.concepts.append(concept)

    def _relations(self, tables: Tables, name: str) -> Broader:
        """The broader concepts of each, where the edition has the table of relations."""
        found: Broader = {}
        if name in tables:
            for _line, row in self._rows(tables[name], ("conceptUri", "broaderUri")):
                above = row["broaderUri"].strip()
                scheme = _scheme_of(above)
                code = _isco_code(above) if scheme == "isco" else _last_part(above)
                found.setdefault(_last_part(row["conceptUri"]), []).append((scheme, code))
        return found

    def _hierarchy(self, tables: Tables) -> Broader:
        """The group above each group of skills, from the table of levels."""
        found: Broader = {}
        if "skillshierarchy" in tables:
            columns = [f"Level {level} URI" for level in range(4)]
            for _line, row in self._rows(tables["skillshierarchy"], columns[:2]):
                path = [_last_part(row[name]) for name in columns if row.get(name, "").strip()]
                for above, code in pairwise(path):
                    found.setdefault(code, [("esco_skills", above)])
        return found

    def _rows(self, member: str, needed: tuple[str, ...] | list[str]) -> Iterator[tuple[int, Row]]:
        return table(self.path, needed, member=member, on_progress=self.on_progress)


def _last_part(uri: str) -> str:
    """The end of a concept's address, which ESCO never gives to another."""
    return uri.strip().rpartition("/")[2][:60]


def _isco_code(uri: str) -> str:
    """ "2654" of an address that ends with "C2654": the column `code` may have lost its zeros."""
    return _last_part(uri).removeprefix("C")


def _isco_broader(code: str, _row: Row) -> list[tuple[str, str]]:
    return [("isco", code[:size]) for size in range(len(code) - 1, 0, -1)]


def _scheme_of(uri: str) -> str:
    for part, scheme in (("/isco/", "isco"), ("/occupation/", "esco_occupations")):
        if part in uri:
            return scheme
    return "esco_skills"


def _under_wider_occupations(edition: Edition, codes: dict[str, str]) -> None:
    """Put "2654.1.7" under "2654.1", where ESCO publishes no table of relations."""
    number_of = {code: number for number, code in codes.items()}
    for concept in edition.concepts:
        number = number_of.get(concept.code, "")
        wider = []
        while number.count("."):
            number = number.rpartition(".")[0]
            if number in codes:
                wider.append(("esco_occupations", codes[number]))
        concept.broader = (*(wider or ()), *concept.broader)
