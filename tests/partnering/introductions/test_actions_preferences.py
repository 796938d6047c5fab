"""How bodies wish to be shown in asks, who is kept apart from whom, and floors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    agency_of,
    manager_of,
)
from tests.factories.introductions import FloorFactory, KeptApartFactory, PreferenceFactory
from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    ProvinceFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.events import preference_changed
from trebbo.partnering.introductions.models import AskingPreference, FairnessFloor, KeptApart
from trebbo.partnering.introductions.queries.preferences import (
    floor_offices,
    not_shown,
    preferences_of,
    visible_floors,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def editor_of(profile: Profile) -> Viewer:
    """Somebody who acts for it."""
    return person(mandates={profile.pk: frozenset({"editor"})})


def refusal_of(act: Callable[[], object]) -> Refusal:
    """What the action said."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def strangers(profile: Profile) -> list[Viewer]:
    """People who may not speak for it."""
    other = OrganisationFactory()
    return [
        visitor(NOW),
        person(person_id=10**6),
        editor_of(other),
        person(clusters={ClusterFactory().pk: frozenset({"board"})}),
    ]


def test_a_body_says_that_it_is_not_shown_and_until_when_it_has_no_capacity() -> None:
    body = OrganisationFactory()
    ada = editor_of(body)
    actions.set_silent(actor=ada, profile_id=body.pk, is_silent=True)
    until = TODAY + timedelta(days=30)
    actions.set_no_capacity_until(actor=ada, profile_id=body.pk, until=until)
    said = AskingPreference.objects.get(profile=body)
    assert (said.is_silent, said.no_capacity_until, said.changed_at) == (True, until, NOW)
    actions.set_silent(actor=ada, profile_id=body.pk, is_silent=False)
    actions.set_no_capacity_until(actor=ada, profile_id=body.pk, until=None)
    said.refresh_from_db()
    assert (said.is_silent, said.no_capacity_until) == (False, None)


def test_what_is_said_twice_is_in_the_trail_once_and_told_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    body, told = OrganisationFactory(), []

    def listen(*, profile_id: int, **_more: Any) -> None:
        told.append(profile_id)

    preference_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(2):
                actions.set_silent(actor=editor_of(body), profile_id=body.pk, is_silent=True)
    finally:
        preference_changed.disconnect(listen)
    [line] = audit.history_of(Profile(pk=body.pk)).filter(verb="set_silent") or audit.history_of(
        body
    )
    assert line.changes == {"is_silent": [False, True]}
    assert told == [body.pk]


def test_a_day_that_is_over_is_refused_and_today_is_not() -> None:
    body = OrganisationFactory()
    ada = editor_of(body)
    refusal = refusal_of(
        lambda: actions.set_no_capacity_until(
            actor=ada, profile_id=body.pk, until=TODAY - timedelta(days=1)
        )
    )
    assert "no_capacity_until" in refusal.fields
    actions.set_no_capacity_until(actor=ada, profile_id=body.pk, until=TODAY)
    assert AskingPreference.objects.get(profile=body).no_capacity_until == TODAY


