"""Hands mails to the server, one connection for many, and tells what became of each."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn, Protocol, cast

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import sanitize_address

TAKEN = 250
READY_FOR_BODY = 354
CLOSING = 421
# The server may think long about a whole message (RFC 5321, 4.5.3.2.6, grants ten minutes), and
# whoever does not wait cannot know whether it arrived.
PATIENCE = 10


class Outcome(Exception):
    """A mail did not go out; the message is the server's own words."""


class Refused(Outcome):
    """The server will never take this mail."""


class Postponed(Outcome):
    """The server may take this mail later, and others now."""


class Unavailable(Outcome):
    """No server, or none that takes anything now; it does not have this mail."""


class Unknown(Outcome):
    """The server had the whole mail and did not answer: it may have taken it."""


class Session(Protocol):
    """A way to the server."""

    def deliver(self, message: EmailMessage, before_end: Callable[[], None]) -> None:
        """Hand one message over; `before_end` runs when the server can take it from then on."""

    def close(self) -> None:
        """Leave the server."""


@contextmanager
def open_session() -> Iterator[Session]:
    """The way that the settings name; the server is called when the first mail is there."""
    backend = get_connection()
    session: Session = BackendSession(backend)
    if isinstance(backend, SmtpBackend):
        session = SmtpSession(backend)
    try:
        yield session
    finally:
        session.close()


class BackendSession:
    """Any other backend of Django: it does not tell how far it came, so that counts as unknown."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def deliver(self, message: EmailMessage, before_end: Callable[[], None]) -> None:
        """Hand one message over."""
        try:
            message.message()  # what cannot be written is found out before anybody may have it
        except ValueError as error:
            raise Refused(str(error)) from error
        before_end()
        try:
            taken = self._backend.send_messages([message])
        except Exception as error:  # a backend may fail in ways of its own
            raise Unknown(str(error) or type(error).__name__) from error
        if not taken:
            raise Unknown("the backend took nothing")

    def close(self) -> None:
        """Leave the backend."""
        self._backend.close()


class SmtpSession:
    """SMTP, with the body and its final dot sent apart: between them the caller takes note.

    Until the dot a server must not deliver anything (RFC 5321, 4.1.1.4), so a process that ends
    earlier has sent nothing.
    """

    def __init__(self, backend: SmtpBackend) -> None:
        self._backend = backend

    def deliver(self, message: EmailMessage, before_end: Callable[[], None]) -> None:
        """Hand one message over."""
        try:
            sender = sanitize_address(message.from_email, "utf-8")
            recipient = sanitize_address(message.to[0], "utf-8")
            recipient.encode("ascii")
            body = _dotted(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        except ValueError as error:
            raise Refused(str(error)) from error
        try:
            smtp = self._begin(sender)
            self._ask(smtp, *smtp.rcpt(recipient))
            code, words = smtp.docmd("DATA")
            if code != READY_FOR_BODY:
                self._judge(smtp, code, words)
            smtp.send(body)
        except OSError as error:
            self.close()
            raise Unavailable(_told(error)) from error
        try:
            before_end()
        except BaseException:
            self._hang_up()
            raise
        self._end(smtp)

    def close(self) -> None:
        """Leave the server, politely where it still listens."""
        with suppress(OSError):
            self._backend.close()
        self._backend.connection = None

    def _begin(self, sender: str) -> smtplib.SMTP:
        """A server that has heard the sender; a connection that went stale is made anew."""
        smtp = self._backend.connection
        if smtp is not None:
            with suppress(OSError):
                if smtp.mail(sender, _options(smtp))[0] == TAKEN:
                    return smtp
            self.close()
        self._backend.open()
        smtp = cast("smtplib.SMTP", self._backend.connection)
        # The dot follows the body in a packet of its own and must not wait for the first's receipt.
        _socket(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        code, words = smtp.mail(sender, _options(smtp))
        if code != TAKEN:  # the sender is the same for all mail
            self.close()
            raise Unavailable(_words(code, words))
        return smtp

    def _end(self, smtp: smtplib.SMTP) -> None:
        try:
            _socket(smtp).settimeout(settings.EMAIL_TIMEOUT * PATIENCE)
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
        except OSError as error:
            self._hang_up()
            raise Unknown(_told(error)) from error
        if not 200 <= code < 600:  # no reply that anybody could read
            self._hang_up()
            raise Unknown(_words(code, words))
        _socket(smtp).settimeout(settings.EMAIL_TIMEOUT)
        self._ask(smtp, code, words)

    def _ask(self, smtp: smtplib.SMTP, code: int, words: bytes) -> None:
        if not 200 <= code < 300:
            self._judge(smtp, code, words)

    def _judge(self, smtp: smtplib.SMTP, code: int, words: bytes) -> NoReturn:
        if code == CLOSING:
            self.close()
            raise Unavailable(_words(code, words))
        with suppress(OSError):
            smtp.rset()
        raise (Refused if 500 <= code < 600 else Postponed)(_words(code, words))

    def _hang_up(self) -> None:
        """Go without a word: any more of them would belong to the body."""
        if self._backend.connection is not None:
            self._backend.connection.close()
        self._backend.connection = None


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the server hung up")
    return smtp.sock


def _options(smtp: smtplib.SMTP) -> list[str]:
    return ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []


def _dotted(body: bytes) -> bytes:
    """The body as it travels: no line is a dot alone, the last one ends."""
    ending = b"" if body.endswith(b"\r\n") else b"\r\n"
    stuffed = body.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + ending


def _words(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', 'replace')}"


def _told(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _words(error.smtp_code, words if isinstance(words, bytes) else str(words).encode())
    return str(error) or type(error).__name__
