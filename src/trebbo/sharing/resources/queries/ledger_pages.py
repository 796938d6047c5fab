"""What the pages of the ledger show beside its figures, and the chart of a year."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.charts import Bar, BarGroup, Chart, bar_chart
from trebbo.kernel.pages import PAGE_SIZE
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries.ledger import (
    Ledger,
    LedgerRecord,
    figures,
    ledger,
    ledger_years,
    resources_of_ledgers,
)
from trebbo.sharing.resources.queries.wording import price_words, slot_words


@dataclass(frozen=True, slots=True)
class RecordInWords:
    """A record with when it was and what it cost."""

    record: LedgerRecord
    when: str
    price: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The ledger of a resource in a year, in words and as a drawing, and what the viewer may do."""

    ledger: Ledger
    years: list[int]
    records: list[RecordInWords]
    chart: Chart | None
    may_record: bool
    may_state: bool


def ledger_page(resource_id: int, year: int, *, viewer: Viewer) -> LedgerPage | None:
    """The page of a resource's ledger; nothing for who may not read it."""
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    found = ledger(resource, year, viewer=viewer) if resource else None
    if resource is None or found is None:
        return None
    return LedgerPage(
        ledger=found,
        years=sorted({year, *ledger_years(resource, viewer=viewer)}, reverse=True),
        records=[_in_words(record, resource) for record in found.records],
        chart=_chart(found) if found.economic_minutes or found.other_minutes else None,
        may_record=policies.answer_bookings.allows(viewer, resource),
        may_state=policies.look_after_resource.allows(viewer, resource),
    )


def ledgers_shown(
    year: int, number: str | None, *, viewer: Viewer, publicly_funded: bool
) -> Page[Any]:
    """A page of the ledgers that the viewer may read; only those of the page are counted up."""
    rows = resources_of_ledgers(viewer=viewer, publicly_funded=publicly_funded)
    page: Page[Any] = Paginator(rows.defer("words"), PAGE_SIZE).get_page(number)
    page.object_list = figures(page.object_list, year, viewer=viewer, records=False)
    return page


def _in_words(record: LedgerRecord, resource: Resource) -> RecordInWords:
    use = record.use
    price = price_words(use.amount, use.vat) if use.amount is not None else ""
    return RecordInWords(record, slot_words(use.starts_at, use.ends_at, resource.timezone), price)


def _chart(found: Ledger) -> Chart:
    rows = [row for row in found.rows if row.minutes]
    facts = {"name": found.resource.name, "year": str(found.year)}
    return bar_chart(
        title=_("Hours of use in %(year)s, by class of user") % facts,
        description=_("Filled: economic use. Outlined: other use."),
        groups=[
            BarGroup(
                str(row.user_class.label),
                (
                    Bar(float(row.economic_hours), _hours(row.economic_hours, _("economic"))),
                    Bar(float(row.other_hours), _hours(row.other_hours, _("other")), "outline"),
                ),
            )
            for row in rows
        ],
        head=[_("Class of user"), _("Economic use, hours"), _("Other use, hours"), _("Hours")],
        rows=[
            [
                str(row.user_class.label),
                _number(row.economic_hours),
                _number(row.other_hours),
                _number(row.hours),
            ]
            for row in rows
        ],
    )


def _hours(hours: Decimal, kind: str) -> str:
    return f"{_number(hours)} h, {kind}"


def _number(hours: Decimal) -> str:
    return number_format(hours, 2, use_l10n=True, force_grouping=True)
