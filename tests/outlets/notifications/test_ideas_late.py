"""When the news of ideas leaves: once, not lost, and with what its reader may know by then."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from tests.factories.accounts import PersonFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.factories.notifications import tell as tell_another
from tests.outlets.notifications.idea_place import SECRET, TEASER, IdeaPlace, days, told
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications import tasks
from trebbo.outlets.notifications.actions import About, sending
from trebbo.outlets.notifications.actions.sessions import open_session
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas import tasks as idea_tasks
from trebbo.sharing.ideas.models import Comment, Idea, IdeaStep

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]
MaxQueries = Callable[[int], AbstractContextManager[object]]


def send() -> list[str]:
    """Send what waits; the words of all that left."""
    outbox.outbox.clear()
    mail.send_waiting(actor=installation(), limit=100)
    return [f"{message.subject} {message.body}" for message in outbox.outbox]


def test_a_fact_is_told_once_however_often_it_is_told() -> None:
    place = IdeaPlace()
    place.answered()
    place.commented(place.rita)
    key = place.commented(place.ada, place.rita)
    assert set(told(About.COMMENT, key)) == {"Rita", "Fred"}
    assert told(About.COMMENT, key) == {}
    assert Notice.objects.count() == OutgoingMail.objects.count() == 2


@pytest.mark.parametrize("change", ["left", "narrowed", "withdrawn", "hidden", "inactive"])
def test_what_its_reader_may_no_longer_know_does_not_leave(change: str) -> None:
    """Between the news and the moment at which its mail is sent."""
    place = IdeaPlace()
    place.answered()
    key = place.commented(place.ada)
    told(About.COMMENT, key)
    if change == "left":
        place.leave(place.firm)
    elif change == "narrowed":
        place.open_to(Circle.NAMED, Circle.NAMED)
    elif change == "withdrawn":
        place.closed("withdrawn")
    elif change == "hidden":
        actions.hide_comment(actor=place.as_(place.ada), comment_id=key)
    else:
        place.fred.is_active = False
        place.fred.save()
    assert send() == []
    notice = Notice.objects.select_related("mail").get()
    assert notice.state == NoticeState.WITHDRAWN
    assert notice.mail is not None
    assert notice.mail.state == MailState.CANCELLED


def test_the_narrower_circle_does_not_stop_the_owners_mail() -> None:
    place = IdeaPlace()
    answer = place.answered()
    told(About.ANSWER, answer.pk)
    place.open_to(Circle.NAMED, Circle.NAMED)
    [words] = send()
    assert TEASER in words


def test_what_an_idea_is_called_is_written_anew_before_it_leaves() -> None:
    """Somebody took a word out of the teaser's title: no mail that waits still has it."""
    place = IdeaPlace(teaser_title_it=f"{SECRET} valvole")
    place.answered()
    told(About.COMMENT, place.commented(place.ada))
    words = actions.IdeaWords(title_it="Titolo", text_it="Testo", teaser_title_it="Valvole")
    actions.change_idea(actor=place.as_(place.ada), words=words, **place.version)
    [left] = send()
    assert SECRET not in left
    assert "«Valvole»" in left
    assert SECRET not in outbox.outbox[0].alternatives[0].content  # type: ignore[attr-defined]


def test_a_digest_loses_what_may_no_longer_be_told_and_keeps_the_rest() -> None:
    place = IdeaPlace(teaser_title_it=f"{SECRET} valvole")
    MailPreferenceFactory(person=place.fred, frequency=Frequency.DAILY)
    place.answered()
    told(About.COMMENT, place.commented(place.ada))
    place.advanced("formation")
    place.tell("formation")
    tell_another(place.fred, fact="b:1", now=days(0))
    assert mail.compose_digests(actor=installation(days(1)), now=days(1)) == 1
    digest = OutgoingMail.objects.get(to_email=place.fred.email)
    assert digest.subject == "Trebbo: 3 novità"
    OutgoingMail.objects.exclude(pk=digest.pk).delete()
    place.leave(place.firm)
    [words] = send()
    assert words.startswith("Trebbo: 1 novità")
    assert "Parole di b:1" in words
    assert SECRET not in words
    assert Notice.objects.filter(state=NoticeState.WITHDRAWN).count() == 2


