"""What the doctor finds about messages."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from tests.factories.notifications import OutgoingMailFactory
from tests.outlets.notifications.mail_server import MailServer
from trebbo.config import doctor, settings
from trebbo.config.doctor import Level
from trebbo.outlets.notifications.choices import MailState


@pytest.mark.django_db
def test_messages_late_and_stuck() -> None:
    """All well; then one that nobody sends, and one that waits for a decision."""
    OutgoingMailFactory()
    assert [finding.level for finding in doctor.message_findings()] == [Level.OK]
    OutgoingMailFactory(next_try_at=timezone.now() - timedelta(minutes=11))
    OutgoingMailFactory(state=MailState.UNCERTAIN)
    late, stuck = doctor.message_findings()
    assert (late.level, stuck.level) == (Level.WARNING, Level.WARNING)
    assert late.words.startswith("1 should have gone out")
    assert "the page “Mail”" in stuck.remedy


def test_links_that_lead_nowhere(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail that leaves the house must lead back to it."""
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in {"DEMO": False, "EMAIL_BACKEND": smtp}.items():
        monkeypatch.setattr(settings, name, value)
    with override_settings(EMAIL_PORT=mail_server.port):
        links, mail = doctor.mail_findings()
        assert (links.subject, links.level, mail.level) == ("links", Level.WARNING, Level.OK)
        monkeypatch.setattr(settings, "SITE_ADDRESS", "https://cluster.example.org")
        assert [finding.level for finding in doctor.mail_findings()] == [Level.OK]


@pytest.mark.parametrize(
    ("address", "level", "words"),
    [
        ("", Level.OK, "not passed on"),
        ("talk@cluster.example", Level.OK, "passed on from talk@cluster.example"),
        ("talk", Level.PROBLEM, "“talk”"),
        (f"{'x' * 50}@cluster.example", Level.PROBLEM, "no addresses can be made"),
    ],
)
def test_where_answers_go(
    address: str, level: Level, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that is none, or too long for a key, is a problem."""
    monkeypatch.setattr(settings, "RELAY_ADDRESS", address)
    with override_settings(RELAY_ADDRESS=address):
        [finding] = doctor.relay_findings()
    assert finding.level == level
    assert words in finding.words
