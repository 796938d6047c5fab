"""The page on which offices read how asks are ranked, and how fairly."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.introductions import EntryFactory
from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    ProvinceFactory,
    SeatFactory,
    TerritoryFactory,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import KindPeriod, Organisation
from trebbo.partnering.introductions.models import TrainedRanking

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
ADDRESS = "/en/asks/ranking/"
FIGURES = {"ndcg@20": 0.41, "recall@20": 0.52, "mrr": 0.63}
SCORES = {
    "split": "2025-12-01",
    "idea": {
        "consortia": 77,
        "methods": {
            "ours": {"all": FIGURES, "new": {"ndcg@20": 0.21}},
            "bm25": {"all": {"ndcg@20": 0.11}, "new": {}},
        },
        "fairness": [
            {"group": "sme", "shown": 0.12, "right": 0.34},
            {"group": "province ITH54", "shown": 0.56, "right": 0.5},
            {"group": "province ITC11", "shown": 0.02, "right": 0.03},
        ],
    },
}


def page_of(person: Person, sign_in: SignIn, status: int = 200) -> str:
    """The page as a person sees it, with its spaces put together."""
    response = sign_in(person).get(ADDRESS)
    assert response.status_code == status
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def manager() -> Person:
    """Who runs the office of a cluster."""
    return ClusterRoleFactory().person


def ranking(**given: Any) -> TrainedRanking:
    """A ranking in use, trained on NOW."""
    return TrainedRanking.objects.create(
        **{"schema": 1, "trained_at": NOW, "is_present": True, **given}
    )


def small(name: str, *, is_sme: bool, **given: Any) -> Organisation:
    """An organisation in Mirandola."""
    kind = "sme" if is_sme else "large_company"
    body = OrganisationFactory(name=name, **given)
    KindPeriod.objects.filter(organisation=body).delete()
    KindPeriod.objects.create(organisation=body, kind=kind)
    SeatFactory(profile=body)
    return body


def rows_under(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row."""
    section = page.partition(f"<h2>{heading}</h2>")[2].partition("</table>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", section.partition("<tbody>")[2])
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found]


def test_the_page_is_for_offices(client: Client, sign_in: SignIn) -> None:
    """Visitors sign in, other people are refused, offices and agency read it."""
    assert client.get(ADDRESS).status_code == 302
    page_of(PersonFactory(), sign_in, 403)
    page_of(MandateFactory().person, sign_in, 403)
    page_of(manager(), sign_in)
    page_of(NetworkRoleFactory().person, sign_in)


def test_without_a_trained_one_the_transparent_is_told(sign_in: SignIn) -> None:
    """With what to do, and the way to the floors."""
    page = page_of(manager(), sign_in)
    assert "In use: the transparent ranking, a sum" in page
    assert "<code>trebbo matching train</code>" in page
    assert 'href="/en/asks/floors/"' in page
    assert "How well partners" not in page


def test_a_trained_one_is_told_with_its_scores_and_whom_it_showed(sign_in: SignIn) -> None:
    """Figures by need and method in words, provinces by name where they are known."""
    ProvinceFactory(territory=TerritoryFactory(code="ITH54"))
    data = {"label": "learned", "consortia": 1234, "judgements": 5}
    ranking(data=data, scores=SCORES, weights={"accredited": 0.75})
    page = page_of(manager(), sign_in)
    assert "from 1,234 real consortia and 5 judgements of people" in page
    assert "what was known before 1/12/2025" in page
    assert rows_under(page, "How well partners of later consortia were found") == [
        ["an idea, told in full", "trained ranking", "0.410", "0.520", "0.630", "0.210"],
        ["an idea, told in full", "the nearest past projects (BM25)", "0.110", *["0.000"] * 3],
    ]
    assert rows_under(page, "Shown and right") == [
        ["Small and medium enterprises", "12 %", "34 %"],
        ["Modena", "56 %", "50 %"],
        ["ITC11", "2 %", "3 %"],
    ]
    weights = {row[0]: row[1:] for row in rows_under(page, "Weights")}
    assert weights["accredited in the High Technology Network"] == ["0.50", "0.75"]
    assert weights["confirmed"] == ["0.30", "0.30"]


def test_weights_alone_are_told_as_such(sign_in: SignIn) -> None:
    """Who reads it knows that the trees were not learned."""
    ranking(data={"label": "weights", "reason": "few", "judgements": 12}, weights={"chain": 2.0})
    page = page_of(manager(), sign_in)
    assert "the transparent ranking, with weights learned on" in page
    assert "from 12 judgements of people. There were too few consortia" in page


def test_a_hold_out_that_was_too_small_is_said(sign_in: SignIn) -> None:
    """No empty table."""
    ranking(data={"label": "learned"}, scores={"reason": "few"})
    page = page_of(manager(), sign_in)
    assert "too few consortia to say how good" in page
    assert "How well partners" not in page


@pytest.mark.parametrize("booster", ["{", '{"schema": 0, "features": []}'])
def test_one_that_no_longer_fits_is_explained(sign_in: SignIn, booster: str) -> None:
    """As a warning that says what to do."""
    ranking(schema=0, booster=booster, data={"label": "old"})
    page = page_of(manager(), sign_in)
    assert "In use: the transparent ranking, a sum" in page
    assert "The trained ranking was not used; the transparent one was:" in page
    assert "Train it again" in page


def test_the_first_ten_are_set_against_all_who_can_be_found(sign_in: SignIn) -> None:
    """Small ones have two places of three and are two of five; dropped and late ones count not."""
    one, two = small("Una", is_sme=True), small("Due", is_sme=True)
    three, four = small("Tre", is_sme=False), small("Quattro", is_sme=False)
    for place, (body, standing) in enumerate(
        ((one, "proposed"), (two, "kept"), (three, "added"), (four, "dropped")), start=1
    ):
        EntryFactory(profile=body, position=place, standing=standing)
    EntryFactory(profile=four, position=11)
    small("Nascosta", is_sme=True, visibility=Visibility.HIDDEN)
    page = page_of(manager(), sign_in)
    assert "(3 places)" in page
    assert rows_under(page, "Who is shown") == [
        ["Newcomers to funded projects", "100 %", "100 %"],
        ["Modena", "100 %", "80 %"],
        ["Small and medium enterprises", "67 %", "40 %"],
    ]


def test_it_asks_the_database_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    """However many shortlists there are."""
    client, counts = sign_in(manager()), []
    ranking(data={"label": "learned"}, scores=SCORES)
    with django_assert_max_num_queries(12):
        client.get(ADDRESS)  # reads the trained ranking, which is then held
    for rows in (1, 2):
        for number in range(rows):
            EntryFactory(profile=small(f"Una {rows} {number}", is_sme=True))
        with django_assert_max_num_queries(12) as captured:
            assert client.get(ADDRESS).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible_and_fits_a_phone(
    sign_in_browser: Callable[[Person], Page],
    live_server: Any,
    assert_accessible: Callable[[Page], None],
    pictures: Path,
    width: int,
) -> None:
    """With every table there can be."""
    EntryFactory(profile=small("Una", is_sme=True))
    ranking(data={"label": "learned"}, scores=SCORES, booster="{")
    page = sign_in_browser(manager())
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}{ADDRESS}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=str(pictures / f"ranking-{width}.png"), full_page=True)
