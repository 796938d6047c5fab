"""Answers: who is found, for whom, and what the filters count."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.utils import translation

from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import (
    NOW,
    ItemFactory,
    KindFactory,
    OrganisationFactory,
    SeatFactory,
    TechnopoleFactory,
    UnitFactory,
    person,
)
from tests.factories.vocabularies import WordPairFactory, parma
from tests.searching import index_all
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Membership
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Accreditation, Profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.partnering.introductions.queries import (
    Answer,
    AnswerUnavailable,
    Question,
    QuestionRefused,
    answer,
    listing,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
VISITOR = visitor(NOW)
MEMBER = person(person_id=1, mandates={10**6: frozenset({"editor"})})


def ask(text: str = "", viewer: Viewer = VISITOR, page: int = 1, **filters: str) -> Answer:
    """The answer to a question, narrowed by values separated by spaces."""
    chosen = {name: tuple(values.split()) for name, values in filters.items()}
    return answer(Question(text, chosen, page), viewer=viewer)


def names(found: Answer) -> list[str]:
    """Who was found, in order."""
    return [one.profile.name for one in found.found]


def counts(found: Answer, facet: str) -> dict[str, int]:
    """What the filter of this name counts."""
    return {
        value.value: value.count
        for group in found.groups
        if group.name == facet
        for value in (*group.first, *group.rest)
    }


def test_the_same_bodies_in_both_languages() -> None:
    """A question finds the same in Italian and in English, whatever language a text is in."""
    WordPairFactory(phrases_it="dispositivo medico|dispositivi medici", phrases_en="medical device")
    for name, italian, english in (
        ("Alfa", "prove su dispositivi medici", "tests on medical devices"),
        ("Beta", "", "design of medical devices"),
        ("Gamma", "controllo di dispositivi medici", ""),
        ("Delta", "ceramiche", "ceramics"),
    ):
        ItemFactory(profile=OrganisationFactory(name=name), text_it=italian, text_en=english)
    index_all(NOW)
    for question in ("dispositivi medici", "chi fa un dispositivo medico", "medical devices"):
        assert sorted(names(ask(question))) == ["Alfa", "Beta", "Gamma"]


def test_reasons_stand_in_the_pages_language() -> None:
    """What was met in the other language is shown where it stands in the page's own."""
    WordPairFactory(phrases_it="prova|prove", phrases_en="test|tests")
    body = OrganisationFactory(name="Alfa")
    ItemFactory(
        profile=body, section="service", text_it="prove su valvole", text_en="tests on valves"
    )
    index_all(NOW)
    (met,) = ask("tests").found[0].met
    assert (met.part, met.excerpt.text, met.asked_as) == ("servizi", "prove su valvole", ("tests",))
    with translation.override("en"):
        (met,) = ask("tests").found[0].met
    assert met.excerpt.pieces == (("tests", True), (" on valves", False))
    assert (met.part, met.asked_as, met.language) == ("services", (), "")


def test_a_text_in_one_language_alone_says_which() -> None:
    """An excerpt that exists only in the other language is marked with it."""
    ItemFactory(profile=OrganisationFactory(), text_it="", text_en="bone grafts")
    index_all(NOW)
    (met,) = ask("grafts").found[0].met
    assert (met.excerpt.text, met.language) == ("bone grafts", "en")


def test_values_of_a_facet_are_alternatives_and_stay_choosable() -> None:
    """Two provinces are either; facets add up; the values not chosen can still be added."""
    SeatFactory(profile=OrganisationFactory(name="Alfa"))
    SeatFactory(profile=UnitFactory(name="Beta", organisation__name="Madre"))
    SeatFactory(profile=OrganisationFactory(name="Gamma"), municipality=parma())
    index_all(NOW)
    found = ask(province="MO", type="organisation")
    assert names(found) == ["Alfa"]
    assert counts(found, "province") == {"MO": 1, "PR": 1}
    assert counts(found, "type") == {"organisation": 1, "unit": 1}
    both = ask(province="MO PR")
    assert sorted(names(both)) == ["Alfa", "Beta", "Gamma"]
    assert [(chip.label, chip.address) for chip in both.chips] == [
        ("Modena", "province=PR"),
        ("Parma", "province=MO"),
    ]


