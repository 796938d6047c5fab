"""The pages of the catalogue as people open them: what they see, may do, and what it costs."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import ConceptFactory, OrganisationFactory, SeatFactory
from tests.factories.resources import (
    BookingFactory,
    OpeningHoursFactory,
    PriceFactory,
    ResourceFactory,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.actions.catalogue import present_resource
from trebbo.sharing.resources.gateway import refill_words
from trebbo.sharing.resources.models import Block, Price, Resource, ResourceFile

SignIn = Callable[[Person], Client]
Look = Callable[[str, str], None]
MOST_QUERIES = 12
pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (1200, 800), "#0b3d91").save(out, kind)
    return out.getvalue()


class Lab:
    """A laboratory of a cluster with an instrument, who looks after it, and other people."""

    def __init__(self) -> None:
        self.cluster = ClusterFactory(name="Clust-ER Salute")
        self.lab = OrganisationFactory(name="Laboratorio Ossa & Protesi")
        self.membership = MembershipFactory(cluster=self.cluster, profile=self.lab)
        self.ada, self.ugo, self.olga = (
            PersonFactory(name=name) for name in ("Ada", "Ugo", "Olga")
        )
        MandateFactory(person=self.ada, profile=self.lab)
        self.firm = OrganisationFactory(name="Officina Sintetica")
        MembershipFactory(cluster=self.cluster, profile=self.firm)
        MandateFactory(person=self.ugo, profile=self.firm)
        ClusterRoleFactory(person=self.olga, cluster=ClusterFactory())
        SeatFactory(profile=self.lab, is_main=True)
        self.machine = ResourceFactory(
            profile=self.lab,
            name_it="Microtomografo",
            name_en="Micro-CT scanner",
            description_it="Vede dentro ossa e protesi.",
            description_en="Sees inside bones and implants.",
            measurements_en="Voxels down to 4 µm",
            terms_en="After an hour of training.",
            serial_number="SN-12345",
            contact="ct@example.org",
            is_publicly_funded=True,
            fund="PR FESR 2021–2027",
        )
        refill_words([self.machine])

    @property
    def keeper(self) -> Viewer:
        """Ada, for the actions."""
        mandates = {self.lab.pk: frozenset({"editor"})}
        return Viewer(now=timezone.now(), person_id=self.ada.pk, mandates=mandates)

    def address(self, rest: str = "", language: str = "en") -> str:
        """A page of the instrument."""
        return f"/{language}/resources/{self.machine.pk}/{rest}"

    def fill(self) -> None:
        """Everything that the pages can show."""
        for weekday in range(5):
            OpeningHoursFactory(resource=self.machine, weekday=weekday)
        PriceFactory(resource=self.machine)
        PriceFactory(resource=self.machine, user_class="external", amount=Decimal("1250.50"))
        PriceFactory(resource=self.machine, user_class="owner", amount=0)
        self.machine.fields.add(ConceptFactory(label_it="ottica", label_en="optics"))
        self.machine.booked_with.add(ResourceFactory(profile=self.lab, name_en="Bench"))
        start = timezone.now() + timedelta(days=2)
        actions.add_block(
            actor=self.keeper,
            resource_id=self.machine.pk,
            kind="maintenance",
            starts_at=start,
            ends_at=start + timedelta(hours=4),
            reason_en="New source",
        )
        for kind, name, content in (
            ("picture", "foto.png", picture()),
            ("document", "manuale.pdf", b"%PDF-1.7\n1 0 obj\n"),
        ):
            actions.add_resource_file(
                actor=self.keeper,
                resource_id=self.machine.pk,
                kind=kind,
                upload=SimpleUploadedFile(name, content),
                text_en="The instrument, door open",
                text_it="Lo strumento, con lo sportello aperto",
            )
        training = actions.add_qualification(
            actor=self.keeper, profile_id=self.lab.pk, name_en="Radiation safety", months=24
        )
        actions.qualify_person(
            actor=self.keeper, qualification_id=training.pk, email=self.ugo.email
        )
        Resource.objects.filter(pk=self.machine.pk).update(qualification=training)
        ResourceFactory(profile=self.lab, kind="biobank", name_en="Tissue bank", is_bookable=False)
        ResourceFactory(profile=self.lab, name_en="Old press", withdrawn_at=timezone.now())
        refill_words(Resource.objects.all())

    def form(self, **typed: Any) -> dict[str, Any]:
        """What the form of a resource sends, but for the lists that it was not shown."""
        return {
            "kind": "equipment",
            "name_it": "Pressa",
            "visibility": "public",
            "timezone": "Europe/Rome",
            "shortest_minutes": "60",
            "longest_minutes": "480",
            "notice_hours": "24",
            "horizon_days": "90",
            "quota_period": "month",
            "free_cancellation_hours": "24",
            "late_fee_percent": "0",
            **typed,
        }


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status, address
    return " ".join(response.content.decode().split())


def post(client: Client, address: str, typed: dict[str, Any], status: int = 302) -> str:
    """What comes of a form."""
    response = client.post(address, typed)
    assert isinstance(response, HttpResponse)
    assert response.status_code == status, response.content.decode()
    return " ".join(response.content.decode().split())


def test_everybody_finds_a_resource_and_reads_its_page(client: Client) -> None:
    place = Lab()
    place.fill()
    assert "Micro-CT scanner" in page_of(client, "/en/resources/?q=micro-ct")
    assert "Microtomografo" in page_of(client, "/it/resources/?q=microtomografo")
    page = page_of(client, place.address())
    for words in (
        "Sees inside bones",
        "Voxels down to 4 µm",
        "€ 40.00 an hour",
        "€ 1,250.50",
        "for free",
        "09:00–17:00",
        "New source",
        "PR FESR 2021–2027",
        "Radiation safety",
        "Bench",
        'alt="The instrument, door open"',
        "Clust-ER Salute",
    ):
        assert words in page, words
    for hidden in ("SN-12345", "/edit/", "Old press"):
        assert hidden not in page
    assert "€ 1.250,50" in page_of(client, place.address(language="it"))
    way = f"/en/resources/?owner={place.lab.slug}"
    assert way in page_of(client, f"/en/organisations/{place.lab.slug}/")
    assert "Micro-CT scanner" in page_of(client, way)


def test_a_member_is_told_which_price_is_theirs(sign_in: SignIn) -> None:
    place = Lab()
    place.fill()
    page = page_of(sign_in(place.ugo), place.address())
    assert "Members of the cluster <span" in page
    place.membership.valid_until = date(2020, 1, 1)
    place.membership.save()
    page = page_of(sign_in(place.ugo), place.address())
    assert "The owner belongs to no cluster at present" in page


def test_an_owner_that_left_keeps_its_bookings_and_cannot_be_removed() -> None:
    place = Lab()
    booking = BookingFactory(resource=place.machine, state="accepted", user_class="member")
    place.membership.valid_until = date(2020, 1, 1)
    place.membership.save()
    booking.refresh_from_db()
    assert (booking.state, booking.user_class) == ("accepted", "member")
    with pytest.raises(ProtectedError):
        Profile.objects.filter(pk=place.lab.pk).delete()


def test_what_is_for_the_network_or_withdrawn_is_not_for_everybody(
    client: Client, sign_in: SignIn
) -> None:
    place = Lab()
    Resource.objects.update(visibility="network")
    page_of(client, place.address(), 404)
    assert "Micro-CT" not in page_of(client, "/en/resources/")
    assert "Micro-CT" in page_of(sign_in(place.ugo), "/en/resources/")
    page_of(sign_in(place.ugo), place.address())
    Resource.objects.update(visibility="public", withdrawn_at=timezone.now())
    page_of(sign_in(place.ugo), place.address(), 404)
    assert "Out of the catalogue since" in page_of(sign_in(place.ada), place.address())


KEPT = ("edit/", "prices/", "hours/", "files/")


def test_only_who_looks_after_it_keeps_it(sign_in: SignIn) -> None:
    place = Lab()
    place.fill()
    own = [f"/en/profiles/{place.lab.slug}/{rest}" for rest in ("resources/", "resources/new/")]
    own.append(f"/en/profiles/{place.lab.slug}/qualifications/")
    addresses = [*(place.address(rest) for rest in KEPT), *own]
    for address in addresses:
        page_of(Client(), address, 302)
        page_of(sign_in(place.ugo), address, 403)
        page_of(sign_in(place.olga), address, 403)
        page_of(sign_in(place.ada), address)
    post(sign_in(place.ugo), place.address("withdraw/"), {}, 403)
    assert "SN-12345" in page_of(sign_in(place.ada), place.address())


def test_a_resource_is_added_through_the_form(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), f"/en/profiles/{place.lab.slug}/resources/new/"
    page = post(client, address, place.form(name_it="", horizon_days="soon"), 400)
    assert "Write a whole number." in page
    page = post(client, address, place.form(name_it=""), 400)
    assert "Write a name, in one language at least." in page
    field = ConceptFactory(label_en="mechanics")
    page = post(client, address, {**place.form(), "words": "mechanics", "find": "1"}, 200)
    assert "mechanics" in page
    post(client, address, place.form(is_bookable="on", field_ids=[str(field.pk)]))
    made = Resource.objects.get(name_it="Pressa")
    assert made.profile_id == place.lab.pk
    assert made.is_bookable
    assert list(made.fields.all()) == [field]


def test_two_people_at_once_lose_nothing(sign_in: SignIn) -> None:
    place = Lab()
    client = sign_in(place.ada)
    shown = client.get(place.address("edit/"))
    hidden = {f"seen-{name}": mark for name, mark in shown.context["seen"].items()}
    present = present_resource(place.machine)
    typed = {
        name: "" if value is None or value is False else "on" if value is True else value
        for name, value in present.items()
    }
    typed = {**typed, **hidden, "version": "1"}
    actions.change_resource(
        actor=place.keeper, resource_id=place.machine.pk, version=1, name_en="Theirs", room="B1"
    )
    page = post(client, place.address("edit/"), {**typed, "name_en": "Mine"}, 409)
    assert "Somebody else saved this meanwhile" in page
    assert "Theirs" in page
    assert 'value="Mine"' in page
    # Another field than theirs: both hold.
    post(client, place.address("edit/"), {**typed, "standards": "ISO 527-1"})
    place.machine.refresh_from_db()
    said = (place.machine.name_en, place.machine.room, place.machine.standards)
    assert said == ("Theirs", "B1", "ISO 527-1")


def test_prices_are_typed_with_a_comma_in_italian(sign_in: SignIn) -> None:
    place = Lab()
    client = sign_in(place.ada)
    typed = {"do": "set", "user_class": "member", "unit": "hour", "vat": "plus"}
    post(client, place.address("prices/", "it"), {**typed, "amount": "1.250,50"})
    assert Price.objects.get().amount == Decimal("1250.50")
    page = post(client, place.address("prices/"), {**typed, "amount": "a lot"}, 400)
    assert "This is not an amount in euro" in page
    post(client, place.address("prices/"), {**typed, "amount": "-1"}, 400)
    price = Price.objects.get()
    post(client, place.address("prices/"), {"do": "end", "price": str(price.pk)})
    post(client, place.address("prices/"), {"do": "mistake", "price": str(price.pk)})
    assert not Price.objects.exists()


def week(**times: str) -> dict[str, str]:
    """The form of opening hours with some times."""
    return {"do": "hours", "seen": "", **times}


def test_hours_are_kept_and_a_day_that_does_not_fit_is_told(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), place.address("hours/")
    post(client, address, week(opens_0_0="09:00", closes_0_0="17:30"))
    assert list(place.machine.opening_hours.values_list("opens", "closes")) == [(540, 1050)]
    seen = "0-540-1050"
    for times in (
        {"opens_1_0": "09:00"},
        {"opens_1_0": "18:00", "closes_1_0": "09:00"},
        {"opens_1_0": "9 o'clock", "closes_1_0": "10:00"},
        {"opens_1_0": "09:10", "closes_1_0": "10:00"},
    ):
        post(client, address, {**week(**times), "seen": seen}, 400)
    page = post(client, address, week(opens_2_0="09:00", closes_2_0="17:30"), 409)
    assert "somebody else changed the opening hours" in page
    post(client, address, {**week(opens_2_0="00:00", closes_2_0="00:00"), "seen": seen})
    assert list(place.machine.opening_hours.values_list("weekday", "closes")) == [(2, 1440)]


def test_closing_it_over_a_booking_names_the_booking(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), place.address("hours/")
    booking = BookingFactory(resource=place.machine, state="accepted")
    day = timezone.localtime(booking.starts_at).date().isoformat()
    typed = {"do": "block", "kind": "maintenance", "first_day": day}
    assert "These bookings stand there" in post(client, address, typed, 409)
    post(client, address, {**typed, "despite_bookings": "on"})
    block = Block.objects.get()
    assert timezone.localtime(block.starts_at).hour == 0
    assert timezone.localtime(block.ends_at).hour == 0
    post(client, address, {"do": "open", "block": str(block.pk)})
    assert not Block.objects.exists()
    post(client, address, {**typed, "first_day": "soon"}, 400)
    post(client, address, {"do": "dance"}, 404)


def test_a_day_of_23_hours_is_closed_whole(sign_in: SignIn) -> None:
    place = Lab()
    typed = {"do": "block", "kind": "closed", "first_day": "2031-03-30", "last_day": "2031-03-30"}
    post(sign_in(place.ada), place.address("hours/"), typed)
    block = Block.objects.get()
    assert block.ends_at - block.starts_at == timedelta(hours=23)
    missing = {**typed, "first_time": "02:30", "last_time": "04:00"}
    page = post(sign_in(place.ada), place.address("hours/"), missing, 400)
    assert "the clock is put forward over it" in page


def test_files_are_shown_kept_and_refused(client: Client, sign_in: SignIn) -> None:
    place = Lab()
    keeper, address = sign_in(place.ada), place.address("files/")
    upload = SimpleUploadedFile("foto.png", picture())
    post(keeper, address, {"kind": "picture", "file": upload, "text_en": "The machine"})
    fake = SimpleUploadedFile("foto.png", b"<svg onload=alert(1)>")
    typed = {"kind": "picture", "file": fake, "text_en": "x"}
    assert "not a picture that can be read" in post(keeper, address, typed, 400)
    assert "Choose the file first." in post(keeper, address, {"kind": "picture"}, 400)
    file = ResourceFile.objects.get()
    response = client.get(place.address(f"files/{file.pk}/"))
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    document = SimpleUploadedFile("manuale.pdf", b"%PDF-1.7\n1 0 obj\n")
    post(keeper, address, {"kind": "document", "file": document})
    kept = ResourceFile.objects.get(kind="document")
    response = client.get(place.address(f"files/{kept.pk}/"))
    assert response["Content-Disposition"].startswith("attachment")
    Resource.objects.update(visibility="network")
    page_of(Client(), place.address(f"files/{file.pk}/"), 404)
    post(keeper, address, {"remove": str(file.pk)})
    assert list(ResourceFile.objects.all()) == [kept]


def test_it_is_withdrawn_with_its_bookings_and_put_back(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), place.address("withdraw/")
    BookingFactory(resource=place.machine, state="accepted")
    assert "bookings are still open" in post(client, address, {}, 409)
    post(client, address, {"cancel_bookings": "on"}, 400)
    post(client, address, {"cancel_bookings": "on", "reason": "Broken"})
    place.machine.refresh_from_db()
    assert place.machine.withdrawn_at is not None
    post(client, address, {"restore": "1"})
    place.machine.refresh_from_db()
    assert place.machine.withdrawn_at is None


def test_people_are_qualified_through_the_page(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), f"/en/profiles/{place.lab.slug}/qualifications/"
    post(client, address, {"do": "add", "name_en": "Laser safety", "months": "12"})
    key = str(place.lab.qualifications.get().pk)
    typed = {"do": "qualify", "qualification": key, "email": "nobody@example.org"}
    assert "Nobody with an account has this address." in post(client, address, typed, 400)
    post(client, address, {**typed, "email": place.ugo.email})
    held = place.lab.qualifications.get().people.get()
    assert held.person_id == place.ugo.pk
    post(client, address, {"do": "take_back", "held": str(held.pk)})
    assert not place.lab.qualifications.get().people.exists()


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00&kind=spaceship&km=1000000&minutes=7&free_from=tomorrow&from=-1&field=x",
        "?free_from=2026-02-30&place=Atlantis",
        "?free_from=9999-12-31&from=99999999999999999999",
        "?free_from=2030-01-08&free_until=2030-01-01",
        "?day=2026-13-01&by=day",
        "?day=0001-01-01&by=month",
    ],
)
def test_nonsense_in_an_address_is_not_asked(client: Client, query: str) -> None:
    Lab()
    page_of(client, f"/en/resources/{query}")
    page_of(client, f"/en/resources/calendar/{query}")


def test_one_click_asks_and_takes_back(client: Client, sign_in: SignIn) -> None:
    place = Lab()
    place.fill()
    for one in (client, sign_in(place.ugo)):
        chips = one.get("/en/resources/").context["chips"]
        for chip in chips:
            page = one.get(f"/en/resources/{chip.address}")
            assert page.status_code == 200
            assert [c.is_on for c in page.context["chips"] if c.label == chip.label] == [True]


@pytest.mark.parametrize("rest", ["", "calendar/", "?free_from=2031-01-06&free_until=2031-01-12"])
def test_lists_cost_the_same_at_one_and_at_three_rows(sign_in: SignIn, rest: str) -> None:
    place = Lab()
    client = sign_in(place.ada)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            other = ResourceFactory(profile=OrganisationFactory(), horizon_days=366)
            PriceFactory(resource=other)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page_of(client, f"/en/resources/{rest}")
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert counts[1] <= (MOST_QUERIES + 1 if "free_from" in rest else MOST_QUERIES)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("width", [1280, 375])
def test_pages_look_right_and_are_accessible(
    page: Page, look: Look, sign_in_browser: Callable[[Person], Page], language: str, width: int
) -> None:
    place = Lab()
    place.fill()
    page.set_viewport_size({"width": width, "height": 900})
    number = place.machine.pk
    look(f"{language}/resources/", f"list-{language}")
    look(f"{language}/resources/{number}/", f"resource-{language}")
    sign_in_browser(place.ada)
    look(f"{language}/resources/calendar/", f"calendar-{language}")
    look(f"{language}/resources/calendar/?by=day", f"calendar-day-{language}")
    look(f"{language}/resources/?q=zzz&bookable=1", f"nothing-{language}")
    for rest in KEPT:
        look(f"{language}/resources/{number}/{rest}", f"{rest[:-1]}-{language}")
    for rest in ("resources/", "resources/new/", "qualifications/"):
        address = f"{language}/profiles/{place.lab.slug}/{rest}"
        look(address, f"profile-{rest[:-1].replace('/', '-')}-{language}")
    look(f"{language}/organisations/{place.lab.slug}/", f"organisation-{language}")


def test_a_third_time_of_a_day_stays_when_another_day_is_changed(sign_in: SignIn) -> None:
    place = Lab()
    client, address = sign_in(place.ada), place.address("hours/")
    kept = [(1, 480, 600), (1, 660, 720), (1, 780, 900), (1, 960, 1440)]
    actions.set_opening_hours(actor=place.keeper, resource_id=place.machine.pk, hours=kept)
    page = client.get(address)
    form = page.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    assert str(typed["closes_1_3"]) == "00:00:00"
    typed |= {"opens_2_0": "09:00", "closes_2_0": "10:00", "do": "hours"}
    typed["seen"] = page.context["seen"]
    post(client, address, typed)
    hours = place.machine.opening_hours.values_list("weekday", "opens", "closes")
    assert list(hours) == [*kept, (2, 540, 600)]
