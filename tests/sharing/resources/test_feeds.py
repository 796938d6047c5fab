"""Feeds of bookings, read back as calendars read them: who sees what in which feed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation
from icalendar import Calendar

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.organisations import OrganisationFactory, UnitFactory
from tests.factories.resources import BookingFactory, ResourceFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine
from trebbo.sharing.resources.actions import MOST_FEEDS, ResourceRefused, close_feed, open_feed
from trebbo.sharing.resources.exporters import calendar_of
from trebbo.sharing.resources.models import Booking, Feed, Resource
from trebbo.sharing.resources.queries import FeedClosed, feed_told, my_feeds

pytestmark = pytest.mark.django_db

Event = dict[str, str]


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def owner() -> Person:
    """Represents the organisation that owns the instrument."""
    return PersonFactory(name="Olga Owner")


@pytest.fixture
def resource(owner: Person) -> Resource:
    """An instrument in a room."""
    body = OrganisationFactory(name="Laboratory")
    MandateFactory(person=owner, profile=body)
    return ResourceFactory(profile=body, name_en="Microscope", room="B 12")


@pytest.fixture
def asker() -> Person:
    """Acts for a firm."""
    person = PersonFactory(name="Ada Asker")
    MandateFactory(person=person, profile=OrganisationFactory(name="Firm"))
    return person


@pytest.fixture
def booking(resource: Resource, asker: Person) -> Booking:
    """An accepted hour of the firm, changed twice."""
    firm = asker.mandates.get().profile
    return BookingFactory(
        resource=resource, person=asker, profile=firm, state="accepted", version=3
    )


def eyes(person: Person) -> Viewer:
    """The person at this moment."""
    return viewer_for(person, now=timezone.now(), language="en")


def read(feed: Feed) -> list[Event]:
    """The events of a feed as another program reads them, by name of property."""
    token = next(row.token for row in my_feeds(viewer=eyes(feed.person)) if row.feed.pk == feed.pk)
    data = calendar_of(feed_told(token, viewer=visitor()))
    calendar = Calendar.from_ical(data)
    assert calendar.errors == []
    events = calendar.walk("VEVENT")
    assert all(event.errors == [] for event in events)
    return [
        {
            name.lower(): event.decoded(name).isoformat() if name[:2] == "DT" else str(value)
            for name, value in event.items()
        }
        for event in events
    ]


def feed_of(person: Person, **what: int) -> Feed:
    """A feed that the person opens."""
    return open_feed(actor=eyes(person), **what)


def test_who_asked_reads_ones_own_bookings(booking: Booking, asker: Person) -> None:
    [event] = read(feed_of(asker))
    assert event["uid"] == booking.uid
    assert event["summary"] == "Microscope"
    assert event["status"] == "CONFIRMED"
    assert event["sequence"] == "3"
    assert event["location"] == "B 12, Laboratory"
    assert event["dtstart"] == booking.starts_at.astimezone(UTC).isoformat()
    assert event["dtend"] == booking.ends_at.astimezone(UTC).isoformat()
    assert event["dtstamp"]


def test_the_owner_reads_who_comes(booking: Booking, owner: Person, resource: Resource) -> None:
    [event] = read(feed_of(owner, resource_id=resource.pk))
    assert event["summary"] == "Microscope – Firm · Ada Asker"
    assert "Misura di prova" not in str(event)  # what it is for stays on the page
    assert read(feed_of(owner)) == []  # nothing that the owner asked for


def test_others_read_that_it_is_busy_and_nothing_else(booking: Booking, resource: Resource) -> None:
    [event] = read(feed_of(PersonFactory(), resource_id=resource.pk))
    assert event["summary"] == "Busy: Microscope"
    assert set(event) == {
        *("uid", "dtstamp", "last-modified", "created", "dtstart", "dtend", "sequence", "status"),
        *("transp", "summary", "class"),
    }
    assert "Firm" not in str(event)
    assert "Ada" not in str(event)


def test_a_colleague_reads_the_bookings_of_the_firm(
    booking: Booking, asker: Person, resource: Resource
) -> None:
    colleague = PersonFactory()
    MandateFactory(person=colleague, profile=booking.profile)
    [event] = read(feed_of(colleague, resource_id=resource.pk))
    assert event["summary"] == "Microscope – Firm · Ada Asker"


def test_the_feed_of_a_body_has_its_resources_and_those_of_its_units(
    booking: Booking, owner: Person, resource: Resource
) -> None:
    unit = UnitFactory(organisation=resource.profile.as_organisation)
    other = BookingFactory(resource=ResourceFactory(profile=unit, name_en="Mill"))
    BookingFactory()
    told = read(feed_of(owner, profile_id=resource.profile_id))
    assert {one["uid"] for one in told} == {booking.uid, other.uid}
    assert {one["summary"] for one in told} == {
        "Microscope – Firm · Ada Asker",
        "To be answered: Mill",
    }


def test_what_is_booked_together_is_busy_as_well(booking: Booking, resource: Resource) -> None:
    oven = ResourceFactory(profile=resource.profile, name_en="Oven")
    resource.booked_with.add(oven)
    [event] = read(feed_of(PersonFactory(), resource_id=oven.pk))
    assert (event["uid"], event["summary"]) == (booking.uid, "Busy: Oven")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        *(("requested", "TENTATIVE"), ("proposed", "TENTATIVE"), ("accepted", "CONFIRMED")),
        *(("used", "CONFIRMED"), ("no_show", "CONFIRMED"), ("declined", "CANCELLED")),
        *(("withdrawn", "CANCELLED"), ("cancelled", "CANCELLED"), ("lapsed", "CANCELLED")),
    ],
)
def test_the_status_follows_the_booking(
    booking: Booking, asker: Person, state: str, status: str
) -> None:
    Booking.objects.update(state=state)
    [event] = read(feed_of(asker))
    assert (event["status"], event["uid"]) == (status, booking.uid)


def test_what_is_off_stays_for_a_month_and_what_is_over_for_three(
    booking: Booking, asker: Person
) -> None:
    feed, now = feed_of(asker), timezone.now()
    Booking.objects.update(state="cancelled", changed_at=now - timedelta(days=29))
    assert [one["status"] for one in read(feed)] == ["CANCELLED"]
    Booking.objects.update(changed_at=now - timedelta(days=31))
    assert read(feed) == []
    Booking.objects.update(state="waiting", changed_at=now)
    assert read(feed) == []
    end = now - timedelta(days=89)
    Booking.objects.update(state="used", starts_at=end - timedelta(hours=1), ends_at=end)
    assert len(read(feed)) == 1
    end = now - timedelta(days=91)
    Booking.objects.update(starts_at=end - timedelta(hours=1), ends_at=end)
    assert read(feed) == []


def test_times_hold_when_the_clocks_change(asker: Person) -> None:
    """On the last Sunday of March, at one o'clock of Greenwich."""
    month_end = datetime(timezone.now().year + 1, 3, 31, 0, 30, tzinfo=UTC)
    start = month_end - timedelta(days=month_end.isoweekday() % 7)
    end = start + timedelta(hours=2)
    assert timezone.localtime(end).utcoffset() != timezone.localtime(start).utcoffset()
    BookingFactory(person=asker, starts_at=start, ends_at=end)
    [event] = read(feed_of(asker))
    assert (event["dtstart"], event["dtend"]) == (start.isoformat(), end.isoformat())


