"""A mail server, and the settings that lead to it."""

from collections.abc import Iterator

import pytest

from tests.outlets.notifications.mail_server import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A server that listens, to which the settings lead."""
    with MailServer.listening(EMAIL_TIMEOUT=2) as server:
        yield server
