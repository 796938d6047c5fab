"""Several people at once: nothing lost, nothing half, and each told a clear outcome."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.concurrency import PEOPLE, together
from tests.sharing.ideas.market_place import Market, days, email_of, full_marks, now, steps_of
from trebbo.kernel.access import installation
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.choices import ReadingOf
from trebbo.sharing.ideas.models import (
    Answer,
    Idea,
    IdeaReading,
    IdeaTerms,
    Score,
    TermsAcceptance,
)

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(act: Callable[[int], object]) -> Counter[str]:
    """How many of those who acted at once had which outcome, by its type."""
    return Counter(type(outcome).__name__ for outcome in together(act))


@pytest.mark.parametrize("attempt", range(3))
def test_a_challenge_withdrawn_while_answers_arrive(attempt: int) -> None:
    """Each is kept from before the end, or refused as too late."""
    market = Market()
    idea = market.open("cluster")
    members = [market.member_of(market.cluster) for _number in range(PEOPLE)]

    def act(number: int) -> object:
        if number == attempt:
            while True:
                try:
                    return market.close(idea, "withdrawn")
                except actions.IdeaChanged:
                    continue  # the first answer made a new version: read it again
        return market.answer(idea, members[number], text=f"Risposta intera {number}")

    found = together(act)
    given = [one for one in found if isinstance(one, Answer)]
    late = [one for one in found if isinstance(one, actions.TooLate)]
    assert len(given) + len(late) == PEOPLE - 1
    kept = Answer.objects.filter(idea=idea)
    assert set(kept.values_list("pk", "text")) == {(one.pk, one.text) for one in given}
    assert (now(idea).state, now(idea).outcome) == ("closed", "withdrawn")
    kinds = [kind for kind, _who in steps_of(idea)]
    assert kinds[-1] == "closed"
    assert kinds.count("answered") == bool(given)


def test_colleagues_who_answer_for_one_body_at_once_give_one_answer() -> None:
    market = Market()
    idea = market.open("cluster")
    people = [market.acting_for(market.lab) for _number in range(PEOPLE)]
    found = outcomes(lambda number: market.answer(idea, people[number], text=f"Testo {number}"))
    assert found == {"Answer": 1, "IdeaRefused": PEOPLE - 1}
    assert Answer.objects.filter(idea=idea, body=market.lab).count() == 1


def test_bodies_that_answer_at_once_are_all_kept_and_the_idea_is_answered_once() -> None:
    market = Market()
    idea = market.open("cluster")
    members = [market.member_of(market.cluster) for _number in range(PEOPLE)]
    assert outcomes(lambda number: market.answer(idea, members[number])) == {"Answer": PEOPLE}
    assert [kind for kind, _who in steps_of(idea)].count("answered") == 1


def test_of_many_who_close_one_does_and_the_others_are_told() -> None:
    market = Market()
    idea = market.open()
    reasons = ["solved", "no_answer"]

    def close(number: int) -> object:
        return actions.close_idea(
            actor=market.keeper if number % 2 else market.office,
            idea_id=idea.pk,
            version=idea.version,
            outcome=reasons[number % 2],
            reason=f"Motivo {number}",
        )

    assert outcomes(close) == {"Idea": 1, "IdeaChanged": PEOPLE - 1}
    assert [kind for kind, _who in steps_of(idea)].count("closed") == 1


def test_of_many_who_save_one_does_and_the_others_are_told() -> None:
    market = Market()
    idea = market.write()

    def save(number: int) -> object:
        return actions.change_idea(
            actor=market.keeper,
            idea_id=idea.pk,
            version=idea.version,
            words=actions.IdeaWords(title_it=f"Titolo {number}", text_it="Testo"),
        )

    found = together(save)
    [saved] = [one for one in found if isinstance(one, Idea)]
    others = [one for one in found if isinstance(one, actions.IdeaChanged)]
    assert {one.present["title_it"] for one in others} == {saved.title_it}
    assert (now(idea).title_it, len(others)) == (saved.title_it, PEOPLE - 1)


def test_terms_are_accepted_once_and_read_once_however_often_they_are_clicked() -> None:
    market = Market()
    idea = market.open()
    actions.write_terms(
        actor=market.keeper, idea_id=idea.pk, version=idea.version, text_it="Riserbo"
    )
    given: dict[str, Any] = {"actor": market.lab_person, "idea_id": idea.pk}
    found = outcomes(lambda _number: actions.accept_terms(**given, terms_version=1))
    assert found == {"TermsAcceptance": PEOPLE}
    assert TermsAcceptance.objects.count() == 1
    together(
        lambda _number: actions.note_idea_reading(
            actor=market.lab_person, idea=idea, what=ReadingOf.TEXT
        )
    )
    assert IdeaReading.objects.get().times == PEOPLE


def test_terms_changed_while_they_are_accepted() -> None:
    """Who accepts has accepted what they had before them, or is told."""
    market = Market()
    idea = market.open()
    idea = actions.write_terms(
        actor=market.keeper, idea_id=idea.pk, version=idea.version, text_it="Prima"
    )
    people = [market.acting_for(market.lab) for _number in range(PEOPLE)]

    def act(number: int) -> object:
        if number == 0:
            return actions.write_terms(
                actor=market.keeper, idea_id=idea.pk, version=idea.version, text_it="Seconda"
            )
        return actions.accept_terms(actor=people[number], idea_id=idea.pk, terms_version=1)

    found = outcomes(act)
    assert found["Idea"] == 1
    assert found["TermsAcceptance"] + found["TermsChanged"] == PEOPLE - 1
    assert set(TermsAcceptance.objects.values_list("text", flat=True)) <= {"Prima"}
    assert IdeaTerms.objects.count() == 2


def test_a_conflict_declared_while_scores_are_given_leaves_none() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    reviewer = market.reviewer(idea)
    marks = full_marks(idea)

    def act(number: int) -> object:
        if number == PEOPLE // 2:
            return actions.declare_conflict(
                actor=reviewer, idea_id=idea.pk, in_conflict=True, declaration="Cognato"
            )
        return actions.score_answer(actor=reviewer, answer_id=answer.pk, points=marks)

    found = together(act)
    assert all(isinstance(one, NotAllowed) for one in found if isinstance(one, Exception))
    assert not Score.objects.exists()


def test_the_clock_in_several_processes_reminds_and_ends_once() -> None:
    market = Market()
    soon, over = market.open(), market.open()
    Idea.objects.filter(pk=over.pk).update(expires_date=days(150).date())
    when = days(180) - timedelta(days=10)
    together(lambda _number: actions.run_idea_clock(actor=installation(when)))
    assert [kind for kind, _who in steps_of(soon)].count("reminded") == 1
    assert [kind for kind, _who in steps_of(over)].count("closed") == 1


def test_the_same_reader_named_by_several_is_one() -> None:
    market = Market()
    idea = market.open()
    mail = email_of(market.one())
    found = outcomes(
        lambda _number: actions.name_idea_reader(actor=market.keeper, idea_id=idea.pk, email=mail)
    )
    assert found == {"IdeaReader": PEOPLE}
    assert idea.readers.count() == 1
