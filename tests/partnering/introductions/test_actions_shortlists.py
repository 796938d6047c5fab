"""The shortlist of an ask: what a run brings, and what people say of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.evidence import BodyFactory
from tests.factories.introductions import (
    AskFactory,
    AskShareFactory,
    EntryFactory,
    KeptApartFactory,
    PreferenceFactory,
)
from tests.factories.organisations import (
    NOW,
    ItemFactory,
    OrganisationFactory,
    UnitFactory,
    person,
)
from tests.searching import index_all
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import FIRST_PROPOSED
from trebbo.partnering.introductions.events import shortlist_changed
from trebbo.partnering.introductions.models import Ask, Feedback, ShortlistEntry
from trebbo.partnering.introductions.queries.questions import EXPLAINED

pytestmark = pytest.mark.django_db


class Desk:
    """An ask with its owner, shared with the office of a cluster."""

    def __init__(self, *names: str) -> None:
        self.owner = person(person_id=PersonFactory().pk)
        self.cluster = ClusterFactory()
        self.office = manager_of(self.cluster)
        self.ask = AskFactory(owner_id=self.owner.person_id)
        AskShareFactory(ask=self.ask, cluster=self.cluster)
        for place, name in enumerate(names, start=1):
            body = OrganisationFactory(name=name)
            EntryFactory(ask=self.ask, profile=body, position=place, engine_rank=place, score=0.5)

    def do(self, action: Callable[..., Any], who: Viewer | None = None, **given: Any) -> Any:
        """Carry out an action on the ask."""
        return action(actor=who or self.office, ask_id=self.ask.pk, **given)

    def entry(self, name: str) -> ShortlistEntry:
        """The entry of a body."""
        return self.ask.entries.get(profile__name=name)

    def move(self, name: str, to: Any) -> ShortlistEntry:
        """Move a body, having seen the present list."""
        self.ask.refresh_from_db()
        entry, version = self.entry(name), self.ask.shortlist_version
        moved: ShortlistEntry = self.do(
            actions.move_entry, entry_id=entry.pk, to=to, version=version
        )
        return moved

    def drop(self, name: str, reason: str = "too_far") -> ShortlistEntry:
        """Drop a body."""
        dropped: ShortlistEntry = self.do(
            actions.drop_entry, entry_id=self.entry(name).pk, reason=reason
        )
        return dropped

    def rerun(self, hours: int = 0) -> actions.Rerun:
        """Run the ask some hours later."""
        who = replace(self.office, now=NOW + timedelta(hours=hours))
        done: actions.Rerun = self.do(actions.rerun_ask, who)
        return done

    @property
    def order(self) -> str:
        """The names on the list, in order; places are checked to be 1, 2, 3, …"""
        rows = self.ask.entries.exclude(standing="dropped").order_by("position")
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        return "".join(row.name for row in rows)


def valves(name: str, times: int = 1, **given: Any) -> Organisation:
    """An organisation that knows valves, the better the more often it says so."""
    body: Organisation = OrganisationFactory(name=name, **given)
    for _ in range(times):
        ItemFactory(profile=body, text_it="valvole cardiache", text_en="heart valves")
    return body


def refusal_of(act: Callable[[], object]) -> Refusal:
    """What the action said."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def said(kind: str) -> Feedback:
    """The only feedback of this kind."""
    return Feedback.objects.get(kind=kind)


def test_the_first_run_proposes_the_answer_in_its_order() -> None:
    desk = Desk()
    valves("A")
    valves("B")
    OrganisationFactory(name="Pompe")
    index_all()
    done = desk.rerun()
    assert sorted(entry.name for entry in done.new) == ["A", "B"]
    assert done.fell_out == ()
    assert sorted(desk.order) == ["A", "B"]
    rows = list(desk.ask.entries.order_by("position"))
    assert [row.engine_rank for row in rows] == [1, 2]
    assert all(row.score and row.standing == "proposed" for row in rows)
    desk.ask.refresh_from_db()
    assert desk.ask.ran_at == NOW
    assert desk.ask.ranking
    assert not Feedback.objects.exists()


