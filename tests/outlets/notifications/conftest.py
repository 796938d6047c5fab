"""A mail server, and the settings that lead to it."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.outlets.notifications.mail_server import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A server that listens, to which the settings lead."""
    server = MailServer()
    server.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.port,
            EMAIL_TIMEOUT=2,
        ):
            yield server
    finally:
        server.stop()
