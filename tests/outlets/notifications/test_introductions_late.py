"""When the people of an introduction are told: once, not too late, whatever fails before."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import override_settings

from tests.factories.accounts import PersonFactory
from tests.factories.introductions import IntroductionFactory, StepFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.factories.organisations import NOW
from tests.outlets.notifications.told import in_state, tell, whole
from tests.partnering.introductions.meeting_place import Place, days, tick, token_of
from trebbo.kernel.access import installation, visitor
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import (
    IntroductionState,
    StepKind,
)
from trebbo.partnering.introductions.models import (
    IntroductionStep,
    RelayedMessage,
)

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]
RELAY = override_settings(RELAY_ADDRESS="talk@trebbo.example")


def test_a_step_is_told_once_however_often_it_is_told() -> None:
    """A second telling neither writes nor takes back what the first wrote."""
    one = Place().accepted()
    for _time in range(2):
        tell(one, "accepted")
    assert Notice.objects.count() == 3
    assert OutgoingMail.objects.filter(state=MailState.WAITING).count() == 3


def test_the_question_is_taken_back_when_it_is_answered() -> None:
    place = Place()
    one = place.asked()
    [asked] = tell(one, "asked").values()
    actions.accept_introduction(actor=place.contact, introduction_id=one.pk)
    tell(one, "accepted")
    asked.refresh_from_db()
    assert asked.state == NoticeState.WITHDRAWN
    assert asked.mail is not None
    assert OutgoingMail.objects.get(pk=asked.mail.pk).state == MailState.CANCELLED


def test_a_question_that_was_answered_meanwhile_is_not_asked_late() -> None:
    """News is told late; questions, and dates that changed, are not."""
    place = Place()
    one = place.accepted()
    assert tell(one, "proposed") == {}
    assert tell(one, "asked") == {}
    for hour in (1, 2):
        actions.arrange_meeting(
            actor=place.asker, introduction_id=one.pk, at=days(7) + timedelta(hours=hour)
        )
    first = one.steps.filter(kind="meeting_set").earliest("pk")
    assert mail.tell_of_step(actor=installation(NOW), step_id=first.pk, now=NOW) == 0
    assert len(tell(one, "accepted")) == 3


def test_the_news_is_told_when_it_is_committed(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    place = Place()
    with django_capture_on_commit_callbacks(execute=True):
        one = place.proposed()
    notice = Notice.objects.get()
    assert notice.fact.startswith(f"introduction:{one.pk}:turn:")
    with django_capture_on_commit_callbacks(execute=True):
        tick(days(3))
    assert Notice.objects.filter(topic=Topic.REMINDERS).count() == 1


@pytest.mark.parametrize("wish", ["never", "topic", "stopped"])
def test_who_wants_no_mail_is_brought_to_the_owner(
    wish: str, django_capture_on_commit_callbacks: OnCommit
) -> None:
    """Once, and with words; the owner is told at once."""
    place = Place()
    if wish == "stopped":
        one = place.asked(contact_name="Bruno", contact_email="bruno@lab.example")
        mail.notify(
            actor=installation(NOW),
            to=mail.Recipient("bruno@lab.example"),
            topic=Topic.NEWS,
            fact="a:1",
            subject="x",
            text="x",
            now=NOW,
        )
        token = OutgoingMail.objects.get().headers["List-Unsubscribe"].split("/")[-2]
        mail.stop_mail(actor=visitor(NOW), token=token)
    else:
        one = place.asked()
        off = [Topic.INTRODUCTIONS] if wish == "topic" else []
        frequency = Frequency.NEVER if wish == "never" else Frequency.EACH
        MailPreferenceFactory(person=place.rita, frequency=frequency, topics_off=off)
    with django_capture_on_commit_callbacks(execute=True):
        tell(one, "asked")
        tell(one, "asked")
    step = one.steps.get(kind="unreachable")
    assert step.words == "Non vuole ricevere messaggi."
    notice = Notice.objects.get(fact__endswith=f":{step.pk}")
    assert (notice.email, notice.is_urgent) == (place.olga.email, True)


def test_where_nobody_is_there_any_more_the_owner_hears() -> None:
    place = Place()
    one = place.asked()
    place.rita.is_active = False
    place.rita.save()
    assert tell(one, "asked") == {}
    assert one.steps.filter(kind="unreachable").count() == 1


def _bounce(letter: OutgoingMail | None) -> None:
    assert letter is not None
    OutgoingMail.objects.filter(pk=letter.pk).update(state=MailState.SENT, sent_at=NOW)
    words = f"550 <{letter.to_email}> no such mailbox"
    mail.record_bounce(actor=installation(NOW), message_id=letter.message_id, words=words)


def test_a_question_that_came_back_is_brought_to_the_owner_without_the_address() -> None:
    place = Place()
    one = place.asked()
    [notice] = tell(one, "asked").values()
    _bounce(notice.mail)
    step = one.steps.get(kind="unreachable")
    assert step.words == "Il messaggio è tornato indietro."
    [told] = tell(one, "unreachable").values()
    assert told.email == place.olga.email
    assert place.rita.email not in whole(told)


def test_news_that_came_back_and_questions_of_others_are_not() -> None:
    """Who is asked by now is somebody else; news asks nothing."""
    place = Place()
    one = place.asked()
    [notice] = tell(one, "asked").values()
    actions.pass_on_introduction(
        actor=visitor(NOW), token=token_of(one), name="Bruno", email="bruno@lab.example"
    )
    _bounce(notice.mail)
    actions.decline_introduction(actor=visitor(NOW), token=token_of(one), reason="other")
    _bounce(tell(one, "declined")[place.ada.email].mail)
    assert not one.steps.filter(kind="unreachable").exists()


def test_what_nobody_was_told_is_told_within_the_hour() -> None:
    """Of the last two days, but not of the last minutes; each once."""
    place = Place()
    one = place.asked()
    later = NOW + timedelta(hours=1)
    old = IntroductionFactory(profile=place.lab, state="asked", asked_at=NOW)
    StepFactory(introduction=old, kind=StepKind.ASKED, at=later - timedelta(days=3))
    fresh = IntroductionFactory(state="asked", asked_at=NOW)
    StepFactory(introduction=fresh, kind=StepKind.ASKED, at=later - timedelta(minutes=1))
    assert mail.catch_up_on_steps(actor=installation(later), now=later) == 1
    assert Notice.objects.get().fact == f"introduction:{one.pk}:turn:{one.steps.latest('pk').pk}"
    assert mail.catch_up_on_steps(actor=installation(later), now=later) == 0


def test_catching_up_asks_the_database_little_where_all_is_told(
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    place = Place()
    one = in_state(place, IntroductionState.ASKED)
    for _number in range(30):
        StepFactory(introduction=one, kind=StepKind.DECLINED)
    step_ids = list(IntroductionStep.objects.values_list("pk", flat=True))
    assert mail.tell_of_steps(actor=installation(NOW), step_ids=step_ids, now=NOW) == 60
    later = NOW + timedelta(hours=1)
    with django_assert_max_num_queries(2):
        assert mail.catch_up_on_steps(actor=installation(later), now=later) == 0


def test_one_step_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """The log says which, and the next run tries again."""
    place = Place()
    one = place.asked()
    RelayedMessage.objects.create(
        introduction=one, side="asker", message_id="<1@x>", text="x", left_out=[1], at=NOW
    )
    broken = StepFactory(introduction=one, kind=StepKind.RELAYED, side="asker")
    steps = [broken.pk, one.steps.get(kind="asked").pk]
    assert mail.tell_of_steps(actor=installation(NOW), step_ids=steps, now=NOW) == 1
    assert f"step {broken.pk} of an introduction could not be told" in caplog.text


def test_held_for_the_digest_a_question_keeps_its_link() -> None:
    place = Place()
    MailPreferenceFactory(person=place.rita, frequency=Frequency.DAILY)
    one = place.asked()
    [notice] = tell(one, "asked").values()
    assert notice.state == NoticeState.HELD
    assert mail.compose_digests(actor=installation(days(1)), now=days(1)) == 1
    assert "/en/introductions/answer/" in OutgoingMail.objects.get().text


def test_somebody_of_the_asking_body_decided_and_the_asking_side_knows() -> None:
    place = Place()
    one = place.accepted()
    StepFactory(introduction=one, kind=StepKind.MET, side="asker", person=PersonFactory())
    assert set(tell(one, "met")) == {place.rita.email, place.olga.email}