def test_a_first_shortlist_holds_more_than_a_page_of_an_answer() -> None:
    """An office works on twenty at once; a page explains ten."""
    desk = Desk()
    for number in range(FIRST_PROPOSED + 3):
        ItemFactory(profile=OrganisationFactory(name=f"Corpo {number:02}"), text_it="valvole")
    index_all(NOW)
    assert len(desk.do(actions.rerun_ask).new) == FIRST_PROPOSED > EXPLAINED


def test_a_run_says_who_came_and_who_left() -> None:
    desk = Desk()
    gone, stays = valves("A"), valves("B")
    index_all()
    desk.rerun()
    gone.items.all().delete()
    valves("C")
    index_all()
    done = desk.rerun(hours=1)
    assert [entry.name for entry in done.new] == ["C"]
    assert done.fell_out == (Profile.objects.get(pk=gone.pk),)
    assert sorted(desk.order) == ["B", "C"]
    assert desk.entry("B").profile_id == stays.pk


def test_a_run_keeps_what_people_placed_wrote_added_and_dropped() -> None:
    desk = Desk("W", "X", "Y", "Z")
    desk.do(actions.add_entry, profile_id=OrganisationFactory(name="P").pk)
    desk.move("P", "up")
    desk.drop("X")
    desk.do(actions.annotate_entry, entry_id=desk.entry("Y").pk, note="chiamati")
    assert desk.order == "WYPZ"
    valves("A")
    index_all()
    done = desk.rerun(hours=1)
    assert {profile.name for profile in done.fell_out} == {"W", "Z"}
    assert desk.order == "AYP"
    assert desk.entry("X").standing == "dropped"
    assert desk.entry("P").standing == "added"
    assert desk.entry("Y").note == "chiamati"
    assert desk.entry("Y").engine_rank is None
    assert Feedback.objects.count() == 4


def test_who_was_dropped_does_not_come_back() -> None:
    desk = Desk()
    valves("A")
    index_all()
    desk.rerun()
    desk.drop("A")
    assert desk.rerun(hours=1).new == ()
    assert desk.order == ""
    assert desk.entry("A").engine_rank == 1


def test_a_run_proposes_neither_the_asker_nor_whom_it_is_kept_apart_from_nor_the_silent() -> None:
    desk = Desk()
    asker, silent = valves("Asker"), valves("Silent")
    said_by_asker, said_of_asker, rival = valves("One"), valves("Two"), OrganisationFactory()
    rivals_unit = UnitFactory(organisation=rival, name="Unit")
    ItemFactory(profile=rivals_unit, text_it="valvole cardiache")
    KeptApartFactory(profile=asker, other=said_by_asker)
    KeptApartFactory(profile=said_of_asker, other=asker)
    KeptApartFactory(profile=asker, other=rival)
    PreferenceFactory(profile=silent)
    PreferenceFactory(profile=valves("Audible"), is_silent=False)
    Ask.objects.filter(pk=desk.ask.pk).update(asker=asker)
    index_all()
    assert [entry.name for entry in desk.rerun().new] == ["Audible"]


def test_a_run_does_not_tell_the_name_of_a_body_that_may_not_be_seen() -> None:
    desk = Desk()
    secret = OrganisationFactory(name="S", visibility=Visibility.HIDDEN)
    EntryFactory(ask=desk.ask, profile=secret)
    index_all()
    assert desk.rerun().fell_out == ()
    assert desk.order == ""


def test_without_an_index_nothing_changes() -> None:
    desk = Desk("A")
    with pytest.raises(Refusal) as caught:
        desk.rerun()
    assert caught.value.status == 503
    assert desk.order == "A"


