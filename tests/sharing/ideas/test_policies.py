"""Who may edit, check, read, see and answer an idea: every person, circle, state and terms."""

from dataclasses import dataclass, replace
from itertools import product

import pytest

from tests.factories.ideas import (
    IdeaFactory,
    IdeaReaderFactory,
    IdeaTermsFactory,
    ReviewerFactory,
)
from tests.factories.organisations import NOW
from tests.sharing.ideas.market_place import Market
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import Rule
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.choices import PUBLISHED, TAKES_ANSWERS, IdeaOutcome, IdeaState
from trebbo.sharing.ideas.models import Idea, IdeaReader, Reviewer, TermsAcceptance

pytestmark = pytest.mark.django_db

WORKS_ON_IT = {"keeper", "colleague", "represents the owner"}
CHECKS_IT = {"office", "agency"}
OF_CHAIN = {"in the chain", "chair of the chain", "office", "agency"}
OF_CLUSTER = OF_CHAIN | {
    "keeper",
    "colleague",
    "represents the owner",
    "editor of the owner",
    "laboratory",
    "another member",
    "in the chain until yesterday",
    "board",
}
OF_NETWORK = OF_CLUSTER | {
    "Region",
    "member of the sister cluster",
    "office of the sister cluster",
}
BY_NAME = {"named", "reviewer", "reviewer who has not declared"}
WITHOUT_ACCOUNT = {"visitor", "installation"}
TERMS = ("none", "accepted", "older accepted", "not accepted")
STATES = (*IdeaState, "withdrawn")
RULES: dict[str, Rule[Idea]] = {
    "edit_idea": policies.edit_idea,
    "check_idea": policies.check_idea,
    "accept_terms": policies.accept_terms,
    "read_idea": policies.read_idea,
    "see_idea": policies.see_idea,
    "answer_idea": policies.answer_idea,
    "was_open_to": policies.was_open_to,
}


@dataclass(frozen=True)
class Case:
    """An idea as it is tested."""

    circle: str
    teaser_circle: str
    state: str
    terms: str


def reaches(circle: str, who: str) -> bool:
    """Whether somebody is in a circle, leaving aside those who are named."""
    members = {
        Circle.NAMED: set[str](),
        Circle.CHAIN: OF_CHAIN,
        Circle.CLUSTER: OF_CLUSTER,
        Circle.NETWORK: OF_NETWORK,
    }
    return circle == Circle.PUBLIC or who in members[Circle(circle)]


def expected(who: str, viewer: Viewer, case: Case) -> set[str]:
    """The rules that say yes, in plain words."""
    works = who in WORKS_ON_IT
    checks = who in CHECKS_IT and case.state != IdeaState.DRAFT
    holds = case.state in PUBLISHED
    in_circle = reaches(case.circle, who) or who in BY_NAME
    accepted = case.terms == "none" or (case.terms == "accepted" and who not in WITHOUT_ACCOUNT)
    reads = works or checks or (holds and in_circle and accepted)
    is_over = case.state in {IdeaState.CLOSED, "withdrawn"}
    outcome = {
        "edit_idea": works,
        "check_idea": checks,
        "accept_terms": holds and in_circle and who not in WITHOUT_ACCOUNT,
        "read_idea": reads,
        "see_idea": works or checks or (holds and (in_circle or reaches(case.teaser_circle, who))),
        "answer_idea": reads and case.state in TAKES_ANSWERS and bool(viewer.mandates),
        "was_open_to": is_over and in_circle and accepted,
    }
    return {rule for rule, says_yes in outcome.items() if says_yes}