def test_only_those_who_look_after_a_body_speak_for_it() -> None:
    body, other = OrganisationFactory(visibility=Visibility.NETWORK), OrganisationFactory()
    pair = KeptApartFactory(profile=body)
    for who in strangers(body):
        for act in (
            lambda who=who: actions.set_silent(actor=who, profile_id=body.pk, is_silent=True),
            lambda who=who: actions.set_no_capacity_until(
                actor=who, profile_id=body.pk, until=None
            ),
            lambda who=who: actions.keep_apart(actor=who, profile_id=body.pk, other_id=other.pk),
            lambda who=who: actions.end_keep_apart(
                actor=who, profile_id=body.pk, other_id=pair.other_id
            ),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert preferences_of(body.slug, viewer=who) is None
    assert not AskingPreference.objects.exists()
    assert KeptApart.objects.get() == pair


def test_its_office_speaks_for_a_member() -> None:
    cluster, body = ClusterFactory(), OrganisationFactory()
    MembershipFactory(cluster=cluster, profile=body)
    actions.set_silent(actor=manager_of(cluster), profile_id=body.pk, is_silent=True)
    said = preferences_of(body.slug, viewer=manager_of(cluster))
    assert said is not None
    assert said.is_silent


def test_two_bodies_are_kept_apart_and_let_together_again() -> None:
    body, rival = OrganisationFactory(), OrganisationFactory()
    ada = editor_of(body)
    actions.keep_apart(actor=ada, profile_id=body.pk, other_id=rival.pk)
    for asker, hidden in ((body, rival), (rival, body)):
        assert not_shown([asker.pk], viewer=ada) == {hidden.pk}
    assert not_shown([], viewer=ada) == frozenset()
    assert not_shown([OrganisationFactory().pk], viewer=ada) == frozenset()
    assert actions.end_keep_apart(actor=ada, profile_id=body.pk, other_id=rival.pk)
    assert not actions.end_keep_apart(actor=ada, profile_id=body.pk, other_id=rival.pk)
    assert not_shown([body.pk], viewer=ada) == frozenset()


def test_who_is_kept_apart_from_an_organisation_is_so_from_its_units() -> None:
    body, rival = OrganisationFactory(), OrganisationFactory()
    own, theirs = UnitFactory(organisation=body), UnitFactory(organisation=rival)
    KeptApartFactory(profile=body, other=rival)
    nobody = visitor(NOW)
    assert not_shown([body.pk], viewer=nobody) == {rival.pk, theirs.pk}
    assert not_shown([own.pk], viewer=nobody) == {rival.pk, theirs.pk}
    assert not_shown([theirs.pk], viewer=nobody) == {body.pk, own.pk}


def test_the_silent_are_shown_to_nobody() -> None:
    silent = PreferenceFactory().profile
    PreferenceFactory(is_silent=False)
    assert not_shown([], viewer=visitor(NOW)) == {silent.pk}


def test_nobody_is_kept_apart_from_itself_from_the_unseen_or_twice() -> None:
    body, rival = OrganisationFactory(), OrganisationFactory()
    hidden = OrganisationFactory(visibility=Visibility.HIDDEN)
    ada = editor_of(body)
    actions.keep_apart(actor=ada, profile_id=body.pk, other_id=rival.pk)
    for other in (body.pk, rival.pk, hidden.pk, 10**9):
        refusal = refusal_of(
            lambda other=other: actions.keep_apart(actor=ada, profile_id=body.pk, other_id=other)
        )
        assert "other" in refusal.fields
    assert KeptApart.objects.count() == 1


def test_an_office_sets_changes_and_removes_its_floor() -> None:
    cluster = ClusterFactory()
    office = manager_of(cluster)
    floor = actions.set_floor(actor=office, group="sme", share=30, cluster_id=cluster.pk)
    again = actions.set_floor(actor=office, group="sme", share=40, cluster_id=cluster.pk)
    assert (again.pk, again.share) == (floor.pk, 40)
    assert FairnessFloor.objects.get().share == 40
    lines = audit.history_of(cluster).filter(verb="set_floor").order_by("pk")
    assert [line.changes["least_share"][0] is None for line in lines] == [True, False]
    assert "40%" in str(lines[1].changes["least_share"][1])
    assert actions.remove_floor(actor=office, floor_id=floor.pk)
    assert not actions.remove_floor(actor=office, floor_id=floor.pk)
    assert not FairnessFloor.objects.exists()


def test_a_floor_of_a_province_names_one_that_is_known() -> None:
    network, province = NetworkFactory(), ProvinceFactory()
    agency = agency_of(network)
    given = {"actor": agency, "group": "province", "share": 10, "network_id": network.pk}
    assert actions.set_floor(**given, value=province.code).value == "MO"
    assert "value" in refusal_of(lambda: actions.set_floor(**given, value="XX")).fields
    other = actions.set_floor(actor=agency, group="sme", share=0, value="MO", network_id=network.pk)
    assert other.value == ""


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"share": -1}, "share"),
        ({"share": 101}, "share"),
        ({"group": "large"}, "group"),
        ({"cluster_id": None}, "office"),
        ({"cluster_id": 0}, "office"),
    ],
)
def test_a_floor_that_makes_no_sense_is_refused(given: dict[str, Any], field: str) -> None:
    cluster = ClusterFactory()
    asked = {"group": "sme", "share": 30, "cluster_id": cluster.pk, **given}
    refusal = refusal_of(lambda: actions.set_floor(actor=manager_of(cluster), **asked))
    assert field in refusal.fields
    assert not FairnessFloor.objects.exists()


def test_nobody_else_sets_or_removes_a_floor() -> None:
    cluster = ClusterFactory()
    floor = FloorFactory(cluster=cluster)
    for who in (visitor(NOW), person(person_id=1), manager_of(ClusterFactory())):
        with pytest.raises(NotAllowed):
            actions.set_floor(actor=who, group="sme", share=10, cluster_id=cluster.pk)
        with pytest.raises(NotAllowed):
            actions.remove_floor(actor=who, floor_id=floor.pk)
    floor.refresh_from_db()
    assert floor.share == 30


def test_floors_are_listed_with_a_mark_on_those_one_may_set() -> None:
    network = NetworkFactory()
    cluster = ClusterFactory(network=network)
    own = FloorFactory(cluster=cluster)
    above = FloorFactory(cluster=None, network=network)
    FloorFactory()
    office = manager_of(cluster)
    marks = {floor.pk: floor.may_set for floor in visible_floors(viewer=office)}
    assert marks == {own.pk: True, above.pk: False}
    assert floor_offices(viewer=office) == [(f"cluster-{cluster.pk}", cluster.title)]
    assert not visible_floors(viewer=person(person_id=1))
