"""Who is told what of challenges and ideas, and that no mail carries what is confidential."""

from typing import Any

import pytest

from tests.factories.accounts import NetworkRoleFactory, PersonFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.outlets.notifications.idea_place import SECRET, TEASER, IdeaPlace, days, told
from tests.outlets.notifications.told import whole
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.actions import About
from trebbo.outlets.notifications.actions.idea_letters import LETTERS, PLAIN
from trebbo.outlets.notifications.actions.idea_news import SILENT_STEPS, TOLD_AS, Happening
from trebbo.outlets.notifications.actions.idea_readers import PEOPLE, READERS, Part
from trebbo.outlets.notifications.choices import Frequency, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.choices import BY_OWNER, StepKind

pytestmark = pytest.mark.django_db


def test_the_office_is_told_of_what_is_handed_to_it() -> None:
    place = IdeaPlace()
    place.submitted()
    [(who, notice)] = place.tell("checking").items()
    assert who == "Olga"
    assert notice.subject == f"Da verificare: «{TEASER}»"
    assert notice.url == f"/it/ideas/{place.idea.pk}/"
    assert notice.topic == Topic.IDEAS


def test_without_a_manager_the_agency_of_the_network_is_told() -> None:
    place = IdeaPlace()
    place.submitted()
    ClusterRole.objects.all().delete()
    agency = NetworkRoleFactory(network=place.cluster.network, person__name="Aldo")
    Notice.objects.all().delete()
    assert set(place.tell("checking")) == {agency.person.name}


def test_an_office_that_waits_is_told_once_more_after_three_days() -> None:
    place = IdeaPlace()
    place.submitted()
    assert mail.remind_of_ideas(actor=installation(days(2)), now=days(2)) == 0
    assert mail.remind_of_ideas(actor=installation(days(4)), now=days(4)) == 1
    assert mail.remind_of_ideas(actor=installation(days(5)), now=days(5)) == 0
    notice = Notice.objects.get()
    assert (notice.email, notice.topic) == (place.olga.email, Topic.REMINDERS)
    assert "15 giugno 2026" in notice.text


def test_returned_and_published_is_told_to_the_keeper_and_the_editors() -> None:
    place = IdeaPlace()
    place.submitted()
    actions.return_idea(actor=place.as_(place.olga), note=f"{SECRET} manca", **place.version)
    returned = place.tell("returned")
    assert set(returned) == {"Ada", "Edo"}
    place.published()
    published = place.tell("open")
    assert set(published) == {"Ada", "Edo"}
    assert "12 dicembre 2026" in published["Ada"].text


def test_an_answer_given_changed_and_taken_back_is_told_to_the_keeper() -> None:
    place = IdeaPlace()
    answer = place.answered()
    [(who, given)] = told(About.ANSWER, answer.pk).items()
    assert (who, given.url) == ("Ada", f"/it/answers/{answer.pk}/")
    assert given.subject == f"{place.lab.title} risponde a «{TEASER}»"
    rita = place.as_(place.rita, days(1))
    actions.change_answer(actor=rita, answer_id=answer.pk, version=1, text=f"{SECRET} meglio")
    assert told(About.ANSWER, answer.pk)["Ada"].subject.startswith("Modificata")
    actions.withdraw_answer(actor=rita, answer_id=answer.pk)
    assert told(About.ANSWER, answer.pk)["Ada"].url == f"/it/ideas/{place.idea.pk}/"


@pytest.mark.parametrize("gone", ["inactive", "nobody", "all"])
def test_where_the_keeper_is_gone_the_body_is_told_and_last_the_office(gone: str) -> None:
    place = IdeaPlace()
    answer = place.answered()
    if gone == "nobody":
        place.idea.keeper = None
        place.idea.save()
    else:
        place.ada.is_active = False
        place.ada.save()
    if gone == "all":
        Mandate.objects.filter(profile=place.hospital).delete()
    expected = {"inactive": {"Edo"}, "nobody": {"Ada", "Edo"}, "all": {"Olga"}}
    assert set(told(About.ANSWER, answer.pk)) == expected[gone]