class Shelf:
    """Ideas of one market, one for each case, and the people around them."""

    def __init__(self, cases: list[Case]) -> None:
        self.market = Market()
        self.people = self.market.people()
        self.ideas = {self._idea(case).pk: case for case in cases}
        self._name()
        self._accept()

    def _idea(self, case: Case) -> Idea:
        is_withdrawn = case.state == "withdrawn"
        idea: Idea = IdeaFactory(
            circle=case.circle,
            teaser_circle=case.teaser_circle,
            state=IdeaState.CLOSED if is_withdrawn else case.state,
            body=self.market.ward,
            keeper_id=self.market.keeper.person_id,
            broker=self.market.cluster,
            network=self.market.network,
            cluster=self.market.cluster,
            value_chain=self.market.chain,
            terms_version=(0, 1, 2, 1)[TERMS.index(case.terms)],
            **({"outcome": IdeaOutcome.WITHDRAWN} if is_withdrawn else {}),
        )
        for version in range(1, idea.terms_version + 1):
            IdeaTermsFactory(idea=idea, version=version)
        return idea

    def _name(self) -> None:
        IdeaReader.objects.bulk_create(
            IdeaReader(idea_id=key, person_id=self.people["named"].person_id, named_at=NOW)
            for key in self.ideas
        )
        declared = {
            "reviewer": False,
            "reviewer who has not declared": None,
            "reviewer in conflict": True,
        }
        Reviewer.objects.bulk_create(
            Reviewer(
                idea_id=key,
                person_id=self.people[who].person_id,
                in_conflict=in_conflict,
                named_at=NOW,
            )
            for key, (who, in_conflict) in product(self.ideas, declared.items())
        )

    def _accept(self) -> None:
        """Everybody accepted the first version, of all but those that nobody accepted."""
        keys = [key for key, case in self.ideas.items() if case.terms != "not accepted"]
        first = Idea.objects.filter(pk__in=keys, terms__version=1).values_list("terms", flat=True)
        TermsAcceptance.objects.bulk_create(
            TermsAcceptance(
                terms_id=terms,
                person_id=viewer.person_id,
                label="x",
                text="x",
                language="it",
                at=NOW,
            )
            for terms, viewer in product(list(first), self.people.values())
            if viewer.signed_in
        )

    def check(self, *, one_by_one: bool = False) -> None:
        """Compare what the rules say with what they should, for every person and case."""
        ideas = list(Idea.objects.order_by("pk"))
        for who, viewer in self.people.items():
            should = {key: expected(who, viewer, case) for key, case in self.ideas.items()}
            for name, rule in RULES.items():
                wanted = {self.ideas[key] for key, rules in should.items() if name in rules}
                rows = rule.filter(viewer, Idea.objects.order_by("pk"))
                found = list(rows.values_list("pk", flat=True))
                assert len(found) == len(set(found))
                assert {self.ideas[key] for key in found} == wanted, (who, name)
                if one_by_one:
                    allowed = {idea.pk for idea in ideas if rule.allows(viewer, idea)}
                    assert {self.ideas[key] for key in allowed} == wanted, (who, name)


@pytest.mark.parametrize("terms", TERMS)
def test_every_person_in_every_state_of_every_circle(terms: str) -> None:
    Shelf([Case(circle, circle, state, terms) for circle, state in product(Circle, STATES)]).check()


@pytest.mark.parametrize("terms", ["none", "older accepted"])
def test_the_teaser_is_for_its_own_circle_and_the_text_for_the_other(terms: str) -> None:
    Shelf([Case(inner, outer, "open", terms) for inner, outer in product(Circle, Circle)]).check()


def test_a_rule_says_the_same_of_objects_and_of_rows() -> None:
    cases = [Case("chain", "cluster", state, "accepted") for state in ("draft", "withdrawn")]
    cases += [Case("named", "public", "answered", terms) for terms in ("none", "older accepted")]
    Shelf(cases).check(one_by_one=True)


