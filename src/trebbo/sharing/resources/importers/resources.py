"""Brings resources in, from a table or as another reader says: what fits is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.queries import visible_profiles
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal, tidied
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.actions import ResourceRefused
from trebbo.sharing.resources.actions.catalogue import present_resource
from trebbo.sharing.resources.actions.rules import RULES
from trebbo.sharing.resources.importers import cells
from trebbo.sharing.resources.importers.cells import PriceSaid
from trebbo.sharing.resources.importers.tables import Row, read_table
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries import (
    COLUMNS,
    prices_today,
    resource_meant,
)

NEEDED = ("profile", "kind")
ELSEWHERE = ("profile", "number", "fields", *cells.PRICES)
"""Columns that are no value of the resource itself."""


@dataclass(frozen=True, slots=True)
class ResourceSaid:
    """What a row says of a resource: whose it is, which one, its values, fields and prices.

    Only what the row has columns for; `problems` are cells that mean nothing. One of another system
    (`is_foreign`) is known again by the source that it was given when it first came.
    """

    line: int
    label: str
    profile: str
    number: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    fields: list[int] | None = None
    prices: list[PriceSaid] = field(default_factory=list)
    problems: tuple[str, ...] = ()
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What came of a row: `words` say what is wrong with it, or what was done."""

    line: int
    label: str
    words: str
    fits: bool


def import_resources(*, actor: Viewer, data: bytes, write: bool) -> list[RowOutcome]:
    """Add or change the resources of a table, row by row; without `write` nothing is kept.

    The columns are `COLUMNS`, as an export has them; those that are absent change nothing. A row
    means the resource of its `number`, or of its identifier where that body has it already; else it
    adds one. Prices hold from today. A row that does not fit is told and keeps no other from being
    written. Refuses a file that is no such table.
    """
    said = [_said(line, row) for line, row in read_table(data, NEEDED)]
    return take_in(actor=actor, said=said, write=write)


def take_in(*, actor: Viewer, said: Iterable[ResourceSaid], write: bool) -> list[RowOutcome]:
    """Add or change resources, each by itself; without `write` nothing is kept."""
    outcomes, touched = [], dict[int, Profile]()
    with transaction.atomic():
        for one in said:
            try:
                with transaction.atomic():
                    resource, words = _take(actor, one)
            except Refusal as refusal:
                outcomes.append(RowOutcome(one.line, one.label, _told(refusal), fits=False))
            else:
                touched[resource.profile_id] = resource.profile
                outcomes.append(RowOutcome(one.line, one.label, words, fits=True))
        for profile in touched.values():
            audit.record(actor=actor, verb="import_resources", subject=profile)
        if not write:
            transaction.set_rollback(True)
    return outcomes


def _said(line: int, row: Row) -> ResourceSaid:
    problems: list[str] = []
    values: dict[str, Any] = {}
    prices: list[PriceSaid] = []
    number: int | None = None
    fields: list[int] | None = None
    for column in (name for name in COLUMNS if name in row):
        cell = row[column]
        try:
            if column in cells.PRICES:
                prices += cells.prices_of(column, cell)
            elif column == "fields":
                fields = cells.fields_of(cell)
            elif column == "number":
                number = cells.value_of("lead_days", cell)
            elif column not in ELSEWHERE and not (column in cells.KEPT_IF_BLANK and not cell):
                values[_argument(column)] = cells.value_of(column, cell)
        except Refusal as refusal:
            problems.append(f"{column}: {refusal.message}")
    label = row.get("name_it") or row.get("name_en") or row.get("identifier") or ""
    profile = row.get("profile", "").strip("/ ")
    return ResourceSaid(line, label, profile, number, values, fields, prices, tuple(problems))


def _argument(column: str) -> str:
    return "municipality_id" if column == "municipality" else column


def _take(actor: Viewer, said: ResourceSaid) -> tuple[Resource, str]:
    if said.problems:
        raise ResourceRefused(" ".join(said.problems))
    profile = visible_profiles(viewer=actor).filter(slug=said.profile).first()
    if profile is None:
        raise ResourceRefused(_("No profile has this address."))
    values = tidied(said.values, RULES, ResourceRefused)
    present = resource_meant(
        profile,
        number=said.number,
        identifier=values.get("identifier", ""),
        source=said.values.get("source", "") if said.is_foreign else "",
        viewer=actor,
    )
    if present is None and said.number is not None:
        raise ResourceRefused(_("This body has no resource of this number that you look after."))
    if present is None:
        resource = _add(actor, profile, said)
        return resource, _("is added")
    changed = _change(actor, present, said, values)
    return present, _("is changed") if changed else _("says nothing new")


def _add(actor: Viewer, profile: Profile, said: ResourceSaid) -> Resource:
    resource = actions.add_resource(
        actor=actor, profile_id=profile.pk, field_ids=said.fields or (), **said.values
    )
    for price in said.prices:
        _set_price(actor, resource, price)
    return resource


def _change(
    actor: Viewer, present: Resource, said: ResourceSaid, values: Mapping[str, Any]
) -> bool:
    """Whether anything was new."""
    kept = present_resource(present)
    new = {name: value for name, value in values.items() if _plain(kept[name]) != value}
    if said.is_foreign:
        new.pop("source", None)
    fields = said.fields if said.fields is not None else list(kept["field_ids"])
    if new or set(fields) != set(kept["field_ids"]):
        actions.change_resource(
            actor=actor,
            resource_id=present.pk,
            version=present.version,
            field_ids=fields,
            **new,
        )
    held = {
        (one.user_class, one.unit, one.amount, one.vat)
        for one in prices_today(present, viewer=actor)
    }
    fresh = [
        one for one in said.prices if (one.user_class, one.unit, one.amount, one.vat) not in held
    ]
    for price in fresh:
        _set_price(actor, present, price)
    return bool(new or fresh or set(fields) != set(kept["field_ids"]))


def _plain(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _set_price(actor: Viewer, resource: Resource, price: PriceSaid) -> None:
    actions.set_price(
        actor=actor,
        resource_id=resource.pk,
        user_class=price.user_class,
        unit=price.unit,
        amount=price.amount,
        vat=price.vat,
    )


def _told(refusal: Refusal) -> str:
    """All that is wrong with a row, each with its column."""
    if not refusal.fields:
        return refusal.message
    return " ".join(f"{name}: {words}" for name, words in refusal.fields.items())
