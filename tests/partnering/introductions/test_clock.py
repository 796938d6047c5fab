"""Time reminds, tells the owner, lets expire and asks for the outcome, each once."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.introductions import IntroductionFactory
from tests.factories.organisations import NOW
from tests.partnering.introductions.meeting_place import Place, days, link_of, tick, token_of
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import (
    OUTCOME_DAYS,
    STAGES,
    IntroductionState,
    StepKind,
)
from trebbo.partnering.introductions.events import introductions_ticked
from trebbo.partnering.introductions.models import AnswerLink, Introduction

pytestmark = pytest.mark.django_db


def happened(introduction: Introduction) -> list[tuple[str, int]]:
    """What the clock did, and on which day."""
    steps = introduction.steps.filter(label="Trebbo").order_by("pk")
    return [(step.kind, (step.at - NOW).days) for step in steps]


def run_daily(until: int) -> None:
    """The clock from now on, until a day."""
    for day in range(until + 1):
        tick(days(day))


def test_unanswered_it_is_reminded_of_brought_to_the_broker_and_expires() -> None:
    place = Place()
    one = place.asked()
    run_daily(40)
    assert happened(one) == [("nudged", 5), ("escalated", 10), ("expired", 15)]
    one.refresh_from_db()
    assert (one.state, one.clock_at, one.due_at) == ("expired", None, None)
    with pytest.raises(actions.LinkUsed):
        actions.accept_introduction(actor=visitor(days(14)), token=token_of(one))


def test_who_asks_has_ten_days_to_agree() -> None:
    one = Place().proposed()
    run_daily(40)
    assert happened(one) == [("nudged", 3), ("escalated", 6), ("expired", 10)]


def test_an_answer_stops_the_clock_of_the_question() -> None:
    place = Place()
    one = place.asked()
    tick(days(5))
    actions.decline_introduction(actor=visitor(days(6)), token=token_of(one), reason="other")
    run_daily(60)
    assert happened(one) == [("nudged", 5)]


def test_accepted_but_not_met_then_the_outcome_is_asked_three_times() -> None:
    place = Place()
    one = place.accepted()
    run_daily(200)
    assert happened(one) == [
        ("nudged", 14),
        ("escalated", 21),
        ("outcome_asked", 30),
        ("outcome_asked", 90),
        ("outcome_asked", 180),
    ]
    asked = AnswerLink.objects.filter(introduction=one, purpose="outcome")
    assert {link.email for link in asked} == {place.ada.email, place.rita.email}
    one.refresh_from_db()
    assert (one.state, one.clock_at) == ("accepted", None)


def test_the_outcome_is_not_asked_once_it_is_known() -> None:
    place = Place()
    one = place.accepted()
    run_daily(30)
    link = token_of(one, "outcome")
    actions.record_meeting(actor=visitor(days(31)), token=link)
    run_daily(91)
    actions.record_outcome(
        actor=visitor(days(92)), token=token_of(one, "outcome"), outcome="proposal"
    )
    run_daily(200)
    assert [kind for kind, _day in happened(one)].count("outcome_asked") == 2
    one.refresh_from_db()
    assert one.outcome == "proposal"


def test_after_the_clock_stood_still_people_still_have_their_day() -> None:
    one = Place().asked()
    tick(days(100))
    tick(days(100))
    assert happened(one) == [("nudged", 100)]
    run_hourly_from = days(100)
    for hours in range(72):
        tick(run_hourly_from + timedelta(hours=hours))
    assert happened(one) == [("nudged", 100), ("escalated", 101), ("expired", 102)]


def test_a_contact_who_left_the_body_is_brought_to_the_broker() -> None:
    place = Place()
    one = place.asked()
    Mandate.objects.filter(person=place.rita).update(valid_until=days(1).date())
    run_daily(40)
    assert [kind for kind, _day in happened(one)] == ["unreachable", "expired"]


def test_mail_that_does_not_arrive_is_brought_to_the_broker_at_once() -> None:
    place = Place()
    one = place.asked()
    told = {"actor": installation(days(1)), "introduction_id": one.pk, "words": "Casella piena"}
    assert actions.note_unreachable(**told) is not None
    assert actions.note_unreachable(**told) is None
    with pytest.raises(NotAllowed):
        actions.note_unreachable(**{**told, "actor": place.broker})
    run_daily(40)
    assert [kind for kind, _day in happened(one)] == ["unreachable", "expired"]


def test_one_run_tells_of_all_that_it_did_once(
    django_capture_on_commit_callbacks: object,
) -> None:
    told: list[list[int]] = []

    def listen(*, step_ids: list[int], **_more: object) -> None:
        told.append(step_ids)

    place = Place()
    one = place.asked()
    introductions_ticked.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            ticks = tick(days(5))
    finally:
        introductions_ticked.disconnect(listen)
    assert (ticks.total, ticks.by_kind[StepKind.NUDGED], ticks.left) == (1, 1, False)
    assert told == [[one.steps.get(kind="nudged").pk]]
    assert link_of(one, "answer").revoked_at is None


def test_a_run_does_no_more_than_its_limit_and_says_that_more_is_due() -> None:
    for _number in range(3):
        IntroductionFactory(state=IntroductionState.ASKED, asked_at=NOW, clock_at=days(5))
    ticks = actions.run_clock(actor=installation(days(5)), limit=2)
    assert (ticks.total, ticks.left) == (2, True)


def test_only_the_installation_turns_the_clock() -> None:
    with pytest.raises(NotAllowed):
        actions.run_clock(actor=Place().broker, limit=1)


def test_in_one_batch_each_gets_what_belongs_to_its_state() -> None:
    """A question and an agreement that are reminded of together: the agreement gets its links."""
    place = Place()
    accepted = place.accepted()
    other = Place()
    asked = other.asked()
    Introduction.objects.filter(pk=asked.pk).update(clock_at=days(1))
    tick(days(14))
    assert accepted.links.filter(purpose="outcome").count() == 2
    assert not asked.links.filter(purpose="outcome").exists()


def test_who_was_asked_is_forgotten_long_after_nothing_came_of_it() -> None:
    place = Place()
    declined = place.asked(contact_name="Luca", contact_email="luca@lab.example")
    actions.decline_introduction(actor=visitor(NOW), token=token_of(declined), reason="other")
    accepted = place.accepted()
    with pytest.raises(NotAllowed):
        actions.forget_contacts(actor=place.broker)
    assert actions.forget_contacts(actor=installation(days(364))) == 0
    assert actions.forget_contacts(actor=installation(days(366))) == 1
    declined.refresh_from_db()
    accepted.refresh_from_db()
    assert (declined.contact_name, declined.contact_email) == ("", "")
    assert "Luca" not in declined.steps.values_list("label", flat=True)
    assert not AnswerLink.objects.filter(email="luca@lab.example").exists()
    assert accepted.contact_email == place.rita.email


@settings(max_examples=60, deadline=None)
@given(
    state=st.sampled_from([state for state in STAGES if STAGES[state].clock]),
    gaps=st.lists(st.floats(min_value=0.05, max_value=20), min_size=1, max_size=30),
)
def test_however_seldom_the_clock_runs_each_thing_happens_once_in_order(
    state: IntroductionState, gaps: list[float]
) -> None:
    """Against the obvious reference: the days of the stage, one day at least between two."""
    one = Introduction(state=state, since=NOW, asked_at=NOW, accepted_at=NOW)
    moment, done = 0.0, []
    for gap in gaps:
        moment += gap
        due = one.next_tick
        if due is None or due[0] > days(moment):
            continue
        kind = due[1]
        done.append((kind, moment))
        if kind == StepKind.NUDGED:
            one.nudged_at = days(moment)
        elif kind == StepKind.ESCALATED:
            one.escalated_at = days(moment)
        elif kind == StepKind.OUTCOME_ASKED:
            one.outcomes_asked += 1
            one.outcome_asked_at = days(moment)
        else:
            break
    planned = {kind: day for day, kind in STAGES[state].clock}
    own = [(kind, when) for kind, when in done if kind in planned]
    assert [kind for kind, _when in own] == list(planned)[: len(own)]
    for (kind, when), before in zip(own, [None, *own], strict=False):
        assert when >= planned[kind]
        assert before is None or when - before[1] >= 1 - 1e-6
    asked = [when for kind, when in done if kind == StepKind.OUTCOME_ASKED]
    assert len(asked) <= len(OUTCOME_DAYS)
    assert all(when >= day for when, day in zip(asked, OUTCOME_DAYS, strict=False))
