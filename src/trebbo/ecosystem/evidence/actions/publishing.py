"""Publishes a snapshot: in one transaction the registry's rows follow the new edition.

The statements are put together from the names of tables and columns alone; values are parameters.
"""
# ruff: noqa: S608

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from trebbo.ecosystem.evidence.actions import staging
from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.present import rebuilt_snapshot
from trebbo.ecosystem.evidence.actions.subjects import concepts_of
from trebbo.ecosystem.evidence.choices import SETTLED, Dataset, ImportStage, LinkState
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import (
    Body,
    FundedProject,
    Import,
    Link,
    Participation,
    RecordChange,
)
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record

PROJECTS, BODIES = FundedProject._meta.db_table, Body._meta.db_table
PARTS, CHANGES = Participation._meta.db_table, RecordChange._meta.db_table
FIELDS = FundedProject.fields.through._meta.db_table
STAGED = (
    "in_project",
    "in_body",
    "in_part",
    "in_field",
    "in_change",
    "out_key",
    "out_body",
    "touched",
)

RECORDED_OF_PARTS = ("contribution", "total_cost", "is_ended")
LONGEST_VALUE = 300
KEPT_WHOLESALE = frozenset(Dataset) - {Dataset.ROR}
"""The datasets whose every row is published; of ROR only the bodies that a link needs are."""


@dataclass(slots=True)
class Counts:
    """What became of the rows of one table: new, changed, no longer there."""

    added: int = 0
    changed: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class _Edition:
    imported: Import
    store: "warehouse.Store"
    old: str | None

    def difference(self, name: str) -> warehouse.Difference:
        return warehouse.difference(self.store, name, self.imported.snapshot, self.old)


def publish(*, actor: Viewer, imported: Import, store: "warehouse.Store") -> None:
    """Make the import's snapshot the present edition of its dataset; all of it or nothing.

    Rows change only where the editions differ; what the new one lacks is marked as gone and never
    deleted. Participations of bodies that are linked already go to their profiles at once. Counts
    by table are kept with the import. Raises `Interrupted` where another process has taken the
    import over.
    """
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=imported.pk)
        if held.process != imported.process:
            raise warehouse.Interrupted
        present = (
            Import.objects.filter(dataset=held.dataset, is_present=True).exclude(pk=held.pk).first()
        )
        counts: dict[str, Counts] = {}
        if held.dataset in KEPT_WHOLESALE:
            edition = _Edition(held, store, _old_snapshot(store, present))
            counts = _write(edition)
            attribute(actor=actor, body_ids=_linked_bodies())
            _tidy()
        if present is not None:
            Import.objects.filter(pk=present.pk).update(is_present=False)
        tables = {name: asdict(counted) for name, counted in counts.items()}
        Import.objects.filter(pk=held.pk).update(
            is_present=True, stage=ImportStage.LINK, counts={**held.counts, "tables": tables}
        )
        record(
            actor=actor,
            verb="publish_import",
            subject=held,
            changes={"edition_date": (_day(present), _day(held))},
        )


def _day(imported: Import | None) -> str:
    day = imported.edition_date if imported else None
    return day.isoformat() if day else ""


def _old_snapshot(store: "warehouse.Store", present: Import | None) -> str | None:
    if present is None:
        return None
    if warehouse.has_tables(store, present.snapshot):
        return present.snapshot
    return rebuilt_snapshot(store, present)


def _write(edition: _Edition) -> dict[str, Counts]:
    counts = {
        "project": _projects(edition),
        "body": _bodies(edition),
        "participation": _participations(edition),
    }
    if edition.store.has(edition.imported.snapshot, "project_field"):
        counts["project_field"] = _fields(edition)
    _find_touched(edition.imported)
    _sum_up()
    _mark_bodies(edition.imported, counts["body"])
    return counts


