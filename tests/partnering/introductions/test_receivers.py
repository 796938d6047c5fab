"""The index follows the registry and the clusters."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    UnitFactory,
    agency_person,
)
from tests.searching import index_all
from trebbo.ecosystem.clusters.actions.memberships import admit_member, end_membership
from trebbo.ecosystem.organisations.actions.profiles import edit_profile
from trebbo.ecosystem.organisations.events import profile_removed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import installation, visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import gather_news
from trebbo.partnering.introductions.queries import Question, answer

pytestmark = pytest.mark.django_db
QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


class Commits(Protocol):
    """Carries out what waits for the commit."""

    def __call__(self, *, execute: bool) -> AbstractContextManager[list[Any]]:
        """Gather what waits, and carry it out at the end."""
        ...


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Commits) -> Commits:
    """A shorter name."""
    return django_capture_on_commit_callbacks


def found(text: str = "", **filters: str) -> list[str]:
    """Who is found today, by name."""
    question = Question(text, {name: (value,) for name, value in filters.items()})
    return sorted(one.profile.name for one in answer(question, viewer=visitor(NOW)).found)


def total() -> int:
    """How many a visitor is told there are."""
    return answer(Question(), viewer=visitor(NOW)).total


def test_an_edit_is_found_at_once(committing: Commits) -> None:
    """By the new words and no longer by the old ones; also the first edit, before any index."""
    body = OrganisationFactory(name="Alfa")
    with committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=body.pk, version=1, name="Zenzero")
    assert (found("zenzero"), found("alfa")) == (["Zenzero"], [])


def test_a_unit_is_found_by_its_organisations_new_name(committing: Commits) -> None:
    """And the organisation by its unit's."""
    body = OrganisationFactory(name="Alfa")
    unit = UnitFactory(name="Valvole", organisation=body)
    index_all(NOW)
    with committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=body.pk, version=1, name="Zenzero")
    assert found("zenzero") == ["Valvole", "Zenzero"]
    with committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=unit.pk, version=1, name="Curcuma")
    assert found("curcuma") == ["Curcuma", "Zenzero"]


def test_members_are_found_by_their_clusters_new_name(committing: Commits) -> None:
    """A cluster's words stand in its members' documents."""
    cluster = ClusterFactory(name="Cluster Alfa")
    MembershipFactory(cluster=cluster, profile=OrganisationFactory(name="Socio"))
    index_all(NOW)
    Profile.objects.filter(pk=cluster.pk).update(name="Cluster Zenzero")
    gateway.refresh([cluster.pk], NOW.date())
    assert found("zenzero") == ["Cluster Zenzero", "Socio"]


def test_a_membership_begins_and_ends(committing: Commits) -> None:
    """The filter by cluster follows."""
    cluster = ClusterFactory(slug="clust-er-health")
    member = OrganisationFactory(name="Socio")
    index_all(NOW)
    manager = manager_of(cluster)
    with committing(execute=True):
        membership = admit_member(
            actor=manager, cluster=cluster, profile=member, valid_from=NOW.date()
        )
    assert found(cluster="clust-er-health") == ["Socio"]
    with committing(execute=True):
        end_membership(actor=manager, membership=membership, on=NOW.date())
    index_all(NOW.replace(day=NOW.day + 1))
    assert found(cluster="clust-er-health") == []


@override_settings(TASKS=QUEUE)
def test_who_hides_a_profile_waits_for_no_worker(committing: Commits) -> None:
    """An open profile is refreshed by a job; one that became hidden leaves the numbers at once."""
    hidden, edited = OrganisationFactory(name="Alfa"), OrganisationFactory(name="Beta")
    index_all(NOW)
    with committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=edited.pk, version=1, name="Gamma")
        edit_profile(actor=agency_person(), profile_id=hidden.pk, version=1, visibility="hidden")
    assert total() == 1
    (job,) = DBTaskResult.objects.all()
    assert job.args_kwargs["kwargs"] == {"profile_ids": [edited.pk]}


def test_what_is_gone_is_taken_out() -> None:
    """A profile that no longer exists leaves the index."""
    body = OrganisationFactory()
    key = body.pk
    index_all(NOW)
    Profile.objects.filter(pk=key).delete()
    profile_removed.send(sender=Profile, profile_id=key)
    assert gateway.status().documents == 0


@override_settings(TASKS=QUEUE)
def test_news_is_gathered_in_bulk(committing: Commits) -> None:
    """No job for each; the caller is told what changed."""
    body = OrganisationFactory()
    with gather_news(actor=installation()) as gathered, committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=body.pk, version=1, acronym="A")
    assert (gathered, DBTaskResult.objects.count()) == ({body.pk}, 0)