@pytest.mark.parametrize("accept", [True, False])
def test_the_decision_and_its_reply_are_for_the_author_alone(accept: bool) -> None:
    place = IdeaPlace()
    answer = place.answered()
    place.acting("Rosa", place.lab)
    place.decided(answer, accept=accept, reply="Ci vediamo lunedì <b>alle 9</b>")
    [(who, notice)] = told(About.ANSWER, answer.pk).items()
    assert who == "Rita"
    assert notice.subject.startswith("Accepted" if accept else "Declined")
    assert "> Ci vediamo lunedì <b>alle 9</b>" in notice.text
    assert "&lt;b&gt;" in notice.html
    assert notice.url == f"/en/answers/{answer.pk}/"


def test_where_the_author_is_gone_the_body_hears_without_the_reply() -> None:
    place = IdeaPlace()
    answer = place.answered()
    place.acting("Rosa", place.lab)
    place.rita.is_active = False
    place.rita.save()
    place.decided(answer, accept=True, reply=f"{SECRET} per Rita")
    [(who, notice)] = told(About.ANSWER, answer.pk).items()
    assert who == "Rosa"
    assert SECRET not in whole(notice)


def test_new_states_the_official_answer_and_the_end_go_to_answerers_and_followers() -> None:
    place = IdeaPlace()
    place.answered()
    actions.answer_officially(
        actor=place.as_(place.ada), text=f"{SECRET} ufficiale", **place.version
    )
    both = {"Rita", "Fred"}
    official = place.tell("official")
    assert set(official) == both
    place.advanced("formation")
    formation = place.tell("formation")
    assert set(formation) == both
    assert formation["Rita"].subject == f"Team in formation: “{TEASER}”"
    place.closed("partners_found")
    closed = place.tell("closed")
    assert set(closed) == both
    assert "Partner trovati" in closed["Fred"].text
    assert (closed["Rita"].topic, closed["Fred"].topic) == (Topic.IDEAS, Topic.FOLLOWED)


def test_who_took_an_answer_back_hears_no_more_and_the_first_answer_is_the_owners_news() -> None:
    place = IdeaPlace()
    answer = place.answered()
    assert place.tell("answered") == {}
    actions.withdraw_answer(actor=place.as_(place.rita), answer_id=answer.pk)
    assert place.tell("open") == {}
    place.advanced("formation")
    assert set(place.tell("formation")) == {"Fred"}


def test_an_office_that_closes_tells_the_keeper() -> None:
    place = IdeaPlace()
    place.published()
    place.closed("other", by=place.olga)
    assert set(place.tell("closed")) == {"Ada"}


def test_reminded_expired_and_renewed() -> None:
    place = IdeaPlace()
    place.answered()
    clock = installation(days(170))
    assert actions.run_idea_clock(actor=clock) == (1, 0)
    [(who, notice)] = place.tell("reminded", days(170)).items()
    assert (who, notice.topic) == ("Ada", Topic.REMINDERS)
    assert actions.run_idea_clock(actor=installation(days(182))) == (0, 1)
    expired = place.tell("closed", days(182))
    assert set(expired) == {"Ada", "Rita", "Fred"}
    assert expired["Ada"].subject.startswith("Scaduta")
    assert place.tell("reminded", days(182)) == {}
    place.idea.refresh_from_db()
    actions.renew_idea(actor=place.as_(place.ada, days(183)), **place.version)
    assert set(place.tell("renewed", days(183))) == {"Fred"}
    actions.renew_idea(actor=place.as_(place.ada, days(184)), **place.version)
    assert set(place.tell("renewed", days(184))) == {"Fred"}


def test_a_comment_is_told_to_followers_once_and_not_to_its_author() -> None:
    place = IdeaPlace()
    place.answered()
    first = place.commented(place.rita)
    assert set(told(About.COMMENT, first)) == {"Ada", "Fred"}
    second = place.commented(place.fred, place.rita)
    notices = told(About.COMMENT, second)
    assert set(notices) == {"Ada", "Rita"}
    assert notices["Rita"].subject == f"Fred mentions you: “{TEASER}”"
    assert notices["Rita"].topic == Topic.IDEAS
    assert "Fred" in notices["Ada"].text


def test_a_comment_taken_out_is_not_told() -> None:
    place = IdeaPlace()
    place.answered()
    key = place.commented(place.rita)
    actions.hide_comment(actor=place.as_(place.rita), comment_id=key)
    assert told(About.COMMENT, key) == {}


