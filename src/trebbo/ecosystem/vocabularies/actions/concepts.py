"""Brings the concepts of a vocabulary to what an edition says, in few statements."""

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official import ConceptRow, Edition, LeftOut
from trebbo.ecosystem.vocabularies.actions.official.contents import VocabularyRefused
from trebbo.ecosystem.vocabularies.models import Concept, Scheme
from trebbo.kernel.text import fold

BATCH = 500
MOST_GONE = 3  # a file without a third of what is there is taken for one that broke off
FEW = 30
LABELS = ("label_en", "synonyms_it", "synonyms_en")
WRITTEN = [
    "label_it", "label_it_published", "label_en", "synonyms_it", "synonyms_en", "broader",
    "label_source", "standing", "position", "is_gone",
]  # fmt: skip
Counts = tuple[int, int, int, int]


def write_concepts(scheme: Scheme, edition: Edition) -> tuple[Counts, list[LeftOut]]:
    """Write what is new or different; how many were added, changed, gone, unchanged.

    Also the rows that could not be taken as they are. Call it inside a transaction.
    """
    return _Writer(scheme, edition).write()


def publish_label(concept: Concept, label: str, source: str) -> bool:
    """Take an edition's Italian label, unless an office keeps its own; whether anything changed."""
    changed = concept.label_it_published != label
    concept.label_it_published = label
    if not concept.label_it_kept and label and concept.label_it != label:
        concept.label_it, concept.label_source = label, source
        return True
    return changed


class _Writer:
    def __init__(self, scheme: Scheme, edition: Edition) -> None:
        self.scheme = scheme
        self.edition = edition
        self.present = {concept.code: concept for concept in scheme.concepts.all()}
        self.left_out: list[LeftOut] = []
        self.parents: dict[tuple[str, str], Concept] = {}
        self.added = self.changed = 0

    def write(self) -> tuple[Counts, list[LeftOut]]:
        rows = self._rows()
        gone = [
            concept
            for code, concept in self.present.items()
            if code not in rows and not concept.is_gone
        ]
        here = sum(not concept.is_gone for concept in self.present.values())
        if len(gone) > FEW and len(gone) * MOST_GONE > here:
            raise VocabularyRefused(
                _(
                    "%(name)s: the file lacks %(gone)d of the %(here)d concepts that are there. It "
                    "looks incomplete; nothing was changed."
                )
                % {"name": self.scheme.name, "gone": len(gone), "here": here}
            )
        for level in self._levels(rows):
            self._write_level(level)
        Concept.objects.filter(pk__in=[concept.pk for concept in gone]).update(is_gone=True)
        unchanged = len(rows) - self.added - self.changed
        return (self.added, self.changed, len(gone), unchanged), self.left_out

    def _rows(self) -> dict[str, tuple[int, ConceptRow]]:
        """The rows by code, each with its position; a repeated code is left out."""
        by_label: dict[str, str] = {}
        rows: dict[str, tuple[int, ConceptRow]] = {}
        for position, row in enumerate(self.edition.concepts):
            if row.code in rows:
                self._leave(row, _("the same code again: the first was taken"))
                continue
            is_new = row.code not in self.present
            if is_new and not row.code.isdigit() and self.scheme.code == "euroscivoc":
                # Without a number of its own a field is known by its English label.
                by_label = by_label or {
                    fold(concept.label_en): code for code, concept in self.present.items()
                }
                row.code = by_label.get(fold(row.label_en or ""), row.code)
                if row.code in rows:
                    self._leave(row, _("the same code again: the first was taken"))
                    continue
            rows[row.code] = (position, row)
        return rows

    def _levels(
        self, rows: dict[str, tuple[int, ConceptRow]]
    ) -> list[list[tuple[int, ConceptRow, Concept | None]]]:
        """The rows in waves: what stands above another comes in an earlier one."""
        above = {code: self._parent_code(row, rows) for code, (_position, row) in rows.items()}
        depth: dict[str, int] = {}
        for code in rows:
            path = []
            here = code
            while here not in depth and here not in path:
                path.append(here)
                here = above[here] if above[here] in rows else ""
                if not here:
                    break
            if here and here in path:
                # The file runs in a circle: it is cut where it closes.
                self._leave(rows[path[-1]][1], _("broader than itself: put at the top"))
                above[path[-1]] = ""
                here = ""
            start = depth[here] + 1 if here else 0
            for step, name in enumerate(reversed(path)):
                depth[name] = start + step
        waves: list[list[tuple[int, ConceptRow, Concept | None]]] = [
            [] for _wave in range(max(depth.values(), default=-1) + 1)
        ]
        self.above = above
        for code, (position, row) in rows.items():
            waves[depth[code]].append((position, row, self.present.get(code)))
        return waves

    def _parent_code(self, row: ConceptRow, rows: dict[str, tuple[int, ConceptRow]]) -> str:
        for scheme, code in row.broader:
            if scheme == self.scheme.code and code in rows and code != row.code:
                return code
        return ""

    def _write_level(self, level: list[tuple[int, ConceptRow, Concept | None]]) -> None:
        pending = []
        for position, row, known in level:
            parent = self._parent(row, known)
            fresh = known is None
            concept = known or Concept(
                scheme=self.scheme, code=row.code, label_source="source", standing="verified"
            )
            different = _take(concept, row)
            parent_id = parent.pk if parent else None
            if concept.broader_id != parent_id:
                concept.broader_id, different = parent_id, True
            if concept.is_gone:
                concept.is_gone, different = False, True
            moved = concept.position != position
            concept.position = position
            self.added += fresh
            self.changed += different and not fresh
            self.present[row.code] = concept
            if fresh or different or moved:
                pending.append(concept)
        Concept.objects.bulk_create(
            pending,
            update_conflicts=True,
            unique_fields=["scheme", "code"],
            update_fields=WRITTEN,
            batch_size=BATCH,
        )

    def _parent(self, row: ConceptRow, concept: Concept | None) -> Concept | None:
        if not self.edition.speaks_of_broader:
            return concept.broader if concept else None
        code = self.above[row.code]
        if code:
            return self.present[code]
        for scheme, above in row.broader:
            if scheme != self.scheme.code and (found := self._foreign(scheme, above)):
                return found
        if row.broader:
            self._leave(row, _("nothing is known of what stands above it: put at the top"))
        return None

    def _foreign(self, scheme: str, code: str) -> Concept | None:
        if not self.parents:
            others = {name for row in self.edition.concepts for name, _code in row.broader}
            found = Concept.objects.filter(scheme__code__in=others - {self.scheme.code})
            self.parents = {
                (concept.scheme.code, concept.code): concept
                for concept in found.select_related("scheme")
            }
        return self.parents.get((scheme, code))

    def _leave(self, row: ConceptRow, reason: str) -> None:
        self.left_out.append(LeftOut(row.row, row.code, reason))


def _take(concept: Concept, row: ConceptRow) -> bool:
    """Write the row's words on the concept; whether any differs."""
    different = False
    for name in LABELS:
        value = getattr(row, name)
        if value is not None and getattr(concept, name) != value:
            setattr(concept, name, value)
            different = True
    if row.label_it is not None:
        different |= publish_label(concept, row.label_it, "source")
    return different
