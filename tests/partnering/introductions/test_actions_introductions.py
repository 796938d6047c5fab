"""The life of an introduction: sent, agreed to, answered, met, and what came of it."""

import pytest
from django.utils import translation

from tests.concurrency import PEOPLE, together
from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.introductions import AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from tests.partnering.introductions.meeting_place import (
    Place,
    at,
    days,
    link_of,
    tick,
    token_of,
)
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.signed_links import LinkRefused
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import STAGES, IntroductionState, StepKind
from trebbo.partnering.introductions.models import AskReading, Introduction

pytestmark = pytest.mark.django_db


def kinds(introduction: Introduction) -> list[str]:
    """What happened, in order."""
    return list(introduction.steps.order_by("pk").values_list("kind", flat=True))


def fresh(introduction: Introduction) -> Introduction:
    """As it is kept now."""
    return Introduction.objects.get(pk=introduction.pk)


def test_every_state_has_its_stage_and_leads_to_states_only() -> None:
    assert set(STAGES) == set(IntroductionState)
    for stage in STAGES.values():
        for to in stage.leads_to:
            assert StepKind(to.value)
        assert [day for day, _kind in stage.clock] == sorted(day for day, _kind in stage.clock)


def test_a_broker_proposes_it_who_asks_agrees_and_who_is_asked_accepts() -> None:
    place = Place()
    one = place.draft(words="<b>Provano</b> valvole")
    assert (one.state, one.owner_id, one.contact) == ("draft", place.olga.pk, place.rita)
    actions.send_introduction(actor=place.broker, introduction_id=one.pk, version=one.version)
    assert fresh(one).state == IntroductionState.PROPOSED
    assert fresh(one).due_at == days(10)
    assert link_of(one).email == place.ada.email
    actions.consent_to_introduction(actor=visitor(NOW), token=token_of(one))
    asked = fresh(one)
    assert (asked.state, asked.due_at, asked.asked_at) == ("asked", days(15), NOW)
    actions.accept_introduction(actor=visitor(days(1)), token=token_of(one))
    accepted = fresh(one)
    assert (accepted.state, accepted.accepted_at) == ("accepted", days(1))
    assert kinds(one) == ["draft", "proposed", "asked", "accepted"]
    last = one.steps.get(kind="accepted")
    assert (last.label, last.side, last.person_id) == ("Rita Researcher", "contact", place.rita.pk)
    lines = [(line.verb, line.actor_label) for line in audit.history_of(accepted)]
    assert lines[0] == ("accept_introduction", "Rita Researcher")


def test_the_trail_tells_states_in_the_language_of_its_reader() -> None:
    """In whatever language the page was in where the step was taken."""
    with translation.override("it"):
        place = Place()
        one = place.accepted()
        actions.arrange_meeting(actor=place.asker, introduction_id=one.pk, at=days(5))
    trail = audit.history_of(one)
    with translation.override("en"):
        state = trail.get(verb="accept_introduction").changes["introduction_state"]
        assert [audit.in_page_language(value) for value in state] == ["Asked", "Accepted"]
    met = trail.get(verb="arrange_meeting").changes
    assert met == {"meeting_at": [None, "20/6/2026, 11:30"]}


def test_who_keeps_the_ask_asks_directly() -> None:
    place = Place()
    one = place.draft(place.asker)
    sent = actions.send_introduction(actor=place.asker, introduction_id=one.pk, version=1)
    assert sent.state == IntroductionState.ASKED


def test_declining_needs_a_reason_of_the_list() -> None:
    place = Place()
    one = place.asked()
    token = token_of(one)
    with pytest.raises(actions.IntroductionRefused):
        actions.decline_introduction(actor=visitor(NOW), token=token, reason="bored")
    assert fresh(one).state == IntroductionState.ASKED
    actions.decline_introduction(
        actor=visitor(NOW), token=token, reason="too_early", words="In primavera"
    )
    declined = fresh(one)
    assert (declined.decline_reason, declined.decline_words) == ("too_early", "In primavera")
    assert declined.clock_at is None


def test_a_colleague_is_asked_instead_with_the_whole_time_and_a_link_of_their_own() -> None:
    place = Place()
    one = place.asked()
    old = token_of(one)
    tick(days(6))
    actions.pass_on_introduction(
        actor=visitor(days(7)), token=old, name="Bruno", email="Bruno@lab.example", language="it"
    )
    passed = fresh(one)
    assert (passed.contact_email, passed.contact, passed.state) == (
        "bruno@lab.example",
        None,
        "asked",
    )
    assert (passed.due_at, passed.nudged_at) == (days(22), None)
    with pytest.raises(actions.LinkUsed):
        actions.accept_introduction(actor=visitor(days(7)), token=old)
    actions.accept_introduction(actor=visitor(days(8)), token=token_of(one))
    assert fresh(one).state == IntroductionState.ACCEPTED
    assert one.steps.get(kind="accepted").label == "Bruno"