def test_a_reviewer_is_told_once_the_idea_is_published() -> None:
    place = IdeaPlace()
    vera = PersonFactory(name="Vera")
    reviewer = actions.name_reviewer(
        actor=place.as_(place.ada), idea_id=place.idea.pk, email=vera.email
    )
    assert told(About.REVIEW, reviewer.pk) == {}
    place.published()
    assert set(place.tell("open")) == {"Ada", "Edo", "Vera"}
    assert "conflitto di interessi" in Notice.objects.get(person=vera).text
    actions.declare_conflict(
        actor=place.as_(vera), idea_id=place.idea.pk, in_conflict=True, declaration="Socia"
    )
    Notice.objects.all().delete()
    assert told(About.REVIEW, reviewer.pk) == {}


# Who may no longer see it ---------------------------------------------------------------------


def everything_told(place: IdeaPlace) -> dict[str, set[str]]:
    """Tell all that happened; who was told what, by the name of the news."""
    rows: dict[str, set[str]] = {}
    for step in place.idea.steps.order_by("pk"):
        rows[step.kind] = set(told(About.STEP, step.pk))
    for answer in place.idea.answers.all():
        rows["answer"] = set(told(About.ANSWER, answer.pk))
    for comment in place.idea.comments.all():
        rows["comment"] = set(told(About.COMMENT, comment.pk))
    return rows


def _leave(place: IdeaPlace) -> None:
    place.leave(place.lab)
    place.leave(place.firm)


def _narrow(place: IdeaPlace) -> None:
    place.open_to(Circle.NAMED, Circle.NAMED)


def _withdraw(place: IdeaPlace) -> None:
    place.closed("withdrawn")


@pytest.mark.parametrize("end", [_leave, _narrow, _withdraw])
def test_who_may_no_longer_see_it_is_told_nothing_but_that_what_they_answered_ended(
    end: Any,
) -> None:
    place = IdeaPlace()
    answer = place.answered()
    place.commented(place.fred)
    place.commented(place.ada)
    place.decided(answer, accept=True, reply=f"{SECRET} ci vediamo")
    actions.answer_officially(actor=place.as_(place.ada), text=SECRET, **place.version)
    place.advanced("formation")
    end(place)
    place.idea.refresh_from_db()
    if place.idea.state != "closed":
        place.closed("solved")
    rows = everything_told(place)
    outside = {"Rita", "Fred"}
    assert {name for name, people in rows.items() if people & outside} == {"closed"}
    assert rows["closed"] & outside == {"Rita"}
    notice = Notice.objects.get(person=place.rita)
    assert notice.subject == f"Challenge {place.idea.pk} has ended"
    assert notice.url == f"/en/answers/{answer.pk}/"
    for one in (SECRET, TEASER, "Solved", "Withdrawn"):
        assert one not in whole(notice)


def test_readers_of_the_teaser_hear_of_its_life_and_not_of_what_is_said() -> None:
    place = IdeaPlace()
    place.answered()
    actions.follow_idea(actor=place.as_(place.fred), idea_id=place.idea.pk)
    place.commented(place.fred)
    key = place.commented(place.ada)
    place.open_to(Circle.NAMED, Circle.CLUSTER)
    actions.answer_officially(actor=place.as_(place.ada), text=SECRET, **place.version)
    assert told(About.COMMENT, key) == {}
    assert place.tell("official") == {}
    place.advanced("formation")
    assert set(place.tell("formation")) == {"Rita", "Fred"}


def test_who_has_not_accepted_the_new_terms_hears_no_comment() -> None:
    place = IdeaPlace()
    place.answered()
    key = place.commented(place.ada)
    actions.write_terms(actor=place.as_(place.ada), text_it=f"{SECRET} patto", **place.version)
    assert told(About.COMMENT, key) == {}
    actions.accept_terms(actor=place.as_(place.fred), idea_id=place.idea.pk, terms_version=1)
    assert set(told(About.COMMENT, key)) == {"Fred"}


