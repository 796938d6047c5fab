"""What members of a cluster did together: counted by a job, shown on the cluster's pages."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory
from tests.factories.clusters import TODAY, ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import (
    BodyFactory,
    FundedProjectFactory,
    ImportFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    OrganisationFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import ClusterSummary, Participation, Statement
from trebbo.ecosystem.evidence.queries import ClusterFigures, Cover
from trebbo.ecosystem.evidence.queries.clusters import RECENT_YEARS, WELL_FROM, cover_of
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


def members_of(cluster: Cluster, count: int) -> list[Profile]:
    """Member organisations."""
    return [MembershipFactory(cluster=cluster).profile for _ in range(count)]


def project_of(profiles: Iterable[Profile], **values: Any) -> Any:
    """A project in which these take part, each with EUR 100."""
    project = FundedProjectFactory(**values)
    for profile in profiles:
        ParticipationFactory(project=project, profile=profile, contribution=Decimal(100))
    return project


def count(cluster: Cluster) -> ClusterFigures:
    """The figures as everybody may see them on 15 June 2026."""
    return queries.count_evidence(cluster, viewer=visitor(NOW))


def field_of(level: int) -> Any:
    """A field with as many levels above it as make `level`."""
    concept = None
    for _ in range(level):
        concept = ConceptFactory(broader=concept)
    return concept


def covers(figures: ClusterFigures) -> dict[int, Cover]:
    """How each field is covered."""
    return {
        one.concept: cover_of(one.members) for branch in figures.branches for one in branch.fields
    }


def test_projects_of_two_or_more_members_are_together() -> None:
    cluster = ClusterFactory()
    first, second, third = members_of(cluster, 3)
    outsider = OrganisationFactory()
    both = project_of([first, second, outsider], start_date=date(2024, 3, 1))
    project_of([third], start_date=date(2023, 3, 1))
    project_of([outsider])
    figures = count(cluster)
    assert (figures.members, figures.with_projects, figures.projects) == (3, 3, 2)
    assert [one.project for one in figures.shared] == [both.pk]
    assert (Decimal(figures.contribution), Decimal(figures.together_contribution)) == (300, 200)
    assert [(y.year, y.projects, y.together, Decimal(y.contribution)) for y in figures.years] == [
        (2023, 1, 0, 100),
        (2024, 1, 1, 200),
    ]


def test_several_units_of_one_organisation_count_once() -> None:
    cluster = ClusterFactory()
    university = OrganisationFactory()
    one, two = UnitFactory(organisation=university), UnitFactory(organisation=university)
    for unit in (one, two):
        MembershipFactory(cluster=cluster, profile=unit)
    [firm] = members_of(cluster, 1)
    project_of([one, two])
    shared = project_of([one, firm])
    project_of([university])
    figures = count(cluster)
    assert (figures.members, figures.projects) == (2, 2)
    assert [one.project for one in figures.shared] == [shared.pk]


def test_a_member_organisation_brings_its_units_projects() -> None:
    cluster = ClusterFactory()
    university, firm = members_of(cluster, 2)
    unit = UnitFactory(organisation=university)
    shared = project_of([unit, firm])
    assert [one.project for one in count(cluster).shared] == [shared.pk]


def test_candidates_past_members_and_hidden_profiles_do_not_count() -> None:
    cluster = ClusterFactory()
    [member] = members_of(cluster, 1)
    candidate = MembershipFactory(cluster=cluster, state=MembershipState.CANDIDATE).profile
    gone = MembershipFactory(
        cluster=cluster, state=MembershipState.WITHDRAWN, valid_until=TODAY - timedelta(days=1)
    ).profile
    leaving = MembershipFactory(
        cluster=cluster, state=MembershipState.WITHDRAWN, valid_until=TODAY + timedelta(days=9)
    ).profile
    unseen = MembershipFactory(
        cluster=cluster, profile=OrganisationFactory(visibility=Visibility.NETWORK)
    ).profile
    for other in (candidate, gone, unseen):
        project_of([member, other])
    shared = project_of([member, leaving])
    figures = count(cluster)
    assert figures.members == 2
    assert [one.project for one in figures.shared] == [shared.pk]


def test_what_a_member_hid_is_left_out() -> None:
    cluster = ClusterFactory()
    first, second = members_of(cluster, 2)
    project = project_of([first, second])
    part = Participation.objects.get(profile=second)
    Statement.objects.create(
        profile=second, participation=part, verdict=Verdict.HIDDEN, said_at=NOW
    )
    figures = count(cluster)
    assert (figures.projects, figures.shared) == (1, ())
    assert project.participations.count() == 2


def test_bodies_outside_are_counted_once_with_their_countries() -> None:
    cluster = ClusterFactory()
    first, second = members_of(cluster, 2)
    known = OrganisationFactory()
    greek = BodyFactory(country="EL")
    for project in (project_of([first, second, known]), project_of([first])):
        ParticipationFactory(project=project, body=greek)
    figures = count(cluster)
    assert figures.outside_bodies == 2
    assert [(one.profile, one.body, one.projects) for one in figures.outside] == [
        (None, greek.pk, 2),
        (known.pk, None, 1),
    ]
    assert dict(figures.countries) == {"GR": 1, "IT": 1}


@pytest.mark.parametrize(
    ("members", "cover"),
    [
        (0, Cover.NOT_AT_ALL),
        (1, Cover.THINLY),
        (WELL_FROM - 1, Cover.THINLY),
        (WELL_FROM, Cover.WELL),
    ],
)
def test_how_well_a_field_is_covered(members: int, cover: Cover) -> None:
    cluster = ClusterFactory()
    field = field_of(3)
    empty = ConceptFactory(broader=field.broader)
    project = project_of(members_of(cluster, max(members, 1)))
    project.fields.add(field if members else field.broader)
    assert covers(count(cluster)) == {field.pk: cover, empty.pk: Cover.NOT_AT_ALL}


def test_old_projects_and_those_without_a_date_do_not_cover_a_field() -> None:
    cluster = ClusterFactory()
    [member] = members_of(cluster, 1)
    just, late, undated = field_of(3), field_of(3), field_of(3)
    edge = TODAY.replace(year=TODAY.year - RECENT_YEARS)
    for field, day in ((just, edge), (late, edge - timedelta(days=1)), (undated, None)):
        project_of([member], start_date=day).fields.add(field)
    assert covers(count(cluster)) == {
        just.pk: Cover.THINLY,
        late.pk: Cover.NOT_AT_ALL,
        undated.pk: Cover.NOT_AT_ALL,
    }


def test_a_deeper_field_counts_for_the_one_above_and_a_branch_without_projects_is_not_listed() -> (
    None
):
    cluster = ClusterFactory()
    [member] = members_of(cluster, 1)
    field, elsewhere = field_of(3), field_of(3)
    project_of([member]).fields.add(ConceptFactory(broader=ConceptFactory(broader=field)))
    member.fields.add(ConceptFactory(broader=field))
    figures = count(cluster)
    assert covers(figures) == {field.pk: Cover.THINLY}
    [branch] = figures.branches
    assert (branch.concept, branch.fields[0].claimed) == (field.broader_id, 1)
    assert figures.branches_without == 1
    assert elsewhere.broader_id != branch.concept


def test_a_field_that_a_member_corrected_counts_as_it_says() -> None:
    cluster = ClusterFactory()
    first, second = members_of(cluster, 2)
    wrong = field_of(3)
    right = ConceptFactory(broader=wrong.broader)
    project_of([first, second]).fields.add(wrong)
    Statement.objects.create(
        profile=first, concept=wrong, verdict=Verdict.CORRECTED, instead=right, said_at=NOW
    )
    fields = {one.concept: one.members for one in count(cluster).branches[0].fields}
    assert fields == {wrong.pk: 1, right.pk: 1}


def test_figures_survive_the_way_through_the_database() -> None:
    cluster = ClusterFactory()
    first, second = members_of(cluster, 2)
    project = project_of([first, second], first_import=ImportFactory(is_present=True))
    project.fields.add(field_of(4))
    ParticipationFactory(project=project)
    actions.refresh_summary(actor=installation(NOW), cluster_id=cluster.pk)
    summary = ClusterSummary.objects.get()
    assert summary.worked_out_at == NOW
    assert ClusterFigures.from_json(summary.figures) == count(cluster)
    assert ClusterFigures.from_json({}) == ClusterFigures()


@given(st.integers(0, 10_000))
def test_cover_is_one_of_three(members: int) -> None:
    assert cover_of(members) == (
        Cover.WELL if members >= 3 else Cover.THINLY if members > 0 else Cover.NOT_AT_ALL
    )


def test_who_may_have_it_counted() -> None:
    cluster = ClusterFactory()
    for actor in (installation(), manager_of(cluster)):
        assert actions.refresh_summary(actor=actor, cluster_id=cluster.pk)
    for actor in (visitor(), person(), manager_of(ClusterFactory())):
        with pytest.raises(NotAllowed):
            actions.refresh_summary(actor=actor, cluster_id=cluster.pk)
    assert actions.refresh_summary(actor=installation(), cluster_id=0) is None


def test_news_has_the_clusters_counted_that_it_concerns() -> None:
    mine, other = ClusterFactory(), ClusterFactory()
    [member] = members_of(mine, 1)
    unit = UnitFactory(organisation=member)
    members_of(other, 1)
    for signal, profile in ((evidence_changed, unit), (membership_changed, member)):
        signal.send(sender=None, profile_id=profile.pk)
        assert [row.cluster_id for row in ClusterSummary.objects.all()] == [mine.pk]
        ClusterSummary.objects.all().delete()
    evidence_published.send(sender=None, import_id=0)
    assert ClusterSummary.objects.count() == 2


def test_much_news_waits_as_one_job(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    from django_tasks_db.models import DBTaskResult

    from trebbo.ecosystem.evidence import tasks

    one, two = ClusterFactory(), ClusterFactory()
    asked = [tasks.ask_for_summary(key) for key in (one.pk, one.pk, two.pk, one.pk)]
    assert asked == [True, False, True, False]
    path = tasks.refresh_cluster_summary.module_path
    assert DBTaskResult.objects.filter(task_path=path).count() == 2


def test_the_page_shows_what_was_counted_and_as_of_when(client: Client) -> None:
    cluster = ClusterFactory(name="Salute")
    first, second = members_of(cluster, 2)
    project = project_of([first, second], acronym="TOGETHER")
    field = field_of(3)
    project.fields.add(field)
    ParticipationFactory(project=project, body__name="FRAUNHOFER EV", body__country="DE")
    address = reverse("cluster_evidence", args=[cluster.slug])
    empty = client.get(address.replace("/it/", "/en/")).content.decode()
    assert "Nothing has been counted yet." in empty
    actions.refresh_summary(actor=installation(NOW), cluster_id=cluster.pk)
    page = client.get(address.replace("/it/", "/en/")).content.decode()
    for words in ("TOGETHER", first.name, second.name, "FRAUNHOFER EV", "Germany", field.label_en):
        assert words in page
    assert "if 3 members or more have a project in it that began in the last 5 years" in page
    own = client.get(f"/en/clusters/{cluster.slug}/").content.decode()
    assert "What members did together" in own
    assert f"/en/clusters/{cluster.slug}/evidence/" in own
    assert "Che cosa hanno fatto insieme gli associati" in client.get(address).content.decode()


def test_what_is_hidden_after_the_count_is_not_named(client: Client) -> None:
    cluster = ClusterFactory()
    first, second = members_of(cluster, 2)
    project_of([first, second], acronym="SECRET")
    actions.refresh_summary(actor=installation(NOW), cluster_id=cluster.pk)
    address = reverse("cluster_evidence", args=[cluster.slug])
    assert "SECRET" in client.get(address).content.decode()
    Profile.objects.filter(pk=second.pk).update(visibility=Visibility.HIDDEN)
    assert "SECRET" not in client.get(address).content.decode()


def test_a_cluster_that_may_not_be_seen_is_not_there(client: Client) -> None:
    cluster = ClusterFactory(visibility=Visibility.NETWORK)
    assert client.get(reverse("cluster_evidence", args=[cluster.slug])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_database_as_often_for_three_as_for_one(
    sign_in: Any, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    role = ClusterRoleFactory()
    first, second = members_of(role.cluster, 2)
    for _ in range(rows):
        project = project_of([first, second, OrganisationFactory()])
        project.fields.add(field_of(3))
        ParticipationFactory(project=project)
    actions.refresh_summary(actor=installation(), cluster_id=role.cluster.pk)
    client = sign_in(role.person)
    for address, number in (
        (reverse("cluster_evidence", args=[role.cluster.slug]), 8),
        (role.cluster.get_absolute_url(), 12),
    ):
        with django_assert_num_queries(number):
            assert client.get(address).status_code == 200
