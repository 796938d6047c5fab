"""The link in a mail: one booking, one person, one answer; a look never acts."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from tests.sharing.resources.house import (
    PURPOSE,
    House,
    at,
    browser_of,
    now,
    slot_of,
    words_of,
)
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.kernel import audit
from trebbo.sharing.resources.models import Booking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_a_look_shows_all_to_decide_by_and_changes_nothing(client: Client) -> None:
    house = House()
    booking = house.ask(samples="Tre provini")
    for method in (client.get, client.head, client.get):
        assert method(house.link(booking)).status_code == 200
    page = words_of(client.get(house.link(booking)))
    for told in (PURPOSE, "Tre provini", "Sara", "Officina Sintetica", "€ 80.00, plus VAT", "Lara"):
        assert told in page
    assert "Members of the cluster" in page
    assert (now(booking).state, now(booking).version) == ("requested", 1)
    assert client.get(house.link(booking)).headers["Cache-Control"].count("no-store") == 1


def test_accepting_needs_no_account_and_is_written_to_who_was_asked(client: Client) -> None:
    house = House()
    booking = house.ask()
    answered = client.post(house.link(booking), {"do": "accept"})
    assert "You accepted" in words_of(answered)
    assert now(booking).state == "accepted"
    line = audit.history_of(booking).filter(verb="accept_booking").get()
    assert line.actor_id == house.lara.pk
    assert "sessionid" not in client.cookies


def test_a_second_answer_is_told_kindly_that_there_was_one(client: Client) -> None:
    house = House()
    booking = house.ask()
    address, other = house.link(booking), house.link(booking, house.livio)
    client.post(address, {"do": "accept"})
    for link, sent in ((address, None), (address, "decline"), (other, None), (other, "accept")):
        response = (
            client.post(link, {"do": sent, "decline-reason": "x"}) if sent else client.get(link)
        )
        assert response.status_code == 410
        page = words_of(response)
        assert "answered already" in page
        assert "Accepted" in page
        assert PURPOSE not in page
    assert now(booking).state == "accepted"


def test_declining_takes_a_reason_and_keeps_what_was_typed(client: Client) -> None:
    house = House()
    booking = house.ask()
    empty = client.post(house.link(booking), {"do": "decline", "decline-reason": "  "})
    assert empty.status_code == 400
    assert now(booking).state == "requested"
    long = client.post(house.link(booking), {"do": "decline", "decline-reason": "ab" * 4000})
    assert long.status_code == 400
    assert "ab" * 4000 in words_of(long)
    client.post(house.link(booking), {"do": "decline", "decline-reason": "In manutenzione"})
    assert (now(booking).state, now(booking).answer) == ("declined", "In manutenzione")


def test_proposing_moves_the_slot_and_refusals_keep_what_was_typed(client: Client) -> None:
    house = House()
    booking = house.ask()
    taken = house.ask(days=4)
    sent = {**slot_of("propose", at(4, 10), at(4, 12)), "propose-words": "Più tardi?"}
    refused = client.post(house.link(booking), {"do": "propose", **sent})
    assert refused.status_code == 409
    assert "Più tardi?" in words_of(refused)
    assert 'value="10:00"' in words_of(refused)
    past = {**slot_of("propose", at(-3, 10), at(-3, 12)), "propose-words": "Più tardi?"}
    assert client.post(house.link(booking), {"do": "propose", **past}).status_code == 400
    fits = {**slot_of("propose", at(4, 14), at(4, 16)), "propose-words": "Più tardi?"}
    assert "You proposed" in words_of(client.post(house.link(booking), {"do": "propose", **fits}))
    assert (now(booking).state, now(booking).starts_at) == ("proposed", at(4, 14))
    assert now(taken).state == "requested"


@pytest.mark.parametrize("do", ["cancel", "use", "no_show", "withdraw"])
def test_the_link_does_nothing_else(client: Client, do: str) -> None:
    house = House()
    booking = house.ask()
    assert client.post(house.link(booking), {"do": do}).status_code == 404
    assert now(booking).version == 1


def test_the_link_is_good_for_its_booking_and_its_person_alone(client: Client) -> None:
    house = House()
    booking = house.ask()
    address = house.link(booking)
    token = address.rstrip("/").rpartition("/")[2]
    broken = address.replace(token, token[:-3] + "abc")
    assert client.post(broken, {"do": "accept"}).status_code == 400
    stranger = house.link(booking, house.stranger)
    response = client.get(stranger)
    assert response.status_code == 410
    assert PURPOSE not in words_of(response)
    assert "Electron microscope" not in words_of(response)
    assert client.post(stranger, {"do": "accept"}).status_code == 410
    assert now(booking).version == 1


def test_who_no_longer_acts_for_the_owner_answers_no_more(client: Client) -> None:
    house = House()
    booking = house.ask()
    address = house.link(booking)
    Mandate.objects.filter(person=house.lara).delete()
    response = client.post(address, {"do": "accept"})
    assert response.status_code == 410
    assert PURPOSE not in words_of(response)
    assert now(booking).state == "requested"


def test_another_person_signed_in_still_answers_as_who_was_asked() -> None:
    """A forwarded mail: the trail names to whom it was written, whoever is signed in."""
    house = House()
    booking = house.ask()
    browser_of(house.stranger).post(house.link(booking), {"do": "accept"})
    line = audit.history_of(booking).filter(verb="accept_booking").get()
    assert line.actor_id == house.lara.pk


@pytest.mark.parametrize("ending", ["withdrawn", "lapsed", "late"])
def test_a_link_after_the_end_says_what_ended_it(client: Client, ending: str) -> None:
    house = House()
    booking = house.ask()
    address = house.link(booking)
    if ending == "late":
        Booking.objects.update(lapses_at=booking.created_at - timedelta(minutes=1))
    else:
        Booking.objects.update(state=ending, version=2)
    response = client.get(address)
    assert response.status_code == 410
    words = "was withdrawn" if ending == "withdrawn" else "has lapsed"
    assert words in words_of(response)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_answer_at_once_give_one_answer() -> None:
    house = House()
    booking = house.ask()
    barrier, told = Barrier(2), []

    def answer(address: str, sent: dict[str, str]) -> None:
        try:
            barrier.wait()
            told.append(Client().post(address, sent).status_code)
        finally:
            connection.close()

    answers = (
        (house.link(booking), {"do": "accept"}),
        (house.link(booking, house.livio), {"do": "decline", "decline-reason": "No"}),
    )
    threads = [Thread(target=answer, args=one) for one in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [200, 410]
    assert now(booking).state in ("accepted", "declined")
