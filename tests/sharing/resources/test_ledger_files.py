"""The ledger as a file: every record, struck-out ones too, and sums that equal the page's."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.resources import ResourceFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.exporters import LedgerTold, ledger_csv, ledger_xlsx
from trebbo.sharing.resources.models import Resource, UseCeiling, UseRecord, YearlyCapacity
from trebbo.sharing.resources.queries import Ledger, ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource() -> Resource:
    """A publicly funded instrument with three records of 2026, one of them struck out."""
    resource: Resource = ResourceFactory(is_publicly_funded=True, fund="PR FESR")
    # A browser's test that ran before leaves no row of a migration behind.
    UseCeiling.objects.get_or_create(
        valid_from=date(2022, 10, 28), defaults={"percent": 20, "source": "2022/C 414/01"}
    )
    YearlyCapacity.objects.create(resource=resource, year=2026, hours=1000, reason="=two shifts")
    for start, minutes, economic in (
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 100, True),
        (datetime(2026, 4, 1, 8, 0, tzinfo=UTC), 55, False),
        (datetime(2026, 4, 2, 8, 0, tzinfo=UTC), 240, True),
    ):
        UseRecord.objects.create(
            resource=resource,
            starts_at=start,
            ends_at=start + timedelta(minutes=minutes),
            user_class="member",
            is_economic=economic,
            amount=Decimal("66.67"),
            note="=1+1",
            recorded_at=start,
        )
    UseRecord.objects.filter(starts_at__day=2).update(
        voided_at=timezone.now(), void_reason="Entered twice"
    )
    return resource


def told(resource: Resource) -> tuple[LedgerTold, Ledger]:
    """The ledger of 2026 for its owner, in English."""
    viewer = Viewer(now=timezone.now(), mandates={resource.profile_id: frozenset({"editor"})})
    found = ledger(resource, 2026, viewer=viewer)
    assert found is not None
    return LedgerTold(found, "Ada", viewer.now, "en"), found


def test_the_spreadsheet_holds_sums_records_and_how_it_was_made(resource: Resource) -> None:
    what, page = told(resource)
    book = openpyxl.load_workbook(io.BytesIO(ledger_xlsx(what)))
    assert book.sheetnames == ["Sums", "Classes of users", "Records", "How it was made"]
    sums = {row[0]: row[1] for row in book["Sums"].iter_rows(values_only=True)}
    assert sums["Economic use, hours"] == float(page.economic_hours) == 1.67
    assert sums["Other use, hours"] == float(page.other_hours) == 0.92
    assert sums["All use, hours"] == float(page.total_hours)
    assert sums["Capacity of the year, hours"] == 1000
    assert sums["Where the capacity comes from"] == "stated by the owner: =two shifts"
    assert sums["Ceiling, hours"] == 200
    head, *records = book["Records"].iter_rows(values_only=True)
    rows = [dict(zip(head, row, strict=True)) for row in records]
    assert [row["Counts"] for row in rows] == ["Yes", "Yes", "No"]
    assert rows[2]["Reason"] == "Entered twice"
    # Counted again from the records, it is the same.
    minutes = sum(
        int(str(row["Minutes in the year"]))
        for row in rows
        if row["Counts"] == "Yes" and row["Economic"] == "Yes"
    )
    assert minutes == page.economic_minutes == 100
    # The clocks went forward in between: 100 minutes later it is not 03:10 but 04:10.
    assert (rows[0]["Start"], rows[0]["End"]) == (
        "2026-03-29 01:30+01:00",
        "2026-03-29 04:10+02:00",
    )
    kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n"}


def test_the_plain_rows_hold_every_record_and_no_formula(resource: Resource) -> None:
    rows = list(csv.DictReader(io.StringIO(ledger_csv(told(resource)[0]).decode("utf-8-sig"))))
    assert [row["Counts"] for row in rows] == ["Yes", "Yes", "No"]
    assert {row["Note"] for row in rows} == {"'=1+1"}


def test_who_may_read_the_ledger_gets_the_file(
    resource: Resource, client: Client, sign_in: Callable[[Person], Client]
) -> None:
    file = f"/en/resources/{resource.pk}/use/ledger.{{}}?year=2026"
    assert client.get(file.format("csv")).status_code == 302
    owner = sign_in(MandateFactory(profile=resource.profile).person)
    for ending in ("csv", "xlsx"):
        answer = owner.get(file.format(ending))
        assert answer.status_code == 200
        assert f"use-ledger-{resource.pk}-2026.{ending}" in answer["Content-Disposition"]
    for wrong in (file.format("pdf"), file.replace("2026", "1").format("csv")):
        assert owner.get(wrong).status_code == 404
    assert owner.get("/en/resources/999999/use/ledger.csv").status_code == 404
    assert sign_in(PersonFactory()).get(file.format("csv")).status_code == 404
