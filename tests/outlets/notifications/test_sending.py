"""Sending to a real server: once, whatever server, network and other workers do."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from tests.concurrency import together
from tests.factories.notifications import OutgoingMailFactory
from tests.outlets.notifications.mail_server import MailServer
from tests.partnering.introductions.meeting_place import Place
from trebbo.kernel.access import installation
from trebbo.outlets.notifications.actions import Run, send_waiting
from trebbo.outlets.notifications.actions.sending import WAITS
from trebbo.outlets.notifications.actions.sessions import open_session
from trebbo.outlets.notifications.actions.writing import message_of
from trebbo.outlets.notifications.choices import MailState
from trebbo.outlets.notifications.models import OutgoingMail

pytestmark = pytest.mark.django_db(transaction=True)


def send(limit: int = 500, lease: timedelta = timedelta(minutes=5)) -> Run:
    """One run."""
    return send_waiting(actor=installation(), limit=limit, lease=lease)


def make_due() -> None:
    """As if the time of the next tries had come."""
    OutgoingMail.objects.filter(state=MailState.WAITING).update(next_try_at=timezone.now())


def states() -> list[str]:
    """The states of all mails, in order."""
    return list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))


def test_many_go_out_once_on_one_connection(mail_server: MailServer) -> None:
    """Words, name and headers arrive as they were; a second run has nothing to do."""
    headers = {"List-Unsubscribe": f"<https://trebbo.example/{'x' * 200}>"}
    mails = [OutgoingMailFactory(headers=headers) for _number in range(45)]
    assert send() == Run(sent=45)
    assert send() == Run()
    assert mail_server.connections == 1
    assert mail_server.times_taken == {mail.message_id: 1 for mail in mails}
    first = mail_server.messages[0]
    assert first["To"] == mails[0].to_email
    assert first["Subject"] == mails[0].subject
    assert first["List-Unsubscribe"].replace(" ", "") == headers["List-Unsubscribe"]
    plain, formatted = first.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == mails[0].text
    assert formatted.get_content().strip() == mails[0].html
    mails[0].refresh_from_db()
    assert (mails[0].state, mails[0].lease) == (MailState.SENT, None)
    assert mails[0].sent_at is not None


def test_the_limit_holds(mail_server: MailServer) -> None:
    """The rest waits for the next run, unclaimed."""
    for _number in range(5):
        OutgoingMailFactory()
    assert send(limit=3).sent == 3
    assert OutgoingMail.objects.filter(lease__isnull=False).count() == 0
    assert send(limit=3).sent == 2


def test_a_server_that_is_down_costs_one_mail_a_try(mail_server: MailServer) -> None:
    """The run ends, the queue keeps its tries, and all goes out when the server is back."""
    for _number in range(30):
        OutgoingMailFactory()
    mail_server.stop()
    run = send()
    assert (run.sent, run.postponed) == (0, 1)
    assert "refused" in run.stopped
    assert sorted(OutgoingMail.objects.values_list("tries", flat=True)) == [0] * 29 + [1]
    assert not OutgoingMail.objects.filter(lease__isnull=False).exists()
    mail_server.start()
    make_due()
    assert send().sent == 30
    assert set(mail_server.times_taken.values()) == {1}


def test_one_refused_recipient_of_many(mail_server: MailServer) -> None:
    """It is not tried again, the server's words are kept, the others get theirs."""
    mails = [OutgoingMailFactory() for _number in range(5)]
    mail_server.to_recipients[mails[2].to_email] = "550 5.1.1 no such mailbox"
    assert send() == Run(sent=4, refused=1)
    mails[2].refresh_from_db()
    assert mails[2].state == MailState.REFUSED
    assert mails[2].last_error == "550 5.1.1 no such mailbox"
    assert mail_server.connections == 1
    make_due()
    assert send() == Run()


def test_a_refused_content_is_final_too(mail_server: MailServer) -> None:
    """After the final dot, with 5xx."""
    OutgoingMailFactory()
    mail_server.to_messages = ["554 5.7.1 looks like spam"]
    assert send() == Run(refused=1)
    assert states() == [MailState.REFUSED]


