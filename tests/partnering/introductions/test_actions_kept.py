"""Keeping, refining, sharing and closing an ask."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency import PEOPLE, together
from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, NetworkFactory, agency_of, manager_of
from tests.factories.introductions import AskFactory, AskShareFactory, EntryFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import LONGEST_NEED
from trebbo.partnering.introductions.events import ask_kept, ask_shared
from trebbo.partnering.introductions.models import Ask, AskShare, Feedback

pytestmark = pytest.mark.django_db


def owner(**held: Any) -> Viewer:
    """Somebody known."""
    return person(person_id=PersonFactory().pk, **held)


def refusal_of(act: Callable[[], object]) -> Refusal:
    """What the action said."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def news_of(signal: Any, act: Callable[[], Any], on_commit: Any) -> list[int]:
    """The asks that the signal told of."""
    told: list[int] = []

    def listen(*, ask_id: int, **_more: Any) -> None:
        told.append(ask_id)

    signal.connect(listen)
    try:
        with on_commit(execute=True):
            act()
    finally:
        signal.disconnect(listen)
    return told


def test_a_need_is_kept_with_its_wishes_title_and_owner() -> None:
    ada = owner()
    ask = actions.keep_ask(
        actor=ada,
        text="  Cerco\x00 valvole\r\n\r\nper il cuore ",
        wishes={"province": ["MO", "MO", ""], "kind": [], "km": "20", "like": ["1", "2"]},
        language="it",
    )
    ask.refresh_from_db()
    assert ask.text == "Cerco valvole\n\nper il cuore"
    assert ask.title == "Cerco valvole per il cuore"
    assert ask.wishes == {"province": ["MO"], "km": "20", "like": ["1", "2"]}
    assert (ask.owner_id, ask.asker, ask.language) == (ada.person_id, None, "it")
    assert (ask.created_at, ask.changed_at, ask.ran_at, ask.version) == (NOW, NOW, None, 1)


def test_the_title_of_a_long_need_ends_between_words() -> None:
    ask = actions.keep_ask(actor=owner(), text="parola " * 1000)
    assert ask.title.endswith("parola…")
    assert len(ask.title) <= 120
    assert len(actions.keep_ask(actor=owner(), text="x" * 1000).title) == 120


def test_a_whole_page_fits_and_one_character_more_does_not() -> None:
    assert len(actions.keep_ask(actor=owner(), text="a" * LONGEST_NEED).text) == LONGEST_NEED
    refusal = refusal_of(lambda: actions.keep_ask(actor=owner(), text="a" * (LONGEST_NEED + 1)))
    assert "500" in refusal.fields["text"]


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "\u200b"])
def test_an_empty_need_is_refused(text: str) -> None:
    assert "text" in refusal_of(lambda: actions.keep_ask(actor=owner(), text=text)).fields


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"language": "de"}, "language"),
        ({"wishes": {"province": "MO"}}, "wishes"),
        ({"wishes": {"province": [str(n) for n in range(60)]}}, "wishes"),
        ({"wishes": {"equipment": "x" * 1_001}}, "wishes"),
        ({"wishes": {"equipment": {"a": 1}}}, "wishes"),
        ({"asker_id": 0}, "asker"),
    ],
)
def test_what_is_not_known_is_refused(given: dict[str, Any], field: str) -> None:
    refusal = refusal_of(lambda: actions.keep_ask(actor=owner(), text="valvole", **given))
    assert list(refusal.fields) == [field]
    assert not Ask.objects.exists()


def test_one_asks_on_behalf_of_bodies_that_one_looks_after_or_brokers_for() -> None:
    body, hidden = OrganisationFactory(), OrganisationFactory(visibility=Visibility.HIDDEN)
    acts = owner(mandates={body.pk: frozenset({"editor"})})
    office = owner(clusters={ClusterFactory().pk: frozenset({"manager"})})
    for who in (acts, office):
        ask = actions.keep_ask(actor=who, text="valvole", asker_id=body.pk)
        assert ask.asker_id == body.pk
    for who, asker in ((acts, hidden), (office, hidden), (owner(), body)):
        refusal = refusal_of(
            lambda who=who, asker=asker: actions.keep_ask(
                actor=who, text="valvole", asker_id=asker.pk
            )
        )
        assert "asker" in refusal.fields