def test_a_value_that_nobody_knows_finds_nobody_and_has_no_words() -> None:
    """Nonsense in an address narrows to nothing, without an error."""
    OrganisationFactory()
    index_all(NOW)
    found = ask(province="<b>", cluster="no-such-cluster", kind="wizard")
    assert (found.total, found.found, found.chips) == (0, (), ())


def test_accredited_now_means_today() -> None:
    """An accreditation of the past or of the future does not count."""
    for name, start, end in (
        ("Ieri", None, YESTERDAY),
        ("Oggi", YESTERDAY, TODAY),
        ("Domani", TOMORROW, None),
    ):
        Accreditation.objects.create(
            profile=UnitFactory(name=name), valid_from=start, valid_until=end
        )
    index_all(NOW)
    found = ask(accredited="yes")
    assert (names(found), found.total) == (["Oggi"], 1)
    assert counts(found, "accredited") == {"yes": 1}


@pytest.mark.parametrize("state", list(MembershipState))
@pytest.mark.parametrize("start", [None, YESTERDAY, TOMORROW])
@pytest.mark.parametrize("end", [None, YESTERDAY, TOMORROW])
def test_the_cluster_filter_holds_those_who_belong_today(state: str, start: Any, end: Any) -> None:
    """The filter agrees with the rule of the clusters on who belongs."""
    if start and end and end < start:
        start = None
    cluster = ClusterFactory(slug="clust-er-health")
    member = OrganisationFactory()
    MembershipFactory(
        cluster=cluster, profile=member, state=state, valid_from=start, valid_until=end
    )
    index_all(NOW)
    belonging = set(memberships_on(TODAY).values_list("profile", flat=True))
    found = {one.profile.pk for one in ask(cluster="clust-er-health").found}
    assert found == belonging == (found & {member.pk})
    assert Membership.objects.count() == 1


def test_hidden_profiles_are_nobodys_and_network_ones_the_networks() -> None:
    """Neither the list nor any number tells of what a person may not see."""
    for visibility in ("public", "network", "hidden"):
        body = OrganisationFactory(name=f"Ossa {visibility}", visibility=visibility)
        SeatFactory(profile=body)
        KindFactory(organisation=body)
    index_all(NOW)
    for viewer, seen in ((VISITOR, 1), (MEMBER, 2)):
        for found in (ask("ossa", viewer), ask(viewer=viewer), ask("ossa", viewer, kind="sme")):
            assert (found.total, len(found.found)) == (seen, seen)
            assert counts(found, "province") == {"MO": seen}
            assert counts(found, "kind") == {"sme": seen}
    assert names(ask("hidden")) == names(ask("hidden", MEMBER)) == []


def test_a_stale_index_shows_nothing_that_was_hidden_since() -> None:
    """Rows decide what is shown, whatever the index remembers."""
    body = OrganisationFactory(name="Ossa")
    index_all(NOW)
    Profile.objects.filter(pk=body.pk).update(visibility="hidden")
    found = ask("ossa")
    assert (found.found, found.total) == ((), 0)
    assert listing(Question("ossa"), viewer=VISITOR).found == ()


def test_words_of_hidden_bodies_do_not_leak_through_their_neighbours() -> None:
    """A hidden laboratory, organisation, Technopole or cluster is not named by those around it."""
    cluster = ClusterFactory(name="Segretissimo", slug="segretissimo", visibility="hidden")
    owner = OrganisationFactory(name="Organizzazione riservata", visibility="hidden")
    host = TechnopoleFactory(name="Tecnopolo occulto", slug="occulto", visibility="network")
    unit = UnitFactory(name="Laboratorio aperto", organisation=owner, technopole=host)
    MembershipFactory(cluster=cluster, profile=unit)
    mother = OrganisationFactory(name="Madre")
    UnitFactory(name="Reparto nascosto", organisation=mother, visibility="hidden")
    index_all(NOW)
    assert [names(ask(word)) for word in ("segretissimo", "riservata", "occulto", "nascosto")] == [
        [],
        [],
        [],
        [],
    ]
    (found,) = ask("aperto").found
    assert (found.owner, found.host) == (None, None)
    assert counts(ask(), "cluster") == counts(ask(), "technopole") == {}
    found = next(one for one in ask("aperto", MEMBER).found if one.profile.pk == unit.pk)
    assert found.owner is None
    assert found.host is not None
    assert found.host.pk == host.pk