def test_each_grant_alone_says_the_same_of_objects_and_of_rows() -> None:
    shelf = Shelf([Case("cluster", "public", state, "accepted") for state in ("checking", "open")])
    ideas = list(Idea.objects.all())
    for who in ("keeper", "office", "laboratory", "reviewer", "visitor"):
        viewer = shelf.people[who]
        for name, rule in RULES.items():
            for grant in rule.grants:
                of_table = set(Idea.objects.filter(grant.rows(viewer)))
                assert of_table == {idea for idea in ideas if grant.holds(viewer, idea)}, (
                    who,
                    name,
                )


def test_a_circle_whose_network_cluster_or_chain_is_gone_opens_nothing() -> None:
    market = Market()
    people = market.people()
    for circle in (Circle.NETWORK, Circle.CLUSTER, Circle.CHAIN):
        idea = IdeaFactory(circle=circle, body=market.ward, broker=market.cluster)
        for rule in (policies.see_idea, policies.read_idea):
            seen = {who for who, viewer in people.items() if rule.allows(viewer, idea)}
            assert seen == WORKS_ON_IT | CHECKS_IT, circle


def test_terms_accepted_by_a_colleague_open_nothing_to_others() -> None:
    market = Market()
    idea = IdeaFactory(circle=Circle.PUBLIC, terms_version=1)
    terms = IdeaTermsFactory(idea=idea)
    another_of_the_lab = market.acting_for(market.lab)
    TermsAcceptance.objects.create(
        terms=terms,
        person_id=market.lab_person.person_id,
        label="x",
        text="x",
        language="it",
        at=NOW,
    )
    assert policies.read_idea.allows(market.lab_person, idea)
    assert not policies.read_idea.allows(another_of_the_lab, idea)
    assert policies.see_idea.allows(another_of_the_lab, idea)


def test_terms_of_another_idea_do_not_count() -> None:
    market = Market()
    idea, other = IdeaFactory.create_batch(2, circle=Circle.PUBLIC, terms_version=1)
    for one in (idea, other):
        IdeaTermsFactory(idea=one)
    TermsAcceptance.objects.create(
        terms=other.terms.get(),
        person_id=market.lab_person.person_id,
        label="x",
        text="x",
        language="it",
        at=NOW,
    )
    assert list(policies.read_idea.filter(market.lab_person, Idea.objects.all())) == [other]


def test_who_kept_an_idea_and_left_its_body_no_longer_reads_it() -> None:
    market = Market()
    idea = market.write()
    left = replace(market.keeper, mandates={})
    elsewhere = replace(left, mandates=market.firm_person.mandates)
    assert policies.edit_idea.allows(market.keeper, idea)
    for viewer in (left, elsewhere):
        assert set(idea_rules(viewer, idea)) == set()


def test_an_office_that_wrote_for_a_member_works_on_the_draft_as_long_as_it_is_the_office() -> None:
    market = Market()
    idea = IdeaFactory(
        state="draft", body=market.lab, broker=market.cluster, keeper_id=market.office.person_id
    )
    another_of_the_office = market.one(clusters=market.office.clusters)
    assert policies.edit_idea.allows(market.office, idea)
    assert set(idea_rules(another_of_the_office, idea)) == set()
    assert set(idea_rules(replace(market.office, clusters={}), idea)) == set()


def test_somebody_in_a_circle_in_several_ways_sees_an_idea_once() -> None:
    market = Market()
    idea = market.open()
    IdeaReaderFactory(idea=idea, person_id=market.lab_person.person_id)
    ReviewerFactory(idea=idea, person_id=market.lab_person.person_id)
    both = replace(
        market.lab_person,
        mandates={**market.lab_person.mandates, **market.firm_person.mandates},
        clusters=market.office.clusters,
    )
    for rule in (policies.see_idea, policies.read_idea, policies.answer_idea):
        assert list(rule.filter(both, Idea.objects.all())) == [idea]


def idea_rules(viewer: Viewer, idea: Idea) -> list[str]:
    """The rules that say yes."""
    return [name for name, rule in RULES.items() if rule.allows(viewer, idea)]
