"""Collects, checks and compiles the Italian of every area, with Babel alone: no system tools."""

import argparse
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LANGUAGE = "it"
# No dates and no names in the head, so that a catalogue changes only when its words do.
HEAD = """\
msgid ""
msgstr ""
"Language: it\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%%|%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[sdifgrx]|\{\w*\}")

Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the house with words of its own, and where its Italian lives."""

    name: str
    folder: Path

    @property
    def catalogue(self) -> Path:
        """The file of translations."""
        return self.folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"

    @property
    def compiled(self) -> Path:
        """The file that the running program reads."""
        return self.catalogue.with_suffix(".mo")


def areas(package: Path = PACKAGE) -> list[Area]:
    """The composition root and every folder that is a Django app, by name."""
    folders = [package / "config", *(file.parent for file in package.rglob("apps.py"))]
    return sorted(
        (Area(".".join(folder.relative_to(package).parts), folder) for folder in folders),
        key=lambda area: area.name,
    )


def extracted(area: Area) -> Catalog:
    """Every message in the area's Python files and templates, without translations."""
    catalog = Catalog(locale=LANGUAGE)
    for file in sorted(area.folder.rglob("*.py")):
        if "migrations" not in file.parts:
            _gather(catalog, area, file, file.read_bytes())
    for file in sorted(area.folder.rglob("templates/**/*.*")):
        if file.suffix in {".html", ".txt"}:
            _gather(catalog, area, file, _as_python(file))
    return catalog


def _gather(catalog: Catalog, area: Area, file: Path, source: bytes) -> None:
    place = file.relative_to(area.folder).as_posix()
    for _line, words, comments, context in extract(
        "python", io.BytesIO(source), KEYWORDS, ["Translators:"]
    ):
        catalog.add(words, locations=[(place, 0)], auto_comments=comments, context=context)


def _as_python(template: Path) -> bytes:
    """The template as Django itself prepares it for extraction, freed of its indentation."""
    from django.utils.translation.template import templatize

    source = templatize(template.read_text(encoding="utf-8"), origin=str(template))
    return "\n".join(line.lstrip() for line in source.splitlines()).encode()


