"""What is on the map: the registry as of today, in step with every change."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.evidence import ParticipationFactory
from tests.outlets.maps import rows
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.events import profile_changed, profile_removed
from trebbo.ecosystem.organisations.models import Accreditation, KindPeriod, Profile
from trebbo.outlets.maps import gateway
from trebbo.outlets.maps.gateway import Selection, Window
from trebbo.outlets.maps.models import MapChange
from trebbo.partnering.introductions.choices import Facet

pytestmark = pytest.mark.django_db

REGION = Window(9.0, 43.7, 12.9, 45.2, zoom=8)
TODAY = timezone.localdate()
YESTERDAY = TODAY - timedelta(days=1)
Queries = Callable[..., object]


def found(**filters: tuple[str, ...]) -> list[int]:
    """Ids of the public bodies in the region that fit the filters."""
    selection = Selection(frozenset({"public"}), filters=filters)
    return list(gateway.atlas(today=TODAY).bodies_in(selection, REGION))


def test_markers_count_places_and_the_picture_counts_bodies_once() -> None:
    firm = rows.organisation("Alfa")
    rows.seat(firm, "036023")
    rows.seat(firm, "036022")
    rows.seat(rows.organisation("Beta"), "037006")
    picture = gateway.atlas(today=TODAY).picture(Selection(frozenset({"public"})), REGION)
    assert (picture.places, picture.bodies) == (3, 2)
    assert sum(marker.count for marker in picture.markers) == 3


def test_bodies_come_in_the_order_of_their_names() -> None:
    later, sooner = rows.organisation("Zeta"), rows.organisation("Alfa")
    rows.seat(later)
    rows.seat(sooner)
    assert found() == [sooner.pk, later.pk]


def test_every_filter_chooses_by_what_holds_today() -> None:
    host = rows.technopole("Tecnopolo")
    firm = rows.organisation("Alfa", kind="sme")
    university = rows.organisation("Beta", kind="university")
    laboratory = rows.unit("Gamma", of=university, technopole=host)
    for body in (host, firm, laboratory):
        rows.seat(body, "036023")
    rows.seat(university, "037006")
    health = rows.cluster("Health")
    rows.membership(firm, health)
    rows.membership(university, health, until=YESTERDAY)
    Accreditation.objects.create(profile=laboratory)
    Accreditation.objects.create(profile=university, valid_until=YESTERDAY)
    assert found(type=("technopole",)) == [host.pk]
    assert found(kind=("sme",)) == [firm.pk]
    assert found(kind=("laboratory", "university")) == [university.pk, laboratory.pk]
    assert found(province=("BO",)) == [university.pk]
    assert found(technopole=(host.slug,)) == [laboratory.pk]
    assert found(cluster=(health.slug,)) == [firm.pk]
    assert found(accredited=("yes",)) == [laboratory.pk]
    ParticipationFactory(profile=firm)
    evidence_changed.send(sender=Profile, profile_id=firm.pk)
    hidden = ParticipationFactory(profile=university)
    Statement.objects.create(
        profile=university, participation=hidden, verdict="hidden", said_at=timezone.now()
    )
    assert found(funded=("cordis-horizon",)) == [firm.pk]
    assert found(kind=("sme",), province=("BO",)) == []
    assert found(kind=("unheard of",)) == []


def test_a_kind_of_the_past_and_a_seat_of_the_past_do_not_count() -> None:
    firm = rows.organisation("Alfa", kind="sme")
    KindPeriod.objects.create(organisation=firm, kind="large_company", valid_until=YESTERDAY)
    rows.seat(firm, "037006", until=YESTERDAY)
    rows.seat(firm, "036023")
    assert found(kind=("large_company",)) == []
    assert found(province=("BO",)) == []
    assert found(province=("MO",)) == [firm.pk]


def test_a_seat_without_coordinates_stands_at_its_municipality() -> None:
    rows.seat(rows.organisation("Alfa"), "036022")
    picture = gateway.atlas(today=TODAY).picture(Selection(frozenset({"public"})), REGION)
    (marker,) = picture.markers
    assert (marker.latitude, marker.longitude) == (
        pytest.approx(44.8870),
        pytest.approx(11.0660),
    )


def test_a_body_that_is_nowhere_is_counted_but_not_drawn() -> None:
    placed, nowhere = rows.organisation("Alfa"), rows.organisation("Beta")
    rows.seat(placed, point=(44.6, 10.9))
    overview = gateway.atlas(today=TODAY).overview(Selection(frozenset({"public"})))
    assert list(overview.bodies) == [placed.pk, nowhere.pk]
    assert overview.unplaced == 1
    assert overview.extent == (10.9, 44.6, 10.9, 44.6)
    assert found() == [placed.pk]


def test_provinces_count_bodies_not_seats() -> None:
    firm = rows.organisation("Alfa")
    rows.seat(firm, "036023")
    rows.seat(firm, "036022")
    rows.seat(rows.organisation("Beta"), "037006")
    counts = gateway.atlas(today=TODAY).counted(Facet.PROVINCE, Selection(frozenset({"public"})))
    assert counts == {"MO": 1, "BO": 1}


def test_hidden_profiles_and_clusters_are_never_on_the_map() -> None:
    hidden = rows.organisation("Alfa", visibility=Visibility.HIDDEN)
    rows.seat(hidden)
    rows.seat(rows.cluster("Health"))
    everybody = Selection(frozenset(Visibility.values))
    assert list(gateway.atlas(today=TODAY).overview(everybody).bodies) == []
    gateway.forget()
    note = profile_changed.send(sender=Profile, profile_id=hidden.pk)
    assert note
    assert list(gateway.atlas(today=TODAY).overview(everybody).bodies) == []


def test_a_change_is_on_the_map_at_the_next_question() -> None:
    firm = rows.organisation("Alfa")
    rows.seat(firm)
    assert found() == [firm.pk]
    other = rows.organisation("Abaco")
    rows.seat(other)
    profile_changed.send(sender=Profile, profile_id=other.pk)
    assert found() == [other.pk, firm.pk]
    Profile.objects.filter(pk=firm.pk).update(visibility=Visibility.HIDDEN)
    profile_changed.send(sender=Profile, profile_id=firm.pk)
    assert found() == [other.pk]
    health = rows.cluster("Health")
    rows.membership(other, health)
    membership_changed.send(sender=Profile, profile_id=other.pk)
    assert found(cluster=(health.slug,)) == [other.pk]
    gone = other.pk
    other.delete()
    profile_removed.send(sender=Profile, profile_id=gone)
    assert found() == []


def test_a_change_noted_late_by_another_process_is_not_missed() -> None:
    """Numbers may become visible out of order: the later one first."""
    first, second = rows.organisation("Alfa"), rows.organisation("Beta")
    assert found() == []
    rows.seat(first)
    rows.seat(second)
    late = MapChange.objects.create(profile_id=first.pk, at=timezone.now())
    number = late.pk
    late.delete()
    MapChange.objects.create(pk=number + 1, profile_id=second.pk, at=timezone.now())
    assert found() == [second.pk]
    MapChange.objects.create(pk=number, profile_id=first.pk, at=timezone.now())
    assert found() == [first.pk, second.pk]


def test_many_changes_at_once_are_all_on_the_map() -> None:
    assert found() == []
    bodies = [rows.organisation(f"Alfa {number:04}") for number in range(3)]
    for body in bodies:
        rows.seat(body)
    now = timezone.now()
    MapChange.objects.bulk_create(
        [
            *(MapChange(profile_id=-number, at=now) for number in range(gateway.MOST_CHANGES + 1)),
            *(MapChange(profile_id=body.pk, at=now) for body in bodies),
        ]
    )
    assert found() == [body.pk for body in bodies]


def test_a_new_day_reads_what_holds_on_it() -> None:
    firm = rows.organisation("Alfa")
    rows.seat(firm, until=TODAY)
    assert found() == [firm.pk]
    selection = Selection(frozenset({"public"}))
    tomorrow = TODAY + timedelta(days=1)
    assert list(gateway.atlas(today=tomorrow).bodies_in(selection, REGION)) == []
    assert list(gateway.atlas(today=TODAY).bodies_in(selection, REGION)) == [firm.pk]


def test_old_notes_are_thrown_away() -> None:
    old = MapChange.objects.create(profile_id=1, at=timezone.now() - timedelta(days=3))
    recent = MapChange.objects.create(profile_id=2, at=timezone.now() - timedelta(days=1))
    profile_changed.send(sender=Profile, profile_id=3)
    assert not MapChange.objects.filter(pk=old.pk).exists()
    assert MapChange.objects.filter(pk=recent.pk).exists()


def test_in_step_costs_one_query(django_assert_num_queries: Queries) -> None:
    rows.seat(rows.organisation("Alfa"))
    assert len(found()) == 1
    with django_assert_num_queries(1):
        found()
