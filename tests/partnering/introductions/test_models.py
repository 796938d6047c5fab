"""What the tables themselves hold to, whoever writes into them."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, NetworkFactory
from tests.factories.evidence import BodyFactory
from tests.factories.introductions import (
    AskFactory,
    AskShareFactory,
    EntryFactory,
    FloorFactory,
    KeptApartFactory,
    PreferenceFactory,
)
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.partnering.introductions.choices import DropReason, FeedbackKind, FloorGroup
from trebbo.partnering.introductions.models import Ask, Feedback, ShortlistEntry, TrainedRanking

pytestmark = pytest.mark.django_db


def rejected(write: Callable[[], object]) -> bool:
    """Whether the database does not take it."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def judge(ask: Ask, kind: str, reason: str = "") -> Feedback:
    """What somebody said of a body."""
    return Feedback.objects.create(
        ask=ask, profile=OrganisationFactory(), kind=kind, reason=reason, said_at=NOW
    )


def test_an_ask_is_shared_with_one_broker_at_a_time_and_once() -> None:
    ask, cluster, network = AskFactory(), ClusterFactory(), NetworkFactory()
    AskShareFactory(ask=ask, cluster=cluster)
    AskShareFactory(ask=ask, cluster=None, network=network)
    for given in (
        {"cluster": cluster},
        {"cluster": None, "network": network},
        {"cluster": None},
        {"cluster": ClusterFactory(), "network": NetworkFactory()},
    ):
        assert rejected(lambda given=given: AskShareFactory(ask=ask, **given)), given
    assert not rejected(lambda: AskShareFactory(cluster=cluster))


def test_a_body_is_once_on_a_list() -> None:
    ask, profile, body = AskFactory(), OrganisationFactory(), BodyFactory()
    EntryFactory(ask=ask, profile=profile)
    EntryFactory(ask=ask, profile=None, body=body)
    for given in (
        {"profile": profile},
        {"profile": None, "body": body},
        {"profile": None},
        {"profile": OrganisationFactory(), "body": BodyFactory()},
    ):
        assert rejected(lambda given=given: EntryFactory(ask=ask, **given)), given
    assert not rejected(lambda: EntryFactory(profile=profile))


def test_a_body_is_named_wherever_it_comes_from() -> None:
    assert str(EntryFactory(profile=OrganisationFactory(name="Alfa"))) == "Alfa"
    assert str(EntryFactory(profile=None, body=BodyFactory(name="BETA SRL"))) == "BETA SRL"


def test_only_dropping_has_a_reason() -> None:
    ask = AskFactory()
    assert rejected(lambda: judge(ask, FeedbackKind.MOVED, DropReason.TOO_FAR))
    assert not rejected(lambda: judge(ask, FeedbackKind.DROPPED, DropReason.TOO_FAR))


def test_nobody_is_kept_apart_from_itself_or_twice() -> None:
    pair = KeptApartFactory()
    assert rejected(lambda: KeptApartFactory(profile=pair.profile, other=pair.other))
    assert rejected(lambda: KeptApartFactory(profile=pair.profile, other=pair.profile))
    assert not rejected(lambda: KeptApartFactory(profile=pair.other, other=pair.profile))


def test_a_profile_has_one_preference() -> None:
    said = PreferenceFactory()
    assert rejected(lambda: PreferenceFactory(profile=said.profile))


def test_floors_are_of_one_office_in_percent_and_only_provinces_have_a_code() -> None:
    cluster = ClusterFactory()
    FloorFactory(cluster=cluster)
    for given in (
        {"cluster": cluster},
        {"cluster": None},
        {"network": NetworkFactory()},
        {"share": 101},
        {"value": "MO"},
        {"group": FloorGroup.PROVINCE},
    ):
        assert rejected(lambda given=given: FloorFactory(**given)), given
    assert not rejected(
        lambda: FloorFactory(cluster=cluster, group=FloorGroup.PROVINCE, value="MO", share=100)
    )
    assert not rejected(lambda: FloorFactory(cluster=None, network=NetworkFactory(), share=0))


def test_one_ranking_is_the_present_one() -> None:
    for _ in range(2):
        TrainedRanking.objects.create(schema=1, trained_at=NOW)
    TrainedRanking.objects.create(schema=1, trained_at=NOW, is_present=True)
    assert rejected(
        lambda: TrainedRanking.objects.create(schema=2, trained_at=NOW, is_present=True)
    )


def test_what_was_kept_outlives_the_people_and_the_body_that_asked() -> None:
    asker, owner = OrganisationFactory(), PersonFactory()
    ask = AskFactory(asker=asker, owner=owner)
    EntryFactory(ask=ask, changed_by=owner)
    owner.delete()
    asker.delete()
    ask.refresh_from_db()
    assert (ask.owner, ask.asker) == (None, None)
    assert ShortlistEntry.objects.get(ask=ask).changed_by is None


def test_an_ask_is_named_in_the_trail_without_its_need() -> None:
    ask = AskFactory(text="segreto industriale")
    assert "segreto" not in str(ask)
    assert str(ask.pk) in str(ask)