def saved(area: Area) -> Catalog:
    """The catalogue on disk; empty if there is none."""
    if not area.catalogue.exists():
        return Catalog(locale=LANGUAGE)
    with area.catalogue.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def update(area: Area, memory: dict[Key, Message] | None = None) -> int:
    """Write the area's catalogue anew, keeping its translations; how many are still to be made.

    `memory` holds translations of other areas, taken over for the same words. What is no longer
    used is dropped. An area without words has no file.
    """
    catalog, known = extracted(area), _by_key([saved(area)])
    for message in catalog:
        if not message.id:
            continue
        former = known.get(_key(message)) or (memory or {}).get(_key(message))
        if former is not None and _same_shape(former, message):
            message.string = former.string
            if former.fuzzy:
                message.flags.add("fuzzy")
    if not len(catalog):
        area.catalogue.unlink(missing_ok=True)
        return 0
    text = io.BytesIO()
    write_po(text, catalog, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    _replace(area.catalogue, HEAD.encode() + text.getvalue())
    return sum(1 for message in catalog if message.id and not _translated(message))


def check(chosen: Iterable[Area]) -> list[str]:
    """What is wrong with the Italian of these areas, one line per fault; empty if all is well.

    Wrong is: a message without translation or marked fuzzy, one that the code no longer has, other
    placeholders than the original, and the same words translated differently in two areas (Django
    joins all catalogues, so that one of the two would win everywhere).
    """
    faults: list[str] = []
    translations: dict[Key, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for area in chosen:
        faults += _faults(area)
        for message in saved(area):
            if message.id and _translated(message):
                translations[_key(message)][repr(message.string)].append(area.name)
    for (words, _context), versions in sorted(translations.items(), key=str):
        if len(versions) > 1:
            told = "; ".join(f"{text} in {', '.join(names)}" for text, names in versions.items())
            faults.append(f"“{words}” has several translations: {told}")
    return faults


def _faults(area: Area) -> Iterator[str]:
    needed, present = _by_key([extracted(area)]), _by_key([saved(area)])
    for key in sorted(present.keys() - needed.keys(), key=str):
        yield f"{area.name}: “{key[0]}” is no longer used; run `trebbo messages`"
    for key, message in needed.items():
        here = present.get(key)
        if here is None or not _same_shape(here, message) or not _translated(here):
            yield f"{area.name}: “{key[0]}” has no Italian"
        elif here.fuzzy:
            yield f"{area.name}: the Italian of “{key[0]}” is marked fuzzy"
        elif not _placeholders_agree(here):
            yield f"{area.name}: the Italian of “{key[0]}” has other placeholders"


def compile_catalogues(chosen: Iterable[Area]) -> int:
    """Write the compiled file of each catalogue that is newer than it; how many were written."""
    written = 0
    for area in chosen:
        if not area.catalogue.exists():
            area.compiled.unlink(missing_ok=True)
        elif not area.compiled.exists() or stale(area):
            text = io.BytesIO()
            write_mo(text, saved(area))
            _replace(area.compiled, text.getvalue())
            written += 1
    return written


def stale(area: Area) -> bool:
    """Whether the area has words in Italian that the running program cannot read yet."""
    if not area.catalogue.exists():
        return False
    compiled = area.compiled
    return not compiled.exists() or compiled.stat().st_mtime < area.catalogue.stat().st_mtime


def _replace(file: Path, content: bytes) -> None:
    """Write the whole file in one step; the same content again only renews its date."""
    if file.exists() and file.read_bytes() == content:
        file.touch()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f"{file.suffix}.new")
    new.write_bytes(content)
    new.replace(file)


def _key(message: Message) -> Key:
    words = message.id if isinstance(message.id, str) else message.id[0]
    return words, message.context


def _by_key(catalogues: Iterable[Catalog]) -> dict[Key, Message]:
    return {_key(message): message for catalog in catalogues for message in catalog if message.id}


def _same_shape(first: Message, second: Message) -> bool:
    return bool(first.pluralizable) == bool(second.pluralizable)


def _forms(words: object) -> list[str]:
    return [words] if isinstance(words, str) else [str(word) for word in words or ()]  # type: ignore[attr-defined]


def _translated(message: Message) -> bool:
    forms = _forms(message.string)
    return len(forms) == (2 if message.pluralizable else 1) and all(forms)


def _placeholders_agree(message: Message) -> bool:
    """Each form has its original's placeholders; a singular may leave the number unsaid."""
    originals, forms = _forms(message.id), _forms(message.string)
    wanted = [sorted(PLACEHOLDER.findall(text)) for text in originals]
    found = [sorted(PLACEHOLDER.findall(text)) for text in forms]
    if not message.pluralizable:
        return wanted == found
    return found[1] == wanted[1] and set(found[0]) <= set(wanted[0]) | set(wanted[1])


def main(arguments: list[str]) -> int:
    """Run `trebbo messages extract|check|compile [area …]`; without a verb, extract."""
    parser = argparse.ArgumentParser(prog="trebbo messages", description=main.__doc__)
    parser.add_argument(
        "verb", nargs="?", default="extract", choices=["extract", "check", "compile"]
    )
    parser.add_argument("area", nargs="*", help="such as ecosystem.clusters; all if none is named")
    options = parser.parse_args(arguments)
    every = areas()
    unknown = set(options.area) - {area.name for area in every}
    if unknown:
        names = ", ".join(area.name for area in every)
        parser.error(f"no area is called {', '.join(sorted(unknown))}; there are: {names}")
    chosen = [area for area in every if not options.area or area.name in options.area]
    if options.verb == "compile":
        print(f"{compile_catalogues(chosen)} catalogues compiled")
        return 0
    if options.verb == "check":
        return _report(check(chosen))
    memory = {
        key: message
        for key, message in _by_key(saved(area) for area in every).items()
        if _translated(message) and not message.fuzzy
    }
    for area in chosen:
        missing = update(area, memory)
        if area.catalogue.exists():
            print(f"{area.name}: {missing} to translate" if missing else f"{area.name}: complete")
    compile_catalogues(chosen)
    return 0


def _report(faults: list[str]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(faults)} faults in the translations" if faults else "The Italian is complete.")
    return 1 if faults else 0
