"""Resources are added, changed by two at once, withdrawn with their bookings, put back."""

from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from tests.factories.resources import BookingFactory, ResourceFactory
from tests.factories.vocabularies import ConceptFactory, MunicipalityFactory
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.sharing.resources import actions, events
from trebbo.sharing.resources.choices import BookingState, ResourceKind
from trebbo.sharing.resources.models import BookedQuarter, BookingStep, Qualification, Resource

pytestmark = pytest.mark.django_db


def looks_after(profile: Profile) -> Viewer:
    """Somebody who acts for the profile."""
    key = PersonFactory().pk
    return person(person_id=key, mandates={profile.pk: frozenset({"editor"})})


@pytest.fixture
def lab() -> Profile:
    """The owner."""
    return UnitFactory()


@pytest.fixture
def keeper(lab: Profile) -> Viewer:
    """Who looks after the owner."""
    return looks_after(lab)


def add(keeper: Viewer, lab: Profile, **said: Any) -> Resource:
    """A microscope of the laboratory."""
    facts = {"kind": "equipment", "name_it": "Microscopio", **said}
    return actions.add_resource(actor=keeper, profile_id=lab.pk, **facts)


def wrong(caught: pytest.ExceptionInfo[Refusal]) -> set[str]:
    """The fields that a refusal names."""
    return set(caught.value.fields)


def test_a_resource_keeps_what_is_said_of_it(keeper: Viewer, lab: Profile) -> None:
    concept, town = ConceptFactory(label_it="Ottica", label_en="Optics"), MunicipalityFactory()
    other = ResourceFactory(profile=lab)
    resource = add(
        keeper,
        lab,
        name_en="  Electron   microscope ",
        field_ids=[concept.pk],
        booked_with_ids=[other.pk],
        municipality_id=town.pk,
        identifier="https://doi.org/10.1234/ABC",
        landing_page="www.example.it/microscopio",
        shortest_minutes=30,
        longest_minutes=240,
        is_bookable=True,
        contact="Ottica@Example.it",
    )
    resource.refresh_from_db()
    assert resource.name_en == "Electron microscope"
    assert list(resource.fields.all()) == [concept]
    assert list(resource.booked_with.all()) == [other]
    assert resource.municipality == town
    assert resource.identifier == "10.1234/ABC"
    assert resource.landing_page == "https://www.example.it/microscopio"
    assert resource.contact == "ottica@example.it"
    assert "optics" in resource.words
    assert [line.verb for line in audit.history_of(resource)] == ["add_resource"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name_it": " "}, "name_it"),
        ({"kind": "spaceship"}, "kind"),
        ({"kind": "dataset", "is_bookable": True}, "is_bookable"),
        ({"shortest_minutes": 20}, "shortest_minutes"),
        ({"shortest_minutes": 0}, "shortest_minutes"),
        ({"longest_minutes": 15 * 10_000}, "longest_minutes"),
        ({"shortest_minutes": 120, "longest_minutes": 60}, "longest_minutes"),
        ({"late_fee_percent": 101}, "late_fee_percent"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"contact": "nobody"}, "contact"),
        ({"landing_page": "javascript:alert(1)"}, "landing_page"),
        ({"municipality_id": 999_999}, "municipality_id"),
        ({"field_ids": [999_999]}, "field_ids"),
        ({"booked_with_ids": [999_999]}, "booked_with_ids"),
        ({"qualification_id": 999_999}, "qualification_id"),
        ({"name_it": "x" * 301}, "name_it"),
        ({"commissioned_date": date(1, 1, 1)}, "commissioned_date"),
        (
            {"commissioned_date": date(2024, 1, 2), "decommissioned_date": date(2024, 1, 1)},
            "decommissioned_date",
        ),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    keeper: Viewer, lab: Profile, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as caught:
        add(keeper, lab, **said)
    assert wrong(caught) == {field}
    assert not Resource.objects.exists()


def test_all_that_is_wrong_is_said_at_once(keeper: Viewer, lab: Profile) -> None:
    with pytest.raises(actions.ResourceRefused) as caught:
        add(keeper, lab, contact="nobody", horizon_days=0, quota_hours=0)
    assert wrong(caught) == {"contact", "horizon_days", "quota_hours"}


def test_an_identifier_belongs_to_one_resource(keeper: Viewer, lab: Profile) -> None:
    add(keeper, lab, identifier="10.1234/abc")
    with pytest.raises(actions.ResourceRefused) as caught:
        add(keeper, lab, identifier="doi:10.1234/abc")
    assert wrong(caught) == {"identifier"}


def test_qualifications_and_linked_resources_are_the_owners_own(
    keeper: Viewer, lab: Profile
) -> None:
    others = Qualification.objects.create(profile=OrganisationFactory(), name_it="Altrui")
    with pytest.raises(actions.ResourceRefused):
        add(keeper, lab, qualification_id=others.pk)
    with pytest.raises(actions.ResourceRefused):
        add(keeper, lab, booked_with_ids=[ResourceFactory().pk])
    resource = add(keeper, lab)
    with pytest.raises(actions.ResourceRefused):
        actions.change_resource(
            actor=keeper, resource_id=resource.pk, version=1, booked_with_ids=[resource.pk]
        )


def test_clusters_own_nothing() -> None:
    cluster = ClusterFactory()
    with pytest.raises(actions.ResourceRefused):
        add(looks_after(cluster), cluster)


