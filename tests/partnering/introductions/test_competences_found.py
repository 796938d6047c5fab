"""The ask finds bodies by the competences that they offer, as far as each reader may know them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from tests.factories.accounts import MandateFactory, acting
from tests.factories.clusters import MembershipFactory
from tests.factories.evidence import ParticipationFactory
from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory, agency_person
from tests.factories.skills import CompetenceFactory, OwnTermFactory
from tests.searching import ask, index_all, names, reasons
from trebbo.kernel.access import installation
from trebbo.partnering.introductions.actions import gather_news
from trebbo.sharing.skills import actions
from trebbo.sharing.skills.events import competences_changed
from trebbo.sharing.skills.models import Competence

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]
QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def test_found_by_what_it_offers_and_told_so_in_the_language_of_the_page() -> None:
    body = OrganisationFactory(name="Alfa")
    OrganisationFactory(name="Beta")
    scanning = ConceptFactory(label_it="scansione laser", label_en="laser scanning")
    CompetenceFactory(profile=body, concept=scanning, note_it="anche in corsia", note_en="on wards")
    index_all(NOW)
    found = ask("scansione laser")
    assert names(found) == ["Alfa"]
    assert reasons(found) == [("competenze", "scansione laser: anche in corsia")]
    with translation.override("en"):
        assert reasons(ask("scansione")) == [("competences", "laser scanning: on wards")]
    assert names(ask("corsia")) == ["Alfa"]


def test_own_words_find_it_too() -> None:
    term = OwnTermFactory(label_it="cucitura ultrasonica", label_en="")
    CompetenceFactory(own=True, term=term, profile=OrganisationFactory(name="Alfa"))
    index_all(NOW)
    assert names(ask("cucitura ultrasonica")) == ["Alfa"]


def test_what_is_sought_or_over_or_to_come_finds_nobody() -> None:
    body = OrganisationFactory()
    day = timedelta(days=1)
    today = NOW.date()
    for word, facts in {
        "alfanite": {"direction": "sought"},
        "betanite": {"valid_until": today - day},
        "gammanite": {"valid_from": today + day},
    }.items():
        CompetenceFactory(profile=body, concept=ConceptFactory(label_it=word), **facts)
    index_all(NOW)
    for word in ("alfanite", "betanite", "gammanite"):
        assert ask(word).total == 0


def test_what_the_network_alone_may_know_finds_a_public_body_for_nobody() -> None:
    """Of a body that the network alone sees, the network is found by it."""
    private = OrganisationFactory(name="Gamma", visibility="network")
    member = MandateFactory(profile=MembershipFactory().profile)
    for profile in (OrganisationFactory(name="Alfa"), private):
        for word, visibility in {"deltanite": "network", "epsilonite": "hidden"}.items():
            CompetenceFactory(
                profile=profile, concept=ConceptFactory(label_it=word), visibility=visibility
            )
    index_all(NOW)
    insider = acting(member.person)
    assert ask("deltanite").total == ask("epsilonite").total == 0
    assert names(ask("deltanite", insider)) == ["Gamma"]
    assert ask("epsilonite", insider).total == 0


def test_saying_it_twice_counts_no_more() -> None:
    """A field of its own or of its projects is there already, as long as nobody confirmed it."""
    field, other = ConceptFactory(label_it="zetanite"), ConceptFactory(label_it="etanite")
    alone, twice = OrganisationFactory(name="Alfa"), OrganisationFactory(name="Beta")
    for body in (alone, twice):
        body.fields.add(field)
        ParticipationFactory(profile=body).project.fields.add(other)
    CompetenceFactory(profile=twice, concept=field, confirmed_at=NOW)
    inferred = CompetenceFactory(profile=twice, concept=other, origin="evidence")
    index_all(NOW)
    for word in ("zetanite", "etanite"):
        first, second = ask(word).found
        assert [met.part for met in first.met] == [met.part for met in second.met]
    Competence.objects.filter(pk=inferred.pk).update(confirmed_at=NOW)
    index_all(NOW)
    assert reasons(ask("etanite"))[0][0] == "competenze"
    assert names(ask("etanite"))[0] == "Beta"


@override_settings(TASKS=QUEUE)
def test_the_index_follows_at_once_where_something_is_not_for_everybody(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    body = OrganisationFactory(name="Alfa")
    agency = agency_person()
    concept = ConceptFactory(label_it="thetanite")
    index_all(NOW)
    with django_capture_on_commit_callbacks(execute=True):
        one = actions.state_competence(
            actor=agency, profile_id=body.pk, concept_id=concept.pk, direction="offered"
        )
    assert DBTaskResult.objects.count() == 1
    index_all(NOW)
    assert names(ask("thetanite")) == ["Alfa"]
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_competence(
            actor=agency, competence_id=one.pk, version=one.version, visibility="network"
        )
    assert DBTaskResult.objects.count() == 1
    assert ask("thetanite").total == 0


def test_what_the_index_still_remembers_is_not_told() -> None:
    body = OrganisationFactory(name="Alfa")
    one = CompetenceFactory(profile=body, concept=ConceptFactory(label_it="iotanite"))
    index_all(NOW)
    Competence.objects.filter(pk=one.pk).update(visibility="hidden")
    assert not ask("iotanite").found


def test_reasons_cost_no_more_queries_however_many() -> None:
    concept = ConceptFactory(label_it="kappanite")
    counts = []
    for more in (1, 3):
        CompetenceFactory.create_batch(more, concept=concept)
        index_all(NOW)
        ask("kappanite")
        with CaptureQueriesContext(connection) as asked:
            assert ask("kappanite").found
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_news_inside_bulk_work_waits() -> None:
    body = OrganisationFactory()
    with gather_news(actor=installation(NOW)) as gathered:
        competences_changed.send(sender=None, profile_id=body.pk)
    assert gathered == {body.pk}
