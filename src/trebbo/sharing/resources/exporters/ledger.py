"""The use ledger of a year for an auditor: sums, every record ever made, how it was counted."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trebbo.kernel.documents import printable
from trebbo.kernel.tabular import Book, Cell, Linked, harmless
from trebbo.sharing.resources.queries import Ledger, LedgerRecord


@dataclass(frozen=True, slots=True)
class LedgerTold:
    """A ledger with who had it made, and when, in one language."""

    ledger: Ledger
    made_by: str
    made_at: datetime
    language: str


def ledger_name(told: LedgerTold, ending: str) -> str:
    """Such as "use-ledger-12-2026.xlsx"."""
    return f"use-ledger-{told.ledger.resource.pk}-{told.ledger.year}.{ending}"


def ledger_xlsx(told: LedgerTold) -> bytes:
    """Sums as the page shows them, each record, and how it was counted."""
    with translation.override(told.language):
        book = Book(_("Use ledger"), told.language)
        book.sheet(_("Sums")).fill((_("Figure"), _("Value")), _figures(told.ledger))
        book.sheet(_("Classes of users")).fill(_class_head(), _class_rows(told.ledger))
        book.sheet(_("Records")).fill(_record_head(), _record_rows(told.ledger))
        book.sheet(_("How it was made")).fill((_("Part"), _("Text")), _made(told))
        return book.content()


def ledger_csv(told: LedgerTold) -> bytes:
    """Each record as a plain row; no text begins as a formula does."""
    file = io.StringIO()
    writer = csv.writer(file)
    with translation.override(told.language):
        for row in (_record_head(), *_record_rows(told.ledger)):
            writer.writerow(
                [harmless(printable(cell)) if isinstance(cell, str) else cell for cell in row]
            )
    return file.getvalue().encode("utf-8-sig")


def _figures(ledger: Ledger) -> Iterable[Sequence[Cell]]:
    yield _("Resource"), str(ledger.resource)
    yield _("Owner"), ledger.resource.profile.name
    yield _("Paid for with public money"), _yes(yes=ledger.resource.is_publicly_funded)
    yield _("Fund"), ledger.resource.fund
    yield _("Year"), ledger.year
    yield _("Capacity of the year, hours"), ledger.capacity_hours
    yield _("Where the capacity comes from"), _capacity(ledger)
    yield _("Economic use, hours"), ledger.economic_hours
    yield _("Other use, hours"), ledger.other_hours
    yield _("All use, hours"), ledger.total_hours
    yield _("Economic use, per cent of capacity"), ledger.share
    if ledger.ceiling is not None:
        yield _("Ceiling, per cent of capacity"), ledger.ceiling.percent
        yield _("Ceiling, hours"), ledger.ceiling_hours
        yield _("Where the ceiling comes from"), ledger.ceiling.source
    yield _("Bookings that are over, without a record"), ledger.unrecorded


def _capacity(ledger: Ledger) -> str:
    if ledger.capacity is None:
        return _("opening hours less maintenance")
    stated = _("stated by the owner")
    return f"{stated}: {ledger.capacity.reason}" if ledger.capacity.reason else stated


def _class_head() -> tuple[str, ...]:
    hours = (_("Economic use, hours"), _("Other use, hours"), _("All use, hours"))
    return (_("Class of users"), *hours)


def _class_rows(ledger: Ledger) -> Iterable[Sequence[Cell]]:
    for row in ledger.rows:
        yield str(row.user_class.label), row.economic_hours, row.other_hours, row.hours
    yield _("Total"), ledger.economic_hours, ledger.other_hours, ledger.total_hours


def _record_head() -> tuple[str, ...]:
    return (
        *(
            _("Number"),
            _("Booking"),
            _("Start"),
            pgettext("time", "End"),
            _("Minutes in the year"),
            _("Hours"),
        ),
        *(_("Counts"), _("Class of users"), _("Economic"), _("Body"), _("Amount, euro"), _("VAT")),
        *(_("Note"), _("Recorded on"), _("Recorded by"), _("Struck out on"), _("Reason")),
    )


def _record_rows(ledger: Ledger) -> Iterable[Sequence[Cell]]:
    zone = ZoneInfo(ledger.resource.timezone)
    return (_record(one, zone) for one in ledger.records)


def _record(record: LedgerRecord, zone: ZoneInfo) -> Sequence[Cell]:
    use = record.use
    amount: Decimal | None = use.amount
    return (
        *(use.pk, use.booking_id, _moment(use.starts_at, zone), _moment(use.ends_at, zone)),
        *(record.minutes, record.hours, _yes(yes=record.counts), use.get_user_class_display()),
        *(_yes(yes=use.is_economic), record.body, amount, use.get_vat_display(), record.note),
        *(_moment(use.recorded_at, zone), record.recorded_by),
        *(_moment(use.voided_at, zone), use.void_reason),
    )


def _made(told: LedgerTold) -> Iterable[Sequence[Cell]]:
    zone = ZoneInfo(told.ledger.resource.timezone)
    address = f"{settings.SITE_ADDRESS}{told.ledger.resource.get_absolute_url()}"
    yield _("Resource"), Linked(address, address)
    yield _("Made on"), _moment(told.made_at, zone)
    yield _("Made for"), told.made_by
    yield (
        pgettext("clock", "Times"),
        _("local time of %(zone)s, with the distance to UTC") % {"zone": zone.key},
    )
    yield (
        _("Hours"),
        _("Minutes that really passed within the year, divided by 60, halves of a hundredth up."),
    )
    yield (
        _("Struck out"),
        _("Nothing is deleted: a wrong record is struck out with a reason and does not count."),
    )
    yield (
        _("Rule"),
        _("Framework for State aid for research, development and innovation, point 21"),
    )


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "minutes") if moment else ""


def _yes(*, yes: bool) -> str:
    return _("Yes") if yes else _("No")
