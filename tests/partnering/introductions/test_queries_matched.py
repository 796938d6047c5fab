"""The order of an answer follows the evidence, and each reason is worth what it says."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from tests.factories.clusters import NetworkFactory
from tests.factories.evidence import FundedProjectFactory, ParticipationFactory
from tests.factories.introductions import FloorFactory, KeptApartFactory, PreferenceFactory
from tests.factories.organisations import (
    NOW,
    ItemFactory,
    KindFactory,
    OrganisationFactory,
    SeatFactory,
    person,
)
from tests.searching import index_all
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Participation, Statement
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.partnering.introductions.queries import Answer, Found, Question, answer

pytestmark = pytest.mark.django_db

VISITOR = visitor(NOW)
OFFICE = person(person_id=1, networks={10**6: frozenset({"agency"})})
BONE = "Bioactive scaffolds for the regeneration of bone tissue after trauma"
OTHER_TITLES = (
    "Offshore wind turbines in deep water",
    "Quantum key distribution over fibre",
    "Cultural heritage of small islands",
    "Hydrogen storage for heavy transport",
)


def ask(address: str, viewer: Viewer = VISITOR) -> Answer:
    """The answer to the question in an address."""
    return answer(Question.from_address(QueryDict(address)), viewer=viewer)


def names(found: Answer) -> list[str]:
    """Who was found, in order."""
    return [one.profile.name for one in found.found]


def of(found: Answer, profile: Profile) -> Found:
    """One of those found."""
    return next(one for one in found.found if one.profile.pk == profile.pk)


def acting_for(profile: Profile) -> Viewer:
    """Somebody who acts for the profile."""
    return person(person_id=2, mandates={profile.pk: frozenset({"representative"})})


def work(title: str, *profiles: Profile, day: date = date(2024, 5, 1)) -> list[Participation]:
    """A funded project of these profiles; the first one leads it."""
    project = FundedProjectFactory(title=title, objective=title, signature_date=day, start_date=day)
    return [
        ParticipationFactory(
            project=project,
            profile=profile,
            body__name=profile.name.upper(),
            role="participant" if place else "coordinator",
        )
        for place, profile in enumerate(profiles)
    ]


@pytest.fixture
def world() -> dict[str, Profile]:
    """An asker, a partner of old who works on bone, a stranger who does, and one who does not."""
    bodies = {
        name: OrganisationFactory(name=name)
        for name in ("Asker", "Partner", "Stranger", "Elsewhere", "Third")
    }
    work(BONE, bodies["Asker"], bodies["Partner"], bodies["Third"])
    work("Bone scaffolds printed in three dimensions", bodies["Stranger"], bodies["Third"])
    for title in OTHER_TITLES:
        work(title, bodies["Elsewhere"], bodies["Third"])
    return bodies


def test_past_partners_come_first_for_who_asks(world: dict[str, Profile]) -> None:
    """With the reason, the projects to open, and its points."""
    index_all(NOW)
    found = ask(f"q=bone+scaffolds&as={world['Asker'].slug}", acting_for(world["Asker"]))
    assert found.asker is not None
    assert found.asker.pk == world["Asker"].pk
    assert "Asker" not in names(found)
    assert "Elsewhere" not in names(found)
    partner = of(found, world["Partner"])
    assert partner.why[0].kind == "partnership"
    assert partner.why[0].points > 0
    assert [project.title for project in partner.why[0].projects] == [BONE]
    assert partner.score > of(ask("q=bone+scaffolds"), world["Partner"]).score


@pytest.mark.parametrize("who", ["Partner", "Stranger"])
def test_a_reason_is_worth_what_it_says(world: dict[str, Profile], who: str) -> None:
    """Take the fact away, and the score falls by the points that were said."""
    index_all(NOW)
    viewer = acting_for(world["Asker"])
    before = of(ask("q=bone+scaffolds", viewer), world[who])
    (reason,) = (one for one in before.why if one.kind in {"partnership", "projects"})
    part = Participation.objects.get(profile=world[who])
    part.profile = None
    part.save()
    ItemFactory(profile=world[who], text_it="osso", text_en="bone")
    index_all(NOW)
    after = of(ask("q=bone+scaffolds", viewer), world[who])
    assert before.score - (after.score - after.words) - before.words == pytest.approx(
        reason.points, rel=0.15
    )


def test_a_hidden_part_counts_no_more_at_once(
    world: dict[str, Profile], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Nor does it bring the body into the answer."""
    index_all(NOW)
    assert "Stranger" in names(ask("q=bone+scaffolds"))
    part = Participation.objects.get(profile=world["Stranger"])
    Statement.objects.create(
        profile=world["Stranger"], participation=part, verdict="hidden", said_at=NOW
    )
    with django_capture_on_commit_callbacks(execute=True):
        evidence_changed.send(sender=Statement, profile_id=world["Stranger"].pk)
    assert "Stranger" not in names(ask("q=bone+scaffolds"))


