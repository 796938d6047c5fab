"""Bodies outside the network: only when asked, apart, and only as long as they are outside."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from tests.factories.evidence import (
    BodyFactory,
    FundedProjectFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    MunicipalityFactory,
    OrganisationFactory,
)
from tests.searching import index_all
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Body, Link, Participation
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.queries import (
    FIRST_OUTSIDE,
    AnswerUnavailable,
    Outside,
    Question,
    answer,
    outside,
)

pytestmark = pytest.mark.django_db

VISITOR = visitor(NOW)


def body_with_project(**facts: Any) -> Body:
    """A body that took part in one project about bone."""
    project = facts.pop("project", None) or FundedProjectFactory()
    body = BodyFactory(projects=1, first_year=2022, last_year=2022, **facts)
    ParticipationFactory(body=body, project=project)
    return body


def ask(text: str = "", page: int = 1, *, alone: bool = False, **filters: str) -> Outside:
    """Who a visitor finds outside."""
    chosen = {name: (value,) for name, value in filters.items()}
    question = Question(text, chosen, page, outside="only" if alone else "also")
    return outside(question, viewer=VISITOR)


def names(found: Outside) -> list[str]:
    """Who was found, in order."""
    return [one.body.name for one in found.found]


def counts(found: Any, facet: str) -> dict[str, int]:
    """What the filter of this name counts."""
    return {
        value.label: value.count
        for group in found.groups
        if group.name == facet
        for value in group.first
    }


def test_the_networks_own_answer_does_not_know_them() -> None:
    """Neither hits nor any number, whatever is asked for beside it."""
    OrganisationFactory(name="Bone Alfa")
    body_with_project(name="BONE BETA")
    assert index_all(NOW) == 1
    for question in (Question("bone"), Question("bone", outside="also"), Question()):
        found = answer(question, viewer=VISITOR)
        assert [one.profile.name for one in found.found] == ["Bone Alfa"]
        assert found.total == 1
        assert counts(found, "country") == counts(found, "funded") == {}


def test_others_change_no_score() -> None:
    """The network's ranking is the same with and without them."""
    OrganisationFactory(name="Bone Alfa")
    index_all(NOW)
    before = answer(Question("bone"), viewer=VISITOR).found[0].score
    body_with_project(name="BONE BETA")
    index_all(NOW)
    assert answer(Question("bone"), viewer=VISITOR).found[0].score == before


def test_found_by_a_project() -> None:
    """With the reason, the place and the country in the page's language."""
    body = body_with_project(name="BIOMATERIALI SRL", town="Berlin", country="DE")
    index_all(NOW)
    (found,) = ask("bone regeneration").found
    (met,) = found.met
    assert (found.body, found.country) == (body, "Germania")
    assert met.label is not None
    assert met.excerpt.pieces == (
        ("Bioactive scaffolds for ", False),
        ("bone", True),
        (" ", False),
        ("regeneration", True),
    )
    assert met.label.text.startswith("BONE")
    with translation.override("en"):
        assert ask("bone").found[0].country == "Germany"


def test_found_by_name_town_and_field() -> None:
    """Also by what it is called for short."""
    project = FundedProjectFactory(title="Valves")
    project.fields.add(ConceptFactory(label_it="oncologia", label_en="oncology"))
    body_with_project(name="ALMA MATER", short_name="UNIBO", town="Bologna", project=project)
    index_all(NOW)
    for word in ("alma", "unibo", "bologna", "oncologia", "oncology", "valves"):
        assert names(ask(word)) == ["ALMA MATER"], word
    (met,) = ask("oncology").found[0].met
    assert (met.excerpt.text, met.language) == ("oncologia", "")


@pytest.mark.parametrize("state", ["made", "accepted"])
def test_the_networks_own_are_not_outside(state: str) -> None:
    """From the moment on which a link is settled, before and after any job; and back again."""
    profile = OrganisationFactory()
    body = body_with_project(name="BETA")
    index_all(NOW)
    assert names(ask("bone")) == ["BETA"]
    link = LinkFactory(body=body, profile=profile, state=state)
    assert (names(ask("bone")), ask("bone").total) == ([], 0)
    evidence_changed.send(sender=Link, profile_id=profile.pk)
    assert gateway.outside_status().documents == 0
    Link.objects.filter(pk=link.pk).update(state="refused")
    evidence_changed.send(sender=Link, profile_id=profile.pk)
    assert names(ask("bone")) == ["BETA"]


