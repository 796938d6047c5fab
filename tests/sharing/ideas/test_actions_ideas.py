"""An idea is written, checked, published, taken further, closed and renewed, each step dated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.ideas import IdeaFactory
from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory
from tests.sharing.ideas.market_place import (
    WORDS,
    Market,
    at,
    days,
    hearing,
    keeps_secrets,
    now,
    steps_of,
    trail,
)
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.actions.steps import move
from trebbo.sharing.ideas.choices import LEADS_TO, IdeaOutcome, IdeaState, StepKind
from trebbo.sharing.ideas.events import idea_stepped
from trebbo.sharing.ideas.models import Idea

pytestmark = pytest.mark.django_db

EVERY_STATE = (*IdeaState, "withdrawn", "expired")


def refusal(act: Callable[[], object]) -> set[str]:
    """The fields that a refusal names."""
    with pytest.raises(actions.IdeaRefused) as caught:
        act()
    return set(caught.value.fields)


def test_the_whole_way_from_a_draft_to_an_end_is_dated_with_who_went_it() -> None:
    market = Market()
    idea = market.write()
    keeper, office = "Kira Keeper", "Olga Office"

    def go(act: Callable[..., Idea], who: Any, day: float, **given: Any) -> None:
        act(actor=at(who, days(day)), idea_id=idea.pk, version=now(idea).version, **given)

    go(actions.submit_idea, market.keeper, 1)
    go(actions.return_idea, market.office, 2, note="Manca il budget")
    go(actions.submit_idea, market.keeper, 3)
    go(actions.publish_idea, market.office, 4)
    for day, state in enumerate(("formation", "submitted", "funded", "running"), start=5):
        go(actions.advance_idea, market.keeper, day, state=state)
    go(actions.close_idea, market.keeper, 9, outcome="completed", reason="Finito")
    assert steps_of(idea) == [
        ("draft", keeper),
        ("checking", keeper),
        ("returned", office),
        ("checking", keeper),
        ("open", office),
        ("formation", keeper),
        ("submitted", keeper),
        ("funded", keeper),
        ("running", keeper),
        ("closed", keeper),
    ]
    assert [step.at for step in idea.steps.order_by("pk")] == [days(day) for day in range(10)]
    assert {step.person_id for step in idea.steps.filter(label=office)} == {market.office.person_id}
    kept = now(idea)
    assert (kept.state, kept.outcome, kept.outcome_reason) == ("closed", "completed", "Finito")
    assert (kept.published_at, kept.closed_at, kept.since) == (days(4), days(9), days(9))
    assert [line.verb for line in trail(idea)] == [
        "write_idea",
        "submit_idea",
        "return_idea",
        "submit_idea",
        "publish_idea",
        *["advance_idea"] * 4,
        "close_idea",
    ]
    assert keeps_secrets(idea, "budget", "Finito")


@pytest.mark.parametrize(("old", "new"), list(product(IdeaState, IdeaState)))
def test_nothing_leads_where_the_table_does_not(old: IdeaState, new: IdeaState) -> None:
    idea = IdeaFactory(state=old)
    if new in LEADS_TO[old]:
        columns = {
            "outcome": IdeaOutcome.SOLVED if new == IdeaState.CLOSED else "",
        }
        move(idea, new, Market().keeper, verb="advance_idea", **columns)
        [step] = now(idea).steps.all()
        returned = new == IdeaState.DRAFT
        assert (now(idea).state, step.kind) == (new, StepKind.RETURNED if returned else new)
        return
    with pytest.raises(actions.IdeaRefused):
        move(idea, new, Market().keeper, verb="advance_idea")
    kept = now(idea)
    assert (kept.state, kept.version, kept.steps.count(), trail(idea)) == (old, 1, 0, [])


@pytest.mark.parametrize("state", EVERY_STATE)
def test_in_each_state_people_can_do_what_leads_on_and_nothing_else(state: str) -> None:
    market = Market()
    idea = market.bring(state)
    owner, office = market.keeper, market.office
    ways: dict[str, Callable[[], object]] = {
        "submit": lambda: actions.submit_idea(actor=owner, idea_id=idea.pk, version=idea.version),
        "return": lambda: actions.return_idea(
            actor=office, idea_id=idea.pk, version=idea.version, note="Manca"
        ),
        "publish": lambda: actions.publish_idea(
            actor=office, idea_id=idea.pk, version=idea.version
        ),
        "close": lambda: actions.close_idea(
            actor=owner, idea_id=idea.pk, version=idea.version, outcome="solved"
        ),
        "renew": lambda: actions.renew_idea(actor=owner, idea_id=idea.pk, version=idea.version),
    }
    for further in ("formation", "submitted", "funded", "running"):
        ways[further] = lambda further=further: market.advance(idea, further)  # type: ignore[misc]
    can = {
        "draft": {"submit"},
        "checking": {"return", "publish"},
        "open": {"close", "renew", "formation"},
        "answered": {"close", "renew", "formation"},
        "formation": {"close", "submitted", "running"},
        "submitted": {"close", "funded", "formation"},
        "funded": {"close", "running"},
        "running": {"close"},
        "expired": {"renew"},
    }.get(state, set())
    for way, act in ways.items():
        if way not in can:
            with pytest.raises((actions.IdeaRefused, NotAllowed)):
                act()
            assert (now(idea).state, now(idea).version) == (idea.state, idea.version), way
    for way in sorted(can):
        Idea.objects.filter(pk=idea.pk).update(
            state=idea.state, outcome=idea.outcome, version=idea.version
        )
        ways[way]()
        assert now(idea).version > idea.version, way


def test_a_state_that_only_others_bring_is_not_chosen_by_hand() -> None:
    market = Market()
    idea = market.open()
    for state in ("open", "answered", "closed", "draft", "nonsense", ""):
        assert refusal(lambda state=state: market.advance(idea, state)) == {"state"}  # type: ignore[misc]
    assert now(idea).state == "open"


def test_who_saves_second_is_told_and_nothing_is_lost() -> None:
    market = Market()
    idea = market.write()
    colleague = market.acting_for(market.ward)
    first = actions.change_idea(
        actor=market.keeper,
        idea_id=idea.pk,
        version=idea.version,
        words=replace(WORDS, text_it="Prima"),
    )
    with pytest.raises(actions.IdeaChanged) as caught:
        actions.change_idea(
            actor=colleague,
            idea_id=idea.pk,
            version=idea.version,
            words=replace(WORDS, text_it="Seconda"),
        )
    assert (caught.value.status, caught.value.version) == (409, first.version)
    assert caught.value.present["text_it"] == "Prima"
    assert now(idea).text_it == "Prima"


@pytest.mark.parametrize(
    "act",
    ["submit", "publish", "return", "advance", "close", "renew", "open", "terms", "official"],
)
def test_nobody_decides_on_words_that_were_changed_meanwhile(act: str) -> None:
    market = Market()
    idea = market.checking() if act in {"publish", "return"} else market.open()
    idea = market.write() if act == "submit" else idea
    seen = idea.version
    actions.change_idea(actor=market.keeper, idea_id=idea.pk, version=seen, words=WORDS)
    keeper = {"actor": market.keeper, "idea_id": idea.pk, "version": seen}
    office = {**keeper, "actor": market.office}
    ways: dict[str, Callable[[], object]] = {
        "submit": lambda: actions.submit_idea(**keeper),
        "publish": lambda: actions.publish_idea(**office),
        "return": lambda: actions.return_idea(**office, note="Manca"),
        "advance": lambda: actions.advance_idea(**keeper, state="formation"),
        "close": lambda: actions.close_idea(**keeper, outcome="solved"),
        "renew": lambda: actions.renew_idea(**keeper),
        "open": lambda: actions.open_idea(**keeper, opening=actions_opening()),
        "terms": lambda: actions.write_terms(**keeper, text_it="Riserbo"),
        "official": lambda: actions.answer_officially(**keeper, text="Ecco"),
    }
    state = now(idea).state
    with pytest.raises(actions.IdeaChanged):
        ways[act]()
    assert (now(idea).state, now(idea).version) == (state, seen + 1)


def actions_opening() -> Any:
    """To everybody."""
    from trebbo.ecosystem.clusters.actions import Opening

    return Opening("public")


def test_who_may_write_and_who_may_not() -> None:
    market = Market()
    people = market.people()
    wrote = set()
    for who, viewer in people.items():
        try:
            actions.write_idea(
                actor=viewer,
                kind="project",
                body_id=market.ward.pk,
                broker_id=market.cluster.pk,
                words=WORDS,
            )
        except NotAllowed:
            continue
        wrote.add(who)
    assert wrote == {"keeper", "colleague", "represents the owner", "agency"}
    assert Idea.objects.count() == len(wrote)


def test_an_idea_is_for_a_cluster_of_its_writer() -> None:
    market = Market()

    def write(broker: int, kind: str = "challenge") -> Idea:
        return actions.write_idea(
            actor=market.keeper,
            kind=kind,
            body_id=market.ward.pk,
            broker_id=broker,
            words=WORDS,
        )

    assert refusal(lambda: write(market.abroad.pk)) == {"broker"}
    assert refusal(lambda: write(2**40)) == {"broker"}
    assert refusal(lambda: write(market.cluster.pk, "poem")) == {"kind"}
    assert write(market.cluster.pk).criteria.count() == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title_it": "", "title_en": " \n"}, "title_it"),
        ({"title_it": "x" * 201}, "title_it"),
        ({"teaser_title_en": "x" * 121}, "teaser_title_en"),
        ({"teaser_it": "x" * 301}, "teaser_it"),
        ({"text_en": "x" * 20_001}, "text_en"),
        ({"good_answer_it": "x" * 20_001}, "good_answer_it"),
        ({"budget": Decimal("-0.01")}, "budget"),
        ({"funding_sought": Decimal("10000000000")}, "funding_sought"),
        ({"trl": 0}, "trl"),
        ({"trl": 10}, "trl"),
        ({"deadline_at": NOW}, "deadline_at"),
        (
            {"deadline_at": datetime(2026, 6, 15, 11, 30, tzinfo=ZoneInfo("Europe/Rome"))},
            "deadline_at",
        ),
        ({"partners": [("r", "")] * 21}, "partners"),
        ({"partners": [("r" * 201, "")]}, "partners"),
    ],
    ids=str,
)
def test_words_that_do_not_fit_are_refused_at_their_field(
    given: dict[str, Any], field: str
) -> None:
    market = Market()
    assert refusal(lambda: market.write(**given)) == {field}
    idea = market.write()
    change = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.change_idea(**change, words=replace(WORDS, **given))) == {field}
    assert (now(idea).version, now(idea).text_it) == (idea.version, WORDS.text_it)


def test_all_that_is_typed_is_kept() -> None:
    market = Market()
    field = ConceptFactory()
    deadline = datetime(2026, 7, 1, 18, 0, tzinfo=ZoneInfo("America/New_York"))
    idea = now(
        market.write(
            budget=Decimal("1000.50"),
            trl=9,
            names_owner=False,
            deadline_at=deadline,
            field_ids=[field.pk, 2**40],
            partners=[("Clinico", "Clinician"), ("", "  "), ("Produttore", "")],
        )
    )
    assert (idea.budget, idea.trl, idea.names_owner) == (Decimal("1000.50"), 9, False)
    assert idea.deadline_at == datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    assert list(idea.fields.all()) == [field]
    roles = idea.partners_sought.values_list("role_it", "role_en")
    assert list(roles) == [("Clinico", "Clinician"), ("Produttore", "")]


def test_a_role_that_is_still_sought_keeps_the_answers_to_it() -> None:
    market = Market()
    idea = market.open(partners=[("Clinico", ""), ("Produttore", "")])
    clinician, producer = idea.partners_sought.all()
    kept = market.answer(idea, role_id=clinician.pk)
    lost = market.answer(idea, market.firm_person, role_id=producer.pk)
    words = replace(WORDS, partners=[("Statistico", ""), ("Clinico", "")])
    version = now(idea).version
    actions.change_idea(actor=market.keeper, idea_id=idea.pk, version=version, words=words)
    kept.refresh_from_db()
    lost.refresh_from_db()
    assert (kept.role, lost.role, lost.text) == (clinician, None, "Lo sappiamo fare")
    assert [str(one) for one in idea.partners_sought.all()] == ["Statistico", "Clinico"]


def test_a_role_that_is_reworded_keeps_the_answers_to_it() -> None:
    market = Market()
    idea = market.open(partners=[("Clinico", ""), ("Produttore", ""), ("Statistico", "")])
    role = idea.partners_sought.all()[1]
    given = market.answer(idea, role_id=role.pk)
    words = replace(WORDS, partners=[("Clinico", ""), ("Produttore di stent", "Stent maker")])
    version = now(idea).version
    actions.change_idea(actor=market.keeper, idea_id=idea.pk, version=version, words=words)
    given.refresh_from_db()
    assert given.role == role
    assert given.role.role_it == "Produttore di stent"
    assert [one.role_en for one in idea.partners_sought.all()] == ["", "Stent maker"]


def test_more_fields_than_fit_are_refused_and_not_cut() -> None:
    market = Market()
    keys = [ConceptFactory().pk for _ in range(13)]
    assert refusal(lambda: market.write(field_ids=keys)) == {"topics"}
    assert now(market.write(field_ids=keys[:12])).fields.count() == 12


def test_a_draft_without_a_text_is_not_handed_over_and_later_the_text_stays() -> None:
    market = Market()
    idea = market.write(text_it="", text_en="\u200b")
    submit = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.submit_idea(**submit)) == {"text_it"}
    published = market.open()
    assert refusal(
        lambda: actions.change_idea(
            actor=market.keeper,
            idea_id=published.pk,
            version=published.version,
            words=replace(WORDS, text_it="", text_en=""),
        )
    ) == {"text_it"}


def test_a_wider_circle_is_never_left_without_a_teaser() -> None:
    market = Market()
    idea = market.open_to(market.write(), "named", "public")
    without = replace(WORDS, teaser_it="", teaser_en="")
    change = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.change_idea(**change, words=without)) == {"teaser_it"}
    only_english = replace(without, teaser_en="Teaser")
    assert actions.change_idea(**change, words=only_english).teaser_en == "Teaser"


def test_a_closed_idea_is_no_longer_changed() -> None:
    market = Market()
    idea = market.close(market.open())
    change = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.change_idea(**change, words=WORDS)) == set()


def test_a_deadline_that_is_over_is_moved_before_the_idea_is_published() -> None:
    market = Market()
    idea = market.checking(deadline_at=days(1))
    publish = {"idea_id": idea.pk, "version": idea.version}
    late = at(market.office, days(1))
    assert refusal(lambda: actions.publish_idea(actor=late, **publish)) == {"deadline_at"}
    # Other words can be changed meanwhile: the deadline that was kept is no new mistake.
    changed = actions.change_idea(
        actor=at(market.keeper, days(2)),
        idea_id=idea.pk,
        version=idea.version,
        words=replace(WORDS, title_it="Altro", deadline_at=days(1)),
    )
    assert (changed.title_it, changed.deadline_at) == ("Altro", days(1))


def test_reasons_are_asked_for_where_somebody_waits_for_them() -> None:
    market = Market()
    idea = market.checking()
    back = {"actor": market.office, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.return_idea(**back, note=" \n")) == {"note"}
    idea = market.open()
    end = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    assert refusal(lambda: actions.close_idea(**end, outcome="no_answer")) == {"reason"}
    assert refusal(lambda: actions.close_idea(**end, outcome="expired")) == {"outcome"}
    assert refusal(lambda: actions.close_idea(**end, outcome="")) == {"outcome"}
    too_long = {"outcome": "other", "reason": "x" * 501}
    assert refusal(lambda: actions.close_idea(**end, **too_long)) == {"reason"}
    assert actions.close_idea(**end, outcome="solved").outcome == "solved"


def test_only_owner_and_broker_take_an_idea_on_each_what_is_theirs() -> None:
    market = Market()
    people = market.people()
    idea = market.open("public")
    version = {"idea_id": idea.pk, "version": idea.version}
    for who, viewer in people.items():
        if who not in {"keeper", "colleague", "represents the owner"}:
            with pytest.raises(NotAllowed):
                actions.advance_idea(actor=viewer, **version, state="formation")
            with pytest.raises(NotAllowed):
                actions.change_idea(actor=viewer, **version, words=WORDS)
            if who not in {"office", "agency"}:
                with pytest.raises(NotAllowed):
                    actions.close_idea(actor=viewer, **version, outcome="solved")
                with pytest.raises(NotAllowed):
                    actions.renew_idea(actor=viewer, **version)
    checking = market.checking()
    for act in (actions.publish_idea, actions.return_idea):
        more = {"note": "x"} if act is actions.return_idea else {}
        for viewer in (market.keeper, market.lab_person, visitor(NOW), installation(NOW)):
            with pytest.raises(NotAllowed):
                act(actor=viewer, idea_id=checking.pk, version=checking.version, **more)
    assert (now(idea).version, now(checking).version) == (idea.version, checking.version)


def test_there_is_no_telling_a_hidden_idea_from_none() -> None:
    market = Market()
    idea = market.write()
    told = set()
    for key in (idea.pk, 2**40):
        with pytest.raises(NotAllowed) as caught:
            actions.change_idea(actor=market.lab_person, idea_id=key, version=1, words=WORDS)
        told.add(caught.value.message)
    assert len(told) == 1


def test_a_draft_is_thrown_away_by_its_owner_and_a_published_idea_by_nobody() -> None:
    market = Market()
    draft = market.write()
    with pytest.raises(NotAllowed):
        actions.discard_idea(actor=market.office, idea_id=draft.pk, version=draft.version)
    actions.discard_idea(actor=market.keeper, idea_id=draft.pk, version=draft.version)
    assert not Idea.objects.filter(pk=draft.pk).exists()
    idea = market.open()
    with pytest.raises(actions.IdeaRefused):
        actions.discard_idea(actor=market.keeper, idea_id=idea.pk, version=idea.version)


def test_an_expired_idea_that_had_answers_lives_again_with_them() -> None:
    market = Market()
    given = market.answer(market.open())
    idea = given.idea
    Idea.objects.filter(pk=idea.pk).update(state="closed", outcome="expired")
    idea.refresh_from_db()
    again = actions.renew_idea(actor=market.keeper, idea_id=idea.pk, version=idea.version)
    assert (again.state, steps_of(again)[-1]) == ("answered", ("renewed", "Kira Keeper"))


def test_renewed_it_lives_180_days_from_that_day_and_an_expired_one_lives_again() -> None:
    market = Market()
    idea = market.open()
    assert idea.expires_date == date(2026, 12, 12)
    later = at(market.keeper, days(100))
    renewed = actions.renew_idea(actor=later, idea_id=idea.pk, version=idea.version)
    assert (renewed.expires_date, renewed.state) == (date(2027, 3, 22), "open")
    assert trail(idea)[-1].changes == {"expires_date": ["2026-12-12", "2027-03-22"]}
    assert steps_of(idea)[-1] == ("renewed", "Kira Keeper")
    expired = market.expired()
    assert (expired.state, expired.outcome) == ("closed", "expired")
    again = actions.renew_idea(
        actor=at(market.office, days(201)), idea_id=expired.pk, version=expired.version
    )
    assert (again.state, again.outcome, again.closed_at) == ("open", "", None)
    assert again.expires_date == date(2027, 7, 1)


def test_each_step_is_told_once_it_is_certain(django_capture_on_commit_callbacks: Any) -> None:
    market = Market()
    with hearing(idea_stepped) as heard:
        with django_capture_on_commit_callbacks(execute=False):
            idea = market.write()
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            market.checking()
            actions.change_idea(
                actor=market.keeper, idea_id=idea.pk, version=idea.version, words=WORDS
            )
    assert [set(facts) for _signal, facts in heard] == [{"idea_id", "step_id"}] * 2


def test_what_is_refused_tells_nobody(django_capture_on_commit_callbacks: Any) -> None:
    market = Market()
    idea = market.open()
    before = (steps_of(idea), len(trail(idea)))
    with (
        hearing(idea_stepped) as heard,
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(actions.IdeaRefused),
    ):
        market.advance(idea, "funded")
    assert (heard, steps_of(idea), len(trail(idea))) == ([], *before)


def test_other_bodies_ideas_are_not_shown_by_their_name() -> None:
    idea = IdeaFactory(title_it="Segreto", body=OrganisationFactory(name="Riservata srl"))
    assert str(idea) == f"Idea {idea.pk}"
    idea.teaser_title_it = ""
    assert idea.heading == f"{idea.get_kind_display()} {idea.pk}"
