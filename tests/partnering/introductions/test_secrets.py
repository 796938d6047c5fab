"""What is confidential in an idea is told by no page, export, map or count to who may not read."""

import re
from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.searching import index_all
from tests.sharing.ideas.desk import Desk
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.models import AuditLine
from trebbo.outlets.notifications.models import Notice
from trebbo.partnering.introductions import actions as asks
from trebbo.partnering.introductions.queries import Question, answer
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Answer, Idea
from trebbo.sharing.skills.actions import suggest_competences
from trebbo.sharing.skills.models import Suggestion

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
SECRETS = ("titolo", "testo", "buona", "ruolo", "premio", "patto", "risposta", "replica", "parola",
           "ufficiale", "ritocco")  # fmt: skip
SEARCHED = ("titolo", "testo", "risposta")
MOST_PAGES, MOST_OF_A_KIND = 80, 2
SEARCHES = (
    "/it/ask/?q={0}", "/it/directory/?q={0}", "/it/directory/export/?q={0}", "/it/map/?q={0}",
    "/it/map/data/?q={0}", "/it/map/list/?q={0}", "/it/ideas/?words={0}", "/it/needs/?q={0}",
    "/it/skills/?q={0}", "/it/skills/training/?q={0}",
)  # fmt: skip


def secret(name: str) -> str:
    """A word that stands nowhere else."""
    return f"SEGRETO-zq{name}zq"


class Confidential(Desk):
    """A challenge with secrets in all its texts, answered, discussed, asked for and introduced."""

    def __init__(self) -> None:
        super().__init__()
        self.idea: Idea = self.published(
            circle="named",
            terms=f"Riservatezza {secret('patto')}",
            title_it=f"Titolo {secret('titolo')}",
            text_it=f"Testo {secret('testo')}",
            good_answer_it=secret("buona"),
            reward_it=secret("premio"),
            partners=((secret("ruolo"), ""),),
        )
        keeper, author = self.as_(self.hana), self.as_(self.lia)
        actions.name_idea_reader(actor=keeper, idea_id=self.idea.pk, email=self.lia.email)
        given: Answer = self.answered(self.idea, f"Abbiamo {secret('risposta')}")
        actions.post_comment(actor=author, idea_id=self.idea.pk, text=secret("parola"))
        actions.decide_answer(
            actor=keeper,
            answer_id=given.pk,
            accept=True,
            reply=secret("replica"),
            version=given.version,
        )
        version = self.now(self.idea).version
        actions.answer_officially(
            actor=keeper, idea_id=self.idea.pk, version=version, text=secret("ufficiale")
        )
        self.ask = asks.ask_from_idea(actor=keeper, idea_id=self.idea.pk)
        asks.change_ask(
            actor=keeper,
            ask_id=self.ask.pk,
            version=1,
            text=f"{self.ask.text} {secret('ritocco')}",
        )
        self.introduction = asks.introduce_answer(actor=keeper, answer_id=given.pk)


def strangers(place: Confidential) -> dict[str, Person | None]:
    """People who may not read it: none of the circle, none who works on it."""
    member = MandateFactory(profile=MembershipFactory(cluster=place.cluster).profile)
    board = ClusterRoleFactory(cluster=place.cluster, role="board")
    region = NetworkRoleFactory(network=place.network, role="region")
    other_office = ClusterRoleFactory(cluster=ClusterFactory(network=place.network))
    return {
        "visitor": None,
        "signed in, holding nothing": PersonFactory(),
        "member of the same cluster": member.person,
        "board": board.person,
        "Region": region.person,
        "office of another cluster": other_office.person,
    }


def told(text: str) -> set[str]:
    """The secrets that stand in a text."""
    return {name for name in SECRETS if secret(name) in text}


def walk(client: Client) -> dict[str, set[str]]:
    """What the pages that can be reached from the home page tell, by address."""
    waiting, seen, kinds = (
        deque(["/it/", "/it/ideas/", "/it/requests/"]),
        set[str](),
        Counter[str](),
    )
    leaks = {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        if path in seen or not path.startswith("/it/"):
            continue
        seen.add(path)
        try:
            kind = resolve(urlsplit(path).path).view_name
        except Resolver404:
            continue
        kinds[kind] += 1
        if kinds[kind] > MOST_OF_A_KIND:
            continue
        response = client.get(path)
        content = response.getvalue().decode("utf-8", "replace")
        if found := told(content):
            leaks[path] = found
        waiting.extend(
            address.replace("&amp;", "&") for address in re.findall(r'href="(/it/[^"#]*)"', content)
        )
    assert len(kinds) > 10
    return leaks


def test_no_page_search_export_map_or_count_tells_it(sign_in: SignIn) -> None:
    place = Confidential()
    index_all()
    for who, person in strangers(place).items():
        client = sign_in(person) if person else Client()
        viewer = viewer_for(person, now=visitor().now, language="it") if person else visitor()
        assert walk(client) == {}, who
        for name in SEARCHED:
            given = answer(Question(secret(name)), viewer=viewer)
            assert (given.total, given.found) == (0, ()), (who, name)
            for search in SEARCHES:
                page = client.get(search.format(secret(name))).getvalue().decode("utf-8", "replace")
                assert told(page) <= {name}, (who, search)
                assert place.idea.get_absolute_url() not in page, (who, search)
        for address in (
            place.ask.get_absolute_url(),
            f"/it/asks/{place.ask.pk}/dossier.pdf",
            f"/it/asks/{place.ask.pk}/readers/",
            f"/it/needs/{place.ask.pk}/",
            place.introduction.get_absolute_url(),
            f"/it/ideas/{place.idea.pk}/answers/",
            f"/it/ideas/{place.idea.pk}/files/",
        ):
            response = client.get(address)
            assert response.status_code in {302, 403, 404, 405}, (who, address)
            assert not told(response.getvalue().decode("utf-8", "replace"))


def test_what_is_searched_for_by_those_who_may_read_it_is_not_in_the_index(
    sign_in: SignIn,
) -> None:
    """Whoever reads the idea finds no body by its words either: the index holds bodies only."""
    place = Confidential()
    index_all()
    for person in (place.hana, place.lia, place.olga):
        for name in SEARCHED:
            viewer = viewer_for(person, now=visitor().now, language="it")
            assert answer(Question(secret(name)), viewer=viewer).total == 0


def test_nothing_is_suggested_by_it_and_neither_trail_nor_mail_tells_it(
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        place = Confidential()
    for body in (place.hospital, place.laboratory):
        suggest_competences(actor=installation(), profile_id=body.pk)
    assert not told(str(list(Suggestion.objects.values())))
    assert not told(str(list(AuditLine.objects.values())))
    for notice in Notice.objects.all():
        # Who answered is told what the owner said to it, and nobody else.
        may_read = {"replica"} if notice.email == place.lia.email else set()
        assert told(notice.subject + notice.text + notice.html) <= may_read, notice.email
