"""Fields of science that come with projects: each is a concept of EuroSciVoc, added if need be."""

from collections.abc import Iterable, Mapping
from typing import Any

from trebbo.ecosystem.vocabularies.models import Concept, Scheme

EUROSCIVOC = "euroscivoc"
LONGEST_LABEL = 300


def concepts_of(fields: Iterable[Mapping[str, Any]]) -> int:
    """See that every field has its concept, and those above it theirs; the scheme's id.

    `fields` have `code`, `path` (codes from the root), `title` and `title_path`. A code that
    the vocabulary does not know is added with the title that the dataset gives it, so that nothing
    is lost; its Italian label is left to be written.
    """
    scheme, _made = Scheme.objects.get_or_create(
        code=EUROSCIVOC, defaults={"name_it": "EuroSciVoc", "name_en": "EuroSciVoc"}
    )
    known = dict(Concept.objects.filter(scheme=scheme).values_list("code", "pk"))
    missing = [field for field in fields if field["code"] and field["code"] not in known]
    for field in sorted(missing, key=lambda field: (_depth(field), field["code"])):
        above: int | None = None
        for code, title in _levels(field):
            if code not in known:
                known[code] = Concept.objects.create(
                    scheme=scheme,
                    code=code,
                    label_en=title[:LONGEST_LABEL],
                    broader_id=above,
                    label_source="CORDIS",
                ).pk
            above = known[code]
    return int(scheme.pk)


def _depth(field: Mapping[str, Any]) -> int:
    return str(field["path"] or "").count("/")


def _levels(field: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Codes and titles from the root to the field; those above only where all can be named."""
    own = (str(field["code"]), str(field["title"] or field["code"]))
    codes = [part for part in str(field["path"] or "").split("/") if part]
    titles = [part for part in str(field["title_path"] or "").split("/") if part]
    if len(codes) != len(titles) or codes[-1:] != [own[0]]:
        return [own]
    return [*zip(codes[:-1], titles[:-1], strict=True), own]