def test_who_does_not_look_after_the_owner_changes_nothing(lab: Profile) -> None:
    resource = ResourceFactory(profile=lab)
    # Somebody has acted for it: no office takes it over.
    Mandate.objects.create(
        person=PersonFactory(), profile=lab, role="editor", valid_from=date(2020, 1, 1)
    )
    strangers = [visitor(NOW), person(person_id=1), looks_after(OrganisationFactory())]
    strangers.append(manager_of(ClusterFactory()))
    for stranger in strangers:
        for act in (
            lambda who=stranger: add(who, lab),
            lambda who=stranger: actions.change_resource(
                actor=who, resource_id=resource.pk, version=1, name_it="X"
            ),
            lambda who=stranger: actions.withdraw_resource(actor=who, resource_id=resource.pk),
            lambda who=stranger: actions.restore_resource(actor=who, resource_id=resource.pk),
        ):
            with pytest.raises(NotAllowed):
                act()
    resource.refresh_from_db()
    assert (resource.version, resource.withdrawn_at) == (1, None)


def test_who_saves_second_is_told_and_loses_nothing(keeper: Viewer, lab: Profile) -> None:
    resource = add(keeper, lab)
    actions.change_resource(
        actor=looks_after(lab), resource_id=resource.pk, version=1, name_en="Theirs"
    )
    with pytest.raises(actions.ResourceChanged) as caught:
        actions.change_resource(actor=keeper, resource_id=resource.pk, version=1, name_en="Mine")
    assert caught.value.status == 409
    assert caught.value.version == 2
    assert caught.value.present["name_en"] == "Theirs"
    resource.refresh_from_db()
    assert resource.name_en == "Theirs"


def test_a_change_is_told_in_the_trail_and_to_who_listens(
    keeper: Viewer,
    lab: Profile,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    resource = add(keeper, lab)
    told: list[int] = []

    def listen(*, profile_id: int, **_: Any) -> None:
        told.append(profile_id)

    events.resource_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            actions.change_resource(
                actor=keeper, resource_id=resource.pk, version=1, name_it="Bioreattore"
            )
    finally:
        events.resource_changed.disconnect(listen)
    assert told == [lab.pk]
    assert audit.history_of(resource)[0].changes == {"name_it": ["Microscopio", "Bioreattore"]}
    resource.refresh_from_db()
    assert "bioreattor" in resource.words
    assert "microscop" not in resource.words


def test_a_resource_with_open_bookings_goes_only_with_a_reason(
    keeper: Viewer,
    lab: Profile,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    resource = ResourceFactory(profile=lab)
    soon = keeper.now + timedelta(days=1)
    times = {"starts_at": soon, "ends_at": soon + timedelta(hours=1)}
    booking = BookingFactory(resource=resource, state=BookingState.ACCEPTED, **times)
    waiting = BookingFactory(resource=resource, state=BookingState.WAITING, **times)
    BookedQuarter.objects.create(resource=resource, quarter=1, booking=booking)
    earlier = keeper.now - timedelta(days=1)
    past = BookingFactory(
        resource=resource,
        state=BookingState.ACCEPTED,
        starts_at=earlier,
        ends_at=earlier + timedelta(hours=1),
    )
    with pytest.raises(actions.BookingsOpen) as caught:
        actions.withdraw_resource(actor=keeper, resource_id=resource.pk)
    assert (caught.value.status, caught.value.count) == (409, 2)
    with pytest.raises(actions.ResourceRefused) as silent:
        actions.withdraw_resource(actor=keeper, resource_id=resource.pk, cancel_bookings=True)
    assert wrong(silent) == {"reason"}
    with django_capture_on_commit_callbacks() as news:
        actions.withdraw_resource(
            actor=keeper, resource_id=resource.pk, cancel_bookings=True, reason="Guasto"
        )
    for one in (booking, waiting, past, resource):
        one.refresh_from_db()
    assert [booking.state, waiting.state, past.state] == ["cancelled", "cancelled", "accepted"]
    assert booking.answer == "Guasto"
    assert booking.fee == 0
    assert not BookedQuarter.objects.exists()
    assert BookingStep.objects.filter(kind="cancelled_by_owner", words="Guasto").count() == 2
    assert len(news) == 3
    assert resource.withdrawn_at == keeper.now


def test_a_withdrawn_resource_comes_back_as_it_was(keeper: Viewer, lab: Profile) -> None:
    resource = add(keeper, lab)
    actions.withdraw_resource(actor=keeper, resource_id=resource.pk)
    actions.restore_resource(actor=keeper, resource_id=resource.pk)
    resource.refresh_from_db()
    assert resource.withdrawn_at is None
    assert resource.version == 3


def test_bookings_stand_when_the_owner_leaves_the_cluster(keeper: Viewer, lab: Profile) -> None:
    membership = MembershipFactory(profile=lab, valid_from=date(2020, 1, 1))
    resource = ResourceFactory(profile=lab)
    booking = BookingFactory(resource=resource, state=BookingState.ACCEPTED, user_class="member")
    membership.valid_until = keeper.today - timedelta(days=1)
    membership.save()
    booking.refresh_from_db()
    assert (booking.state, booking.user_class) == ("accepted", "member")
    actions.change_resource(actor=keeper, resource_id=resource.pk, version=1, room="Aula 1")
    booking.refresh_from_db()
    assert booking.state == "accepted"


@pytest.mark.parametrize("kind", ResourceKind.values)
def test_every_kind_has_its_place(keeper: Viewer, lab: Profile, kind: str) -> None:
    assert add(keeper, lab, kind=kind).kind == kind
