"""The skills map of a cluster: who counts, how strongly, only one, gaps, who sees what."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.clusters import (
    TODAY,
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    KindFactory,
    OrganisationFactory,
    SchemeFactory,
    UnitFactory,
    agency_person,
    person,
)
from tests.factories.skills import BareCompetenceFactory as CompetenceFactory
from tests.factories.skills import CompetenceEvidenceFactory, OwnTermFactory
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.choices import Standing, Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer, visitor
from trebbo.sharing.skills import queries
from trebbo.sharing.skills.choices import Direction, Level, Origin
from trebbo.sharing.skills.models import Competence
from trebbo.sharing.skills.queries import Cover, FieldLine, MapWishes, SkillsMap

pytestmark = pytest.mark.django_db

AS_STATED = MapWishes(depth=0)


def member_of(cluster: Cluster, profile: Profile | None = None, **values: Any) -> Profile:
    """A member of the cluster."""
    return MembershipFactory(
        cluster=cluster, profile=profile or OrganisationFactory(), **values
    ).profile


def offers(profile: Profile, concept: Concept | None, **values: Any) -> Competence:
    """The profile offers the competence."""
    return CompetenceFactory(profile=profile, concept=concept, **values)


def seeks(profile: Profile, concept: Concept, **values: Any) -> Competence:
    """The profile seeks the competence."""
    return CompetenceFactory(profile=profile, concept=concept, direction=Direction.SOUGHT, **values)


def solid(profile: Profile, concept: Concept) -> Competence:
    """An expert's offer, with evidence, confirmed today: five points."""
    one = offers(profile, concept, level=Level.EXPERT, confirmed_at=NOW, due_date=TODAY)
    CompetenceEvidenceFactory(competence=one)
    return one


def drawn(
    cluster: Any, viewer: Viewer | None = None, wishes: MapWishes = AS_STATED, kind: str = "cluster"
) -> SkillsMap:
    """The map of a cluster, or of what is given."""
    viewer = viewer or visitor(NOW)
    place = queries.find_place(kind, cluster.slug, viewer=viewer)
    assert place is not None
    return queries.skills_map(viewer, place, wishes)


def line_of(found: SkillsMap, key: int) -> FieldLine:
    """The line of a field."""
    [line] = [line for line in found.fields if line.key == key]
    return line


def test_a_worked_example_counted_by_hand() -> None:
    cluster = ClusterFactory()
    valves, imaging, ethics = ConceptFactory(), ConceptFactory(), ConceptFactory()
    large, small, silent = (member_of(cluster) for _ in range(3))
    KindFactory(organisation=large, kind="large_company")
    KindFactory(organisation=small, kind="sme")
    outside = member_of(ClusterFactory(network=cluster.network))
    solid(large, valves)
    solid(small, valves)
    offers(small, imaging, level=Level.GOOD, people=4)
    seeks(large, imaging)
    seeks(silent, ethics)
    offers(outside, ethics)
    found = drawn(cluster)
    assert (found.bodies, found.with_offers, found.offers) == (3, 2, 3)
    assert (found.confirmed, found.confirmed_percent, found.evidenced) == (2, 67, 2)
    assert [(key, count) for key, _name, count in found.families] == [
        ("large", 1),
        ("sme", 1),
        ("unknown", 1),
    ]
    line = line_of(found, valves.pk)
    assert (line.bodies, line.solid, line.points, line.evidence) == (2, 2, 10, 2)
    assert (line.cover, line.kinds, line.confirmed_percent) == (Cover.STRONG, (1, 1, 0), 100)
    line = line_of(found, imaging.pk)
    assert (line.cover, line.points, line.people, line.sought) == (Cover.ONE, 3, 4, 1)
    assert [one.profile for one in line.top] == [small.pk]
    line = line_of(found, ethics.pk)
    assert (line.cover, line.bodies, line.elsewhere) == (Cover.GAP, 0, 1)
    [gap] = found.gaps
    assert (gap.key, gap.label, gap.seekers, gap.elsewhere) == (ethics.pk, ethics.label_it, 1, 1)
    assert [one.profile for one in gap.top_elsewhere] == [outside.pk]
    [match] = found.matches
    assert (match.key, match.offers) == (imaging.pk, 1)


