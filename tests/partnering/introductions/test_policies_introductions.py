"""Who sees, looks after, agrees to and answers an introduction: every kind of person and state."""

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, agency_of, manager_of
from tests.factories.introductions import AskShareFactory, IntroductionFactory
from tests.factories.organisations import NOW, person
from tests.partnering.introductions.meeting_place import Place
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.policies import Rule
from trebbo.partnering.introductions.choices import CONTACTS_SHARED, IntroductionState
from trebbo.partnering.introductions.models import Introduction
from trebbo.partnering.introductions.policies import (
    answer_introduction,
    consent_to_introduction,
    is_asked,
    manage_introduction,
    view_introduction,
)

pytestmark = pytest.mark.django_db
NEVER_ASKED = (IntroductionState.DRAFT, IntroductionState.PROPOSED, IntroductionState.WITHDRAWN)
RULES = (view_introduction, manage_introduction, consent_to_introduction, answer_introduction)


class World(Place):
    """One introduction in every state, and every kind of person."""

    def __init__(self) -> None:
        super().__init__()
        AskShareFactory(ask=self.ask, cluster=None, network=self.cluster.network)
        self.rows = {state: self.row(state) for state in IntroductionState}

    def row(self, state: IntroductionState) -> Introduction:
        """An introduction in this state to the laboratory of another ask of the firm."""
        one: Introduction = IntroductionFactory(
            ask=self.ask,
            profile=self.lab if state == IntroductionState.ASKED else None,
            profile_name="Laboratorio",
            state=state,
            contact=self.rita,
            contact_email=self.rita.email,
            asked_at=None if state in NEVER_ASKED else NOW,
            accepted_at=NOW if state in CONTACTS_SHARED else None,
            decline_reason="other" if state == IntroductionState.DECLINED else "",
            outcome="idea" if state == IntroductionState.LED_TO else "",
        )
        return one

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        somebody = PersonFactory().pk
        return {
            "visitor": visitor(NOW),
            "installation": installation(NOW),
            "signed in, holding nothing": person(person_id=somebody),
            "owner of the ask": self.asker,
            "acts for the asker": person(
                person_id=somebody, mandates={self.firm.pk: frozenset({"editor"})}
            ),
            "contact": person(person_id=self.rita.pk),
            "acts for the body asked": person(
                person_id=somebody, mandates={self.lab.pk: frozenset({"editor"})}
            ),
            "broker": self.broker,
            "agency with whom it is shared": agency_of(self.cluster.network),
            "office of another cluster": manager_of(ClusterFactory()),
            "board": person(clusters={self.cluster.pk: frozenset({"board"})}),
            "Region": person(networks={self.cluster.network_id: frozenset({"region"})}),
        }


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_rule_says_the_same_of_objects_and_of_rows(rule: Rule[Introduction]) -> None:
    for who, viewer in World().people().items():
        rows = {row.pk for row in rule.filter(viewer, Introduction.objects.all())}
        one_by_one = {row.pk for row in Introduction.objects.all() if rule.allows(viewer, row)}
        assert rows == one_by_one, who


def test_who_does_what_with_an_introduction_that_is_asked() -> None:
    world = World()
    one = world.rows[IntroductionState.ASKED]
    answers = {
        who: "".join(
            letter for letter, rule in zip("vmca", RULES, strict=True) if rule.allows(viewer, one)
        )
        for who, viewer in world.people().items()
    }
    assert answers == {
        "visitor": "",
        "installation": "",
        "signed in, holding nothing": "",
        "owner of the ask": "vmc",
        "acts for the asker": "vmc",
        "contact": "va",
        "acts for the body asked": "v",
        "broker": "vm",
        "agency with whom it is shared": "vm",
        "office of another cluster": "",
        "board": "",
        "Region": "",
    }


def test_who_is_to_be_asked_knows_of_it_once_they_are() -> None:
    world = World()
    contact = world.people()["contact"]
    seen = {state for state, one in world.rows.items() if view_introduction.allows(contact, one)}
    assert seen == set(IntroductionState) - set(NEVER_ASKED)


def test_the_question_stands_in_one_state_only() -> None:
    world = World()
    contact = world.people()["contact"]
    assert [state for state, one in world.rows.items() if is_asked(contact, one)] == ["asked"]
