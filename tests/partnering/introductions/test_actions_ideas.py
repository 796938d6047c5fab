"""From an idea to people: its ask, and the introduction of who gave an accepted answer."""

from dataclasses import replace

import pytest

from tests.concurrency import PEOPLE, together
from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.introductions import KeptApartFactory, PreferenceFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from tests.partnering.introductions.idea_place import SECRET, IdeaPlace
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel import audit
from trebbo.kernel.access import installation
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import EntryStanding
from trebbo.partnering.introductions.models import (
    Ask,
    AskShare,
    Introduction,
    IntroductionPreference,
    ShortlistEntry,
)
from trebbo.partnering.introductions.policies import edit_ask, edit_shortlist, view_ask
from trebbo.partnering.introductions.queries.introductions import asker_of
from trebbo.sharing.ideas.actions import close_idea, discard_idea
from trebbo.sharing.ideas.choices import IdeaState
from trebbo.sharing.ideas.models import Answer, Idea

pytestmark = pytest.mark.django_db


def steps(introduction: Introduction) -> list[str]:
    """What happened, in order."""
    return list(introduction.steps.order_by("pk").values_list("kind", flat=True))


def test_an_idea_is_asked_for_its_body_and_open_to_nobody_else() -> None:
    place = IdeaPlace(good_answer_it="Un prototipo")
    place.idea.partners_sought.create(role_it="Chi prova i materiali")
    ask = actions.ask_from_idea(actor=place.colleague, idea_id=place.idea.pk)
    assert (ask.idea, ask.asker_id, ask.owner) == (place.idea, place.hospital.pk, place.bea)
    assert ask.text == (
        f"Titolo {SECRET}\n\nCerchiamo {SECRET} per valvole cardiache\n\nUn prototipo\n\n"
        "Chi prova i materiali"
    )
    assert (ask.title, ask.language) == ("Una sfida sulle valvole", "it")
    assert (ask.circle, ask.teaser_circle, ask.teaser) == (Circle.NAMED, Circle.NAMED, "")
    assert [share.cluster for share in ask.shares.all()] == [place.cluster]
    assert audit.history_of(ask)[0].verb in {"keep_ask", "share_ask"}


def test_asking_again_is_the_same_ask_whoever_does() -> None:
    place = IdeaPlace()
    first = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    again = actions.ask_from_idea(actor=place.office, idea_id=place.idea.pk)
    assert (first.pk, Ask.objects.count(), AskShare.objects.count()) == (again.pk, 1, 1)
    actions.close_ask(actor=place.keeper, ask_id=first.pk)
    anew = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    assert (anew.pk != first.pk, anew.closed_at) == (True, None)


@pytest.mark.parametrize("state", [IdeaState.DRAFT, IdeaState.CHECKING])
def test_nobody_is_looked_for_before_an_idea_is_published_and_discarding_leaves_nothing(
    state: IdeaState,
) -> None:
    place = IdeaPlace(state=state)
    place.answer.delete()
    with pytest.raises(actions.AskRefused) as caught:
        actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    assert caught.value.message == "L'idea non è ancora pubblicata."
    with pytest.raises(NotAllowed if state == IdeaState.DRAFT else actions.AskRefused):
        actions.ask_from_idea(actor=place.office, idea_id=place.idea.pk)
    discard_idea(actor=place.keeper, idea_id=place.idea.pk, version=1)
    assert not Ask.objects.filter(text__contains=SECRET).exists()


def test_once_it_is_published_the_office_that_checked_it_sees_its_ask() -> None:
    place = IdeaPlace(state=IdeaState.OPEN)
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    assert view_ask.allows(place.office, ask)


def test_an_english_idea_is_asked_in_english() -> None:
    place = IdeaPlace(title_it="", text_it="", title_en="Valves", text_en="We need valves")
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    assert (ask.language, ask.text) == ("en", "Valves\n\nWe need valves")


def test_only_who_works_on_it_and_the_office_that_checks_it_may() -> None:
    place = IdeaPlace()
    done = {}
    for who, viewer in place.people().items():
        try:
            actions.ask_from_idea(actor=viewer, idea_id=place.idea.pk)
            actions.introduce_answer(actor=viewer, answer_id=place.answer.pk)
            done[who] = True
        except NotAllowed:
            done[who] = False
    allowed = {who for who, did in done.items() if did}
    assert allowed == {"keeper", "colleague", "office that checks it"}
    with pytest.raises(NotAllowed):
        actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk + 999)