@pytest.mark.parametrize(
    ("values", "evidence", "points"),
    [
        ({}, False, 1),
        ({"level": Level.REFERENCE}, False, 4),
        ({"level": Level.REFERENCE, "people": 2}, True, 5),
        ({"level": Level.REFERENCE, "people": 3}, True, 6),
        ({"level": 4, "people": 3, "confirmed_at": NOW, "due_date": TODAY}, True, 7),
        ({"level": 2, "confirmed_at": NOW, "due_date": TODAY - timedelta(days=1)}, False, 2),
        ({"level": 3, "origin": Origin.EVIDENCE}, True, 1),
        ({"level": 3, "standing": Standing.INFERRED}, True, 1),
        ({"level": 3, "origin": Origin.EVIDENCE, "confirmed_at": NOW}, True, 5),
    ],
)
def test_how_strong_an_offer_is(values: dict[str, Any], evidence: bool, points: int) -> None:
    cluster = ClusterFactory()
    one = offers(member_of(cluster), ConceptFactory(), **values)
    if evidence:
        CompetenceEvidenceFactory(competence=one)
    [line] = drawn(cluster).fields
    assert (line.points, line.solid, line.inferred) == (
        points,
        int(points >= 5),
        int(points == 1 and evidence),
    )


def test_units_and_their_organisation_are_one_body() -> None:
    cluster = ClusterFactory()
    university = member_of(cluster)
    one, two = UnitFactory(organisation=university), UnitFactory(organisation=university)
    concept = ConceptFactory()
    offers(university, concept, people=2)
    offers(one, concept, level=Level.EXPERT, people=5)
    offers(two, concept, people=3)
    [line] = drawn(cluster).fields
    assert (line.bodies, line.points, line.people) == (1, 4, 10)
    assert [top.profile for top in line.top] == [one.pk]


def test_an_organisation_counts_where_its_unit_is_the_member_but_not_its_other_units() -> None:
    cluster = ClusterFactory()
    university = OrganisationFactory()
    laboratory = member_of(cluster, UnitFactory(organisation=university))
    faculty = UnitFactory(organisation=university)
    shared, elsewhere = ConceptFactory(), ConceptFactory()
    offers(university, shared)
    offers(laboratory, shared)
    offers(faculty, elsewhere)
    found = drawn(cluster)
    assert found.bodies == 1
    assert [(line.key, line.bodies) for line in found.fields] == [(shared.pk, 1)]
    assert found.families[0][0] == "laboratory"


def test_people_of_narrower_fields_of_one_body_are_not_added_up() -> None:
    cluster = ClusterFactory()
    member = member_of(cluster)
    above = ConceptFactory()
    for people in (3, 8):
        offers(member, ConceptFactory(broader=above), people=people)
    [line] = drawn(cluster, wishes=MapWishes(depth=1)).fields
    assert (line.key, line.bodies, line.people, line.opens) == (above.pk, 1, 8, True)


def test_ended_and_future_facts_and_candidates_do_not_count() -> None:
    cluster = ClusterFactory()
    concept = ConceptFactory()
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    member = member_of(cluster)
    offers(member, ConceptFactory(), valid_until=yesterday)
    offers(member, ConceptFactory(), valid_from=tomorrow)
    offers(member, concept, valid_from=TODAY, valid_until=TODAY)
    for gone in (
        member_of(cluster, state=MembershipState.WITHDRAWN, valid_until=yesterday),
        member_of(cluster, state=MembershipState.CANDIDATE),
        member_of(cluster, valid_from=tomorrow),
    ):
        offers(gone, concept)
    leaving = member_of(cluster, state=MembershipState.WITHDRAWN, valid_until=tomorrow)
    offers(leaving, concept)
    found = drawn(cluster)
    assert (found.bodies, [(line.key, line.bodies) for line in found.fields]) == (
        2,
        [(concept.pk, 2)],
    )