def test_a_broker_asks_somebody_else_where_the_first_is_not_reached() -> None:
    place = Place()
    one = place.asked()
    old = token_of(one)
    key = {"introduction_id": one.pk, "name": "Bruno", "email": "bruno@lab.example"}
    with pytest.raises(NotAllowed):
        actions.pass_on_introduction(actor=manager_of(ClusterFactory()), **key)
    actions.pass_on_introduction(actor=at(place.broker, days(3)), **key)
    assert (fresh(one).contact_name, fresh(one).due_at) == ("Bruno", days(18))
    with pytest.raises(actions.LinkUsed):
        actions.accept_introduction(actor=visitor(days(4)), token=old)
    assert one.steps.get(kind="passed_on").side == ""


@pytest.mark.parametrize(
    ("name", "email"), [("", "b@lab.example"), ("Bruno", "nonsense"), ("Rita", "")]
)
def test_a_colleague_needs_a_name_and_an_address(name: str, email: str) -> None:
    place = Place()
    one = place.asked()
    with pytest.raises(actions.IntroductionRefused):
        actions.pass_on_introduction(
            actor=visitor(NOW), token=token_of(one), name=name, email=email
        )
    actions.accept_introduction(actor=visitor(NOW), token=token_of(one))


def test_it_is_not_passed_to_oneself_nor_round_and_round() -> None:
    place = Place()
    one = place.asked()
    with pytest.raises(actions.IntroductionRefused):
        actions.pass_on_introduction(
            actor=visitor(NOW), token=token_of(one), name="Rita", email=place.rita.email
        )
    for number in range(3):
        actions.pass_on_introduction(
            actor=visitor(NOW), token=token_of(one), name="B", email=f"b{number}@lab.example"
        )
    with pytest.raises(actions.IntroductionRefused, match="tramite"):
        actions.pass_on_introduction(
            actor=visitor(NOW), token=token_of(one), name="B", email="b9@lab.example"
        )


def test_two_brokers_on_one_request_the_second_is_told_who_is_at_it() -> None:
    place = Place()
    other = ClusterFactory()
    AskShareFactory(ask=place.ask, cluster=other)
    second = person(person_id=PersonFactory().pk, clusters={other.pk: frozenset({"manager"})})
    one = place.draft()
    with pytest.raises(actions.IntroductionRefused, match="Olga Office"):
        place.draft(second)
    actions.send_introduction(actor=second, introduction_id=one.pk, version=one.version)
    with pytest.raises(actions.IntroductionChanged):
        actions.send_introduction(actor=place.broker, introduction_id=one.pk, version=one.version)
    actions.take_over_introduction(actor=second, introduction_id=one.pk)
    assert fresh(one).owner_id == second.person_id


def test_once_over_it_can_be_introduced_again() -> None:
    place = Place()
    one = place.asked()
    actions.withdraw_introduction(actor=place.broker, introduction_id=one.pk)
    assert place.draft().pk != one.pk


def test_closing_the_ask_withdraws_what_nobody_has_answered() -> None:
    place = Place()
    accepted = place.accepted()
    bodies = [OrganisationFactory() for _state in range(3)]
    waiting = []
    for body, begin in zip(bodies, (place.draft, place.proposed, place.asked), strict=True):
        place.lab = body
        contact = {"contact_name": "Luca", "contact_email": f"luca@{body.slug}.example"}
        waiting.append(begin(**contact))
    token = token_of(waiting[2])
    actions.close_ask(actor=place.asker, ask_id=place.ask.pk)
    assert {fresh(one).state for one in waiting} == {"withdrawn"}
    assert fresh(accepted).state == IntroductionState.ACCEPTED
    with pytest.raises(actions.LinkUsed):
        actions.accept_introduction(actor=visitor(NOW), token=token)


def test_who_asks_stands_on_their_side_in_each_step() -> None:
    """Steps of a side are told without a name before both agreed."""
    place = Place()
    one = place.draft(place.asker)
    actions.send_introduction(actor=place.asker, introduction_id=one.pk, version=1)
    actions.withdraw_introduction(actor=place.asker, introduction_id=one.pk)
    assert set(one.steps.values_list("side", flat=True)) == {"asker"}


def test_who_was_never_asked_does_not_learn_that_they_might_have_been() -> None:
    place = Place()
    one = place.proposed()
    actions.withdraw_introduction(actor=visitor(NOW), token=token_of(one), words="Non ora")
    assert (fresh(one).state, fresh(one).contact) == ("withdrawn", None)