@pytest.mark.parametrize("where", ["recipient", "message"])
def test_a_temporary_refusal_is_tried_again_later(mail_server: MailServer, where: str) -> None:
    """Not before its time; the others are not kept waiting; then it arrives, once."""
    slow, quick = OutgoingMailFactory(), OutgoingMailFactory()
    if where == "recipient":
        mail_server.to_recipients[slow.to_email] = "451 4.7.1 greylisted"
    else:
        mail_server.to_messages = ["452 4.3.1 no room"]
    assert send() == Run(sent=1, postponed=1)
    slow.refresh_from_db()
    assert (slow.state, slow.tries, slow.last_error[:3]) == (
        MailState.WAITING,
        1,
        slow.last_error[:3],
    )
    assert timedelta(0) < slow.next_try_at - timezone.now() <= WAITS[0]
    assert send() == Run()
    mail_server.to_recipients.clear()
    make_due()
    assert send() == Run(sent=1)
    assert mail_server.times_taken == {slow.message_id: 1, quick.message_id: 1}


def test_three_days_of_tries_are_enough(mail_server: MailServer) -> None:
    """The waits grow; after the last one the mail is refused, with the last words."""
    mail = OutgoingMailFactory()
    mail_server.to_recipients[mail.to_email] = "450 4.2.1 busy"
    for number, wait in enumerate(WAITS, start=1):
        assert send().postponed == 1
        mail.refresh_from_db()
        assert mail.tries == number
        assert abs(mail.next_try_at - timezone.now() - wait) < timedelta(seconds=10)
        make_due()
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS, timedelta(0)) <= timedelta(days=3)
    assert send() == Run(refused=1)
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (MailState.REFUSED, "450 4.2.1 busy")


def test_a_server_that_hangs_up_is_called_again(mail_server: MailServer) -> None:
    """A connection that went stale between two mails costs nothing."""
    mails = [OutgoingMailFactory(), OutgoingMailFactory()]
    with open_session() as session:
        session.deliver(message_of(mails[0]), lambda: None)
        mail_server.stop()
        mail_server.start()
        session.deliver(message_of(mails[1]), lambda: None)
    assert len(mail_server.taken) == 2


def test_a_server_that_closes_for_today(mail_server: MailServer) -> None:
    """421 ends the run; only the mail at hand lost a try."""
    mails = [OutgoingMailFactory() for _number in range(3)]
    mail_server.to_recipients[mails[0].to_email] = "421 4.3.2 closing"
    run = send()
    assert (run.sent, run.postponed, run.stopped) == (0, 1, "421 4.3.2 closing")
    assert list(OutgoingMail.objects.order_by("pk").values_list("tries", flat=True)) == [1, 0, 0]


def test_no_answer_to_a_whole_message_is_uncertain(mail_server: MailServer) -> None:
    """Whether the server took it nobody knows: it is not sent again, and the run ends."""
    with override_settings(EMAIL_TIMEOUT=0.1):
        mails = [OutgoingMailFactory(), OutgoingMailFactory()]
        mail_server.thinks_at = 1
        run = send()
        assert (run.sent, run.uncertain) == (0, 1)
        assert "timed out" in run.stopped
        assert states() == [MailState.UNCERTAIN, MailState.WAITING]
        mail_server.thinks_at = -1
        assert send() == Run(sent=1)
    assert mail_server.times_taken == {mail.message_id: 1 for mail in mails}


def test_a_slow_server_is_waited_for(mail_server: MailServer) -> None:
    """A whole message may take longer than the other steps."""
    OutgoingMailFactory()
    mail_server.delay = 0.6
    with override_settings(EMAIL_TIMEOUT=0.2):
        assert send() == Run(sent=1)


def test_a_silent_server_is_left(mail_server: MailServer) -> None:
    """It accepts the connection and says nothing: the mail goes out another time."""
    OutgoingMailFactory()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with override_settings(EMAIL_PORT=silent.getsockname()[1], EMAIL_TIMEOUT=0.2):
            run = send()
    assert (run.postponed, run.stopped[-9:]) == (1, "timed out")
    assert states() == [MailState.WAITING]


def test_workers_at_once_never_send_the_same(mail_server: MailServer) -> None:
    """Six of them, on one queue."""
    mails = [OutgoingMailFactory() for _number in range(120)]
    runs = together(lambda _number: send(limit=60))
    assert sum(run.sent for run in runs if isinstance(run, Run)) == 120
    assert mail_server.times_taken == {mail.message_id: 1 for mail in mails}