def test_a_digest_of_ideas_alone_is_not_sent_where_nothing_is_left() -> None:
    place = IdeaPlace()
    MailPreferenceFactory(person=place.fred, frequency=Frequency.DAILY)
    place.answered()
    place.advanced("formation")
    place.tell("formation")
    OutgoingMail.objects.all().delete()
    place.leave(place.firm)
    mail.compose_digests(actor=installation(days(1)), now=days(1))
    assert send() == []


def test_an_answer_that_changed_again_is_told_as_it_stands() -> None:
    """The office has checked meanwhile; the answer was taken back meanwhile."""
    place = IdeaPlace()
    place.submitted()
    place.tell("checking")
    actions.publish_idea(actor=place.as_(place.olga), **place.version)
    answer = actions.give_answer(
        actor=place.as_(place.rita), idea_id=place.idea.pk, body_id=place.lab.pk, text="Noi"
    )
    told(About.ANSWER, answer.pk)
    actions.withdraw_answer(actor=place.as_(place.rita), answer_id=answer.pk)
    told(About.ANSWER, answer.pk)
    [words] = send()
    assert words.startswith("Ritirata: la risposta di")


def test_other_mail_is_asked_about_no_ideas(django_assert_max_num_queries: MaxQueries) -> None:
    tell_another("out@trebbo.example")
    one = OutgoingMail.objects.get()
    with django_assert_max_num_queries(1):
        assert mail.look_again(actor=installation(), mail=one, now=timezone.now())


def test_mail_that_cannot_be_judged_stays_and_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    place = IdeaPlace()
    place.answered()
    told(About.COMMENT, place.commented(place.ada))
    place.advanced("formation")
    formation = place.tell("formation")
    IdeaStep.objects.filter(idea=place.idea, kind="formation").update(kind="nonsense")
    left = send()
    assert not any("formazione" in words for words in left)
    assert len(left) == 1
    assert "could not be looked at again" in caplog.text
    waiting = OutgoingMail.objects.get(notices=formation["Fred"])
    assert (waiting.state, waiting.tries) == (MailState.WAITING, 1)


def test_who_lost_the_claim_while_looking_again_does_not_send_what_another_took() -> None:
    """Two who send: the first was so slow that its lease was over, and the second claimed it."""
    place = IdeaPlace()
    place.answered()
    told(About.COMMENT, place.commented(place.ada))
    minutes = timedelta(minutes=5)
    [slow] = sending._claim(20, -minutes)
    [quick] = sending._claim(20, minutes)
    outbox.outbox.clear()
    run = sending.Run()
    with open_session() as session:
        sending._send(session, slow, minutes, run)
        assert (run.sent, len(outbox.outbox)) == (0, 0)
        sending._send(session, quick, minutes, run)
    assert (run.sent, len(outbox.outbox)) == (1, 1)
    assert OutgoingMail.objects.get().state == MailState.SENT


# Nothing is lost ------------------------------------------------------------------------------


