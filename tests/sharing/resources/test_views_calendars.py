"""Pages of calendars and feeds: what each kind of person sees and can do, in a browser too."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.resources import BookingFactory, OwnCalendarFactory, ResourceFactory
from tests.sharing.resources.test_occurrences import ics
from trebbo.ecosystem.accounts.models import Person
from trebbo.sharing.resources.models import Block, Feed, OwnCalendar, Resource

pytestmark = pytest.mark.django_db
WEEKLY = "DTSTART:20260616T100000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY"
SignIn = Callable[[Person], Client]


@pytest.fixture
def resource() -> Resource:
    """An instrument."""
    return ResourceFactory()


@pytest.fixture
def owner(resource: Resource) -> Person:
    """Who represents its owner."""
    person: Person = MandateFactory(profile=resource.profile).person
    return person


def address(resource: Resource) -> str:
    """The page of its calendars, in English."""
    return f"/en/resources/{resource.pk}/calendars/"


def test_visitors_sign_in_first(client: Client, resource: Resource) -> None:
    for page in (address(resource), "/en/calendars/"):
        answer = client.get(page)
        assert answer.status_code == 302
        assert "login" in answer["Location"]


def test_what_one_may_not_see_is_not_there(sign_in: SignIn, resource: Resource) -> None:
    Resource.objects.update(visibility="private")
    client = sign_in(PersonFactory())
    assert client.get(address(resource)).status_code == 404
    assert client.post(address(resource), {"do": "subscribe"}).status_code == 404
    assert client.get("/en/resources/999999/calendars/").status_code == 404


def test_anybody_signed_in_may_subscribe_but_not_block(sign_in: SignIn, resource: Resource) -> None:
    client = sign_in(PersonFactory())
    page = client.get(address(resource)).content.decode()
    assert "Calendars that block its slots" not in page
    client.post(address(resource), {"do": "subscribe"})
    assert ".ics" in client.get(address(resource)).content.decode()
    assert client.post(
        address(resource), {"do": "add", "name": "A", "address": "https://x.example/"}
    )
    assert not OwnCalendar.objects.exists()
    calendar = OwnCalendarFactory(resource=resource)
    client.post(address(resource), {"read": calendar.pk})
    calendar.refresh_from_db()
    assert calendar.tried_at is None
    assert client.post(address(resource), {"remove": calendar.pk}).status_code == 403
    client.post(address(resource), {"close": Feed.objects.get().pk})
    assert Feed.objects.get().closed_at is not None


def test_the_owner_adds_a_file_and_removes_it(
    sign_in: SignIn, resource: Resource, owner: Person
) -> None:
    client = sign_in(owner)
    file = SimpleUploadedFile("lab.ics", ics(WEEKLY), "text/calendar")
    answer = client.post(address(resource), {"do": "add", "name": "Lab", "file": file})
    assert answer.status_code == 302
    assert Block.objects.filter(resource=resource).count() > 50
    assert "from a file" in client.get(address(resource)).content.decode()
    client.post(address(resource), {"remove": OwnCalendar.objects.get().pk})
    assert not Block.objects.exists()


def test_an_address_inside_is_said_to_be_unreadable(
    sign_in: SignIn, resource: Resource, owner: Person
) -> None:
    client = sign_in(owner)
    said = {"do": "add", "name": "Lab", "address": "http://127.0.0.1:8000/lab.ics"}
    client.post(address(resource), said)
    assert "not on the public internet" in client.get(address(resource)).content.decode()
    client.post(address(resource), {"read": OwnCalendar.objects.get().pk})
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"name": ""},
        {"name": "Lab"},
        {"name": "Lab", "address": "ftp://calendar.example/"},
        {"name": "Lab", "file": b"<html>"},
        {"name": "Lab", "file": b""},
        {"name": "Lab", "file": ics(WEEKLY), "address": "https://calendar.example/"},
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    sign_in: SignIn, resource: Resource, owner: Person, said: dict[str, object]
) -> None:
    if isinstance(said.get("file"), bytes):
        said = {**said, "file": SimpleUploadedFile("lab.ics", said["file"])}  # type: ignore[arg-type]
    answer = sign_in(owner).post(address(resource), {"do": "add", **said})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not OwnCalendar.objects.exists()


def test_fifty_megabytes_are_not_even_read(
    sign_in: SignIn, resource: Resource, owner: Person
) -> None:
    file = SimpleUploadedFile("lab.ics", b"x" * 50_000_000)
    answer = sign_in(owner).post(address(resource), {"do": "add", "name": "Lab", "file": file})
    assert answer.status_code == 413


def test_the_pages_cost_the_same_at_one_and_three_rows(
    sign_in: SignIn,
    resource: Resource,
    owner: Person,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client, counts = sign_in(owner), []
    for rows in (1, 2):
        OwnCalendarFactory.create_batch(rows, resource=resource)
        BookingFactory.create_batch(rows, resource=resource)
        for _row in range(rows):
            feed = Feed(person=owner, key=str(Feed.objects.count()), resource=ResourceFactory())
            feed.created_at = resource.created_at
            feed.save()
        for page in (address(resource), "/en/calendars/"):
            with django_assert_max_num_queries(12) as asked:
                client.get(page)
            counts.append(len(asked))  # type: ignore[arg-type]
    assert counts[:2] == counts[2:]


def test_bodies_are_offered_to_who_acts_for_them(
    sign_in: SignIn, resource: Resource, owner: Person
) -> None:
    client = sign_in(owner)
    assert resource.profile.name in client.get("/en/calendars/").content.decode()
    client.post("/en/calendars/", {"body": resource.profile_id})
    client.post("/en/calendars/")
    assert set(Feed.objects.values_list("profile", flat=True)) == {resource.profile_id, None}
    assert "Open a feed" not in client.get("/en/calendars/").content.decode()


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.parametrize("language", ["it", "en"])
def test_a_calendar_is_added_and_a_feed_opened_in_the_browser(
    sign_in_browser: Callable[[Person], Page],
    live_server: object,
    assert_accessible: Callable[[Page], None],
    pictures: object,
    language: str,
) -> None:
    resource = ResourceFactory()
    owner = MandateFactory(profile=resource.profile).person
    BookingFactory(resource=resource)
    page = sign_in_browser(owner)
    page.goto(f"{live_server}/{language}/resources/{resource.pk}/calendars/")
    assert_accessible(page)
    page.locator("[name=name]").fill("Lab")
    file = {"name": "lab.ics", "mimeType": "text/calendar", "buffer": ics(WEEKLY)}
    page.locator("[name=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("button[value=add]").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("button[value=subscribe]").click()
    expect(page.locator("input[readonly]")).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        page.screenshot(path=f"{pictures}/calendars-{language}-{width}.png", full_page=True)
    page.goto(f"{live_server}/{language}/calendars/")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        page.screenshot(path=f"{pictures}/feeds-{language}-{width}.png", full_page=True)
