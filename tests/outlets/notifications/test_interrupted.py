"""A sending process that is killed outright: nothing lost, nothing twice, at most one uncertain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.architecture.house import ROOT
from tests.factories.notifications import OutgoingMailFactory
from tests.outlets.notifications.mail_server import MailServer
from trebbo.outlets.notifications.choices import MailState
from trebbo.outlets.notifications.models import OutgoingMail

pytestmark = pytest.mark.django_db(transaction=True)
LEASE_SECONDS = 1.0
PATIENCE = 60.0


def _database() -> str:
    """The address of the suite's database, for another process."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    who = f"{facts['USER']}:{facts['PASSWORD']}@" if facts["PASSWORD"] else f"{facts['USER']}@"
    return f"postgresql://{who}{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


@contextmanager
def _sending(server: MailServer) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends, killed at the end without a chance to tidy up."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
        "TREBBO_DATABASE_URL": _database(),
        "TREBBO_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "TREBBO_EMAIL_HOST": "127.0.0.1",
        "TREBBO_EMAIL_PORT": str(server.port),
        # A machine that stands still for a moment is no server that is down: that mail would wait.
        "TREBBO_EMAIL_TIMEOUT": "10",
    }
    command = [sys.executable, "-m", f"{__package__}.sending_process", str(LEASE_SECONDS)]
    before = _connections()
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Until the database has noticed that the process is gone, and ended its commits.
        _wait_until(lambda: _connections() <= before)


def _connections() -> set[int]:
    """Who is connected to the suite's database, where it is a server's."""
    if connection.vendor == "sqlite":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_killed_twice_in_the_middle(mail_server: MailServer) -> None:
    """Three processes, one after the other, bring all mails to the server."""
    mails = [OutgoingMailFactory() for _number in range(150)]
    mail_server.delay = 0.005
    for many in (30, 80):
        with _sending(mail_server):
            _wait_until(lambda many=many: len(mail_server.taken) >= many)  # type: ignore[misc]
    on_the_way = OutgoingMail.objects.filter(state__in=[MailState.WAITING, MailState.HANDING_OVER])
    assert on_the_way.exists()
    OutgoingMail.objects.filter(state=MailState.HANDING_OVER).update(
        leased_until=mails[0].created_at  # its lease is longer than the test
    )
    with _sending(mail_server):
        _wait_until(lambda: not on_the_way.exists())
    uncertain = OutgoingMail.objects.filter(state=MailState.UNCERTAIN)
    doubted = set(uncertain.values_list("message_id", flat=True))
    assert len(doubted) <= 2
    assert set(mail_server.times_taken.values()) == {1}
    assert {mail.message_id for mail in mails} - mail_server.times_taken.keys() <= doubted


def test_killed_while_the_server_thinks(mail_server: MailServer) -> None:
    """The server has the whole mail: it is doubted, and not sent again."""
    first, second = OutgoingMailFactory(), OutgoingMailFactory()
    mail_server.thinks_at = 1
    with _sending(mail_server):
        assert mail_server.thinking.wait(PATIENCE)
    first.refresh_from_db()
    assert first.state == MailState.HANDING_OVER
    OutgoingMail.objects.filter(pk=first.pk).update(leased_until=first.created_at)
    mail_server.thinks_at = -1
    with _sending(mail_server):
        _wait_until(lambda: OutgoingMail.objects.filter(state=MailState.SENT).exists())
    first.refresh_from_db()
    assert first.state == MailState.UNCERTAIN
    assert mail_server.times_taken == {first.message_id: 1, second.message_id: 1}
