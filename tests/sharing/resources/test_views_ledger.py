"""The pages of the ledger: who reads them, what owners write, what the agency states."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone, translation

from tests.factories.accounts import acting
from tests.factories.resources import ResourceFactory
from tests.sharing.resources.house import ROME, House, at, browser_of, slot_of, words_of
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import (
    BookedQuarter,
    Booking,
    UseCeiling,
    UseRecord,
    YearlyCapacity,
)
from trebbo.sharing.resources.queries import ledger_pages
from trebbo.sharing.resources.queries.ledger import figures

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _ceiling(db: None) -> None:
    UseCeiling.objects.update_or_create(
        valid_from=date(2022, 10, 28), defaults={"percent": 20, "source": "2022/C 414/01, 21"}
    )


def used(house: House, hours: int = 2, *, economic: bool = True, note: str = "Nota") -> UseRecord:
    """The owner used it itself, in a year that goes on."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours + 1)
    while UseRecord.objects.filter(starts_at__lt=start + timedelta(hours=hours)).exists():
        start -= timedelta(hours=hours)
        break
    return actions.record_own_use(
        actor=acting(house.lara),
        resource_id=house.resource.pk,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        is_economic=economic,
        note=note,
    )


def address(house: House) -> str:
    """The ledger of the resource."""
    return f"/en/resources/{house.resource.pk}/use/"


@pytest.mark.parametrize(
    ("who", "status"), [("lara", 200), ("sara", 404), ("stranger", 404), (None, 302)]
)
def test_the_ledger_is_for_who_looks_after_the_resource(who: str | None, status: int) -> None:
    house = House()
    used(house)
    response = browser_of(getattr(house, who) if who else None).get(address(house))
    assert response.status_code == status
    if status == 200:
        page = words_of(response)
        assert "2.00 h, economic" in page
        assert "Nota" in page
        assert "2022/C 414/01, 21" in page


def test_offices_read_hours_and_no_notes() -> None:
    house = House()
    used(house)
    for person in (house.olga, house.aldo):
        response = browser_of(person).get(address(house))
        if response.status_code == 200:
            assert "Nota" not in words_of(response)
            assert "Record a use of your own" not in words_of(response)


def test_the_owner_records_a_use_of_its_own_and_strikes_it_out() -> None:
    house = House()
    lara = browser_of(house.lara)
    start = at(-1, 9) if at(-1, 9).year == YEAR else at(0, 0)
    sent = {
        "do": "own",
        **slot_of("own", start, start + timedelta(hours=2)),
        "own-is_economic": "no",
        "own-note": "Teaching",
    }
    if start < timezone.now() - timedelta(hours=2):
        assert lara.post(address(house), sent).status_code == 302
    else:
        used(house, economic=False, note="Teaching")
    use = UseRecord.objects.get()
    assert (use.is_economic, use.note) == (False, "Teaching")
    again = lara.post(address(house), sent)
    assert again.status_code == 400
    assert "Teaching" in words_of(again)
    struck = lara.post(
        address(house), {"do": "void", "use": use.pk, "void-reason": "Another instrument"}
    )
    assert struck.status_code == 302
    page = words_of(lara.get(address(house)))
    assert "<del>" in page
    assert "Another instrument" in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "This time is booked: record first what came of the booking."),
        ("it", "Questo tempo è prenotato: registra prima com’è andata la prenotazione."),
    ],
)
def test_a_booked_hour_is_no_use_of_its_own_and_what_was_typed_stays(
    language: str, told: str
) -> None:
    house = House()
    booking = house.accept(house.ask())
    days = 7
    Booking.objects.update(
        starts_at=booking.starts_at - timedelta(days), ends_at=booking.ends_at - timedelta(days)
    )
    BookedQuarter.objects.update(quarter=F("quarter") - days * 96)
    start = (booking.starts_at - timedelta(days)).astimezone(ROME)
    sent = {
        "do": "own",
        **slot_of("own", start, start + timedelta(hours=2)),
        "own-is_economic": "no",
        "own-note": "Teaching",
    }
    refused = browser_of(house.lara).post(f"/{language}/resources/{house.resource.pk}/use/", sent)
    assert refused.status_code == 400
    page = words_of(refused)
    assert told in page
    assert "Teaching" in page
    assert not UseRecord.objects.exists()


@pytest.mark.parametrize("use", ["0", "999999", "x"])
def test_only_records_of_the_page_are_struck_out(use: str) -> None:
    house = House()
    used(house)
    sent = {"do": "void", "use": use, "void-reason": "Wrong"}
    assert browser_of(house.lara).post(address(house), sent).status_code == 404