def test_who_works_on_the_idea_works_on_its_ask_and_rules_agree_with_rows() -> None:
    place = IdeaPlace()
    boss = person(
        person_id=PersonFactory().pk, mandates={place.university.pk: frozenset({"representative"})}
    )
    Idea.objects.update(body=place.lab)
    ask = actions.ask_from_idea(actor=boss, idea_id=place.idea.pk)
    Ask.objects.update(owner=None)
    for rule in (view_ask, edit_ask, edit_shortlist):
        for who, viewer in {**place.people(), "boss": boss}.items():
            one = Ask.objects.get(pk=ask.pk)
            rows = rule.filter(viewer, Ask.objects.all())
            assert rule.allows(viewer, one) == rows.exists(), (rule.name, who)
        assert rule.allows(boss, Ask.objects.get(pk=ask.pk))
    assert not edit_ask.allows(place.office, ask)


def test_nobody_opens_the_text_of_an_idea_by_its_ask() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    with pytest.raises(actions.AskRefused):
        actions.set_circle(
            actor=place.keeper, ask_id=ask.pk, version=1, opening=Opening(circle="public")
        )
    with pytest.raises(actions.AskRefused):
        actions.name_reader(actor=place.keeper, ask_id=ask.pk, email=place.luca.email)
    changed = actions.change_ask(
        actor=place.keeper, ask_id=ask.pk, version=1, text=f"Altro {SECRET}"
    )
    assert changed.title == "Una sfida sulle valvole"


def test_who_leaves_the_body_sees_neither_idea_nor_ask() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.colleague, idea_id=place.idea.pk)
    assert view_ask.allows(place.colleague, ask)
    left = replace(place.colleague, mandates={})
    for rule in (view_ask, edit_ask, edit_shortlist):
        assert not rule.allows(left, ask)
        assert not rule.filter(left, Ask.objects.all()).exists()


def test_who_left_is_no_longer_who_asks() -> None:
    place = IdeaPlace()
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert one.ask.owner == place.anna
    assert asker_of(one.ask, viewer=place.office) == place.anna
    place.anna.mandates.all().delete()
    place.bea.mandates.update(role="representative")
    assert asker_of(one.ask, viewer=place.office) == place.bea


def test_an_office_looks_on_behalf_of_who_keeps_the_idea() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.office, idea_id=place.idea.pk)
    assert ask.owner == place.anna
    assert edit_shortlist.allows(place.office, ask)


def test_who_was_accepted_is_introduced_and_both_can_reach_each_other() -> None:
    place = IdeaPlace()
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert (one.state, one.accepted_at, one.asked_at) == ("accepted", NOW, NOW)
    assert (one.contact, one.contact_email, one.contact_language) == (
        place.luca,
        place.luca.email,
        "en",
    )
    assert (one.owner_id, one.profile_name, one.ask.idea) == (
        place.anna.pk,
        place.lab.title,
        place.idea,
    )
    assert one.clock_at is not None
    assert steps(one) == ["draft", "accepted"]
    assert one.steps.get(kind="accepted").side == "asker"
    assert not one.links.exists()
    entry = ShortlistEntry.objects.get()
    assert (entry.profile_id, entry.standing, entry.position) == (
        place.lab.pk,
        EntryStanding.ADDED,
        1,
    )
    lines = [line.verb for line in audit.history_of(one)]
    assert lines == ["introduce_answer", "draft_introduction"]


def test_it_goes_on_as_any_introduction() -> None:
    place = IdeaPlace()
    one = actions.introduce_answer(actor=place.office, answer_id=place.answer.pk)
    assert one.owner_id == place.olga.pk
    actions.record_meeting(actor=place.author, introduction_id=one.pk)
    actions.record_outcome(actor=place.keeper, introduction_id=one.pk, outcome="project")
    assert steps(one) == ["draft", "accepted", "met", "led_to"]
    again = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert again.pk == one.pk


def test_introducing_twice_is_once_and_several_answers_share_the_ask() -> None:
    place = IdeaPlace()
    other = OrganisationFactory()
    somebody = MandateFactory(profile=other).person
    second = place.answered(other, somebody)
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert actions.introduce_answer(actor=place.office, answer_id=place.answer.pk).pk == one.pk
    two = actions.introduce_answer(actor=place.office, answer_id=second.pk)
    assert (one.ask_id, Introduction.objects.count()) == (two.ask_id, 2)