def test_found_by_the_objective_alone() -> None:
    """The search knows titles only; matching reads what a project is about."""
    body = OrganisationFactory(name="Alfa")
    project = FundedProjectFactory(title="OSTEO", objective=BONE, signature_date=date(2024, 1, 1))
    ParticipationFactory(project=project, profile=body)
    for title in OTHER_TITLES:
        work(title, OrganisationFactory())
    index_all(NOW)
    found = ask("q=regeneration+of+bone+tissue+after+trauma")
    assert names(found) == ["Alfa"]
    assert found.total == 1
    assert [one.kind for one in found.found[0].why][:1] == ["projects"]


def test_a_stale_profile_weighs_less_and_says_so() -> None:
    """The same words, confirmed and long overdue."""
    fresh = OrganisationFactory(
        name="Fresca", confirmed_at=NOW, due_date=NOW.date() + timedelta(days=300)
    )
    stale = OrganisationFactory(
        name="Vecchia",
        confirmed_at=NOW - timedelta(days=2000),
        due_date=NOW.date() - timedelta(days=1500),
    )
    for body in (fresh, stale):
        ItemFactory(profile=body, text_it="valvole cardiache")
    index_all(NOW)
    found = ask("q=valvole+cardiache")
    assert names(found) == ["Fresca", "Vecchia"]
    one, other = found.found
    assert other.words == pytest.approx(0.6 * one.words, rel=0.02)
    assert (one.words_weigh_less, other.words_weigh_less) == (False, True)


@pytest.mark.parametrize(
    ("wish", "left"),
    [("new=1", {"Stranger", "Third"}), ("", {"Partner", "Stranger", "Third"})],
)
def test_new_partners_only(world: dict[str, Profile], wish: str, left: set[str]) -> None:
    """Never with us before."""
    index_all(NOW)
    found = ask(f"q=bone+scaffolds&as={world['Asker'].slug}&{wish}", acting_for(world["Asker"]))
    assert set(names(found)) == left - ({"Third"} if wish else set())


def test_why_others_are_not_there(world: dict[str, Profile]) -> None:
    """Brokers read names; others only how many, and of the silent nothing."""
    PreferenceFactory(profile=world["Stranger"], is_silent=True)
    PreferenceFactory(
        profile=world["Third"], is_silent=False, no_capacity_until=NOW.date() + timedelta(days=9)
    )
    for body in world.values():
        ItemFactory(profile=body, text_it="osso", text_en="bone")
    index_all(NOW)
    told = ask("q=bone", OFFICE).left_out
    assert sorted(name for one in told for name in one.names) == ["Stranger", "Third"]
    (only,) = ask("q=bone").left_out
    assert (only.count, only.names) == (1, ())
    assert {"Stranger", "Third"}.isdisjoint(names(ask("q=bone")))


