"""The office's day tells the truth at each moment, and each member what came of requests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory, agency_of, manager_of
from tests.factories.introductions import AskFactory, AskShareFactory, IntroductionFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from tests.partnering.introductions.meeting_place import (
    Place,
    at,
    days,
    tick,
    token_of,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.outlets.site.queries import requests, today
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import IntroductionState
from trebbo.partnering.introductions.models import MemberContact

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


def board(viewer: Viewer) -> dict[str, list[int]]:
    """The lists that hold something, by the keys of their rows."""
    lists = today.today(viewer=viewer)
    return {one.name: [row.pk for row in one.rows] for one in lists if one.rows}


def test_an_introduction_goes_through_the_board_as_time_goes_by() -> None:
    """Asked, reminded, brought to the broker, about to expire, and gone."""
    place = Place()
    one = place.asked()
    seen = {}
    for day in (1, 5, 9, 10, 12, 15):
        tick(days(day))
        seen[day] = board(at(place.broker, days(day)))
    assert seen == {
        1: {},
        5: {"unanswered": [one.pk]},
        9: {"unanswered": [one.pk]},
        10: {"escalated": [one.pk]},
        12: {"expiring": [one.pk]},
        15: {},
    }


def test_accepted_and_not_met_then_met_and_no_outcome_then_known() -> None:
    place = Place()
    one = place.accepted()
    assert board(at(place.broker, days(10))) == {}
    assert board(at(place.broker, days(14))) == {"not_met": [one.pk]}
    actions.arrange_meeting(
        actor=at(place.asker, days(14)), introduction_id=one.pk, at=days(18), place=""
    )
    assert board(at(place.broker, days(15))) == {}
    actions.record_meeting(actor=at(place.asker, days(19)), introduction_id=one.pk)
    tick(days(30))
    assert board(at(place.broker, days(30))) == {"outcomes": [one.pk]}
    actions.record_outcome(
        actor=visitor(days(31)), token=token_of(one, "outcome"), outcome="contract"
    )
    assert board(at(place.broker, days(31))) == {}


def test_drafts_and_what_nobody_looks_after() -> None:
    place = Place()
    draft = place.draft()
    assert board(at(place.broker, days(8))) == {"drafts": [draft.pk]}
    place.olga.is_active = False
    place.olga.save()
    assert board(at(place.broker, days(1))) == {"alone": [draft.pk]}
    actions.take_over_introduction(
        actor=replace(place.broker, person_id=PersonFactory().pk), introduction_id=draft.pk
    )
    assert board(at(place.broker, days(1))) == {}


def test_an_office_sees_what_it_may_look_after_and_nothing_else() -> None:
    place = Place()
    tick(days(0))
    place.asked()
    tick(days(5))
    others = {
        "another office": manager_of(ClusterFactory()),
        "agency of the network": agency_of(place.cluster.network),
        "nobody": person(person_id=PersonFactory().pk),
    }
    for who, viewer in others.items():
        assert board(at(viewer, days(6))) == {}, who


class Members:
    """An office with members, some of whom were spoken with."""

    def __init__(self) -> None:
        self.cluster = ClusterFactory()
        self.office = manager_of(self.cluster)
        self.never, self.noted, self.asker, self.asked = (self.member() for _one in range(4))
        MemberContact.objects.create(
            profile=self.noted, contact_date=date(2026, 6, 1), noted_at=NOW
        )
        AskFactory(asker=self.asker)
        IntroductionFactory(profile=self.asked, state=IntroductionState.ASKED, asked_at=NOW)
        OrganisationFactory()

    def member(self) -> Profile:
        """One more member whose page is confirmed."""
        body: Profile = OrganisationFactory(confirmed_at=NOW, due_date=date(2027, 6, 1))
        MembershipFactory(cluster=self.cluster, profile=body, valid_from=date(2020, 1, 1))
        return body


def test_members_nobody_spoke_with_come_back_after_the_months_of_the_setting(
    settings: Any,
) -> None:
    there = Members()
    assert board(there.office) == {"silent": [there.never.pk]}
    later = at(there.office, NOW + timedelta(days=190))
    assert len(board(later)["silent"]) == 4
    settings.CONTACT_MONTHS = 12
    assert board(later)["silent"] == [there.never.pk]
    actions.note_member_contact(
        actor=later, profile_id=there.never.pk, contact_date=later.today, words="Telefonata"
    )
    assert "silent" not in board(later)


def test_months_before_ends_within_the_month() -> None:
    assert today.months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert today.months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


def test_profiles_to_confirm_the_longest_overdue_first() -> None:
    there = Members()
    Profile.objects.filter(pk=there.noted.pk).update(due_date=date(2026, 6, 1))
    Profile.objects.filter(pk=there.asker.pk).update(due_date=date(2026, 1, 1))
    assert board(there.office)["unconfirmed"] == [there.asker.pk, there.noted.pk]


def test_who_notes_a_contact() -> None:
    there = Members()
    note = {"profile_id": there.never.pk, "contact_date": NOW.date()}
    acting = person(person_id=PersonFactory().pk, mandates={there.never.pk: frozenset({"editor"})})
    for viewer in (acting, manager_of(ClusterFactory()), visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.note_member_contact(actor=viewer, **note)
    with pytest.raises(Refusal):
        actions.note_member_contact(
            actor=there.office, profile_id=there.never.pk, contact_date=date(2026, 6, 16)
        )
    actions.note_member_contact(actor=there.office, **note)


def test_numbers_of_requests_add_up_with_their_rows() -> None:
    place = Place()
    place.accepted()
    place.lab = OrganisationFactory()
    place.draft()
    found = requests.my_requests(viewer=place.asker)
    assert found.total == 2
    assert sum(len(ask.introductions.all()) for ask in found.asks) == found.total
    assert list(found.asked) == []
    contact = requests.my_requests(viewer=place.contact)
    assert (contact.total, len(contact.asked)) == (0, 1)


def test_what_others_asked_is_read_to_its_end(sign_in: SignIn) -> None:
    contact = PersonFactory()
    for _number in range(25):
        IntroductionFactory(
            contact=contact, state=IntroductionState.ASKED, asked_at=NOW, due_at=NOW
        )
    client, address = sign_in(contact), reverse("my_requests")
    first, second = (client.get(f"{address}?asked={page}").content.decode() for page in (1, 2))
    assert (first.count("bg-warning"), second.count("bg-warning")) == (24, 1)


def test_who_opens_the_requests_of_a_body() -> None:
    place = Place()
    MembershipFactory(cluster=place.cluster, profile=place.firm, valid_from=date(2020, 1, 1))
    place.accepted()
    may = {
        "office": place.broker,
        "another office": manager_of(ClusterFactory()),
        "contact": place.contact,
        "acts for it": person(
            person_id=PersonFactory().pk, mandates={place.firm.pk: frozenset({"editor"})}
        ),
    }
    found = {
        who: requests.requests_of(place.firm.slug, viewer=viewer) for who, viewer in may.items()
    }
    assert {who for who, one in found.items() if one} == {"office", "acts for it"}
    assert found["office"].total == 1


def test_the_pages_are_for_offices_and_for_people_who_signed_in(
    sign_in: SignIn, client: Client
) -> None:
    body = Members().never
    pages = [
        reverse("today"),
        reverse("today_list", args=["expiring"]),
        reverse("today_contact", args=[body.slug]),
    ]
    for address in (*pages, reverse("my_requests")):
        assert client.get(address).status_code == 302
    stranger = sign_in(PersonFactory())
    assert [stranger.get(address).status_code for address in pages] == [403] * 3
    assert stranger.get(reverse("my_requests")).status_code == 200
    assert stranger.get(reverse("requests_of", args=[body.slug])).status_code == 404
    office = sign_in(ClusterRoleFactory().person)
    assert office.get(reverse("today")).status_code == 200
    assert office.get(reverse("today_list", args=["nonsense"])).status_code == 404
    assert office.get(reverse("today_contact", args=[body.slug])).status_code == 404


def filled(number: int, role: Any) -> None:
    """So many of each list."""
    now = timezone.now()
    for _one in range(number):
        ask = AskFactory()
        AskShareFactory(ask=ask, cluster=role.cluster)
        MembershipFactory(cluster=role.cluster, valid_from=date(2020, 1, 1))
        for state, due in (("asked", 1), ("asked", 6), ("accepted", 2)):
            IntroductionFactory(
                ask=ask,
                owner=role.person,
                state=state,
                since=now - timedelta(days=20),
                due_at=now + timedelta(days=due),
                nudged_at=now,
                asked_at=now,
                accepted_at=now,
            )


@pytest.mark.parametrize("name", ["today", "expiring", "silent", "my_requests"])
def test_the_number_of_queries_does_not_grow(name: str, sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    client = sign_in(role.person)
    lists = {"expiring", "silent"}
    address = reverse("today_list", args=[name]) if name in lists else reverse(name)
    counts = []
    for number in (1, 2):
        filled(number, role)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shown", [("it", 1280), ("en", 360)], ids=str)
def test_the_board_is_accessible_and_works_by_hand(
    sign_in_browser: Callable[[Person], Page],
    look: Callable[[str, str], None],
    shown: tuple[str, int],
) -> None:
    language, width = shown
    role = ClusterRoleFactory()
    filled(3, role)
    page = sign_in_browser(role.person)
    page.set_viewport_size({"width": width, "height": 900})
    member = Profile.objects.filter(memberships__cluster=role.cluster).first()
    assert member is not None
    for name in ("today", "today/silent", "requests", f"today/contact/{member.slug}"):
        look(f"{language}/{name}/", f"{name.replace('/', '-')}-{language}")
    page.locator("main form .btn-primary").click()
    page.locator("#messages .alert-success").wait_for()
    assert MemberContact.objects.get().profile_id == member.pk