def test_capacity_is_stated_with_a_reason_and_refusals_keep_what_was_typed() -> None:
    house = House()
    lara = browser_of(house.lara)
    sent = {"do": "capacity", "capacity-hours": "1800", "capacity-reason": ""}
    refused = lara.post(address(house), sent)
    assert refused.status_code == 400
    assert 'value="1800"' in words_of(refused)
    assert lara.post(address(house), {**sent, "capacity-reason": "Two shifts"}).status_code == 302
    stated = YearlyCapacity.objects.get()
    assert (stated.hours, stated.year, stated.reason) == (1800, YEAR, "Two shifts")
    page = words_of(lara.get(address(house)))
    assert "1,800.00 hours" in page
    assert "360.00 hours" in page


@pytest.mark.parametrize("year", ["1", "99999", "x", ""])
def test_a_year_that_is_none_is_this_one(year: str) -> None:
    house = House()
    page = words_of(browser_of(house.lara).get(f"{address(house)}?year={year}"))
    assert f"in {YEAR}" in page


def test_the_overview_says_how_near_each_is() -> None:
    house = House()
    actions.set_capacity(
        actor=acting(house.lara),
        resource_id=house.resource.pk,
        year=YEAR,
        hours=10,
        reason="Prova",
    )
    used(house, hours=3)
    private = ResourceFactory(profile=house.lab, name_en="Private bench")
    lara = browser_of(house.lara)
    page = words_of(lara.get("/en/resources/use/"))
    assert "Electron microscope" in page
    assert "Above the ceiling" in page
    assert "30.00 %" in page
    assert "Private bench" not in page
    assert "Private bench" in words_of(lara.get("/en/resources/use/?all=on"))
    assert f"/resources/{private.pk}/use/" not in words_of(
        browser_of(house.stranger).get("/en/resources/use/?all=on")
    )
    assert browser_of().get("/en/resources/use/").status_code == 302


@pytest.mark.parametrize(
    ("who", "reads", "states"),
    [("aldo", 200, 302), ("olga", 200, 403), ("lara", 403, 403), (None, 302, 302)],
)
def test_ceilings_are_read_by_offices_and_stated_by_the_agency(
    who: str | None, reads: int, states: int
) -> None:
    house = House()
    client: Client = browser_of(getattr(house, who) if who else None)
    assert client.get("/en/resources/use/ceilings/").status_code == reads
    before = UseCeiling.objects.count()
    sent = {
        "valid_from": f"{YEAR + 1}-01-01",
        "percent": "25.5",
        "warn_percent": "80",
        "source": "Framework, point 21",
    }
    assert client.post("/en/resources/use/ceilings/", sent).status_code == states
    stated = UseCeiling.objects.filter(valid_from=date(YEAR + 1, 1, 1))
    assert UseCeiling.objects.count() == before + (who == "aldo")
    assert stated.exists() == (who == "aldo")


@pytest.mark.parametrize(
    "wrong", [{"percent": "0"}, {"percent": "much"}, {"source": ""}, {"valid_from": "x"}]
)
def test_a_ceiling_that_is_none_is_refused_with_what_was_typed(wrong: dict[str, str]) -> None:
    house = House()
    sent = {
        "valid_from": "2031-01-01",
        "percent": "25",
        "warn_percent": "80",
        "source": "Somewhere",
    }
    response = browser_of(house.aldo).post("/en/resources/use/ceilings/", {**sent, **wrong})
    assert response.status_code == 400
    if "source" not in wrong:
        assert "Somewhere" in words_of(response)


def test_the_overview_takes_the_same_number_of_queries_however_long(
    django_assert_max_num_queries: Any,
) -> None:
    house = House()
    client = browser_of(house.lara)
    counts = []
    for number in range(3):
        ResourceFactory(profile=house.lab, is_publicly_funded=True)
        if number != 1:
            with django_assert_max_num_queries(12) as queries:
                client.get("/en/resources/use/")
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_overview_counts_up_only_the_ledgers_of_its_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, asked = House(), []
    for number in range(3):
        ResourceFactory(profile=house.lab, is_publicly_funded=True, name_it=f"Banco {number}")
    monkeypatch.setattr(ledger_pages, "PAGE_SIZE", 2)
    monkeypatch.setattr(
        ledger_pages,
        "figures",
        lambda rows, *args, **how: asked.append(len(rows)) or figures(rows, *args, **how),
    )
    pages = [
        words_of(browser_of(house.lara).get(f"/en/resources/use/?page={number}"))
        for number in ("1", "2", "x", "99")
    ]
    assert asked == [2, 2, 2, 2]
    assert "Electron microscope" in pages[1]
    assert pages[0].count('<th scope="row">') == 2