def _projects(edition: _Edition) -> Counts:
    found = edition.difference("project")
    names = [name for name in warehouse.columns("project") if name != "key"]
    counts = _stage(edition, "in_project", FundedProject, found, ("key", *names))
    number, dataset = edition.imported.pk, edition.imported.dataset
    values = ", ".join(staging.never_null(FundedProject, name) for name in names)
    staging.execute(
        f"INSERT INTO {PROJECTS} (dataset, key, {', '.join(names)}, first_import_id,"
        f" last_import_id) SELECT %s, key, {values}, %s, %s FROM in_project WHERE TRUE"
        f" ON CONFLICT (dataset, key) DO UPDATE SET {_replaced(names)}",
        dataset,
        number,
        number,
    )
    counts.gone = _stage_gone(edition, found, "project")
    staging.execute(
        f"UPDATE {PROJECTS} SET gone_import_id = %s WHERE dataset = %s AND gone_import_id IS NULL"
        " AND key IN (SELECT key FROM out_key)",
        number,
        dataset,
    )
    _record_changes(edition, found, names)
    return counts


def _bodies(edition: _Edition) -> Counts:
    found = edition.difference("body")
    known = {field.name for field in Body._meta.get_fields()}
    names = [n for n in warehouse.columns("body") if n in known and n not in ("scheme", "key")]
    kinds = staging.kinds_of(Body, ("scheme", "key", *names)) | {"latest": "date"}
    staging.make_table("in_body", kinds)
    limits = staging.limits_of(Body, ("scheme", "key", *names))
    counts = Counts()
    for group in ("added", "changed"):
        rows = warehouse.with_latest_start(
            edition.store,
            getattr(found, group).select("scheme", "key", *names),
            edition.imported.snapshot,
        )
        read = warehouse.batches(edition.store, rows, list(kinds), limits)
        setattr(counts, group, staging.load("in_body", read))
    number, dataset = edition.imported.pk, edition.imported.dataset
    # A body may come from several datasets: the one that saw it in the newest project says how
    # it is described.
    staging.execute(
        "DELETE FROM in_body WHERE EXISTS ("
        f"SELECT 1 FROM {BODIES} b JOIN {PARTS} p ON p.body_id = b.id"
        f" JOIN {PROJECTS} f ON f.id = p.project_id"
        " WHERE b.scheme = in_body.scheme AND b.key = in_body.key AND p.gone_import_id IS NULL"
        " AND f.dataset <> %s AND (f.start_date > in_body.latest OR in_body.latest IS NULL))",
        dataset,
    )
    values = ", ".join(staging.never_null(Body, name) for name in names)
    staging.execute(
        f"INSERT INTO {BODIES} (scheme, key, {', '.join(names)}, projects, contribution,"
        f" first_import_id, last_import_id) SELECT scheme, key, {values}, 0, 0, %s, %s"
        f" FROM in_body WHERE TRUE ON CONFLICT (scheme, key) DO UPDATE SET {_replaced(names)}",
        number,
        number,
    )
    _stage_gone(edition, found, "body", "out_body")
    return counts


def _participations(edition: _Edition) -> Counts:
    found = edition.difference("participation")
    names = ["position", *RECORDED_OF_PARTS]
    columns = ("project_key", "scheme", "body_key", "role", *names)
    counts = _stage(edition, "in_part", Participation, found, columns)
    number, dataset = edition.imported.pk, edition.imported.dataset
    values = ", ".join(staging.never_null(Participation, name, "i.") for name in names)
    staging.execute(
        f"INSERT INTO {PARTS} (project_id, body_id, role, {', '.join(names)}, first_import_id,"
        f" last_import_id) SELECT f.id, b.id, i.role, {values}, %s, %s FROM in_part i"
        f" JOIN {PROJECTS} f ON f.dataset = %s AND f.key = i.project_key"
        f" JOIN {BODIES} b ON b.scheme = i.scheme AND b.key = i.body_key WHERE TRUE"
        f" ON CONFLICT (project_id, body_id, role) DO UPDATE SET {_replaced(names)}",
        number,
        number,
        dataset,
    )
    counts.gone = _stage_gone(edition, found, "participation")
    staging.execute(
        f"UPDATE {PARTS} SET gone_import_id = %s WHERE gone_import_id IS NULL AND id IN ("
        f"SELECT p.id FROM out_key o JOIN {PROJECTS} f ON f.dataset = %s AND f.key = o.project_key"
        f" JOIN {BODIES} b ON b.scheme = o.scheme AND b.key = o.body_key"
        f" JOIN {PARTS} p ON p.project_id = f.id AND p.body_id = b.id AND p.role = o.role)",
        number,
        dataset,
    )
    _record_changes(edition, found, RECORDED_OF_PARTS)
    return counts