def test_distance_is_said_from_the_place_asked_for() -> None:
    """Those nearer come first; a body without a known place says so by having no distance."""
    near, far = OrganisationFactory(name="Valvole A"), OrganisationFactory(name="Valvole B")
    SeatFactory(profile=near)
    SeatFactory(profile=far, municipality=parma(), latitude=44.8015, longitude=10.3279)
    OrganisationFactory(name="Valvole C")
    index_all(NOW)
    found = ask("valvole vicino a Mirandola").found
    assert [one.profile.name for one in found] == ["Valvole A", "Valvole B", "Valvole C"]
    assert [one.distance_km and round(one.distance_km) for one in found] == [0, 59, None]
    assert {one.place for one in found} == {"Mirandola"}


def test_pages_end_where_the_answer_ends() -> None:
    """A page beyond the last is the last; the whole answer is counted on each."""
    for number in range(23):
        OrganisationFactory(name=f"Valvole {number:02}")
    index_all(NOW)
    last = answer(Question(order="title", page=99_999), viewer=VISITOR)
    assert (last.question.page, last.pages, last.total, last.first_rank) == (3, 3, 23, 21)
    assert names(last) == ["Valvole 20", "Valvole 21", "Valvole 22"]
    assert len(listing(Question(order="title"), viewer=VISITOR).found) == 23


def test_too_long_a_question_is_refused_in_the_persons_language() -> None:
    """A library is not a question."""
    index_all(NOW)
    with pytest.raises(QuestionRefused) as refusal:
        ask("a" * 600_000)
    assert "600000 caratteri" in refusal.value.message
    with translation.override("en"), pytest.raises(QuestionRefused) as refusal:
        ask("a" * 600_000)
    assert "600000 characters; the limit is 500000" in refusal.value.message


def test_without_an_index_the_answer_is_unavailable() -> None:
    """It is said, with the status that means "later"."""
    with pytest.raises(AnswerUnavailable) as refusal:
        ask("valvole")
    assert refusal.value.status == 503


@pytest.mark.parametrize("text", ["", "   ", "xyzzy qwrtp", "'; DROP TABLE", "a:b AND (", "\x00"])
def test_whatever_is_asked_is_answered(text: str) -> None:
    """Nonsense finds nobody, nothing finds everybody; neither fails."""
    OrganisationFactory(name="Valvole")
    index_all(NOW)
    question = Question.from_address(QueryDict(urlencode({"q": text})))
    assert answer(question, viewer=VISITOR).total in (0, 1)


def test_an_address_is_read_and_written_back() -> None:
    """What a question says in an address it reads again; what makes no sense is left out."""
    read = Question.from_address(
        QueryDict("q=+valvole++a%00+cuore&kind=sme&kind=sme&kind=&page=x&colour=red&province=MO")
    )
    assert read == Question("valvole a cuore", {"kind": ("sme",), "province": ("MO",)}, 1)
    assert Question.from_address(QueryDict(read.address())) == read
    assert read.filters_address == "kind=sme&province=MO"
    assert read.address(without=("kind", "sme")) == "q=valvole+a+cuore&province=MO"
    assert Question.from_address(QueryDict(""), browse=True).order == "title"
    assert Question.from_address(QueryDict("q=a"), browse=True).order == "relevance"


def test_visibility_in_rows_is_what_the_index_holds() -> None:
    """Every profile that is not hidden is in the index, of all four types."""
    TechnopoleFactory()
    UnitFactory()
    ClusterFactory()
    OrganisationFactory(visibility="hidden")
    assert index_all(NOW) == Profile.objects.filter(~Q(visibility="hidden")).count() == 4
