"""Says which vocabulary a file holds, by what is in it and not by its name."""

from collections.abc import Callable
from pathlib import Path

from trebbo.ecosystem.vocabularies.actions.official import (
    activities,
    esco,
    euroscivoc,
    places,
)
from trebbo.ecosystem.vocabularies.actions.official.contents import (
    Edition,
    OnProgress,
    VocabularyRefused,
)
from trebbo.ecosystem.vocabularies.actions.official.reading import (
    beginning,
    header,
    is_zip,
    members,
    opened,
)

Reader = Callable[[Path, OnProgress | None], list[Edition]]


def _read_euroscivoc(path: Path, told: OnProgress | None) -> list[Edition]:
    if not _is_skos(path):
        return euroscivoc.read_table(path, told)
    # Its library is slow to load, and no page needs it.
    from trebbo.ecosystem.vocabularies.actions.official import skos

    return skos.read(path, told)


READERS: dict[str, Reader] = {
    "esco": esco.read,
    "euroscivoc": _read_euroscivoc,
    "ateco_2025": activities.read_ateco,
    "nace_rev2": activities.read_nace,
}
"""The reader of each vocabulary of concepts; municipalities have one of their own."""

# A table is recognised by some of its columns, so that one that lacks a column is told so.
MARKS: tuple[tuple[str, frozenset[str], int], ...] = (
    ("esco", frozenset({"conceptType", "conceptUri", "preferredLabel", "altLabels"}), 3),
    ("euroscivoc", frozenset({"code_path", "title_en", "title_path_en", "parent_code"}), 2),
    ("ateco_2025", frozenset({"title_it", "level", "parent", "notes_json"}), 3),
    ("nace_rev2", frozenset({"Order", "Level", "Code", "Parent", "Description"}), 4),
)
PROBE_BYTES = 65_536


def recognise(path: Path) -> str:
    """The key of its reader, or "municipalities"; blank where it holds no vocabulary."""
    if not path.is_file():
        return ""
    if is_zip(path):
        return "esco" if _has_esco(path) else ""
    columns = set(header(path))
    for code, marks, least in MARKS:
        if len(columns & marks) >= least:
            return code
    if places.is_list_of_towns(path):
        return "municipalities"
    return "euroscivoc" if _is_skos(path) else ""


def _has_esco(path: Path) -> bool:
    try:
        names = members(path)
    except VocabularyRefused:
        # What a truncated zip was meant to be shows in the name of its first file.
        names = [beginning(path, 200)[30:].partition(b".csv")[0].decode("latin-1") + ".csv"]
        return names[0].startswith(("conceptSchemes_", "skills_")) or bool(
            esco.MEMBER.fullmatch(names[0])
        )
    return any(esco.MEMBER.fullmatch(name) for name in names)


def _is_skos(path: Path) -> bool:
    try:
        with opened(path) as file:
            text = file.read(PROBE_BYTES)
    except VocabularyRefused:
        return False
    start = text.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    return start in {b"<", b"@", b"#", b"P", b"p"} and b"skos" in text and b"euroscivoc" in text
