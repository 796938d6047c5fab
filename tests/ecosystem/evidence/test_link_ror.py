"""Profiles and bodies linked to ROR: only the records that matter become rows."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories.evidence import BodyFactory, ImportFactory, LinkFactory
from tests.factories.organisations import OrganisationFactory, SeatFactory
from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.choices import Dataset, LinkState
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import Body, Import, Link
from trebbo.ecosystem.organisations.models import Identifier
from trebbo.kernel.access import installation

pytestmark = pytest.mark.django_db

RECORDS = [
    ("01111rn36", "University of Bologna", "Bologna", "https://www.unibo.it", "education"),
    ("041zkgm14", "University of Ferrara", "Ferrara", "https://www.unife.it", "education"),
    ("00000zz00", "Somewhere Else Institute", "Oslo", "https://else.example", "facility"),
]


@pytest.fixture
def ror(tmp_path: Path, settings: Any) -> Import:
    """A present edition of ROR with three records, in a warehouse of its own."""
    settings.WAREHOUSE_FOLDER = tmp_path / "warehouse"
    imported: Import = ImportFactory(dataset=Dataset.ROR, is_present=True, snapshot="ror_test")
    names = warehouse.columns("body")
    rows = [
        {
            **dict.fromkeys(names),
            "scheme": "ror",
            "key": key,
            "name": name,
            "town": town,
            "website": website,
            "activity": kind,
            "country": "NO" if town == "Oslo" else "IT",
            "is_active": True,
        }
        for key, name, town, website, kind in RECORDS
    ]
    labels = [
        {
            "scheme": "ror",
            "key": "01111rn36",
            "name": "Università di Bologna",
            "kind": "label",
            "language": "it",
        },
    ]
    with warehouse.opened() as store:
        for table, told in (("body", rows), ("body_name", labels)):
            schema = pa.schema([(name, warehouse_type(table, name)) for name in (told[0])])
            store.write("ror_test", table, store.read_arrow(pa.Table.from_pylist(told, schema)))
    return imported


def warehouse_type(table: str, column: str) -> pa.DataType:
    """The type of a declared column."""
    from trebbo.engine.warehouse.tables import TABLES

    return TABLES[table].field(column).type


def test_a_profile_and_its_body_find_their_record(ror: Import) -> None:
    university = OrganisationFactory(name="Università di Bologna", website="https://www.unibo.it")
    SeatFactory(
        profile=university,
        is_main=True,
        municipality__istat_code="037006",
        municipality__name="Bologna",
    )
    body = BodyFactory(
        name="UNIVERSITA DI BOLOGNA", town="BOLOGNA", website="www.unibo.it", activity="HES"
    )
    LinkFactory(body=body, profile=university, state=LinkState.ACCEPTED)
    counts = actions.link_snapshot(actor=installation(), imported=ror)
    assert counts.made + counts.proposed >= 2
    record = Body.objects.get(scheme="ror")
    assert (record.key, record.name, record.town) == (
        "01111rn36",
        "University of Bologna",
        "Bologna",
    )
    link = Link.objects.get(body=record)
    assert link.profile_id == university.pk
    tie = Link.objects.get(body=body, same_body=record)
    assert tie.state in (LinkState.MADE, LinkState.PROPOSED)
    if link.state == LinkState.MADE:
        assert Identifier.objects.get(scheme="ror").value == "01111rn36"
    before = list(Link.objects.order_by("pk").values("pk", "state", "probability"))
    actions.link_snapshot(actor=installation(), imported=ror)
    assert list(Link.objects.order_by("pk").values("pk", "state", "probability")) == before


def test_a_refused_tie_is_not_brought_up_again(ror: Import) -> None:
    university = OrganisationFactory(name="Somebody")
    body = BodyFactory(name="UNIVERSITY OF FERRARA", town="FERRARA", website="www.unife.it")
    LinkFactory(body=body, profile=university, state=LinkState.ACCEPTED)
    actions.link_to_ror(actor=installation())
    tie = Link.objects.get(same_body__isnull=False)
    Link.objects.filter(pk=tie.pk).update(state=LinkState.REFUSED)
    actions.link_to_ror(actor=installation())
    assert Link.objects.get(same_body__isnull=False).state == LinkState.REFUSED


def test_without_ror_nothing_is_asked_of_the_warehouse(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert actions.link_to_ror(actor=installation()) == actions.LinkCounts()