def test_fields_are_gathered_and_a_branch_is_opened() -> None:
    cluster = ClusterFactory()
    top = ConceptFactory()
    middle = ConceptFactory(broader=top)
    left, right = ConceptFactory(broader=middle), ConceptFactory(broader=middle)
    other = ConceptFactory()
    member, second = member_of(cluster), member_of(cluster)
    for body, concept in ((member, left), (member, right), (second, left), (second, middle)):
        offers(body, concept)
    offers(member, other)

    def counted(**wishes: Any) -> dict[int, int]:
        found = drawn(cluster, wishes=MapWishes(**wishes))
        return {line.key: line.bodies for line in found.fields}

    assert counted(depth=1) == {top.pk: 2, other.pk: 1}
    assert counted(depth=2) == {middle.pk: 2, other.pk: 1}
    assert counted(depth=0) == {left.pk: 2, right.pk: 1, middle.pk: 1, other.pk: 1}
    assert counted(depth=1, branch=middle.pk) == {left.pk: 2, right.pk: 1, middle.pk: 1}
    assert counted(depth=1, branch=top.pk) == {middle.pk: 2}
    assert counted(branch=987654) == {}
    opened = drawn(cluster, wishes=MapWishes(depth=1, branch=middle.pk))
    assert [key for key, _label in opened.path] == [top.pk, middle.pk]


def test_own_terms_are_a_group_of_their_own_and_merged_ones_are_their_concept() -> None:
    cluster = ClusterFactory()
    member, second = member_of(cluster), member_of(cluster)
    concept = ConceptFactory(scheme=SchemeFactory(name_it="Campi"))
    offers(member, concept)
    offers(second, None, term=OwnTermFactory(merged_into=concept))
    own = OwnTermFactory(label_it="filatura a mano")
    offers(second, None, term=own)
    skill = ConceptFactory(scheme=SchemeFactory(code="esco_skills", name_it="ESCO"))
    offers(second, skill)
    found = drawn(cluster)
    assert [(line.group, line.label, line.bodies) for line in found.fields] == [
        ("Campi", concept.label_it, 2),
        ("ESCO", skill.label_it, 1),
        ("Termini propri", "filatura a mano", 1),
    ]


def test_a_gap_is_filled_by_something_narrower_but_not_by_something_broader() -> None:
    cluster = ClusterFactory()
    broad = ConceptFactory()
    sought = ConceptFactory(broader=broad)
    narrow = ConceptFactory(broader=sought)
    seeker, other = member_of(cluster), member_of(cluster)
    seeks(seeker, sought)
    offers(other, broad)
    assert [one.key for one in drawn(cluster).gaps] == [sought.pk]
    offers(other, narrow)
    found = drawn(cluster)
    assert (found.gaps, [one.key for one in found.matches]) == ((), [sought.pk])


def test_nobody_is_introduced_to_itself() -> None:
    cluster = ClusterFactory()
    body = member_of(cluster)
    concept = ConceptFactory()
    offers(body, concept)
    seeks(UnitFactory(organisation=body), concept)
    found = drawn(cluster)
    assert (found.gaps, found.matches) == ((), ())
    seeks(member_of(cluster), concept)
    assert [one.seekers for one in drawn(cluster).matches] == [2]


def test_what_is_asked_for_narrows_the_map() -> None:
    cluster = ClusterFactory()
    large, small = member_of(cluster), member_of(cluster)
    KindFactory(organisation=large, kind="large_company")
    KindFactory(organisation=small, kind="sme")
    both, proven, sought = ConceptFactory(), ConceptFactory(), ConceptFactory()
    offers(large, both)
    offers(small, both)
    solid(small, proven)
    seeks(large, sought)

    def keys(**wishes: Any) -> set[int]:
        found = drawn(cluster, wishes=MapWishes(depth=0, **wishes))
        return {line.key for line in found.fields}

    assert keys() == {both.pk, proven.pk, sought.pk}
    assert keys(direction="offered") == {both.pk, proven.pk}
    assert keys(direction="sought") == {sought.pk}
    assert keys(with_evidence=True) == {proven.pk, sought.pk}
    assert keys(kinds=("large",)) == {both.pk, sought.pk}
    ordered = drawn(cluster, wishes=MapWishes(depth=0, order="bodies")).fields
    assert [line.key for line in ordered] == [both.pk, proven.pk, sought.pk]