@pytest.mark.parametrize(
    ("name", "to", "order", "places"),
    [
        ("C", "up", "ACBD", (3, 2)),
        ("B", "down", "ACBD", (2, 3)),
        ("D", 1, "DABC", (4, 1)),
        ("A", 99, "BCDA", (1, 4)),
    ],
)
def test_a_body_is_moved_and_the_move_is_kept(
    name: str, to: Any, order: str, places: tuple[int, int]
) -> None:
    desk = Desk("A", "B", "C", "D")
    entry = desk.move(name, to)
    assert desk.order == order
    assert (entry.standing, entry.position) == ("kept", places[1])
    feedback = said("moved")
    assert (feedback.from_position, feedback.to_position) == places
    assert feedback.profile_id == entry.profile_id
    assert feedback.features["engine_rank"] == places[0]
    assert feedback.features["score"] == 0.5


def test_what_stays_in_its_place_says_nothing() -> None:
    desk = Desk("A", "B")
    for name, to in (("A", "up"), ("B", "down"), ("A", 1)):
        desk.move(name, to)
    assert desk.order == "AB"
    assert not Feedback.objects.exists()
    assert "to" in refusal_of(lambda: desk.move("A", 0)).fields


def test_the_second_of_two_who_move_at_once_is_told() -> None:
    desk = Desk("A", "B", "C")
    seen = desk.ask.shortlist_version
    desk.move("C", "up")
    with pytest.raises(actions.ShortlistChanged):
        desk.do(actions.move_entry, entry_id=desk.entry("B").pk, to="up", version=seen)
    assert desk.order == "ACB"


def test_a_body_is_dropped_with_a_reason_and_put_back_in_its_place() -> None:
    desk = Desk("A", "B", "C")
    desk.drop("B", "not_our_field")
    assert desk.order == "AC"
    feedback = said("dropped")
    assert (feedback.reason, feedback.from_position) == ("not_our_field", 2)
    refusal = refusal_of(lambda: desk.drop("B"))
    assert refusal.status == 409
    desk.do(actions.restore_entry, entry_id=desk.entry("B").pk)
    assert desk.order == "ABC"
    assert desk.entry("B").standing == "kept"
    assert said("kept").to_position == 2
    refusal_of(lambda: desk.do(actions.restore_entry, entry_id=desk.entry("B").pk))


@pytest.mark.parametrize("reason", ["", "boring"])
def test_dropping_needs_a_reason_of_the_list(reason: str) -> None:
    desk = Desk("A")
    assert "reason" in refusal_of(lambda: desk.drop("A", reason)).fields
    assert desk.order == "A"
    assert not Feedback.objects.exists()


def test_a_body_is_added_at_the_end_once() -> None:
    desk = Desk("A")
    body = OrganisationFactory(name="B")
    entry = desk.do(actions.add_entry, profile_id=body.pk)
    assert (desk.order, entry.standing) == ("AB", "added")
    assert said("added").to_position == 2
    refusal = refusal_of(lambda: desk.do(actions.add_entry, profile_id=body.pk))
    assert "profile" in refusal.fields
    desk.drop("B")
    assert "B" in refusal_of(lambda: desk.do(actions.add_entry, profile_id=body.pk)).message
    assert ShortlistEntry.objects.filter(profile=body).count() == 1


def test_who_may_not_be_seen_or_shown_or_asks_is_not_added() -> None:
    desk = Desk()
    asker = OrganisationFactory()
    Ask.objects.filter(pk=desk.ask.pk).update(asker=asker)
    for profile in (
        OrganisationFactory(visibility=Visibility.HIDDEN),
        PreferenceFactory().profile,
        KeptApartFactory(profile=asker).other,
        asker,
    ):
        refusal = refusal_of(lambda pk=profile.pk: desk.do(actions.add_entry, profile_id=pk))
        assert "profile" in refusal.fields
    refusal_of(lambda: desk.do(actions.add_entry, profile_id=10**9))
    assert desk.order == ""


