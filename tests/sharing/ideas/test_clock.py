"""Time reminds of an idea once, ends it the day after its last, and leaves alone what lives on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.ideas import IdeaFactory
from tests.sharing.ideas.market_place import Market, at, days, hearing, now, steps_of
from trebbo.kernel.access import installation
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.actions import clock
from trebbo.sharing.ideas.choices import EXPIRES, IdeaState
from trebbo.sharing.ideas.events import idea_stepped
from trebbo.sharing.ideas.models import Idea

pytestmark = pytest.mark.django_db


def tick(day: float) -> tuple[int, int]:
    """The clock, so many days after the start: how many were reminded and ended."""
    return actions.run_idea_clock(actor=installation(days(day)))


def by_the_clock(idea: Idea) -> list[tuple[str, datetime]]:
    """What the clock did, and when."""
    return list(idea.steps.filter(label="Trebbo").order_by("pk").values_list("kind", "at"))


def test_reminded_once_fourteen_days_before_and_ended_the_day_after_the_last(
    django_capture_on_commit_callbacks: Any,
) -> None:
    idea = Market().open()
    with hearing(idea_stepped) as heard, django_capture_on_commit_callbacks(execute=True):
        runs = {day: tick(day) for day in (0, 165, 166, 166.5, 167, 180, 181, 181.2, 182)}
    assert {day: run for day, run in runs.items() if run != (0, 0)} == {166: (1, 0), 181: (0, 1)}
    assert by_the_clock(idea) == [("reminded", days(166)), ("closed", days(181))]
    kept = now(idea)
    assert (kept.state, kept.outcome, kept.closed_at) == ("closed", "expired", days(181))
    assert len(heard) == 2


def test_renewed_it_is_reminded_of_again_before_its_new_day() -> None:
    market = Market()
    idea = market.open()
    tick(170)
    actions.renew_idea(
        actor=at(market.keeper, days(171)), idea_id=idea.pk, version=now(idea).version
    )
    runs = {day: tick(day) for day in (181, 336, 337, 338, 351, 352)}
    assert {day: run for day, run in runs.items() if run != (0, 0)} == {337: (1, 0), 352: (0, 1)}


def test_an_idea_renewed_while_the_clock_runs_is_neither_reminded_of_nor_ended() -> None:
    """The clock looked before the renewal, and acts after it."""
    market = Market()
    idea = market.open()
    actions.renew_idea(actor=at(market.keeper, days(170)), idea_id=idea.pk, version=idea.version)
    assert not clock._remind(installation(days(170)), idea.pk)
    assert not clock._expire(installation(days(181)), idea.pk)
    assert by_the_clock(idea) == []
    assert tick(336) == (1, 0)


def test_a_day_is_a_day_in_rome() -> None:
    idea = IdeaFactory(expires_date=date(2026, 7, 1))
    last_minute = datetime(2026, 7, 1, 21, 59, tzinfo=UTC)
    assert actions.run_idea_clock(actor=installation(last_minute))[1] == 0
    assert actions.run_idea_clock(actor=installation(last_minute + timedelta(minutes=1)))[1] == 1
    assert now(idea).outcome == "expired"


@pytest.mark.parametrize("state", IdeaState)
def test_only_what_is_open_expires(state: IdeaState) -> None:
    idea = IdeaFactory(state=state, expires_date=date(2026, 6, 1))
    assert tick(0) == (0, int(state in EXPIRES))
    assert now(idea).state == ("closed" if state in EXPIRES else state)


def test_answers_stay_when_an_idea_expires() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    tick(181)
    answer.refresh_from_db()
    assert (now(idea).outcome, answer.state) == ("expired", "given")
    assert steps_of(idea)[-1] == ("closed", "Trebbo")


def test_only_the_installation_winds_the_clock() -> None:
    market = Market()
    for viewer in (market.keeper, market.office):
        with pytest.raises(NotAllowed):
            actions.run_idea_clock(actor=viewer)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=12))
def test_however_often_it_runs_an_idea_is_reminded_once_and_ended_once(moments: list[int]) -> None:
    """In order: what happened is what an obvious reading of the days says."""
    idea = IdeaFactory(expires_date=days(180).date())
    for day in sorted(moments):
        tick(day)
    in_reach = [day for day in sorted(moments) if 166 <= day <= 180]
    over = [day for day in sorted(moments) if day > 180]
    wanted = [("reminded", days(day)) for day in in_reach[:1]]
    wanted += [("closed", days(day)) for day in over[:1]]
    assert by_the_clock(idea) == wanted
