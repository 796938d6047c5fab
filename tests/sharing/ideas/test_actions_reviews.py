"""Reviewers declare their interests before they score; a scorecard is whole; weights make 100."""

from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.ideas import CriterionFactory, IdeaFactory, ReviewerFactory
from tests.factories.organisations import NOW
from tests.sharing.ideas.market_place import (
    Market,
    at,
    days,
    email_of,
    full_marks,
    hearing,
    keeps_secrets,
    now,
    trail,
)
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions, policies
from trebbo.sharing.ideas.choices import USUAL_CRITERIA, CriterionText
from trebbo.sharing.ideas.events import reviewer_named
from trebbo.sharing.ideas.models import Answer, Criterion, Idea, Reviewer, Score

pytestmark = pytest.mark.django_db


class Jury:
    """An answered idea with a reviewer."""

    def __init__(self, in_conflict: bool | None = False) -> None:
        self.market = Market()
        self.idea = self.market.open()
        self.answer = self.market.answer(self.idea)
        self.reviewer = self.market.reviewer(self.idea, in_conflict=in_conflict)

    def score(
        self, actor: Viewer | None = None, answer: Answer | None = None, **marks: Any
    ) -> list[Score]:
        """Full marks, if no others."""
        return actions.score_answer(
            actor=actor or self.reviewer,
            answer_id=(answer or self.answer).pk,
            points=marks.get("points", full_marks(self.idea)),
        )

    def declare(self, in_conflict: bool, words: str = "Cognato", **when: Any) -> Reviewer:
        """Declared by the reviewer."""
        actor = at(self.reviewer, when["now"]) if when else self.reviewer
        return actions.declare_conflict(
            actor=actor, idea_id=self.idea.pk, in_conflict=in_conflict, declaration=words
        )


def criteria(idea: Idea, market: Market, *rows: CriterionText, **given: Any) -> Idea:
    """Set by the keeper, in the version that is kept now."""
    facts = {"actor": market.keeper, "version": now(idea).version, **given}
    return actions.set_criteria(idea_id=idea.pk, criteria=rows, **facts)


def test_a_reviewer_is_named_once_and_told_once(django_capture_on_commit_callbacks: Any) -> None:
    market = Market()
    idea = market.open()
    rita = market.one(name="Rita")
    with hearing(reviewer_named) as heard, django_capture_on_commit_callbacks(execute=True):
        for who in (market.keeper, market.office):
            one = actions.name_reviewer(
                actor=who, idea_id=idea.pk, email=f" {email_of(rita).upper()}"
            )
    assert (one.person_id, one.in_conflict) == (rita.person_id, None)
    assert heard == [(reviewer_named, {"reviewer_id": one.pk})]
    assert policies.read_idea.allows(rita, idea)


