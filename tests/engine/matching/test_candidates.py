"""Who is looked at closely: whoever any signal speaks for, and never who is there already."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.matching.examples import KEYS, TODAY, about, days, evidences, made_world, needs
from trebbo.engine.matching import Body, Evidence, Need
from trebbo.engine.matching.asking import Asked
from trebbo.engine.matching.candidates import MOST_BY_SIGNAL
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking
from trebbo.engine.matching.signals import SUMMED

WORLD = made_world()


def asked_of(evidence: Evidence, need: Need, day: date = TODAY) -> Asked:
    return Asked.of(History.of(Corpus.of(evidence), day.toordinal()), PlainRanking(), need)


def spoken_for(evidence: Evidence, asked: Asked, key: str, day: date) -> bool:
    """Whether any signal that brings candidates is above 0 for a work of the body."""
    columns = [SUMMED.index(name) for name in MOST_BY_SIGNAL]
    for work in evidence.works:
        if work.day < day and key in {member.body for member in work.members}:
            at = asked.history.corpus.work_number_of[work.key]
            if (asked.signals.summed[at, columns] > 0).any():
                return True
    return False


@given(
    evidences(),
    days,
    needs(),
    st.none() | st.sets(st.sampled_from(KEYS)),
    st.lists(st.sampled_from([*KEYS, "stranger"]), max_size=4),
)
@settings(deadline=None, max_examples=25)
def test_candidates_are_those_spoken_for_and_those_named(
    evidence: Evidence, day: date, need: Need, among: set[str] | None, also: list[str]
) -> None:
    asked = asked_of(evidence, need, day)
    keys = asked.history.corpus.bodies
    mask = None if among is None else np.array([key in among for key in keys])
    rows = asked.candidates(among=mask, also=also)
    allowed = {*keys} - {need.asker, *need.team}
    if among is not None:
        allowed &= among
    expected = {key for key in allowed if key in also or spoken_for(evidence, asked, key, day)}
    assert [keys[row] for row in rows] == sorted(expected)


def test_only_the_best_of_many_are_taken() -> None:
    world = made_world(bodies=900, works=400)
    asked = asked_of(world, about("food"))
    rows = asked.candidates()
    assert 100 < len(rows) < asked.history.is_known.sum()
    best = np.argsort(-asked.points(np.arange(900)), kind="stable")[:20]
    assert set(best) <= set(rows)


def test_a_newcomer_is_looked_at_only_when_named() -> None:
    world = Evidence((*WORLD.bodies, Body("new")), WORLD.works)
    asked = asked_of(world, about("food"))
    assert "new" not in {one.key for one in asked.ranked()}
    assert "new" in {one.key for one in asked.ranked(also=["new"])}


def test_who_is_there_already_is_not_looked_at_even_when_named() -> None:
    asked = asked_of(WORLD, about("food", asker="b003", team=("b007",)))
    named = asked.ranked(also=["b003", "b007", "b011"])
    assert not {"b003", "b007"} & {one.key for one in named}
    assert "b011" in {one.key for one in named}
