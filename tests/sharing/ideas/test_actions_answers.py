"""Answers are given, changed, taken back and decided on, until the very last moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.ideas import IdeaFactory, PartnerFactory
from tests.factories.organisations import NOW, UnitFactory
from tests.sharing.ideas.market_place import (
    Market,
    at,
    days,
    hearing,
    keeps_secrets,
    now,
    steps_of,
    trail,
)
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions, policies
from trebbo.sharing.ideas.events import answer_decided, answer_given, answer_withdrawn
from trebbo.sharing.ideas.models import Answer, Idea

pytestmark = pytest.mark.django_db

ROME, NEW_YORK, TOKYO = (
    ZoneInfo(name) for name in ("Europe/Rome", "America/New_York", "Asia/Tokyo")
)


def change(answer: Answer, actor: Viewer, **given: Any) -> Answer:
    """Changed in the version that is kept now, if in no other."""
    facts = {"version": Answer.objects.get(pk=answer.pk).version, "text": "Meglio", **given}
    return actions.change_answer(actor=actor, answer_id=answer.pk, **facts)


def decide(answer: Answer, actor: Viewer, *, accept: bool = True, **given: Any) -> Answer:
    """Decided on in the version that is kept now, if in no other."""
    version = Answer.objects.get(pk=answer.pk).version
    facts = {"version": version, "reply": "Perché sì", **given}
    return actions.decide_answer(actor=actor, answer_id=answer.pk, accept=accept, **facts)


def test_an_answer_is_kept_with_body_author_and_moment_and_the_idea_is_answered() -> None:
    market = Market()
    idea = market.open()
    role = PartnerFactory(idea=idea)
    lab = at(market.lab_person, days(1))
    answer = market.answer(idea, lab, text=" Lo sappiamo\r\nfare ", role_id=role.pk)
    assert (answer.text, answer.state, answer.role) == ("Lo sappiamo\nfare", "given", role)
    assert (answer.body_id, answer.author_id) == (market.lab.pk, lab.person_id)
    assert (answer.given_at, answer.version) == (days(1), 1)
    assert (now(idea).state, now(idea).since) == ("answered", days(1))
    market.answer(idea, market.firm_person)
    assert steps_of(idea)[-1] == ("answered", "Lia Lab")
    lines = [(line.verb, line.changes.get("answering_body")) for line in trail(idea)[-3:]]
    assert lines == [
        ("give_answer", [None, "Laboratorio Alfa"]),
        ("advance_idea", None),
        ("give_answer", [None, "Impresa Beta"]),
    ]
    assert keeps_secrets(idea, "sappiamo")


def test_a_role_of_another_idea_is_none() -> None:
    market = Market()
    assert market.answer(market.open(), role_id=PartnerFactory().pk).role is None


def test_a_body_answers_once_and_only_others_ideas_and_only_by_its_people() -> None:
    market = Market()
    idea = market.open()
    market.answer(idea)
    with pytest.raises(actions.IdeaRefused) as caught:
        market.answer(idea, market.acting_for(market.lab))
    assert set(caught.value.fields) == {"body"}
    with pytest.raises(actions.IdeaRefused) as caught:
        market.answer(idea, market.keeper)
    assert set(caught.value.fields) == {"body"}
    for body in (market.lab.pk, market.hospital.pk, 2**40):
        with pytest.raises(actions.IdeaRefused) as caught:
            market.answer(idea, market.firm_person, body_id=body)
        assert set(caught.value.fields) == {"body"}
    for text, field in (("", "text"), ("<p>\u200b</p>", "text"), ("x" * 20_001, "text")):
        with pytest.raises(actions.IdeaRefused) as caught:
            market.answer(idea, market.firm_person, text=text)
        assert set(caught.value.fields) == {field}
    assert idea.answers.count() == 1


def test_an_organisation_that_owns_a_unit_answers_for_it_by_its_representative() -> None:
    market = Market()
    idea = market.open()
    unit = UnitFactory(organisation=market.firm)
    with pytest.raises(actions.IdeaRefused):
        market.answer(idea, market.firm_person, body_id=unit.pk)
    representative = market.acting_for(market.firm, "representative")
    assert market.answer(idea, representative, body_id=unit.pk).body_id == unit.pk


def test_who_may_answer() -> None:
    market = Market()
    idea = market.open("cluster")
    answered = set()
    for who, viewer in market.people().items():
        body = next(iter(viewer.mandates), 0)
        Answer.objects.all().delete()
        try:
            market.answer(idea, viewer, body_id=body)
        except NotAllowed:
            continue
        except actions.IdeaRefused:
            assert body == market.ward.pk, who  # the idea is its own
            continue
        answered.add(who)
    assert answered == {
        "represents the owner",
        "editor of the owner",
        "laboratory",
        "another member",
        "in the chain",
        "in the chain until yesterday",
    }


def test_terms_come_before_an_answer() -> None:
    market = Market()
    idea = market.open()
    actions.write_terms(
        actor=market.keeper, idea_id=idea.pk, version=idea.version, text_it="Riserbo"
    )
    with pytest.raises(NotAllowed):
        market.answer(idea)
    actions.accept_terms(actor=market.lab_person, idea_id=idea.pk, terms_version=1)
    assert market.answer(idea).state == "given"


@pytest.mark.parametrize(
    "deadline",
    [
        datetime(2026, 6, 30, 18, 0, tzinfo=ROME),
        datetime(2026, 6, 30, 18, 0, tzinfo=NEW_YORK),
        datetime(2026, 6, 30, 18, 0, tzinfo=TOKYO),
        # Twice half past two in Rome, when summer time ends; and half past one when it begins.
        datetime(2026, 10, 25, 2, 30, tzinfo=ROME, fold=0),
        datetime(2026, 10, 25, 2, 30, tzinfo=ROME, fold=1),
        datetime(2027, 3, 28, 1, 59, 59, tzinfo=ROME),
        datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1),
    ],
    ids=str,
)
@pytest.mark.parametrize("clock", [UTC, ROME, NEW_YORK, TOKYO], ids=str)
def test_the_deadline_is_one_moment_wherever_who_answers_is(deadline: datetime, clock: Any) -> None:
    market = Market()
    idea = market.open("public", deadline_at=deadline)
    last = deadline.astimezone(UTC)
    in_time, too_late = (
        (last + timedelta(seconds=seconds)).astimezone(clock) for seconds in (0, 1)
    )
    answer = market.answer(idea, at(market.lab_person, in_time))
    with pytest.raises(actions.TooLate) as caught:
        market.answer(idea, at(market.firm_person, too_late))
    assert caught.value.status == 409
    assert "Europe/Rome" in caught.value.message
    change(answer, at(market.lab_person, in_time), text="Ancora in tempo")
    with pytest.raises(actions.TooLate):
        change(answer, at(market.lab_person, too_late))
    assert list(idea.answers.values_list("text", flat=True)) == ["Ancora in tempo"]


def test_a_moved_deadline_takes_answers_again() -> None:
    market = Market()
    idea = market.open(deadline_at=days(1))
    late = at(market.lab_person, days(2))
    with pytest.raises(actions.TooLate):
        market.answer(idea, late)
    Idea.objects.filter(pk=idea.pk).update(deadline_at=days(3))
    assert market.answer(idea, late).given_at == days(2)


@pytest.mark.parametrize("state", ["formation", "submitted", "running", "closed", "withdrawn"])
def test_an_idea_that_takes_no_answers_any_more_says_so_to_who_could_read_it(state: str) -> None:
    market = Market()
    idea = market.bring(state)
    with pytest.raises(actions.TooLate) as caught:
        market.answer(idea)
    assert caught.value.status == 409
    for viewer in (market.member_of(market.abroad), visitor(NOW)):
        with pytest.raises(NotAllowed):
            market.answer(idea, viewer, body_id=market.firm.pk)
    assert not Answer.objects.exists()


def test_of_a_withdrawn_idea_who_did_not_accept_its_terms_learns_nothing() -> None:
    market = Market()
    idea = market.open()
    actions.write_terms(
        actor=market.keeper, idea_id=idea.pk, version=idea.version, text_it="Riserbo"
    )
    market.close(idea, "withdrawn")
    with pytest.raises(NotAllowed):
        market.answer(idea)


def test_nobody_answers_what_is_not_published() -> None:
    market = Market()
    for idea in (market.write(), market.checking()):
        with pytest.raises(NotAllowed):
            market.answer(idea)


def test_colleagues_change_an_answer_and_the_second_is_told() -> None:
    market = Market()
    answer = market.answer(market.open())
    colleague = market.acting_for(market.lab)
    first = change(answer, colleague, text="Del collega")
    assert (first.text, first.version, first.author_id) == (
        "Del collega",
        2,
        market.lab_person.person_id,
    )
    with pytest.raises(actions.IdeaChanged) as caught:
        change(answer, market.lab_person, version=1)
    assert (caught.value.present, caught.value.version) == ({"text": "Del collega"}, 2)
    with pytest.raises(NotAllowed):
        change(answer, market.firm_person)
    with pytest.raises(actions.IdeaRefused):
        change(answer, market.lab_person, text=" ")


def test_what_was_decided_is_no_longer_changed() -> None:
    market = Market()
    answer = market.answer(market.open())
    decide(answer, market.keeper)
    with pytest.raises(actions.IdeaRefused):
        change(answer, market.lab_person)
    assert Answer.objects.get().text == "Lo sappiamo fare"


def test_taken_back_it_is_read_by_no_owner_and_given_anew() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    assert policies.view_answer.allows(market.keeper, answer)
    for _twice in range(2):
        actions.withdraw_answer(actor=market.lab_person, answer_id=answer.pk)
    answer.refresh_from_db()
    assert (answer.state, answer.version) == ("withdrawn", 2)
    assert not policies.view_answer.allows(market.keeper, answer)
    assert now(idea).state == "open"
    with pytest.raises(actions.IdeaRefused):
        decide(answer, market.keeper)
    again = market.answer(idea, at(market.lab_person, days(1)), text="Di nuovo")
    assert (again.pk, again.state, again.text) == (answer.pk, "given", "Di nuovo")
    assert (again.given_at, now(idea).state) == (days(1), "answered")


def test_an_answer_given_anew_has_no_decision_yet() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    decide(answer, market.keeper, accept=False)
    actions.withdraw_answer(actor=market.lab_person, answer_id=answer.pk)
    again = Answer.objects.get(pk=market.answer(idea).pk)
    assert (again.state, again.reply, again.decided_at) == ("given", "", None)


def test_an_idea_stays_answered_while_another_answer_stands() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    market.answer(idea, market.firm_person)
    actions.withdraw_answer(actor=market.lab_person, answer_id=answer.pk)
    assert now(idea).state == "answered"
    for viewer in (market.firm_person, market.keeper, market.office, visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.withdraw_answer(actor=viewer, answer_id=answer.pk)


def test_a_decision_has_its_reason_and_moment_and_may_be_changed() -> None:
    market = Market()
    idea = market.open()
    answer = market.answer(idea)
    with pytest.raises(actions.IdeaRefused) as caught:
        decide(answer, market.keeper, accept=False, reply=" ")
    assert set(caught.value.fields) == {"reply"}
    declined = decide(answer, at(market.keeper, days(1)), accept=False, reply="Segretissimo")
    assert (declined.state, declined.reply, declined.decided_at) == (
        "declined",
        "Segretissimo",
        days(1),
    )
    accepted = decide(answer, at(market.keeper, days(2)), reply="")
    assert (accepted.state, accepted.reply, accepted.decided_at) == ("accepted", "", days(2))
    assert keeps_secrets(idea, "Segretissimo", "sappiamo")
    with pytest.raises(actions.IdeaChanged):
        decide(answer, market.keeper, version=1)
    for viewer in (market.lab_person, market.office, market.firm_person, visitor(NOW)):
        with pytest.raises(NotAllowed):
            decide(answer, viewer)


def test_the_official_answer_is_dated_and_may_be_changed() -> None:
    market = Market()
    for idea in (market.write(), market.checking()):
        with pytest.raises(actions.IdeaRefused):
            actions.answer_officially(
                actor=market.keeper, idea_id=idea.pk, version=idea.version, text="Ecco"
            )
    idea = market.open()
    given = {"actor": at(market.keeper, days(1)), "idea_id": idea.pk}
    with pytest.raises(actions.IdeaRefused):
        actions.answer_officially(**given, version=idea.version, text=" ")
    kept = actions.answer_officially(**given, version=idea.version, text="Eccola")
    assert (kept.official_answer, kept.official_at) == ("Eccola", days(1))
    again = {**given, "actor": at(market.keeper, days(2))}
    kept = actions.answer_officially(**again, version=kept.version, text="Altra")
    assert (kept.official_answer, kept.official_at) == ("Altra", days(2))
    assert steps_of(idea)[-2:] == [("official", "Kira Keeper")] * 2
    assert keeps_secrets(idea, "Eccola")
    with pytest.raises(NotAllowed):
        actions.answer_officially(
            actor=market.office, idea_id=idea.pk, version=kept.version, text="Ecco"
        )


def test_what_happens_to_an_answer_is_told_once_it_is_certain(
    django_capture_on_commit_callbacks: Any,
) -> None:
    market = Market()
    idea = market.open()
    signals = (answer_given, answer_decided, answer_withdrawn)
    with hearing(*signals) as heard, django_capture_on_commit_callbacks(execute=True):
        answer = market.answer(idea)
        change(answer, market.lab_person)
        decide(answer, market.keeper)
        actions.withdraw_answer(actor=market.lab_person, answer_id=answer.pk)
        actions.withdraw_answer(actor=market.lab_person, answer_id=answer.pk)
        assert heard == []
    facts = {"answer_id": answer.pk}
    wanted = [answer_given, answer_given, answer_decided, answer_withdrawn]
    assert heard == [(signal, facts) for signal in wanted]


def test_who_left_the_body_has_no_say_in_its_answer() -> None:
    market = Market()
    answer = market.answer(market.open())
    left = replace(market.lab_person, mandates=market.firm_person.mandates)
    for act in (
        lambda: change(answer, left),
        lambda: actions.withdraw_answer(actor=left, answer_id=answer.pk),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_answers_name_does_not_hold_what_it_is_about() -> None:
    market = Market()
    idea = IdeaFactory(title_it="Segreto", teaser_title_it="Velato")
    assert "Segreto" not in str(idea.answers.create(body=market.lab, given_at=NOW, changed_at=NOW))
