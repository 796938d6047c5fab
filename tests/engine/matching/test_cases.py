"""Consortia as questions: who asks, who is to be found, and what is given."""

from datetime import date, timedelta

import pytest

from tests.engine.matching.examples import HELD_OUT_FROM, LARGER, TODAY
from trebbo.engine.matching import Body, Evidence, Member, Work
from trebbo.engine.matching.cases import MODES, Case, Consortia, Mode, partners_of
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.history import History

SPLIT = date(2023, 1, 1)
OLD = SPLIT - timedelta(100)


def work(key: str, day: date, members: str, *, leads: str = "", call: str = "") -> Work:
    """A work of bodies of one letter each."""
    return Work(
        key,
        day,
        f"title {key}",
        f"objective {key}",
        call=call,
        members=tuple(Member(one, one in leads) for one in members),
    )


def consortia_of(evidence: Evidence) -> Consortia:
    return Consortia(Corpus.of(evidence), {one.key: one for one in evidence.works})


def cases_of(evidence: Evidence, mode: Mode = "idea", **more: int) -> list[Case]:
    consortia = consortia_of(evidence)
    history = History.of(consortia.corpus, SPLIT.toordinal())
    return list(consortia.cases(history, TODAY.toordinal(), mode, **{"seed": 1} | more))


def among(*works: Work) -> Evidence:
    """The works, with a to f known from before and n to z not."""
    bodies = tuple(Body(key) for key in "abcdefnz")
    return Evidence(bodies, (work("before", OLD, "abcdef"), *works))


@pytest.mark.parametrize(
    ("members", "leads", "others"),
    [
        ("abc", "a", "bc"),
        ("abcn", "a", "bc"),
        ("cab", "b", "ac"),
        ("abcdef", "f", "abcde"),
        ("abc", "", None),
        ("ab", "a", None),
        ("abn", "a", None),
        ("abnz", "a", None),
        ("nabc", "n", None),
        ("?abc", "?", None),
        ("abc??", "a", "bc"),
    ],
)
def test_a_case_needs_a_known_coordinator_and_two_other_known_bodies(
    members: str, leads: str, others: str | None
) -> None:
    found = cases_of(among(work("w", SPLIT, members, leads=leads)))
    keys = ["".join("abcdefnz"[row] for row in case.truth) for case in found]
    assert keys == ([] if others is None else [others])
    assert [case.need.asker for case in found] == ([] if others is None else [leads])


def test_only_consortia_from_the_day_of_the_history_until_the_other_are_asked_about() -> None:
    days = (SPLIT - timedelta(1), SPLIT, TODAY - timedelta(1), TODAY)
    evidence = among(*(work(f"w{at}", day, "abc", leads="a") for at, day in enumerate(days)))
    assert [case.need.terms for case in cases_of(evidence)] == [
        {"object": 1, "w1": 1},
        {"object": 1, "w2": 1},
    ]


def test_a_topic_says_the_call_or_else_the_title() -> None:
    evidence = among(
        work("w1", SPLIT, "abc", leads="a", call="clean rivers"),
        work("w2", SPLIT, "abc", leads="a"),
    )
    terms = [set(case.need.terms) for case in cases_of(evidence, "topic")]
    assert terms == [{"clean", "river"}, {"titl", "w2"}]


def test_half_of_the_team_is_given_and_the_other_half_is_to_be_found() -> None:
    consortia = consortia_of(LARGER)
    history = History.of(consortia.corpus, SPLIT.toordinal())

    def halves(seed: int) -> list[tuple[tuple[str, ...], list[int]]]:
        cases = consortia.cases(history, TODAY.toordinal(), "complete", seed=seed)
        return [(case.need.team, list(case.truth)) for case in cases]

    whole = list(consortia.cases(history, TODAY.toordinal(), "idea", seed=1))
    number = consortia.corpus.number_of
    assert len(halves(1)) == len(whole) > 20
    for (team, truth), case in zip(halves(1), whole, strict=True):
        assert len(team) == len(case.truth) // 2
        assert sorted([number[key] for key in team] + truth) == list(case.truth)
    assert halves(1) == halves(1)
    assert halves(1) != halves(2)


@pytest.mark.parametrize("mode", MODES)
def test_every_nth_case_is_asked_by_nobody_and_looks_for_the_coordinator_too(mode: Mode) -> None:
    evidence = among(*(work(f"w{at}", SPLIT, "abcde", leads="e") for at in range(7)))
    plain, blank = cases_of(evidence, mode), cases_of(evidence, mode, blank_every=3)
    for at, (one, other) in enumerate(zip(plain, blank, strict=True)):
        nobody = at % 3 == 0
        assert (other.need.asker, other.asker) == (("", -1) if nobody else ("e", 4))
        assert list(other.truth) == [*one.truth, *([4] if nobody else [])]
        assert other.need.team == one.need.team


def test_partners_are_all_who_were_ever_in_a_work_together() -> None:
    history = History.of(consortia_of(LARGER).corpus, HELD_OUT_FROM.toordinal())
    for row, key in enumerate(history.corpus.bodies):
        together = {
            member.body
            for one in LARGER.works
            if one.day < HELD_OUT_FROM and key in {member.body for member in one.members}
            for member in one.members
        }
        assert {history.corpus.bodies[at] for at in partners_of(history, row)} == together
    assert list(partners_of(history, -1)) == []