def test_a_body_without_people_is_drafted_but_not_sent() -> None:
    place = Place()
    place.lab = OrganisationFactory()
    one = place.draft()
    assert one.contact_email == ""
    with pytest.raises(actions.IntroductionRefused) as caught:
        actions.send_introduction(actor=place.broker, introduction_id=one.pk, version=one.version)
    assert "contact" in caught.value.fields
    changed = actions.change_introduction(
        actor=place.broker,
        introduction_id=one.pk,
        version=one.version,
        words="Buongiorno",
        contact_name="Luca",
        contact_email="luca@lab.example",
    )
    sent = actions.send_introduction(
        actor=place.broker, introduction_id=one.pk, version=changed.version
    )
    assert sent.state == IntroductionState.PROPOSED
    with pytest.raises(actions.IntroductionRefused):
        actions.change_introduction(
            actor=place.broker, introduction_id=one.pk, version=sent.version, words="No"
        )


def test_a_meeting_is_arranged_changed_and_called_off() -> None:
    place = Place()
    one = place.accepted()
    for viewer in (place.asker, place.contact, place.broker):
        actions.arrange_meeting(
            actor=viewer, introduction_id=one.pk, at=days(20), place="Mirandola"
        )
    assert (fresh(one).meeting_changes, fresh(one).clock_at) == (3, days(21))
    with pytest.raises(actions.IntroductionRefused):
        actions.arrange_meeting(actor=place.asker, introduction_id=one.pk, at=days(-1))
    with pytest.raises(actions.IntroductionRefused):
        actions.arrange_meeting(actor=place.asker, introduction_id=one.pk, at=days(2_900_000))
    actions.call_off_meeting(actor=place.contact, introduction_id=one.pk)
    assert (fresh(one).meeting_at, fresh(one).clock_at) == (None, days(14))
    with pytest.raises(actions.IntroductionChanged):
        actions.call_off_meeting(actor=place.contact, introduction_id=one.pk)


def test_what_came_of_it_is_said_by_either_side() -> None:
    place = Place()
    one = place.accepted()
    actions.record_meeting(actor=place.contact, introduction_id=one.pk)
    with pytest.raises(actions.IntroductionRefused):
        actions.record_outcome(actor=place.asker, introduction_id=one.pk, outcome="fortune")
    actions.record_outcome(
        actor=place.asker, introduction_id=one.pk, outcome="project", words="Con fondi europei"
    )
    assert (fresh(one).state, fresh(one).outcome) == ("led_to", "project")
    with pytest.raises(actions.IntroductionChanged):
        actions.record_outcome(actor=place.contact, introduction_id=one.pk, outcome="nothing")


def test_nothing_may_become_something_later() -> None:
    place = Place()
    one = place.accepted()
    actions.record_outcome(actor=place.contact, introduction_id=one.pk, outcome="nothing")
    assert fresh(one).state == IntroductionState.NOTHING
    actions.record_outcome(actor=place.contact, introduction_id=one.pk, outcome="contract")
    assert fresh(one).outcome == "contract"


