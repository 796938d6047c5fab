"""The index follows the registry and the clusters."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import ParticipationFactory
from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    UnitFactory,
    agency_person,
)
from tests.searching import index_all
from trebbo.ecosystem.clusters.actions.memberships import admit_member, end_membership
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import Import, Statement
from trebbo.ecosystem.organisations.actions.profiles import edit_profile
from trebbo.ecosystem.organisations.events import profile_removed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import installation, visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import gather_news
from trebbo.partnering.introductions.queries import Question, answer
from trebbo.partnering.introductions.tasks import (
    arrange_daily_rebuild,
    rebuild_index,
    refresh_evidence,
)

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


def news(profile_id: int) -> list[dict[str, Any]]:
    """The jobs of the index that wait after the evidence of a profile changed."""
    DBTaskResult.objects.all().delete()
    evidence_changed.send(sender=Statement, profile_id=profile_id)
    waiting = DBTaskResult.objects.filter(task_path=refresh_evidence.module_path)
    return [job.args_kwargs["kwargs"] for job in waiting]


@override_settings(TASKS=QUEUE)
def test_evidence_that_was_hidden_waits_for_no_worker() -> None:
    """A link is read by a job; a word of the member at once."""
    body = OrganisationFactory(name="Alfa")
    index_all(NOW)
    part = ParticipationFactory(profile=body)
    assert news(body.pk) == [{"profile_ids": [body.pk]}]
    gateway.refresh_evidence([body.pk], NOW.date())
    assert found("scaffolds") == ["Alfa"]
    Statement.objects.create(profile=body, participation=part, verdict="hidden", said_at=NOW)
    assert news(body.pk) == []
    Statement.objects.all().delete()
    assert found("scaffolds") == []


@override_settings(TASKS=QUEUE)
def test_a_published_edition_is_read_once() -> None:
    """However many were published before a worker came; the nightly rebuild stays."""
    arrange_daily_rebuild()
    for number in range(3):
        evidence_published.send(sender=Import, import_id=number)
    waiting = DBTaskResult.objects.filter(task_path=rebuild_index.module_path)
    assert waiting.count() == 2
    waiting.delete()
    with gather_news(actor=installation()):
        evidence_published.send(sender=Import, import_id=1)
    assert not waiting.exists()


@override_settings(TASKS=QUEUE)
def test_news_is_gathered_in_bulk(committing: Commits) -> None:
    """No job for each; the caller is told what changed."""
    body = OrganisationFactory()
    with gather_news(actor=installation()) as gathered, committing(execute=True):
        edit_profile(actor=agency_person(), profile_id=body.pk, version=1, acronym="A")
    assert (gathered, DBTaskResult.objects.count()) == ({body.pk}, 0)
