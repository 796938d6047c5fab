"""Reads a profile together with all its small facts in one query, as rows of JSON.

A page would otherwise need a query for each of eight tables; this keeps the number of queries
fixed and small on both databases.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import (
    F,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.aggregates import Aggregate
from django.db.models.functions import JSONObject
from django.db.models.sql.compiler import SQLCompiler

from trebbo.ecosystem.organisations.models import (
    Accreditation,
    Identifier,
    KindPeriod,
    OtherName,
    Profile,
    ProfileItem,
    Seat,
    SizePeriod,
)
from trebbo.ecosystem.vocabularies.models import Concept, Municipality

M = TypeVar("M", bound=Model)
Row = Mapping[str, Any]

SOURCED = ("source", "standing")
PERIOD = ("valid_from", "valid_until")
CONCEPT = ("concept_id", "concept__code", "concept__label_it", "concept__label_en")
COLUMNS: Mapping[type[Model], Sequence[str]] = {
    OtherName: ("id", "name", "kind"),
    Identifier: ("id", "scheme", "value", *SOURCED),
    KindPeriod: ("id", "kind", *PERIOD, *SOURCED),
    SizePeriod: ("id", "size", "year", "headcount", "turnover", "balance", *SOURCED),
    Accreditation: ("id", "act", "note_it", "note_en", *PERIOD, *SOURCED),
    ProfileItem: ("id", "section", "text_it", "text_en", "position", *SOURCED),
    Seat: (
        "id",
        "label",
        "address",
        "postcode",
        "municipality_id",
        "municipality__name",
        "municipality__province_id",
        "latitude",
        "longitude",
        "precision",
        "is_main",
        *PERIOD,
        *SOURCED,
    ),
}


class Rows(Aggregate):
    """All rows of a group as one JSON array."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, Sequence[Any]]:
        """PostgreSQL's name for the same."""
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def in_one_query(*tables: tuple[QuerySet[Any], Mapping[str, Any]]) -> list[list[Row]]:
    """The rows of several tables in one query, each as JSON: table by table, in no order.

    Each table comes with what is read of it: names for expressions or for paths of columns.
    """
    parts = [
        rows.order_by()
        .annotate(
            table_read=Value(number, output_field=IntegerField()),
            packed=JSONObject(
                **{name: F(one) if isinstance(one, str) else one for name, one in columns.items()}
            ),
        )
        .values_list("table_read", "packed")
        for number, (rows, columns) in enumerate(tables)
    ]
    found: list[list[Row]] = [[] for _table in tables]
    for number, packed in parts[0].union(*parts[1:], all=True):
        found[number].append(packed)
    return found


def unpacked(rows: Any) -> list[Row]:
    """Rows gathered inside a row of JSON; one database gives them as text, another whole."""
    return list(json.loads(rows) if isinstance(rows, str) else rows or ())


def rows_of(model: type[Model], link: str) -> Subquery:
    """The rows of `model` that point to the outer profile through `link`."""
    return _gathered(model._default_manager.all(), link, COLUMNS[model])


def fields_of() -> Subquery:
    """The fields of the outer profile."""
    through: type[Model] = Profile.fields.through
    return _gathered(through._default_manager.all(), "profile", CONCEPT)


def restored(model: type[M], rows: Iterable[Row] | None) -> list[M]:
    """The rows as instances of their model, without touching the database."""
    return [_instance(model, row) for row in rows or ()]


def restored_fields(rows: Iterable[Row] | None) -> list[Concept]:
    """The fields by their label in the page's language."""
    concepts = [
        Concept(
            pk=row["concept_id"],
            code=row["concept__code"],
            label_it=row["concept__label_it"],
            label_en=row["concept__label_en"],
        )
        for row in rows or ()
    ]
    return sorted(concepts, key=lambda concept: concept.label.casefold())


def _gathered(rows: QuerySet[Any], link: str, columns: Sequence[str]) -> Subquery:
    packed = JSONObject(**{name: F(name) for name in columns})
    return Subquery(
        rows.filter(**{link: OuterRef("pk")})
        .order_by()
        .values(link)
        .annotate(gathered=Rows(packed))
        .values("gathered"),
        output_field=JSONField(),
    )


def _instance(model: type[M], row: Row) -> M:
    known = {column.name: column for column in model._meta.concrete_fields}
    values = {
        name: known[name].to_python(value)
        for name, value in row.items()
        if "__" not in name and not name.endswith("_id")
    }
    instance = model(**values)
    instance._state.adding = False
    if isinstance(instance, Seat) and row["municipality_id"]:
        instance.municipality = Municipality(
            istat_code=row["municipality_id"],
            name=row["municipality__name"],
            province_id=row["municipality__province_id"],
        )
    return instance