def _fields(edition: _Edition) -> Counts:
    found = edition.difference("project_field")
    scheme = concepts_of(warehouse.fields(edition.store, edition.imported.snapshot))
    staging.make_table("in_field", {"project_key": "text", "code": "text"})
    rows = warehouse.batches(edition.store, found.added, ("project_key", "code"), {})
    counts = Counts(added=staging.load("in_field", rows))
    matched = (
        f"JOIN {PROJECTS} f ON f.dataset = %s AND f.key = i.project_key"
        " JOIN vocabularies_concept c ON c.scheme_id = %s AND c.code = i.code"
    )
    dataset = edition.imported.dataset
    staging.execute(
        f"INSERT INTO {FIELDS} (fundedproject_id, concept_id) SELECT f.id, c.id FROM in_field i"
        f" {matched} WHERE TRUE ON CONFLICT (fundedproject_id, concept_id) DO NOTHING",
        dataset,
        scheme,
    )
    counts.gone = _stage_gone(edition, found, "project_field")
    staging.execute(
        f"DELETE FROM {FIELDS} WHERE id IN (SELECT t.id FROM out_key i {matched}"
        f" JOIN {FIELDS} t ON t.fundedproject_id = f.id AND t.concept_id = c.id)",
        dataset,
        scheme,
    )
    return counts


def _stage(
    edition: _Edition,
    table: str,
    model: type[FundedProject | Participation],
    found: warehouse.Difference,
    names: tuple[str, ...],
) -> Counts:
    known = {field.name for field in model._meta.get_fields()}
    own = [name for name in names if name in known]
    kinds = dict.fromkeys(names, "text") | staging.kinds_of(model, own)
    staging.make_table(table, {name: kinds[name] for name in names})
    limits = staging.limits_of(model, own)
    counts = Counts()
    for group in ("added", "changed"):
        rows = warehouse.batches(edition.store, getattr(found, group), names, limits)
        setattr(counts, group, staging.load(table, rows))
    return counts


def _stage_gone(
    edition: _Edition, found: warehouse.Difference, name: str, table: str = "out_key"
) -> int:
    keys = warehouse.KEYS[name]
    staging.make_table(table, dict.fromkeys(keys, "text"))
    if edition.old is None:
        return 0
    return staging.load(table, warehouse.batches(edition.store, found.removed, keys, {}))


def _replaced(names: Iterable[str]) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in names)
    return f"{changed}, last_import_id = excluded.last_import_id, gone_import_id = NULL"


def _record_changes(edition: _Edition, found: warehouse.Difference, names: Iterable[str]) -> None:
    """Write what changed in rows that were there: field → [old, new]."""
    if edition.old is None:
        return
    columns = ("project_key", "scheme", "body_key", "changes")
    staging.make_table("in_change", dict.fromkeys(columns, "text"))
    rows = _told(warehouse.records(edition.store, found.changed), tuple(names))
    staging.load("in_change", warehouse.batches_of(columns, rows))
    as_json = "CAST(i.changes AS jsonb)" if connection.vendor == "postgresql" else "i.changes"
    staging.execute(
        f"INSERT INTO {CHANGES} (project_id, body_id, made_by_id, changes)"
        f" SELECT f.id, b.id, %s, {as_json} FROM in_change i"
        f" JOIN {PROJECTS} f ON f.dataset = %s AND f.key = i.project_key"
        f" LEFT JOIN {BODIES} b ON b.scheme = i.scheme AND b.key = i.body_key",
        edition.imported.pk,
        edition.imported.dataset,
    )