@pytest.mark.parametrize("who", ["stranger", "visitor", "other office", "installation"])
def test_nobody_else_decides(who: str) -> None:
    place = Place()
    one = place.asked()
    viewer: Viewer = {
        "stranger": person(person_id=PersonFactory().pk),
        "visitor": visitor(NOW),
        "other office": manager_of(ClusterFactory()),
        "installation": installation(NOW),
    }[who]
    key = {"actor": viewer, "introduction_id": one.pk}
    for act in (
        lambda: actions.accept_introduction(**key),
        lambda: actions.decline_introduction(**key, reason="other"),
        lambda: actions.withdraw_introduction(**key),
        lambda: actions.take_over_introduction(**key),
        lambda: actions.record_meeting(**key),
        lambda: actions.consent_to_introduction(**key),
        lambda: place.draft(viewer),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_neither_side_decides_for_the_other() -> None:
    place = Place()
    one = place.asked()
    for viewer in (place.asker, place.broker):
        with pytest.raises(NotAllowed):
            actions.accept_introduction(actor=viewer, introduction_id=one.pk)
    with pytest.raises(NotAllowed):
        actions.withdraw_introduction(actor=place.contact, introduction_id=one.pk)
    proposed = Place()
    another = proposed.proposed()
    for viewer in (proposed.broker, proposed.contact):
        with pytest.raises(NotAllowed):
            actions.consent_to_introduction(actor=viewer, introduction_id=another.pk)


def test_opening_a_link_changes_nothing_however_often() -> None:
    place = Place()
    one = place.asked()
    before = fresh(one).version
    for _scan in range(5):
        actions.open_link(actor=visitor(days(1)), purpose="answer", token=token_of(one))
    link = link_of(one)
    assert (fresh(one).version, fresh(one).state, link.used_at) == (before, "asked", None)
    assert (link.times_opened, link.opened_at) == (5, days(1))
    assert not AskReading.objects.exists()


def test_a_link_is_used_once() -> None:
    place = Place()
    one = place.asked()
    token = token_of(one)
    actions.accept_introduction(actor=visitor(NOW), token=token)
    for again in (
        lambda: actions.accept_introduction(actor=visitor(NOW), token=token),
        lambda: actions.decline_introduction(actor=visitor(NOW), token=token, reason="other"),
        lambda: actions.open_link(actor=visitor(NOW), purpose="answer", token=token),
    ):
        with pytest.raises(actions.LinkUsed):
            again()
    assert fresh(one).state == IntroductionState.ACCEPTED


def test_a_link_ends_with_its_question_and_with_time() -> None:
    place = Place()
    one = place.asked()
    token = token_of(one)
    with pytest.raises(actions.LinkUsed, match="scaduto"):
        actions.accept_introduction(actor=visitor(days(15)), token=token)
    actions.withdraw_introduction(actor=place.broker, introduction_id=one.pk)
    with pytest.raises(actions.LinkUsed):
        actions.accept_introduction(actor=visitor(days(1)), token=token)
    assert fresh(one).state == IntroductionState.WITHDRAWN


def test_a_link_is_good_for_its_purpose_alone() -> None:
    place = Place()
    one = place.proposed()
    consent = token_of(one)
    with pytest.raises(LinkRefused):
        actions.accept_introduction(actor=visitor(NOW), token=consent)
    with pytest.raises(LinkRefused):
        actions.record_outcome(actor=visitor(NOW), token=consent, outcome="project")
    assert fresh(one).state == IntroductionState.PROPOSED


def test_who_left_does_not_answer_any_more() -> None:
    place = Place()
    one = place.proposed()
    token = token_of(one)
    place.ada.is_active = False
    place.ada.save()
    with pytest.raises(actions.LinkUsed):
        actions.consent_to_introduction(actor=visitor(NOW), token=token)
    heir = PersonFactory()
    MandateFactory(person=heir, profile=place.firm, role="representative")
    acting = person(person_id=heir.pk, mandates={place.firm.pk: frozenset({"representative"})})
    actions.consent_to_introduction(actor=acting, introduction_id=one.pk)
    assert fresh(one).state == IntroductionState.ASKED


def test_nothing_is_passed_on_before_who_asks_has_agreed() -> None:
    place = Place()
    one = place.proposed()
    with pytest.raises(actions.IntroductionRefused, match="acconsenti"):
        actions.relay_message(
            actor=installation(NOW),
            introduction_id=one.pk,
            side="asker",
            message_id="<1@firm.example>",
            text="Va bene",
        )
    assert kinds(one) == ["draft", "proposed"]


def test_messages_are_passed_on_between_the_two_once_each() -> None:
    place = Place()
    one = place.asked()
    told = {
        "actor": installation(NOW),
        "introduction_id": one.pk,
        "side": "contact",
        "message_id": "<1@lab.example>",
        "text": "Quando possiamo sentirci?",
    }
    first = actions.relay_message(**told, left_out=["disegno.pdf (20 MB)"])
    assert actions.relay_message(**told).pk == first.pk
    assert kinds(one).count("relayed") == 1
    with pytest.raises(Refusal):
        actions.relay_message(**{**told, "message_id": "<2>", "text": " \x00 "})
    with pytest.raises(NotAllowed):
        actions.relay_message(**{**told, "actor": place.broker})
    for number in range(19):
        actions.relay_message(**{**told, "message_id": f"<m{number}>"})
    with pytest.raises(actions.IntroductionRefused):
        actions.relay_message(**{**told, "message_id": "<more>"})
    actions.decline_introduction(actor=place.contact, introduction_id=one.pk, reason="conflict")
    with pytest.raises(actions.IntroductionRefused, match="conclusa"):
        actions.relay_message(**{**told, "message_id": "<late>"})


@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_at_once_one_answer_counts() -> None:
    place = Place()
    one = place.asked()
    token = token_of(one)

    def answer(number: int) -> object:
        if number % 2:
            return actions.accept_introduction(actor=visitor(NOW), token=token)
        return actions.decline_introduction(actor=visitor(NOW), token=token, reason="other")

    results = together(answer)
    assert sum(isinstance(result, Introduction) for result in results) == 1
    assert sum(isinstance(result, actions.LinkUsed) for result in results) == PEOPLE - 1
    assert len(kinds(one)) == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_who_introduce_at_once_one_does() -> None:
    place = Place()
    results = together(lambda _number: place.draft())
    assert sum(isinstance(result, Introduction) for result in results) == 1
    assert Introduction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_clock_run_by_many_at_once_reminds_once() -> None:
    place = Place()
    one = place.asked()
    together(lambda _number: tick(days(5)))
    assert kinds(one).count("nudged") == 1