def test_a_visitor_keeps_nothing() -> None:
    with pytest.raises(NotAllowed):
        actions.keep_ask(actor=visitor(NOW), text="valvole")


def test_the_trail_says_who_and_what_but_not_the_need(
    django_capture_on_commit_callbacks: Any,
) -> None:
    ada = owner()
    ask = actions.keep_ask(actor=ada, text="segreto industriale", wishes={"province": ["MO"]})
    actions.change_ask(actor=ada, ask_id=ask.pk, version=1, text="segreto ancora")
    actions.close_ask(actor=ada, ask_id=ask.pk)
    lines = list(audit.history_of(ask).order_by("pk"))
    assert [line.verb for line in lines] == ["keep_ask", "change_ask", "close_ask"]
    assert "segreto" not in " ".join(f"{line.subject_label} {line.changes}" for line in lines)


def test_an_ask_is_refined_in_place() -> None:
    ada = owner()
    ask = actions.keep_ask(actor=ada, text="valvole", wishes={"province": ["MO"]})
    changed = actions.change_ask(actor=ada, ask_id=ask.pk, version=1, text="pompe")
    assert (changed.text, changed.title, changed.version) == ("pompe", "pompe", 2)
    assert changed.wishes == {"province": ["MO"]}
    again = actions.change_ask(actor=ada, ask_id=ask.pk, version=2, wishes={}, language="it")
    assert (again.text, again.wishes, again.language, again.version) == ("pompe", {}, "it", 3)


def test_the_second_of_two_who_save_at_once_is_told_and_overwrites_nothing() -> None:
    ada = owner()
    ask = actions.keep_ask(actor=ada, text="valvole")
    actions.change_ask(actor=ada, ask_id=ask.pk, version=1, text="pompe")
    with pytest.raises(actions.AskChanged) as caught:
        actions.change_ask(actor=ada, ask_id=ask.pk, version=1, text="tubi", language="it")
    assert caught.value.status == 409
    assert caught.value.version == 2
    assert caught.value.present == {"text": "pompe", "language": "", "wishes": {}}
    ask.refresh_from_db()
    assert (ask.text, ask.language) == ("pompe", "")


def test_changing_is_for_owners_and_colleagues_not_for_brokers_or_others() -> None:
    body, cluster = OrganisationFactory(), ClusterFactory()
    ask = AskFactory(owner=PersonFactory(), asker=body)
    AskShareFactory(ask=ask, cluster=cluster)
    colleague = person(mandates={body.pk: frozenset({"editor"})})
    actions.change_ask(actor=colleague, ask_id=ask.pk, version=1, text="pompe")
    for who in (manager_of(cluster), owner(), visitor(NOW)):
        for act in (
            lambda who=who: actions.change_ask(actor=who, ask_id=ask.pk, version=2, text="x"),
            lambda who=who: actions.close_ask(actor=who, ask_id=ask.pk),
            lambda who=who: actions.share_ask(actor=who, ask_id=ask.pk, cluster_id=cluster.pk),
            lambda who=who: actions.unshare_ask(actor=who, ask_id=ask.pk, share_id=1),
        ):
            with pytest.raises(NotAllowed):
                act()
    with pytest.raises(NotAllowed):
        actions.close_ask(actor=colleague, ask_id=10**9)