@pytest.mark.parametrize("state", ["proposed", "refused", "split"])
def test_unsettled_bodies_are_outside(state: str) -> None:
    """A link that may be, is not, or is only in part leaves the body where it is."""
    LinkFactory(body=body_with_project(name="BETA"), profile=OrganisationFactory(), state=state)
    index_all(NOW)
    assert names(ask("bone")) == ["BETA"]


def test_what_a_split_body_gave_away_is_not_its_own() -> None:
    """Its parts that are a profile's find it no longer."""
    body = body_with_project(name="BETA")
    ParticipationFactory(body=body, project__title="Heart valves")
    LinkFactory(body=body, profile=OrganisationFactory(), state="split")
    index_all(NOW)
    Participation.objects.filter(project__title="Heart valves").update(
        profile=OrganisationFactory()
    )
    assert (names(ask("valves")), names(ask("bone"))) == ([], ["BETA"])
    index_all(NOW)
    assert (names(ask("valves")), names(ask("bone"))) == ([], ["BETA"])


def test_who_is_not_there_at_all() -> None:
    """Bodies without projects, of registers that only lend identifiers, or gone."""
    BodyFactory(name="BONE NOTHING")
    body_with_project(name="BONE ROR", scheme="ror")
    body_with_project(name="BONE GONE", gone_import=ImportFactory())
    index_all(NOW)
    assert ask("bone").total == 0


def test_first_ten_and_the_rest_on_pages() -> None:
    """Below the network's answer the first; alone all, with filters that count."""
    project = FundedProjectFactory()
    for number in range(23):
        country = "DE" if number % 2 else "FR"
        body_with_project(name=f"VALVOLE {number:02}", country=country, project=project)
    index_all(NOW)
    below = ask("bone")
    assert (len(below.found), below.total, below.groups) == (FIRST_OUTSIDE, 23, ())
    assert below.question.outside_address == "q=bone&outside=only"
    last = ask("bone", page=9, alone=True)
    assert (len(last.found), last.question.page, last.pages) == (3, 3, 3)
    assert counts(last, "country") == {"Francia": 12, "Germania": 11}
    german = ask("bone", alone=True, country="DE")
    assert (german.total, [chip.label for chip in german.chips]) == (11, ["Germania"])
    assert german.chips[0].address == "q=bone&outside=only"
    assert german.question.both_address == "q=bone&outside=1"
    everybody = ask(alone=True)
    assert names(everybody)[:2] == ["VALVOLE 00", "VALVOLE 01"]


def test_filters_that_say_nothing_of_them() -> None:
    """Nobody, and it is said why; those that do narrow them."""
    MunicipalityFactory()
    body_with_project(name="VICINA", town="MIRANDOLA")
    body_with_project(name="LONTANA", town="Roma")
    index_all(NOW)
    asked = ask("bone", kind="sme")
    assert (asked.total, asked.found, asked.idle) == (0, (), True)
    assert names(ask("bone", province="MO")) == ["VICINA"]
    assert names(ask("bone", funded="cordis-horizon")) == ["LONTANA", "VICINA"]


def test_near_a_town_of_the_vocabularies() -> None:
    """Italian bodies stand where their town is; of the others the distance is not known."""
    MunicipalityFactory()
    body_with_project(name="A LONTANA", town="Mirandola", country="PT")
    body_with_project(name="B VICINA", town="MIRANDOLA")
    index_all(NOW)
    found = ask("bone near Mirandola").found
    assert [(one.body.name, one.distance_km) for one in found] == [
        ("B VICINA", 0),
        ("A LONTANA", None),
    ]


def test_before_there_is_an_index() -> None:
    """Without evidence nobody is outside; with it, the index is on its way."""
    assert ask("bone").total == 0
    body_with_project()
    with pytest.raises(AnswerUnavailable):
        ask("bone")


@pytest.mark.parametrize(
    ("address", "asked"),
    [("", ""), ("outside=1", "also"), ("outside=only", "only"), ("outside=yes", "")],
)
def test_the_address_says_where_to_look(address: str, asked: str) -> None:
    """And says it again; a country narrows only those outside."""
    question = Question.from_address(QueryDict(f"q=bone&country=DE&{address}"))
    assert question.outside == asked
    assert question.filters == ({"country": ("DE",)} if asked == "only" else {})
    assert Question.from_address(QueryDict(question.address())) == question
    assert Question.from_address(QueryDict(address), browse=True).outside == ""
