"""A real mail server in a thread, that answers as a test wants and keeps what it takes."""

import asyncio
import email
import email.policy
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage as ReadMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

WAIT = 3.0
# It tells of each connection, also after the test whose output that was.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Broken(BaseEmailBackend):
    """A backend of Django that fails in a way of its own."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Fail."""
        raise ArithmeticError("out of order")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Replies by recipient, or to whole messages in order; then it takes everything."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[bytes] = []
        self.connections = 0
        self.to_recipients: dict[str, str] = {}
        self.to_messages: list[str] = []
        self.delay = 0.0
        self.thinks_at = -1
        self.thinking = threading.Event()
        self._controller: Controller | None = None

    @classmethod
    @contextmanager
    def listening(cls, **more: Any) -> Iterator["MailServer"]:
        """A server that listens, to which the settings lead, with more of these."""
        server = cls()
        server.start()
        try:
            with override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=server.port,
                **more,
            ):
                yield server
        finally:
            server.stop()

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self.connections = 0

    def stop(self) -> None:
        """Be gone."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_EHLO(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        """Greet, and count."""
        self.connections += 1
        session.host_name = hostname
        return replies

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        """Take the recipient, or not."""
        reply = self.to_recipients.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the message, or not; think as long as the test wants."""
        reply = self.to_messages.pop(0) if self.to_messages else "250 taken"
        if reply.startswith("250"):
            content = envelope.content
            self.taken.append(content if isinstance(content, bytes) else b"")
        if len(self.taken) == self.thinks_at:
            self.thinking.set()
            await asyncio.sleep(WAIT)
        if self.delay:
            await asyncio.sleep(self.delay)
        return reply

    @property
    def messages(self) -> list[ReadMessage]:
        """What was taken, read."""
        return [
            email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[misc]
            for content in list(self.taken)
        ]

    @property
    def times_taken(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(message["Message-ID"] for message in self.messages)