def test_a_closed_ask_is_only_read_and_can_still_be_taken_back_from_brokers() -> None:
    ada, cluster = owner(), ClusterFactory()
    ask = actions.keep_ask(actor=ada, text="valvole")
    share = actions.share_ask(actor=ada, ask_id=ask.pk, cluster_id=cluster.pk)
    assert actions.close_ask(actor=ada, ask_id=ask.pk).closed_at == NOW
    for act in (
        lambda: actions.close_ask(actor=ada, ask_id=ask.pk),
        lambda: actions.change_ask(actor=ada, ask_id=ask.pk, version=1, text="x"),
        lambda: actions.share_ask(actor=ada, ask_id=ask.pk, cluster_id=ClusterFactory().pk),
        lambda: actions.rerun_ask(actor=ada, ask_id=ask.pk),
    ):
        with pytest.raises(Refusal):
            act()
    assert actions.unshare_ask(actor=ada, ask_id=ask.pk, share_id=share.pk)
    assert not AskShare.objects.exists()


def test_an_ask_is_shared_with_brokers_once_each(django_capture_on_commit_callbacks: Any) -> None:
    ada, cluster, network = owner(), ClusterFactory(), NetworkFactory()
    ask = actions.keep_ask(actor=ada, text="valvole")
    told = news_of(
        ask_shared,
        lambda: actions.share_ask(actor=ada, ask_id=ask.pk, cluster_id=cluster.pk),
        django_capture_on_commit_callbacks,
    )
    assert told == [ask.pk]
    share = actions.share_ask(actor=ada, ask_id=ask.pk, network_id=network.pk)
    assert {str(one) for one in ask.shares.all()} == {cluster.title, network.name}
    for given in (
        {"cluster_id": cluster.pk},
        {"network_id": network.pk},
        {},
        {"cluster_id": 0},
        {"cluster_id": ClusterFactory(visibility=Visibility.HIDDEN).pk},
        {"cluster_id": ClusterFactory().pk, "network_id": NetworkFactory().pk},
    ):
        refusal = refusal_of(
            lambda given=given: actions.share_ask(actor=ada, ask_id=ask.pk, **given)
        )
        assert "broker" in refusal.fields, given
    assert actions.unshare_ask(actor=ada, ask_id=ask.pk, share_id=share.pk)
    assert not actions.unshare_ask(actor=ada, ask_id=ask.pk, share_id=share.pk)
    with pytest.raises(NotAllowed):
        actions.rerun_ask(actor=agency_of(network), ask_id=ask.pk)


def test_a_share_of_another_ask_is_not_taken_back_through_this_one() -> None:
    ada = owner()
    ask, share = actions.keep_ask(actor=ada, text="valvole"), AskShareFactory()
    assert not actions.unshare_ask(actor=ada, ask_id=ask.pk, share_id=share.pk)
    assert AskShare.objects.filter(pk=share.pk).exists()


def test_news_is_told_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    told = news_of(
        ask_kept,
        lambda: actions.keep_ask(actor=owner(), text="valvole"),
        django_capture_on_commit_callbacks,
    )
    assert told == [Ask.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_save_in_the_same_moment_one_is_kept_and_the_others_are_told() -> None:
    ada = owner()
    ask = actions.keep_ask(actor=ada, text="valvole")
    EntryFactory(ask=ask, position=1)
    second = EntryFactory(ask=ask, position=2)
    saved = together(
        lambda number: actions.change_ask(
            actor=ada, ask_id=ask.pk, version=1, text=f"bisogno {number}"
        )
    )
    assert sum(isinstance(one, actions.AskChanged) for one in saved) == PEOPLE - 1
    [kept] = [one for one in saved if isinstance(one, Ask)]
    ask.refresh_from_db()
    assert (ask.text, ask.version) == (kept.text, 2)
    moved = together(
        lambda _number: actions.move_entry(
            actor=ada, ask_id=ask.pk, entry_id=second.pk, to="up", version=1
        )
    )
    assert sum(isinstance(one, actions.ShortlistChanged) for one in moved) == PEOPLE - 1
    assert Feedback.objects.count() == 1