def test_news_is_told_when_it_is_committed(django_capture_on_commit_callbacks: OnCommit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        place = IdeaPlace()
        answer = place.answered()
        actions.name_reviewer(
            actor=place.as_(place.ada), idea_id=place.idea.pk, email=place.nino.email
        )
        comment = place.commented(place.fred)
    with django_capture_on_commit_callbacks(execute=True):
        place.decided(answer, accept=True)
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw_answer(actor=place.as_(place.rita), answer_id=answer.pk)
    found = {fact.split(":")[2] for fact in Notice.objects.values_list("fact", flat=True)}
    assert found == {"step", "answer", "comment", "review"}
    states = Notice.objects.filter(fact__contains=":answer:").values_list("fact", flat=True)
    assert {fact.split(":")[4] for fact in states} == {"given", "accepted", "withdrawn"}
    assert Notice.objects.filter(fact__endswith=f":comment:{comment}").count() == 1


def test_what_nobody_was_told_is_told_within_the_hour() -> None:
    """Of the last two days, but not of the last minutes; each once."""
    place = IdeaPlace()
    place.answered()
    place.commented(place.fred)
    actions.name_reviewer(
        actor=place.as_(place.ada), idea_id=place.idea.pk, email=PersonFactory(name="Vera").email
    )
    later = days(0) + timedelta(minutes=1)
    assert mail.catch_up_on_ideas(actor=installation(later), now=later) == 0
    later = days(0) + timedelta(hours=1)
    assert mail.catch_up_on_ideas(actor=installation(later), now=later) > 0
    people = set(Notice.objects.values_list("person__name", flat=True))
    assert people == {"Ada", "Edo", "Vera"}
    kinds = {fact.split(":")[2] for fact in Notice.objects.values_list("fact", flat=True)}
    assert kinds == {"step", "answer", "comment", "review"}
    known = Notice.objects.count()
    assert mail.catch_up_on_ideas(actor=installation(later), now=later) == 0
    Notice.objects.all().delete()
    assert mail.catch_up_on_ideas(actor=installation(days(3)), now=days(3)) == 0
    assert known >= 5


def test_catching_up_asks_little_where_all_is_told(
    django_assert_max_num_queries: MaxQueries,
) -> None:
    place = IdeaPlace()
    place.answered()
    for _number in range(20):
        place.commented(place.fred)
    later = days(0) + timedelta(hours=1)
    mail.catch_up_on_ideas(actor=installation(later), now=later)
    IdeaStep.objects.filter(kind="checking").delete()
    with django_assert_max_num_queries(5):
        assert mail.catch_up_on_ideas(actor=installation(later), now=later) == 0


def test_one_piece_of_news_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    place = IdeaPlace()
    place.answered()
    place.commented(place.fred)
    IdeaStep.objects.filter(kind="checking").update(kind="nonsense")
    later = days(0) + timedelta(hours=1)
    assert mail.catch_up_on_ideas(actor=installation(later), now=later) == 4
    assert "of an idea could not be told" in caplog.text
    assert Comment.objects.count() == 1


def test_the_jobs_of_the_day_and_the_hour(django_capture_on_commit_callbacks: OnCommit) -> None:
    """The clock ends what is over; catching up and the day's reminders take ideas along."""
    place = IdeaPlace()
    place.answered()
    Idea.objects.update(expires_date=date(2020, 1, 1))
    with django_capture_on_commit_callbacks(execute=True):
        idea_tasks.run_idea_clock.call()
    place.idea.refresh_from_db()
    assert (place.idea.state, place.idea.outcome) == ("closed", "expired")
    assert set(Notice.objects.values_list("person__name", flat=True)) == {"Ada", "Rita", "Fred"}
    Notice.objects.all().delete()
    IdeaStep.objects.filter(kind="closed").update(at=timezone.now() - timedelta(hours=1))
    tasks.catch_up_on_steps.call()
    assert Notice.objects.filter(fact__startswith="idea:").count() == 3
    other = IdeaPlace()
    other.submitted()
    tasks.remind_people.call()
    assert Notice.objects.filter(fact__contains=":waits:").count() == 1


def test_my_mail_offers_the_kinds(sign_in: Any) -> None:
    page = sign_in(PersonFactory()).get("/it/account/mail/").content.decode()
    assert "Sfide e idee progettuali che seguo: passi avanti e commenti" in page
    assert "Sfide e idee progettuali che curo o verifico" in page