def test_a_claim_that_ran_out_sends_nothing(mail_server: MailServer) -> None:
    """A worker so slow that another took its mails leaves them to it."""
    mails = [OutgoingMailFactory() for _number in range(10)]
    mail_server.delay = 0.15
    quick = timedelta(milliseconds=300)
    first: list[Run] = []

    def work() -> None:
        try:
            first.append(send(lease=quick))
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(0.6)
    second = send()
    worker.join()
    make_due()
    third = send()
    assert first[0].sent + second.sent + third.sent == 10
    assert mail_server.times_taken == {mail.message_id: 1 for mail in mails}


def test_a_cancelled_mail_is_not_sent_even_when_claimed(mail_server: MailServer) -> None:
    """Who holds it looks once more before the final dot; the server keeps nothing."""
    mails = [OutgoingMailFactory() for _number in range(4)]
    mail_server.delay = 0.3

    def cancel_last() -> None:
        OutgoingMail.objects.filter(pk=mails[3].pk).update(
            state=MailState.CANCELLED, lease=None, leased_until=None
        )
        connections.close_all()

    timer = threading.Timer(0.4, cancel_last)
    timer.start()
    assert send().sent == 3
    timer.join()
    assert mails[3].message_id not in mail_server.times_taken


def test_what_ends_before_the_dot_has_sent_nothing(mail_server: MailServer) -> None:
    """The server throws a body without its end away, and later mails are not mixed with it."""
    mails = [OutgoingMailFactory(), OutgoingMailFactory()]

    def end() -> None:
        raise KeyboardInterrupt

    with open_session() as session:
        with pytest.raises(KeyboardInterrupt):
            session.deliver(message_of(mails[0]), end)
        session.deliver(message_of(mails[1]), lambda: None)
    assert mail_server.times_taken == {mails[1].message_id: 1}


def test_what_was_left_behind(mail_server: MailServer) -> None:
    """A claim that ran out is taken up; a hand-over that ran out is doubted and never repeated."""
    past, future = timezone.now() - timedelta(1), timezone.now() + timedelta(1)
    key = "5f6ff0b6-2c05-4a70-8d2d-7c4b1f7f3f51"
    claimed = OutgoingMailFactory(lease=key, leased_until=past)
    OutgoingMailFactory(lease=key, leased_until=past, state=MailState.HANDING_OVER)
    OutgoingMailFactory(lease=key, leased_until=future)
    OutgoingMailFactory(lease=key, leased_until=future, state=MailState.HANDING_OVER)
    assert send() == Run(sent=1)
    assert states() == [
        MailState.SENT,
        MailState.UNCERTAIN,
        MailState.WAITING,
        MailState.HANDING_OVER,
    ]
    assert mail_server.times_taken == {claimed.message_id: 1}


def test_an_address_that_is_none_stops_nobody_else(mail_server: MailServer) -> None:
    """It is refused, and the next mail goes out."""
    OutgoingMailFactory(to_email="a@b\nBcc: c@trebbo.example")
    OutgoingMailFactory()
    run = send()
    assert (run.sent, run.refused, run.stopped) == (1, 1, "")


def test_other_backends() -> None:
    """Django's own send each mail once too; one that fails leaves it uncertain."""
    OutgoingMailFactory()
    assert send() == Run(sent=1)
    assert send() == Run()
    assert len(outbox.outbox) == 1
    OutgoingMailFactory()
    broken = override_settings(EMAIL_BACKEND="tests.outlets.notifications.mail_server.Broken")
    with broken:
        run = send()
    assert (run.uncertain, run.stopped) == (1, "out of order")
    assert states() == [MailState.SENT, MailState.UNCERTAIN]


def test_a_question_that_no_server_takes_is_brought_to_the_owner(mail_server: MailServer) -> None:
    """A wrong address shows when the mail goes out; the owner hears of it by the next run."""
    place = Place()
    address = "nobody@lab.example"
    mail_server.to_recipients[address] = f"550 5.1.1 <{address}> no such mailbox"
    one = place.asked(contact_name="Bruno", contact_email=address)
    send()
    step = one.steps.get(kind="unreachable")
    assert step.words == "Il messaggio è tornato indietro."
    send()
    told = [message for message in mail_server.messages if message["To"] == place.olga.email]
    assert [message["Subject"] for message in told] == [f"Non raggiunto: {place.lab.title}"]
    assert address.encode() not in b"".join(mail_server.taken)
