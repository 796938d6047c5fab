"""Answers that are passed on: their addresses, what is taken out, and the command that does it."""

import email.policy
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import signing
from django.db import connection
from django.test import override_settings

from tests.architecture.house import ROOT
from tests.factories.organisations import NOW
from tests.outlets.notifications.mail_server import free_port
from tests.partnering.introductions.meeting_place import Place, token_of
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.outlets.notifications.actions import UnknownAddress, pass_on_message
from trebbo.outlets.notifications.actions.relay import (
    ReplyAddress,
    first_reply_address,
    read_reply_address,
    reply_address,
    without_keys,
)
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import Side
from trebbo.partnering.introductions.models import Introduction, RelayedMessage

RELAY_ADDRESS = "Introductions@cluster.example"
RELAY = override_settings(RELAY_ADDRESS=RELAY_ADDRESS)
ANSWER = "trebbo.example/it/introductions/answer/IjEi:1tXy:abc-_def/"


@RELAY
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("introduction_id", [1, 12, 10**15])
def test_an_address_says_who_writes_about_what(introduction_id: int, side: Side) -> None:
    """Whatever a server does to its case; it fits what mail allows."""
    address = reply_address(introduction_id, side)
    assert len(address.rpartition("@")[0]) <= 64
    for given in (address, address.upper(), f" <{address.lower()}> "):
        assert read_reply_address(given) == ReplyAddress(introduction_id, side)


@RELAY
def test_nobody_can_make_an_address() -> None:
    """Nor change one: for another introduction, for the other side, with another letter."""
    address = reply_address(12, Side.ASKER)
    local, _plus, key = address.partition("@")[0].partition("+")
    flipped = key[:-1] + ("a" if key[-1] != "a" else "b")
    wrong = [
        f"{local}+{key.replace('12a', '13a')}@cluster.example",
        f"{local}+{key.replace('12a', '12c')}@cluster.example",
        f"{local}+{key.replace('12a', '012a')}@cluster.example",
        f"{local}+{flipped}@cluster.example",
        f"{local}+{key[:-1]}@cluster.example",
        f"{local}+{key}@other.example",
        f"other+{key}@cluster.example",
        f"{local}@cluster.example",
        f"{local}+@cluster.example",
        "",
        "@",
        "\x00+é@\ud800",
    ]
    assert [read_reply_address(one) for one in wrong] == [None] * len(wrong)
    with pytest.raises(UnknownAddress):
        first_reply_address(wrong)
    assert first_reply_address([*wrong, address]) == ReplyAddress(12, Side.ASKER)


@pytest.mark.parametrize("setting", ["", "nonsense", "@cluster.example", "x" * 60 + "@c.example"])
def test_without_an_address_that_fits_nothing_is_relayed(setting: str) -> None:
    with override_settings(RELAY_ADDRESS=setting):
        assert reply_address(1, Side.ASKER) == ""


@RELAY
@pytest.mark.parametrize(
    "given",
    [
        f"> https://{ANSWER}",
        f"<https://{ANSWER}>",
        "https://links.example/?url=https%3A%2F%2Ftrebbo.example%2Fen%2Fintroductions%2Fanswer%2FIjE",
        "http://trebbo.example/it/mail/stop/WyJw:1tX:abc/",
        "https://trebbo.example/it/INTRODUCTIONS/consent/IjE",
        "Introductions+1abbb@cluster.example",
        "<introductions+1abbb@CLUSTER.example>",
    ],
)
@pytest.mark.parametrize("and_addresses", [True, False])
def test_what_gives_rights_is_passed_on_to_nobody(given: str, and_addresses: bool) -> None:
    """Mail programs quote the mail that is answered, with its links and its address."""
    text = without_keys(f"Sì.\n{given}\nRita", and_addresses=and_addresses)
    assert "[omesso]" in text
    for secret in ("IjE", "WyJw", "1abbb"):
        assert secret not in text
    assert text.startswith("Sì.\n")
    assert text.endswith("\nRita")


@RELAY
def test_addresses_are_passed_on_once_both_agreed() -> None:
    text = "Scrivi a rita@lab.example o vedi https://lab.example/it/introductions/"
    assert without_keys(text, and_addresses=False) == text
    assert "rita@" not in without_keys(text, and_addresses=True)
    assert "https://lab.example" in without_keys(text, and_addresses=True)