# Nothing leaks --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("title", [TEASER, ""])
def test_no_mail_subject_or_notice_has_what_is_confidential(language: str, title: str) -> None:
    """All that can happen, to everybody, at once and in a digest; the teaser's text neither."""
    place = IdeaPlace(teaser_title_it=title)
    for person in (place.ada, place.edo, place.rita, place.fred, place.olga):
        person.language = language
        person.save()
    MailPreferenceFactory(person=place.fred, frequency=Frequency.DAILY)
    place.submitted()
    place.tell("checking")
    mail.remind_of_ideas(actor=installation(days(4)), now=days(4))
    actions.return_idea(actor=place.as_(place.olga), note=f"{SECRET} manca", **place.version)
    place.tell("returned")
    answer = place.answered()
    actions.name_reviewer(actor=place.as_(place.ada), idea_id=place.idea.pk, email=place.nino.email)
    told(About.ANSWER, answer.pk)
    rita = place.as_(place.rita, days(1))
    actions.change_answer(actor=rita, answer_id=answer.pk, version=1, text=f"{SECRET} meglio")
    told(About.ANSWER, answer.pk)
    place.commented(place.fred)
    place.commented(place.ada, place.fred)
    actions.run_idea_clock(actor=installation(days(170)))
    place.decided(answer, accept=False, reply="Non ora")
    actions.answer_officially(actor=place.as_(place.ada), text=SECRET, **place.version)
    actions.renew_idea(actor=place.as_(place.ada), **place.version)
    everything_told(place)
    place.advanced("formation")
    place.closed("not_funded")
    everything_told(place)
    actions.withdraw_answer(actor=rita, answer_id=answer.pk)
    told(About.ANSWER, answer.pk)
    assert mail.compose_digests(actor=installation(days(1)), now=days(1)) == 1
    notices = list(Notice.objects.select_related("mail"))
    assert {notice.person.name for notice in notices if notice.person} >= {
        "Ada", "Edo", "Rita", "Fred", "Olga", "Nino",
    }  # fmt: skip
    called = title or ("Sfida" if language == "it" else "Challenge") + f" {place.idea.pk}"
    for notice in notices:
        assert SECRET not in whole(notice)
        if notice.person != place.nino:
            assert called in notice.subject
    for letter in OutgoingMail.objects.all():
        assert SECRET not in letter.subject + letter.text + letter.html
        assert letter.language == language or letter.to_email == place.nino.email


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_heading_with_signs_is_no_pattern(language: str) -> None:
    place = IdeaPlace(teaser_title_it="100%(day)s <b>di</b> %s")
    place.olga.language = language
    place.olga.save()
    place.submitted()
    notice = place.tell("checking")["Olga"]
    assert "100%(day)s <b>di</b> %s" in notice.subject
    assert "&lt;b&gt;" in notice.html


# The wishes of people -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "states"),
    [
        ({"frequency": Frequency.NEVER}, {"unwanted"}),
        ({"frequency": Frequency.EACH, "topics_off": [Topic.FOLLOWED]}, {"unwanted"}),
        ({"frequency": Frequency.EACH, "topics_off": [Topic.IDEAS]}, {"mailed"}),
        ({"frequency": Frequency.WEEKLY}, {"held"}),
    ],
    ids=str,
)
def test_the_wishes_for_mail_hold(wish: dict[str, Any], states: set[str]) -> None:
    place = IdeaPlace()
    MailPreferenceFactory(person=place.fred, **wish)
    place.answered()
    place.advanced("formation")
    key = place.commented(place.ada)
    told(About.COMMENT, key)
    place.tell("formation")
    found = Notice.objects.filter(person=place.fred)
    assert set(found.values_list("state", flat=True)) == states
    assert found.count() == 2


def test_an_inactive_person_is_told_nothing() -> None:
    place = IdeaPlace()
    place.answered()
    for person in (place.fred, place.rita):
        person.is_active = False
        person.save()
    place.advanced("formation")
    assert place.tell("formation") == {}
    assert not Notice.objects.filter(state=NoticeState.UNWANTED).exists()


# Nothing is forgotten -------------------------------------------------------------------------


def test_everything_that_happens_has_readers_and_words() -> None:
    assert not set(LETTERS) & set(PLAIN)
    assert {*LETTERS, *PLAIN} == set(READERS) == set(Happening)
    assert set(PEOPLE) == set(Part) == {part for parts in READERS.values() for part in parts}
    told_of = {*TOLD_AS, *(StepKind(state) for state in (*BY_OWNER, "open"))}
    assert told_of | set(SILENT_STEPS) == set(StepKind)