def test_competitors_are_kept_apart_both_ways(world: dict[str, Profile]) -> None:
    """Whoever of the two said so."""
    KeptApartFactory(profile=world["Stranger"], other=world["Asker"])
    index_all(NOW)
    assert "Stranger" not in names(ask("q=bone+scaffolds", acting_for(world["Asker"])))
    assert "Asker" not in names(ask("q=bone+scaffolds", acting_for(world["Stranger"])))
    assert "Stranger" in names(ask("q=bone+scaffolds"))


def test_the_wish_that_empties_the_answer() -> None:
    """Is named, with what comes without it."""
    body = OrganisationFactory(name="Alfa")
    SeatFactory(profile=body)
    ItemFactory(profile=body, section="equipment", text_it="bioreattore", text_en="bioreactor")
    index_all(NOW)
    found = ask("q=alfa&equipment=sincrotrone&province=MO")
    assert found.total == 0
    ((label, count),) = ((one.label, one.count) for one in found.relaxed)
    assert (label.rsplit(": ")[-1], count) == ("sincrotrone", 1)
    assert ask(found.relaxed[0].address).total == 1
    assert ask("q=alfa&equipment=bioreactor").total == 1


def test_more_like_this_one_and_not_this_one(world: dict[str, Profile]) -> None:
    """The liked one's works say what to look for; who is set aside is gone and said so."""
    index_all(NOW)
    liked = ask(f"q=scaffolds&like={world['Elsewhere'].pk}")
    assert "Elsewhere" in names(liked)
    aside = ask(f"q=bone+scaffolds&not={world['Stranger'].pk}")
    assert "Stranger" not in names(aside)
    assert [one.count for one in aside.left_out] == [1]


def test_a_floor_brings_who_fits_among_the_first() -> None:
    """Nine large companies and one small one that fits less, with a floor of ten per cent."""
    for number in range(12):
        body = OrganisationFactory(name=f"Grande {number}")
        KindFactory(organisation=body, kind="large_company")
        ItemFactory(profile=body, text_it="valvole cardiache")
        ItemFactory(profile=body, text_it="valvole")
    small = OrganisationFactory(name="Piccola")
    KindFactory(organisation=small, kind="sme")
    ItemFactory(profile=small, text_it="altre valvole cardiache per tutti gli usi")
    index_all(NOW)
    assert "Piccola" not in names(ask("q=valvole+cardiache"))[:10]
    FloorFactory(cluster=None, network=NetworkFactory(), group="sme", share=10)
    assert "Piccola" in names(ask("q=valvole+cardiache"))[:10]


@pytest.mark.parametrize("text", ["di+per+con", "the+of+and", "%E2%80%94", "%F0%9F%A6%B4"])
def test_only_stop_words_find_nobody_or_by_name(text: str) -> None:
    """Nothing fails."""
    OrganisationFactory(name="Alfa")
    work(BONE, OrganisationFactory(name="Beta"))
    index_all(NOW)
    assert ask(f"q={text}").found == ()


def test_another_language_is_said() -> None:
    """German finds what its words share with ours, and the answer says why it is so little."""
    OrganisationFactory(name="Alfa")
    index_all(NOW)
    found = ask("q=Wir+suchen+ein+Labor+für+Werkstoffe+und+Versuche+an+Knochen")
    assert found.other_language.lower() == "tedesco"
    assert ask("q=cerchiamo+un+laboratorio+per+prove+su+materiali").other_language == ""


def test_a_hundred_pages_are_read() -> None:
    """By their most telling words, in good time."""
    work(BONE, OrganisationFactory(name="Alfa"))
    for title in OTHER_TITLES:
        work(title, OrganisationFactory())
    index_all(NOW)
    pages = "Cerchiamo partner per bone regeneration scaffolds. " * 6_000
    found = answer(Question(pages), viewer=VISITOR)
    assert names(found) == ["Alfa"]
    assert found.question.text == pages
