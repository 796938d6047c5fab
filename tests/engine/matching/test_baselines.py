"""The rankings to beat, against plain loops over the works."""

from collections import Counter
from datetime import date
from math import log

import numpy as np
import pytest
from hypothesis import given, settings

from tests.engine.matching.examples import evidences, needs
from trebbo.engine.matching import Body, Evidence, Need
from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import Case
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.history import History

AFTER_ALL = date(2030, 1, 1)


def asked_of(evidence: Evidence, need: Need) -> tuple[History, Case, list[str]]:
    """The history, the need as a case, and who is there already."""
    history = History.of(Corpus.of(evidence), AFTER_ALL.toordinal())
    number = history.corpus.number_of
    team = tuple(key for key in need.team if key in number)
    need = Need(need.terms, need.asker, team)
    asker = number.get(need.asker, -1)
    there = [*([need.asker] if asker >= 0 else []), *team]
    return history, Case(0, asker, need, np.zeros(0, np.int64)), there


def members_of(evidence: Evidence) -> list[set[str]]:
    known = {body.key for body in evidence.bodies}
    return [{member.body for member in work.members} & known for work in evidence.works]


@given(evidences(), needs())
@settings(deadline=None, max_examples=25)
def test_popularity_and_repeat_partners_count_works(evidence: Evidence, need: Need) -> None:
    history, case, there = asked_of(evidence, need)
    baselines = baselines_of(history)
    works = members_of(evidence)
    teams: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for members in works:
        teams.update(members if len(members) >= 3 else ())
        for key in there:
            together.update(members if key in members else ())
    keys = history.corpus.bodies
    assert list(baselines["popularity"](case)) == [teams[key] for key in keys]
    expected = [together[key] + 1e-6 * teams[key] for key in keys]
    assert baselines["repeat partners"](case) == pytest.approx(expected, rel=1e-5)


@given(evidences(), needs())
@settings(deadline=None, max_examples=25)
def test_adamic_adar_adds_up_common_partners(evidence: Evidence, need: Need) -> None:
    history, case, there = asked_of(evidence, need)
    keys = history.corpus.bodies
    teams = members_of(evidence)
    met = {key: set().union(*(team for team in teams if key in team)) - {key} for key in keys}
    expected = [
        sum(1 / log(max(len(met[both]), 2)) for one in there for both in met[key] & met[one])
        for key in keys
    ]
    assert baselines_of(history)["adamic-adar"](case) == pytest.approx(expected, rel=1e-4)


@given(evidences(), needs())
@settings(deadline=None, max_examples=25)
def test_bm25_lets_works_vote_with_their_score(evidence: Evidence, need: Need) -> None:
    history, case, _there = asked_of(evidence, need)
    words, vocabulary = history.words["text"].toarray(), history.corpus.vocabulary
    for name, power in (("bm25", 1), ("bm25 squared", 2)):
        votes: Counter[str] = Counter()
        for work in evidence.works:
            at = history.corpus.work_number_of[work.key]
            known = {term: w for term, w in need.terms.items() if term in vocabulary}
            score = sum(w * words[at, vocabulary[term]] for term, w in known.items())
            for key in {member.body for member in work.members}:
                votes[key] += score**power
        expected = [votes[key] for key in history.corpus.bodies]
        assert baselines_of(history)[name](case) == pytest.approx(expected, rel=1e-4)


def test_before_the_first_work_every_baseline_is_nought() -> None:
    history = History.of(Corpus.of(Evidence((Body("a"), Body("b")), ())), AFTER_ALL.toordinal())
    history.corpus.vocabulary["milk"] = 0
    case = Case(0, 0, Need({"robot": 1.0}, "a"), np.zeros(0, np.int64))
    for name, score in baselines_of(history).items():
        assert list(score(case)) == [0, 0], name