def test_a_feed_tells_what_one_may_see_now(
    booking: Booking, asker: Person, owner: Person, resource: Resource
) -> None:
    theirs, stranger = feed_of(owner, resource_id=resource.pk), PersonFactory()
    other = feed_of(stranger, resource_id=resource.pk)
    body = feed_of(stranger, profile_id=resource.profile_id)
    owner.mandates.update(valid_until=timezone.localdate() - timedelta(days=1))
    assert [one["summary"] for one in read(theirs)] == ["Busy: Microscope"]
    Resource.objects.update(visibility="private")
    assert [read(feed) for feed in (theirs, other, body)] == [[], [], []]


def test_a_closed_feed_is_gone(booking: Booking, asker: Person) -> None:
    feed = feed_of(asker)
    [row] = my_feeds(viewer=eyes(asker))
    with pytest.raises(NotAllowed):
        close_feed(actor=eyes(PersonFactory()), feed_id=feed.pk)
    assert close_feed(actor=eyes(asker), feed_id=feed.pk)
    assert not close_feed(actor=eyes(asker), feed_id=feed.pk)
    with pytest.raises(FeedClosed) as refusal:
        feed_told(row.token, viewer=visitor())
    assert refusal.value.status == 410
    assert my_feeds(viewer=eyes(asker)) == []
    assert feed_of(asker).key != feed.key
    verbs = AuditLine.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["open_feed", "close_feed", "open_feed"]