@pytest.mark.parametrize("state", ["given", "declined", "withdrawn"])
def test_only_who_was_accepted_is_introduced(state: str) -> None:
    place = IdeaPlace()
    Answer.objects.update(state=state)
    with pytest.raises(actions.IntroductionRefused):
        actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert not Introduction.objects.exists()
    assert not Ask.objects.exists()


def test_who_left_the_body_is_not_introduced_in_its_name() -> None:
    place = IdeaPlace()
    place.mandate.valid_until = NOW.date().replace(day=1)
    place.mandate.save()
    with pytest.raises(actions.IntroductionRefused):
        actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    MandateFactory(person=place.luca, profile=place.university, role="representative")
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert one.contact == place.luca


def test_wishes_not_to_be_asked_do_not_stop_who_put_themselves_forward() -> None:
    place = IdeaPlace()
    PreferenceFactory(profile=place.lab)
    KeptApartFactory(profile=place.lab, other=place.hospital)
    IntroductionPreference.objects.create(person=place.luca, is_silent=True, changed_at=NOW)
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert one.state == "accepted"


@pytest.mark.parametrize("begun", ["draft", "proposed", "asked"])
def test_what_a_broker_began_goes_on_from_there(begun: str) -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.office, idea_id=place.idea.pk)
    other = MandateFactory(profile=place.lab).person
    one = actions.draft_introduction(
        actor=place.office, ask_id=ask.pk, profile_id=place.lab.pk, contact_id=other.pk
    )
    if begun != "draft":
        actions.send_introduction(actor=place.office, introduction_id=one.pk, version=1)
    if begun == "asked":
        actions.consent_to_introduction(actor=place.keeper, introduction_id=one.pk)
    done = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert (done.pk, done.state, done.contact) == (one.pk, "accepted", place.luca)
    assert done.owner_id == place.olga.pk
    assert not done.links.filter(used_at=None, revoked_at=None).exists()


def test_a_body_that_was_dropped_or_proposed_stays_on_the_list() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    entry = actions.add_entry(actor=place.keeper, ask_id=ask.pk, profile_id=place.lab.pk)
    actions.drop_entry(actor=place.keeper, ask_id=ask.pk, entry_id=entry.pk, reason="too_far")
    actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    entry.refresh_from_db()
    assert (entry.standing, entry.position) == (EntryStanding.ADDED, 1)


def test_once_an_idea_is_closed_nobody_is_looked_for() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    other = MandateFactory()
    waiting = actions.draft_introduction(
        actor=place.keeper, ask_id=ask.pk, profile_id=other.profile.pk
    )
    close_idea(actor=place.keeper, idea_id=place.idea.pk, version=1, outcome="solved")
    assert actions.close_asks_of_idea(actor=installation(NOW), idea_id=place.idea.pk) == 1
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    assert actions.close_asks_of_idea(actor=installation(NOW), idea_id=place.idea.pk) == 0
    with pytest.raises(actions.AskRefused):
        actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert (one.state, one.ask_id) == ("accepted", ask.pk)
    with pytest.raises(NotAllowed):
        actions.close_asks_of_idea(actor=place.keeper, idea_id=place.idea.pk)


def test_an_open_idea_keeps_its_ask() -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    assert actions.close_asks_of_idea(actor=installation(NOW), idea_id=place.idea.pk) == 0
    ask.refresh_from_db()
    assert ask.closed_at is None


def test_a_closed_idea_that_was_never_asked_for_keeps_a_closed_ask() -> None:
    place = IdeaPlace(state=IdeaState.CLOSED, outcome="solved", closed_at=NOW)
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    assert one.ask.closed_at == NOW


@pytest.mark.django_db(transaction=True)
def test_several_at_once_make_one_ask_and_one_introduction() -> None:
    place = IdeaPlace()
    people = [place.keeper, place.colleague, place.office]
    done = together(
        lambda number: (
            actions.introduce_answer(actor=people[number % 3], answer_id=place.answer.pk).pk
        )
    )
    one = Introduction.objects.get()
    assert done == [one.pk] * PEOPLE
    assert Ask.objects.count() == ShortlistEntry.objects.count() == 1
    assert steps(one) == ["draft", "accepted"]