def test_a_note_is_written_changed_and_taken_away() -> None:
    desk = Desk("A")
    entry = desk.entry("A")
    desk.do(actions.annotate_entry, entry_id=entry.pk, note=" uno\r\ndue ")
    assert desk.entry("A").note == "uno\ndue"
    desk.do(actions.annotate_entry, entry_id=entry.pk, note="uno\r\ndue")
    assert said("noted").profile_id == entry.profile_id
    desk.do(actions.annotate_entry, entry_id=entry.pk, note="", seen="uno\r\ndue")
    assert desk.entry("A").note == ""
    assert Feedback.objects.filter(kind="noted").count() == 2
    refusal = refusal_of(
        lambda: desk.do(actions.annotate_entry, entry_id=entry.pk, note="a" * 2_001)
    )
    assert "note" in refusal.fields


def test_the_second_of_two_who_write_the_same_note_is_told() -> None:
    desk = Desk("A", "B")
    entry = desk.entry("A")
    desk.do(actions.annotate_entry, entry_id=entry.pk, note="prima")
    desk.move("B", "up")
    with pytest.raises(actions.NoteChanged) as caught:
        desk.do(actions.annotate_entry, desk.owner, entry_id=entry.pk, note="seconda")
    assert caught.value.present == "prima"
    desk.do(actions.annotate_entry, desk.owner, entry_id=entry.pk, note="mia", seen="prima")
    assert desk.entry("A").note == "mia"


def test_a_body_of_open_data_is_judged_too() -> None:
    desk = Desk("A")
    entry = EntryFactory(ask=desk.ask, profile=None, body=BodyFactory(name="B"), position=2)
    desk.do(actions.drop_entry, entry_id=entry.pk, reason="other")
    assert said("dropped").body_id == entry.body_id
    index_all()
    desk.rerun()
    assert ShortlistEntry.objects.filter(pk=entry.pk).exists()


def test_only_those_with_whom_it_is_shared_judge() -> None:
    desk = Desk("A")
    entry = desk.entry("A")
    for who in (visitor(NOW), person(person_id=PersonFactory().pk), manager_of(ClusterFactory())):
        for act, given in (
            (actions.rerun_ask, {}),
            (actions.move_entry, {"entry_id": entry.pk, "to": 1, "version": 1}),
            (actions.drop_entry, {"entry_id": entry.pk, "reason": "other"}),
            (actions.restore_entry, {"entry_id": entry.pk}),
            (actions.add_entry, {"profile_id": OrganisationFactory().pk}),
            (actions.annotate_entry, {"entry_id": entry.pk, "note": "x"}),
        ):
            with pytest.raises(NotAllowed):
                desk.do(act, who, **given)
    assert desk.order == "A"


def test_an_entry_of_another_ask_is_out_of_reach() -> None:
    desk, other = Desk("A"), Desk("B")
    with pytest.raises(actions.ShortlistChanged):
        desk.do(actions.drop_entry, entry_id=other.entry("B").pk, reason="other")
    assert other.order == "B"


def test_feedback_outlives_changes_of_the_ask() -> None:
    desk = Desk("A", "B")
    desk.drop("A")
    desk.do(actions.change_ask, desk.owner, version=1, text="altro")
    index_all()
    desk.rerun()
    actions.close_ask(actor=desk.owner, ask_id=desk.ask.pk)
    assert Feedback.objects.count() == 1


def test_every_change_is_in_the_trail_and_told(django_capture_on_commit_callbacks: Any) -> None:
    desk = Desk("A", "B")
    told: list[int] = []

    def listen(*, ask_id: int, **_more: Any) -> None:
        told.append(ask_id)

    shortlist_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            desk.move("B", "up")
            desk.drop("A")
            desk.do(actions.restore_entry, entry_id=desk.entry("A").pk)
            desk.do(actions.add_entry, profile_id=OrganisationFactory().pk)
            desk.do(actions.annotate_entry, entry_id=desk.entry("A").pk, note="n")
    finally:
        shortlist_changed.disconnect(listen)
    verbs = [line.verb for line in audit.history_of(desk.ask).order_by("pk")]
    assert verbs == ["move_entry", "drop_entry", "restore_entry", "add_entry", "annotate_entry"]
    assert told == [desk.ask.pk] * 5
    desk.ask.refresh_from_db()
    assert desk.ask.shortlist_version == 6