def _told(
    rows: Iterable[dict[str, Any]], names: tuple[str, ...]
) -> Iterator[tuple[str, str | None, str | None, str]]:
    for row in rows:
        changed = {
            name: pair
            for name in names
            if (pair := [_short(row[f"old_{name}"]), _short(row[name])])[0] != pair[1]
        }
        if changed:
            key = row.get("project_key") or row["key"]
            words = json.dumps(changed, ensure_ascii=False)
            yield str(key), row.get("scheme"), row.get("body_key"), words


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    words = str(value).replace("\0", "")
    return words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…"


def _find_touched(imported: Import) -> None:
    """Gather the bodies whose participations, or whose projects, came, changed or went."""
    staging.make_table("touched", {"id": "bigint"})
    staging.execute(
        f"INSERT INTO touched SELECT DISTINCT p.body_id FROM {PARTS} p"
        f" JOIN {PROJECTS} f ON f.id = p.project_id WHERE %s IN (p.last_import_id,"
        " p.gone_import_id, f.last_import_id, f.gone_import_id)",
        imported.pk,
    )


def _sum_up() -> None:
    """Count anew the projects, years and money of the bodies that were touched."""
    year = "CAST(SUBSTR(CAST(f.start_date AS varchar(10)), 1, 4) AS integer)"
    staging.execute(
        f"UPDATE {BODIES} SET projects = s.projects, first_year = s.first_year,"
        " last_year = s.last_year, contribution = s.contribution FROM ("
        "SELECT t.id AS id, COUNT(DISTINCT f.id) AS projects,"
        f" MIN({year}) AS first_year, MAX({year}) AS last_year,"
        " COALESCE(ROUND(SUM(CASE WHEN f.id IS NULL THEN NULL ELSE p.contribution END), 2), 0)"
        " AS contribution FROM touched t"
        f" LEFT JOIN {PARTS} p ON p.body_id = t.id AND p.gone_import_id IS NULL"
        f" LEFT JOIN {PROJECTS} f ON f.id = p.project_id AND f.gone_import_id IS NULL"
        f" GROUP BY t.id) s WHERE s.id = {BODIES}.id"
    )


def _mark_bodies(imported: Import, counts: Counts) -> None:
    """A body is gone when no dataset has a part of it any more; one that has is back."""
    parts = (
        f"EXISTS (SELECT 1 FROM {PARTS} p WHERE p.body_id = {BODIES}.id"
        " AND p.gone_import_id IS NULL)"
    )
    touched = "id IN (SELECT id FROM touched)"
    left = (
        f"EXISTS (SELECT 1 FROM out_body o WHERE o.scheme = {BODIES}.scheme"
        f" AND o.key = {BODIES}.key)"
    )
    counts.gone = staging.execute(
        f"UPDATE {BODIES} SET gone_import_id = %s WHERE gone_import_id IS NULL"
        f" AND ({touched} OR {left}) AND NOT {parts}",
        imported.pk,
    )
    staging.execute(
        f"UPDATE {BODIES} SET gone_import_id = NULL WHERE gone_import_id IS NOT NULL"
        f" AND {touched} AND {parts}"
    )


def _linked_bodies() -> list[int]:
    """The touched bodies that somebody's participations follow already."""
    states = [state.value for state in (*SETTLED, LinkState.SPLIT)]
    marks = ", ".join(["%s"] * len(states))
    rows = staging.fetch(
        f"SELECT DISTINCT l.body_id FROM {Link._meta.db_table} l JOIN touched t ON t.id = l.body_id"
        f" WHERE l.profile_id IS NOT NULL AND l.state IN ({marks})",
        *states,
    )
    return [number for (number,) in rows]


def _tidy() -> None:
    for name in STAGED:
        staging.drop_table(name)