def test_who_left_the_body_reads_its_bookings_no_more(booking: Booking, asker: Person) -> None:
    feed = feed_of(asker)
    assert len(read(feed)) == 1
    Booking.objects.filter(pk=booking.pk).update(profile=OrganisationFactory())
    assert read(feed) == []


def test_a_person_who_left_has_no_feeds(booking: Booking, asker: Person) -> None:
    feed_of(asker)
    [row] = my_feeds(viewer=eyes(asker))
    Person.objects.filter(pk=asker.pk).update(is_active=False)
    with pytest.raises(FeedClosed):
        feed_told(row.token, viewer=visitor())


def test_tokens_are_good_for_feeds_alone(asker: Person) -> None:
    feed = feed_of(asker)
    for token in (feed.key, f"{feed.key}.x", signed_links.sign_lasting("other", feed.key)):
        with pytest.raises(signed_links.LinkRefused):
            feed_told(token, viewer=visitor())


def test_opening_one_twice_gives_the_same(asker: Person, resource: Resource) -> None:
    assert feed_of(asker) == feed_of(asker)
    assert feed_of(asker) != feed_of(asker, resource_id=resource.pk)
    tokens = {row.token for _time in range(2) for row in my_feeds(viewer=eyes(asker))}
    assert len(tokens) == 2


def test_what_one_may_not_see_has_no_feed(asker: Person, resource: Resource) -> None:
    with pytest.raises(NotAllowed):
        open_feed(actor=visitor())
    Resource.objects.update(visibility="private")
    with pytest.raises(NotAllowed):
        feed_of(asker, resource_id=resource.pk)
    with pytest.raises(NotAllowed):
        feed_of(asker, profile_id=OrganisationFactory(visibility="private").pk)
    with pytest.raises(NotAllowed):
        feed_of(asker, resource_id=9_999_999)


def test_only_so_many_are_open(asker: Person) -> None:
    for number in range(MOST_FEEDS):
        Feed.objects.create(
            person=asker,
            profile=OrganisationFactory() if number else None,
            key=f"k{number}",
            created_at=timezone.now(),
        )
    with pytest.raises(ResourceRefused):
        feed_of(asker, profile_id=OrganisationFactory().pk)


def test_a_feed_costs_the_same_with_many_bookings(
    booking: Booking,
    owner: Person,
    resource: Resource,
    django_assert_num_queries: Callable[..., object],
) -> None:
    feed_of(owner, profile_id=resource.profile_id)
    [row] = my_feeds(viewer=eyes(owner))
    for _time in range(2):
        with django_assert_num_queries(8):
            calendar_of(feed_told(row.token, viewer=visitor()))
        other = ResourceFactory(profile=resource.profile)
        other.booked_with.add(resource)
        BookingFactory.create_batch(3, resource=other)


def test_the_address_answers_calendars(
    client: Client, booking: Booking, asker: Person, sign_in: Callable[[Person], Client]
) -> None:
    feed = feed_of(asker)
    page = sign_in(asker).get("/en/calendars/").content.decode()
    [row] = my_feeds(viewer=eyes(asker))
    address = f"/en/calendars/{row.token}.ics"
    assert f"http://testserver{address}" in page
    client.logout()
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert Calendar.from_ical(answer.content).walk("VEVENT")
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405
    assert client.get("/en/calendars/nonsense.ics").status_code == 404
    close_feed(actor=eyes(asker), feed_id=feed.pk)
    assert client.get(address).status_code == 410