def test_who_cannot_be_a_reviewer_and_who_cannot_name_one() -> None:
    market = Market()
    idea = market.open("public")
    closed = PersonFactory(is_active=False)
    told = set()
    for email in (closed.email, "nobody@trebbo.example", ""):
        with pytest.raises(actions.IdeaRefused) as caught:
            actions.name_reviewer(actor=market.keeper, idea_id=idea.pk, email=email)
        told.add((caught.value.message, *caught.value.fields))
    assert len(told) == 1
    with pytest.raises(actions.IdeaRefused):
        actions.name_reviewer(actor=market.office, idea_id=idea.pk, email=email_of(market.keeper))
    for viewer in (market.lab_person, market.one(), visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.name_reviewer(actor=viewer, idea_id=idea.pk, email=email_of(market.lab_person))
    assert not Reviewer.objects.exists()


def test_a_scorecard_is_whole_and_later_points_hold() -> None:
    jury = Jury()
    first, *others = full_marks(jury.idea)
    for points in (
        {},
        {first: 5},
        {**full_marks(jury.idea), CriterionFactory(idea=IdeaFactory()).pk: 1},
    ):
        with pytest.raises(actions.IdeaRefused):
            jury.score(points=points)
    for wrong in (-1, 6):
        with pytest.raises(actions.IdeaRefused) as caught:
            jury.score(points={**full_marks(jury.idea), first: wrong})
        assert set(caught.value.fields) == {f"points_{first}"}
    assert not Score.objects.exists()
    jury.score()
    jury.score(points={first: 0, **dict.fromkeys(others, 3)})
    assert sorted(Score.objects.values_list("points", flat=True)) == [0, 3, 3]
    assert keeps_secrets(jury.idea)


def test_nobody_scores_before_they_declared_or_in_conflict_or_unasked() -> None:
    for in_conflict in (None, True):
        jury = Jury(in_conflict)
        with pytest.raises(NotAllowed):
            jury.score()
    jury = Jury()
    for viewer in (jury.market.keeper, jury.market.office, jury.market.one(), visitor(NOW)):
        with pytest.raises(NotAllowed):
            jury.score(viewer)
    with pytest.raises(NotAllowed):
        actions.declare_conflict(actor=jury.market.one(), idea_id=jury.idea.pk, in_conflict=False)
    assert not Score.objects.exists()


def test_a_conflict_is_said_in_words_dated_and_removes_the_scores() -> None:
    jury = Jury()
    jury.score()
    with pytest.raises(actions.IdeaRefused) as caught:
        jury.declare(in_conflict=True, words=" ")
    assert set(caught.value.fields) == {"declaration"}
    assert Score.objects.count() == 3
    declared = jury.declare(in_conflict=True, words="Segretissimo", now=days(2))
    assert (declared.in_conflict, declared.declaration, declared.declared_at) == (
        True,
        "Segretissimo",
        days(2),
    )
    assert not Score.objects.exists()
    assert not policies.view_answer.allows(jury.reviewer, jury.answer)
    assert trail(jury.idea)[-1].changes == {"in_conflict": [False, True]}
    assert keeps_secrets(jury.idea, "Segretissimo")


def test_the_answering_body_reviews_neither_itself_nor_its_rivals() -> None:
    jury = Jury()
    rival = jury.market.answer(jury.idea, jury.market.firm_person)
    ReviewerFactory(idea=jury.idea, person_id=jury.market.lab_person.person_id)
    for answer in (jury.answer, rival):
        with pytest.raises(NotAllowed):
            jury.score(jury.market.lab_person, answer)
    assert jury.score(answer=rival)


def test_who_has_scored_answers_competes_only_once_they_declared_it() -> None:
    """A score of a rival never stands beside the scorer's own answer."""
    jury = Jury()
    firm = jury.market.firm_person
    ReviewerFactory(idea=jury.idea, person_id=firm.person_id, in_conflict=False)
    jury.score(firm)
    with pytest.raises(actions.IdeaRefused) as caught:
        jury.market.answer(jury.idea, firm)
    assert "conflitto di interessi" in caught.value.message
    assert jury.idea.answers.count() == 1
    actions.declare_conflict(
        actor=firm, idea_id=jury.idea.pk, in_conflict=True, declaration="Rispondiamo anche noi"
    )
    assert jury.market.answer(jury.idea, firm).body_id == jury.market.firm.pk
    assert not Score.objects.exists()


def test_what_was_taken_back_or_is_over_is_not_scored() -> None:
    jury = Jury()
    jury.market.close(jury.idea)
    with pytest.raises(actions.IdeaRefused):
        jury.score()
    jury = Jury()
    actions.withdraw_answer(actor=jury.market.lab_person, answer_id=jury.answer.pk)
    with pytest.raises(NotAllowed):
        jury.score()


def test_an_answer_given_anew_is_scored_anew() -> None:
    jury = Jury()
    jury.score()
    actions.withdraw_answer(actor=jury.market.lab_person, answer_id=jury.answer.pk)
    jury.market.answer(jury.idea)
    assert not Score.objects.exists()


def test_a_removed_reviewer_takes_their_scores_along() -> None:
    jury = Jury()
    jury.score()
    one = Reviewer.objects.get()
    remove = {"idea_id": jury.idea.pk, "reviewer_id": one.pk}
    with pytest.raises(NotAllowed):
        actions.remove_reviewer(actor=jury.market.lab_person, **remove)
    elsewhere = ReviewerFactory()
    assert not actions.remove_reviewer(
        actor=jury.market.office, idea_id=jury.idea.pk, reviewer_id=elsewhere.pk
    )
    assert actions.remove_reviewer(actor=jury.market.office, **remove)
    assert not actions.remove_reviewer(actor=jury.market.office, **remove)
    assert not Score.objects.exists()


def test_an_idea_begins_with_the_usual_criteria() -> None:
    idea = Market().write()
    kept = idea.criteria.values_list("label_it", "label_en", "weight")
    assert list(kept) == [(one.label_it, one.label_en, one.weight) for one in USUAL_CRITERIA]
    assert sum(one.weight for one in USUAL_CRITERIA) == 100


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (CriterionText("A", "", 99),),
        (CriterionText("A", "", 101),),
        (CriterionText("A", "", 0), CriterionText("B", "", 100)),
        (CriterionText("A", "", -1), CriterionText("B", "", 101)),
        (CriterionText(" ", "\u200b", 100),),
        (CriterionText("x" * 201, "", 100),),
        tuple(CriterionText("A", "", 1) for _ in range(100)),
    ],
    ids=range(8),
)
def test_criteria_that_are_none_are_refused(rows: tuple[CriterionText, ...]) -> None:
    market = Market()
    idea = market.write()
    with pytest.raises(actions.IdeaRefused) as caught:
        criteria(idea, market, *rows)
    assert set(caught.value.fields) == {"criteria"}
    assert (idea.criteria.count(), now(idea).version) == (3, idea.version)


def test_criteria_are_set_by_owner_or_broker_in_the_version_they_saw() -> None:
    market = Market()
    idea = market.checking()
    first = criteria(idea, market, CriterionText("Costo", "", 60), CriterionText("", "Time", 40))
    assert [str(one) for one in Criterion.objects.filter(idea=idea)] == ["Costo", "Time"]
    with pytest.raises(actions.IdeaChanged):
        criteria(
            idea,
            market,
            CriterionText("Altro", "", 100),
            actor=market.office,
            version=idea.version,
        )
    criteria(first, market, CriterionText("Altro", "", 100), actor=market.office)
    with pytest.raises(NotAllowed):
        criteria(first, market, CriterionText("Mio", "", 100), actor=market.lab_person)
    assert [str(one) for one in Criterion.objects.filter(idea=idea)] == ["Altro"]
    assert keeps_secrets(idea, "Costo", "Altro")


def test_criteria_stay_once_somebody_scored() -> None:
    jury = Jury()
    jury.score()
    with pytest.raises(actions.IdeaRefused):
        criteria(jury.idea, jury.market, CriterionText("Altro", "", 100))
    assert Score.objects.count() == 3