@pytest.mark.parametrize("text", ["a" * 20_000, "a@" * 10_000, "/introductions/answer" * 900])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert without_keys(text, and_addresses=True)


@RELAY
@pytest.mark.django_db
def test_a_message_is_kept_once_and_only_by_the_installation() -> None:
    place = Place()
    one = place.asked()
    recipients = ["ada@firm.example", reply_address(one.pk, Side.CONTACT)]
    facts = {"recipients": recipients, "message_id": "<1@lab>", "text": "Scrivi a rita@lab.example"}
    with pytest.raises(NotAllowed):
        pass_on_message(actor=place.broker, **facts)  # type: ignore[arg-type]
    for _time in range(2):
        pass_on_message(actor=installation(NOW), **facts)  # type: ignore[arg-type]
    assert RelayedMessage.objects.get().text == "Scrivi a [left out]"
    for unknown in ([], [reply_address(one.pk + 1, Side.CONTACT)]):
        with pytest.raises(UnknownAddress):
            pass_on_message(
                actor=installation(NOW), recipients=unknown, message_id="<2@x>", text="x"
            )


class Pipe:
    """A mail server that hands what it takes to the command, and answers as the command ends."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.codes: list[int] = []
        self.words = ""
        self._environment = environment

    async def handle_DATA(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """As Postfix does: with the sender on top, and the recipient as argument."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        done = subprocess.run(
            [sys.executable, "-m", "trebbo.config.command", "mail", "receive", *envelope.rcpt_tos],
            input=f"Return-Path: <{envelope.mail_from or ''}>\r\n".encode() + content,
            env={**os.environ, **_environment(), **self._environment},
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        self.codes.append(done.returncode)
        self.words = done.stderr.decode()
        return {0: "250 taken", 75: "451 later"}.get(done.returncode, "554 refused")


def _environment() -> dict[str, str]:
    facts = connection.settings_dict
    where = f"sqlite:///{facts['NAME']}"
    if connection.vendor != "sqlite":
        who = f"{facts['USER']}:{facts['PASSWORD']}@" if facts["PASSWORD"] else f"{facts['USER']}@"
        where = f"postgresql://{who}{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    return {
        "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
        "TREBBO_DATABASE_URL": where,
        "TREBBO_RELAY_ADDRESS": RELAY_ADDRESS,
        "TREBBO_LOG_LEVEL": "INFO",
    }


@contextmanager
def _pipe(**environment: str) -> Iterator[Pipe]:
    pipe = Pipe(**environment)
    controller = Controller(
        pipe, hostname="127.0.0.1", port=pipe.port, data_size_limit=60_000_000, ready_timeout=30
    )
    controller.start()
    try:
        yield pipe
    finally:
        controller.stop()


def _send(pipe: Pipe, to: str, message: EmailMessage, sender: str = "rita@lab.example") -> int:
    """Send it over SMTP; the server's last answer."""
    message["To"] = to
    message["From"] = "Rita Researcher <rita@lab.example>"
    with smtplib.SMTP("127.0.0.1", pipe.port, timeout=120) as smtp:
        smtp.ehlo()
        smtp.mail(sender)
        smtp.rcpt(to)
        return smtp.data(message.as_bytes(policy=email.policy.SMTP))[0]


