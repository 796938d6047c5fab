"""Challenges and ideas on the office's day, and on the page of what waits for a member."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.introductions import AskFactory, AskShareFactory, IntroductionFactory
from tests.factories.organisations import NOW, OrganisationFactory
from tests.outlets.notifications.idea_place import SECRET, IdeaPlace, days
from tests.outlets.site.test_today import board
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.outlets.site.queries import ideas, lists, today
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Answer, Idea, IdeaStep, Reviewer

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
LISTS = ("ideas_to_check", "answers_waiting", "deadlines", "ideas_expiring")


def waiting(place: IdeaPlace, moment: Any) -> dict[str, list[int]]:
    """The lists of ideas that hold something for the office at a moment."""
    found = board(place.as_(place.olga, moment))
    return {name: keys for name, keys in found.items() if name in LISTS}


def test_a_challenge_goes_through_the_board_as_time_goes_by() -> None:
    place = IdeaPlace(deadline_at=days(30))
    key = [place.idea.pk]
    assert waiting(place, NOW) == {}
    place.submitted()
    assert waiting(place, NOW) == {"ideas_to_check": key}
    actions.publish_idea(actor=place.as_(place.olga), **place.version)
    assert waiting(place, NOW) == {}
    answer = actions.give_answer(
        actor=place.as_(place.rita), idea_id=place.idea.pk, body_id=place.lab.pk, text="Noi"
    )
    assert waiting(place, days(13)) == {}
    assert waiting(place, days(15)) == {"answers_waiting": key}
    assert waiting(place, days(24)) == {"answers_waiting": key, "deadlines": key}
    place.decided(answer, accept=True)
    assert waiting(place, days(24)) == {"deadlines": key}
    assert waiting(place, days(31)) == {}
    assert waiting(place, days(170)) == {"ideas_expiring": key}
    place.closed("solved")
    assert waiting(place, days(170)) == {}


def test_another_office_sees_nothing_and_the_agency_of_the_network_does() -> None:
    place = IdeaPlace()
    place.submitted()
    stranger = replace(manager_of(ClusterFactory()), person_id=PersonFactory().pk)
    assert board(stranger) == {}
    assert "ideas_to_check" in board(place.as_(place.olga))


def many(cluster: Cluster, number: int, **facts: Any) -> list[Idea]:
    """So many challenges of one office."""
    body = OrganisationFactory()
    return [
        Idea.objects.create(
            kind="challenge",
            body=body,
            broker=cluster,
            title_it=f"Sfida {one}",
            text_it=f"{SECRET} testo",
            created_at=NOW,
            changed_at=NOW,
            **{"since": NOW + timedelta(minutes=one), **facts},
        )
        for one in range(number)
    ]


def test_long_lists_are_cut_counted_and_read_whole_elsewhere(sign_in: SignIn) -> None:
    """A row of one list does not push out those of another."""
    role = ClusterRoleFactory()
    checking = many(role.cluster, 25, state="checking")
    open_facts = {"state": "open", "deadline_at": NOW + timedelta(days=3)}
    both = many(role.cluster, 23, expires_date=NOW.date(), **open_facts)
    only = many(role.cluster, 22, **open_facts)
    viewer = manager_of(role.cluster)
    found = {one.name: one for one in today.today(viewer=viewer)}
    assert [found[name].count for name in LISTS] == [25, 0, 45, 23]
    assert found["ideas_to_check"].rows == tuple(checking[: lists.SHOWN])
    assert found["deadlines"].rows == tuple(both[: lists.SHOWN])
    assert found["ideas_expiring"].rows == tuple(both[: lists.SHOWN])
    assert ideas.ideas_waiting("deadlines", viewer=viewer).count() == 45
    assert len(only) == 22
    client = sign_in(role.person)
    page = client.get(reverse("today")).content.decode()
    assert reverse("today_list", args=["ideas_to_check"]) in page
    whole = client.get(reverse("today_list", args=["ideas_to_check"]))
    assert whole.status_code == 200
    assert whole.content.decode().count('scope="row"') == 24
    assert SECRET not in page


def filled(number: int, role: Any) -> None:
    """So many of each list, beside lists of introductions."""
    now = NOW
    for idea in [
        *many(role.cluster, number, state="checking"),
        *many(
            role.cluster,
            number,
            state="answered",
            keeper=role.person,
            expires_date=now.date(),
            deadline_at=now + timedelta(days=365),
        ),
    ]:
        for _one in range(number):
            Answer.objects.create(
                idea=idea, body=OrganisationFactory(), text=SECRET, given_at=now, changed_at=now
            )
    for one in (False, True):
        ask = AskFactory()
        AskShareFactory(ask=ask, cluster=role.cluster)
        IntroductionFactory(
            ask=ask,
            owner=role.person,
            state="asked",
            due_at=now + timedelta(days=365),
            nudged_at=now,
            escalated_at=now if one else None,
            asked_at=now,
        )


@pytest.mark.parametrize("name", ["today", "my_requests", *LISTS])
def test_the_number_of_queries_does_not_grow(name: str, sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    client = sign_in(role.person)
    address = reverse("today_list", args=[name]) if name in LISTS else reverse(name)
    counts = []
    for number in (1, 3):
        filled(number, role)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_a_member_sees_what_waits_at_their_ideas(sign_in: SignIn) -> None:
    place = IdeaPlace()
    place.submitted()
    ada = place.as_(place.ada)
    assert ideas.my_open_points(viewer=ada) == []
    actions.return_idea(actor=place.as_(place.olga), note="Manca", **place.version)
    [points] = ideas.my_open_points(viewer=ada)
    assert (points.is_returned, points.answers_waiting) == (True, 0)
    place.answered()
    [points] = ideas.my_open_points(viewer=ada)
    assert (points.is_returned, points.answers_waiting, points.ends_on) == (False, 1, None)
    [points] = ideas.my_open_points(viewer=place.as_(place.ada, days(170)))
    assert points.expires_soon
    for other in (place.rita, place.fred, place.nino):
        assert ideas.my_open_points(viewer=place.as_(other)) == []
    page = sign_in(place.ada).get(reverse("my_requests")).content.decode()
    assert "1 risposta attende la tua decisione" in page


def test_a_reviewer_sees_that_they_are_asked_and_not_what_for(sign_in: SignIn) -> None:
    """Not before the idea is published, and not once they declared; never its title."""
    place = IdeaPlace()
    Reviewer.objects.create(idea=place.idea, person=place.nino, named_at=NOW)
    nino = place.as_(place.nino)
    assert list(ideas.my_reviews(viewer=nino)) == []
    place.published()
    assert len(ideas.my_reviews(viewer=nino)) == 1
    page = sign_in(place.nino).get(reverse("my_requests")).content.decode()
    assert place.idea.heading in page
    assert SECRET not in page
    actions.declare_conflict(actor=nino, idea_id=place.idea.pk, in_conflict=False)
    assert list(ideas.my_reviews(viewer=nino)) == []
    assert IdeaStep.objects.filter(idea=place.idea, kind="open").exists()


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shown", [("it", 360), ("en", 1280)], ids=str)
def test_the_lists_of_ideas_are_accessible(
    sign_in_browser: Callable[[Person], Page],
    look: Callable[[str, str], None],
    shown: tuple[str, int],
) -> None:
    language, width = shown
    role = ClusterRoleFactory()
    filled(3, role)
    reviewed = many(role.cluster, 1, state="open", circle="public", teaser_circle="public")
    Reviewer.objects.create(idea=reviewed[0], person=role.person, named_at=NOW)
    page = sign_in_browser(role.person)
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("today", "today/answers_waiting", "requests"):
        look(f"{language}/{name}/", f"ideas-{name.replace('/', '-')}-{language}")