def test_the_network_has_all_its_clusters_and_a_chain_its_own() -> None:
    cluster = ClusterFactory()
    other = ClusterFactory(network=cluster.network)
    foreign = ClusterFactory()
    concept = ConceptFactory()
    both = member_of(cluster)
    member_of(other, both)
    third = member_of(other)
    chain = ValueChainFactory(cluster=cluster)
    ChainMembershipFactory(value_chain=chain, profile=third)
    for body in (both, third, member_of(foreign)):
        offers(body, concept)
    assert line_of(drawn(cluster.network, kind="network"), concept.pk).bodies == 2
    line = line_of(drawn(cluster), concept.pk)
    assert (line.bodies, line.elsewhere) == (1, 1)
    found = drawn(chain, kind="value-chain")
    line = line_of(found, concept.pk)
    assert (found.bodies, line.bodies, line.elsewhere) == (1, 1, 1)
    assert [top.profile for top in line.top] == [third.pk]


def test_a_chain_that_ended_is_as_on_its_last_day() -> None:
    last = date(2025, 3, 31)
    chain = ValueChainFactory(valid_until=last)
    body = ChainMembershipFactory(value_chain=chain, valid_until=last).profile
    offers(body, ConceptFactory(), valid_until=date(2025, 6, 30))
    found = drawn(chain, kind="value-chain")
    assert (found.place.day, found.bodies, len(found.fields)) == (last, 1, 1)


@pytest.mark.parametrize("visibility", [Visibility.NETWORK, Visibility.HIDDEN])
@pytest.mark.parametrize("what", ["competence", "profile"])
def test_what_may_not_be_seen_is_not_counted(visibility: Visibility, what: str) -> None:
    """Everybody sees the open competence; the other only who may."""
    cluster = ClusterFactory()
    opened, closed = ConceptFactory(), ConceptFactory()
    hidden = OrganisationFactory(visibility=visibility) if what == "profile" else None
    body = member_of(cluster, hidden)
    values = {"visibility": visibility} if what == "competence" else {}
    offers(body, closed, **values)
    offers(member_of(cluster), opened)
    cares = (manager_of(cluster), agency_person(cluster.network_id),
             person(mandates={body.pk: frozenset({"representative"})}))  # fmt: skip
    of_network = person(mandates={OrganisationFactory().pk: frozenset({"representative"})})
    sees_all = [*cares, *([of_network] if visibility == Visibility.NETWORK else [])]
    sees_less = [
        visitor(NOW),
        person(),
        *([] if visibility == Visibility.NETWORK else [of_network]),
    ]
    for viewer in sees_all:
        assert {line.key for line in drawn(cluster, viewer).fields} == {opened.pk, closed.pk}
        assert queries.headline(cluster, viewer=viewer).offered == 2
    for viewer in sees_less:
        found = drawn(cluster, viewer)
        assert ({line.key for line in found.fields}, found.offers) == ({opened.pk}, 1)
        assert found.bodies == (2 if what == "competence" else 1)
        assert queries.headline(cluster, viewer=viewer).offered == 1


def test_places_that_may_not_be_seen_are_not_there() -> None:
    cluster = ClusterFactory(visibility=Visibility.NETWORK)
    chain = ValueChainFactory(cluster=cluster)
    for kind, slug in (("cluster", cluster.slug), ("value-chain", chain.slug), ("town", "modena")):
        assert queries.find_place(kind, slug, viewer=visitor(NOW)) is None
    assert queries.find_place("cluster", cluster.slug, viewer=manager_of(cluster)) is not None


def test_an_empty_cluster_has_an_empty_map() -> None:
    found = drawn(ClusterFactory())
    assert (found.bodies, found.fields, found.gaps, found.matches) == (0, (), (), ())
    assert not queries.headline(ClusterFactory(), viewer=visitor(NOW))


def test_the_headline_says_what_the_map_says() -> None:
    cluster = ClusterFactory()
    above = ConceptFactory()
    first, second = member_of(cluster), member_of(cluster)
    shared, single = ConceptFactory(), ConceptFactory(broader=above)
    for body in (first, second, UnitFactory(organisation=second)):
        offers(body, shared)
    offers(first, single)
    seeks(second, above)
    seeks(second, ConceptFactory())
    figures = queries.headline(cluster, viewer=visitor(NOW))
    found = drawn(cluster)
    assert (figures.offered, figures.only_one, figures.gaps) == (2, 1, 1)
    assert figures.only_one == len(found.covered(Cover.ONE))
    assert figures.gaps == len(found.gaps)