def _message(text: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = "<1@lab.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


@RELAY
@pytest.mark.django_db(transaction=True)
def test_what_a_side_answers_by_mail_comes_to_the_other() -> None:
    """Over SMTP: without its address, its files and what it quotes, and once."""
    place = Place()
    one = place.asked()
    token = token_of(one)
    Notice.objects.all().delete()
    text = (
        "Volentieri! rita@lab.example\n\n"
        f"Il giorno lun 15 giu 2026 Trebbo ha scritto:\n> https://t.example/answer/{token}\n"
    )
    with _pipe() as pipe:
        for _time in range(2):
            message = _message(text)
            message.add_attachment(b"x" * 3_000, maintype="image", subtype="png", filename="a.png")
            assert _send(pipe, reply_address(one.pk, Side.CONTACT), message) == 250
        assert _send(pipe, reply_address(one.pk, Side.ASKER).upper(), _message("Bene")) == 250
    kept = RelayedMessage.objects.get(side="contact")
    assert kept.text == "Volentieri! [left out]"
    assert RelayedMessage.objects.get(side="asker").text == "Bene"
    assert kept.left_out == ["a.png (3 kB)"]
    told = Notice.objects.get(email=place.ada.email)
    assert "> Volentieri!" in told.text
    assert told.reply_to == reply_address(one.pk, Side.ASKER)
    rita = "".join(Notice.objects.filter(email=place.rita.email).values_list("text", flat=True))
    assert "a.png (3 kB)" in rita
    assert "> Bene" in rita
    letters = "".join(mail.text + mail.html for mail in OutgoingMail.objects.all())
    assert "lab.example" not in letters
    assert token not in letters


@RELAY
@pytest.mark.django_db(transaction=True)
def test_what_is_not_passed_on_and_what_the_server_hears() -> None:
    """Nobody there: 67. Over, or too large: 65 with words. A program: taken and dropped."""
    place = Place()
    one = place.asked()
    address = reply_address(one.pk, Side.CONTACT)
    with _pipe() as pipe:
        assert _send(pipe, "introductions+1aaaa@cluster.example", _message("x")) == 554
        assert _send(pipe, address, _message("Via", Auto_Submitted="auto-replied")) == 250
        assert "dropped" in pipe.words
        assert _send(pipe, address, _message("Via"), sender="") == 250
        large = _message("Ecco")
        large.add_attachment(b"x" * 23_000_000, maintype="video", subtype="mp4")
        assert _send(pipe, address, large) == 554
        assert "30 MB" in pipe.words
        actions.decline_introduction(actor=visitor(NOW), token=token_of(one), reason="other")
        assert _send(pipe, address, _message("Ancora")) == 554
        assert "This introduction is over" in pipe.words
        assert "Traceback" not in pipe.words
    assert pipe.codes == [67, 0, 0, 65, 65]
    assert not RelayedMessage.objects.exists()


@RELAY
@pytest.mark.django_db(transaction=True)
def test_too_many_messages_of_a_day_are_refused() -> None:
    place = Place()
    one = place.asked()
    for number in range(actions.relay.MOST_A_DAY):
        actions.relay_message(
            actor=installation(),
            introduction_id=one.pk,
            side="contact",
            message_id=f"<{number}@x>",
            text="Ciao",
        )
    with _pipe() as pipe:
        assert _send(pipe, reply_address(one.pk, Side.CONTACT), _message("Ancora")) == 554
    assert pipe.codes == [65]
    assert "write again tomorrow" in pipe.words


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "environment",
    [
        {"TREBBO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        {"TREBBO_SECRET_KEY": "", "TREBBO_DEMO": ""},
    ],
)
@RELAY
def test_what_is_wrong_here_keeps_the_mail_with_its_server(environment: dict[str, str]) -> None:
    """The database is down, no key is set: it is tried again later."""
    with _pipe(**environment) as pipe:
        assert _send(pipe, reply_address(1, Side.ASKER), _message("Ciao")) == 451
    assert pipe.codes == [75]


@pytest.mark.django_db(transaction=True)
@RELAY
def test_without_an_argument_the_headers_say_whom_it_is_for() -> None:
    """And a wrong argument loses no mail."""
    one = Place().asked()
    message = _message("Ciao")
    message["To"] = "somebody@else.example"
    message["Delivered-To"] = reply_address(one.pk, Side.CONTACT)

    def run(*arguments: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "trebbo.config.command", "mail", *arguments],
            input=message.as_bytes(),
            env={**os.environ, **_environment()},
            cwd=ROOT,
            capture_output=True,
            check=False,
        ).returncode

    assert run("receive") == 0
    assert RelayedMessage.objects.get().text == "Ciao"
    assert run("receive", "--nonsense") == 75
    assert run("--help") == 0


@pytest.mark.django_db
def test_a_token_alone_is_never_passed_on_whole() -> None:
    """A link that a program broke over two lines: what is left of it answers nothing."""
    one = Place().asked()
    token = token_of(one)
    broken = f"https://t.example/it/introductions/answer/{token[:20]}\n{token[20:]}"
    left = without_keys(broken, and_addresses=True).split("\n")[-1]
    with pytest.raises(signing.BadSignature):
        signing.loads(left, salt="trebbo.introduction.answer")
    assert Introduction.objects.get().state == "asked"
