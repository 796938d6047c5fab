"""Who may see, change and score an answer, and who may have a file."""

from dataclasses import replace

import pytest

from tests.factories.ideas import (
    AnswerFactory,
    AttachedFileFactory,
    IdeaFactory,
    IdeaReaderFactory,
    IdeaTermsFactory,
    ReviewerFactory,
    TermsAcceptanceFactory,
)
from tests.factories.organisations import UnitFactory
from tests.sharing.ideas.market_place import Market
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.models import Answer, AttachedFile, Idea

pytestmark = pytest.mark.django_db

OWNERS = {"keeper", "colleague", "represents the owner"}
BROKERS = {"office", "agency"}
OF_LAB = {"laboratory"}
OF_FIRM = {"another member"}
RULES = {
    "view": policies.view_answer,
    "edit": policies.edit_answer,
    "score": policies.score_answer,
}


class Desk:
    """An open idea with three answers: of the laboratory, of the firm, and one taken back."""

    def __init__(self, state: str = "answered", circle: str = "public", **given: object) -> None:
        self.market = Market()
        self.people = self.market.people()
        self.idea: Idea = IdeaFactory(
            state=state,
            circle=circle,
            body=self.market.ward,
            keeper_id=self.market.keeper.person_id,
            broker=self.market.cluster,
            cluster=self.market.cluster,
            **given,
        )
        market = self.market
        self.answers = {
            "lab": AnswerFactory(
                idea=self.idea, body=market.lab, author_id=market.lab_person.person_id
            ),
            "firm": AnswerFactory(idea=self.idea, body=market.firm, state="accepted"),
            "taken back": AnswerFactory(idea=self.idea, state="withdrawn"),
        }
        IdeaReaderFactory(idea=self.idea, person_id=self.people["named"].person_id)
        for who, in_conflict in {
            "reviewer": False,
            "reviewer who has not declared": None,
            "reviewer in conflict": True,
        }.items():
            ReviewerFactory(
                idea=self.idea, person_id=self.people[who].person_id, in_conflict=in_conflict
            )

    def may(self, rule: str, answer: str) -> set[str]:
        """Who may do this with an answer; objects and rows have to agree."""
        one = self.answers[answer]
        allowed = {who for who, viewer in self.people.items() if RULES[rule].allows(viewer, one)}
        of_rows = {
            who
            for who, viewer in self.people.items()
            if one in RULES[rule].filter(viewer, Answer.objects.all())
        }
        assert allowed == of_rows
        return allowed

    def has_file(self, file: AttachedFile) -> set[str]:
        """Who may have a file; objects and rows have to agree."""
        rule = policies.view_file
        allowed = {who for who, viewer in self.people.items() if rule.allows(viewer, file)}
        for who, viewer in self.people.items():
            rows = rule.filter(viewer, AttachedFile.objects.filter(pk=file.pk))
            assert rows.exists() == (who in allowed), who
        return allowed


@pytest.mark.parametrize("circle", ["public", "named"])
def test_answers_are_seen_by_who_gave_who_got_who_checks_and_who_reviews(circle: str) -> None:
    desk = Desk(circle=circle)
    read_by = OWNERS | BROKERS | {"reviewer"}
    table = {
        ("view", "lab"): read_by | OF_LAB,
        ("view", "firm"): read_by | OF_FIRM,
        ("view", "taken back"): set(),
        ("edit", "lab"): OF_LAB,
        ("edit", "firm"): OF_FIRM,
        ("edit", "taken back"): set(),
        ("score", "lab"): {"reviewer"},
        ("score", "firm"): {"reviewer"},
        ("score", "taken back"): set(),
    }
    assert {key: desk.may(*key) for key in table} == table


def test_an_answer_to_a_withdrawn_idea_stays_with_who_gave_it_and_who_got_it() -> None:
    desk = Desk(state="closed", outcome="withdrawn")
    assert desk.may("view", "lab") == OWNERS | BROKERS | OF_LAB
    assert desk.may("score", "lab") == set()


def test_a_reviewer_scores_after_the_terms_only() -> None:
    desk = Desk(terms_version=1)
    terms = IdeaTermsFactory(idea=desk.idea)
    assert desk.may("score", "lab") == set()
    assert "reviewer" not in desk.may("view", "lab")
    TermsAcceptanceFactory(terms=terms, person_id=desk.people["reviewer"].person_id)
    assert desk.may("score", "lab") == {"reviewer"}


def test_a_reviewer_whose_body_answers_scores_none_and_sees_no_rival() -> None:
    desk = Desk()
    rival = desk.market.lab_person
    ReviewerFactory(idea=desk.idea, person_id=rival.person_id)
    for answer in ("lab", "firm"):
        assert desk.may("score", answer) == {"reviewer"}
    assert policies.view_answer.allows(rival, desk.answers["lab"])
    assert not policies.view_answer.allows(rival, desk.answers["firm"])
    left = replace(rival, mandates={})
    assert not policies.score_answer.allows(left, desk.answers["firm"])


def test_who_wrote_an_answer_and_left_its_body_no_longer_has_it() -> None:
    desk = Desk()
    left = replace(desk.market.lab_person, mandates={})
    for rule in RULES.values():
        assert not rule.allows(left, desk.answers["lab"])
    colleague = desk.market.acting_for(desk.market.lab)
    assert policies.edit_answer.allows(colleague, desk.answers["lab"])


def test_who_represents_the_owner_of_a_unit_keeps_its_answer_and_an_editor_does_not() -> None:
    desk = Desk()
    unit = UnitFactory(organisation=desk.market.firm)
    answer = AnswerFactory(idea=desk.idea, body=unit)

    def may(viewer: Viewer) -> bool:
        return policies.edit_answer.allows(viewer, answer)

    assert may(desk.market.acting_for(desk.market.firm, "representative"))
    assert not may(desk.market.acting_for(desk.market.firm, "editor"))


def test_a_file_is_for_who_reads_what_it_is_attached_to() -> None:
    desk = Desk(circle="cluster", teaser_circle="public")
    in_cluster = {
        who for who, viewer in desk.people.items() if policies.read_idea.allows(viewer, desk.idea)
    }
    assert OWNERS | BROKERS | OF_LAB | {"named", "board"} <= in_cluster
    assert not in_cluster & {"visitor", "stranger", "member until yesterday", "member abroad"}
    assert desk.has_file(AttachedFileFactory(idea=desk.idea)) == in_cluster
    of_answer = AttachedFileFactory(idea=desk.idea, answer=desk.answers["lab"])
    assert desk.has_file(of_answer) == OWNERS | BROKERS | OF_LAB | {"reviewer"}
    taken_back = AttachedFileFactory(idea=desk.idea, answer=desk.answers["taken back"])
    assert desk.has_file(taken_back) == set()


def test_a_file_of_an_idea_comes_after_its_terms() -> None:
    desk = Desk(terms_version=1)
    terms = IdeaTermsFactory(idea=desk.idea)
    file = AttachedFileFactory(idea=desk.idea)
    assert desk.has_file(file) == OWNERS | BROKERS
    TermsAcceptanceFactory(terms=terms, person_id=desk.people["stranger"].person_id)
    assert desk.has_file(file) == OWNERS | BROKERS | {"stranger"}
