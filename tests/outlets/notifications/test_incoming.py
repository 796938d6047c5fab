"""Mail that people write, in the forms that programs give it, whole and broken."""

import io
import tracemalloc
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trebbo.kernel.text import plain_text
from trebbo.outlets.notifications.importers import Incoming, MessageRefused, read_message
from trebbo.outlets.notifications.importers.messages import LARGEST_MESSAGE
from trebbo.outlets.notifications.importers.texts import without_history

HEAD = b"From: Rita <rita@lab.example>\r\nTo: Talk <talk+1a@t.example>\r\nMessage-ID: <1@lab>\r\n"


def read(content: bytes) -> Incoming:
    """The message that these bytes hold."""
    return read_message(io.BytesIO(content))


def test_a_plain_message() -> None:
    """Its text in its own letters, to whom it goes, and its name."""
    got = read(
        HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nPerch\xe9 no?\r\nRita\r\n"
    )
    assert got == Incoming("<1@lab>", ("talk+1a@t.example",), "Perché no?\nRita")


def test_files_are_left_out_with_name_and_size() -> None:
    """Also those without a name, those in the text and a message within the message."""
    message = EmailMessage()
    message["To"] = "talk@t.example"
    message.set_content("Ecco.")
    message.add_alternative("<p>Ecco <b>HTML</b></p>", subtype="html")
    message.add_attachment(
        b"x" * 2_500_000, maintype="application", subtype="pdf", filename="è <b>.pdf"
    )
    message.add_attachment(b"y" * 10, maintype="image", subtype="png")
    inner = EmailMessage()
    inner.set_content("Dentro")
    message.add_attachment(inner)
    got = read(message.as_bytes())
    assert got.text == "Ecco."
    first, second, third = got.left_out
    assert first == "è <b>.pdf (2.5 MB)"
    assert second == "image/png (1 kB)"
    assert third.startswith("message/rfc822")
    assert "Dentro" not in got.text


def test_only_html() -> None:
    """Words without marks; what nobody sees does not count."""
    got = read(
        HEAD
        + b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>T</title><style>p{}"
        b"</style></head><body><p>Ciao &amp; a presto</p><script>alert(1)</script>"
        b"<ul><li>uno<li>due</ul>&lt;b&gt;<br>fine</body>"
    )
    assert got.text == "Ciao & a presto\n\n- uno\n- due\n\n<b>\nfine"


def test_parts_within_parts() -> None:
    """Text around a picture, as some programs write it."""
    got = read(
        HEAD + b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n'
        b'Content-Type: multipart/related; boundary="i"\r\n\r\n--i\r\n\r\nPrima\r\n--i\r\n'
        b"Content-Type: image/gif; name=a.gif\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"R0lGODlh\r\n--i--\r\n--o\r\nContent-Type: text/plain\r\n\r\nDopo\r\n--o--\r\n"
    )
    assert got.text == "Prima\n\nDopo"
    assert got.left_out == ("a.gif (1 kB)",)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"\xff\xfe\x00", "ÿþ\x00"),
        (HEAD + b"\r\nsenza tipo", "senza tipo"),
        (HEAD + b"Content-Type: text/plain; charset=klingon\r\n\r\ncos\xc3\xac", "così"),
        (HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\ncos\xec", "così"),
        (HEAD + b"Content-Type: multipart/mixed\r\n\r\nsenza confini", "senza confini"),
        (HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nmozzo', "mozzo"),
        (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nQ2lhbw=", "Ciao"),
        (HEAD + b"Content-Transfer-Encoding: nonsense\r\n\r\nciao", "ciao"),
        (HEAD + b"Content-Type: ;;;\r\n\r\nciao", "ciao"),
    ],
)
def test_broken_messages_are_read_as_far_as_they_go(content: bytes, text: str) -> None:
    assert read(content).text == text


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\r\n",
                b"Content-Type: multipart/alternative; boundary=b\r\n",
                b"Content-Type: text/html; charset=utf-16\r\n",
                b"Content-Type: message/rfc822\r\n",
                b"Content-Type: text/plain; charset*=utf-8''%ff\r\n",
                b"Content-Disposition: attachment; filename*0*=x''%C3; filename*1=b\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Transfer-Encoding: x-uuencode\r\n",
                b"Content-Transfer-Encoding: quoted-printable\r\n",
                b"To: =?x?y?z?=, <\xff@\xfe>, a@b\r\n",
                b"Message-ID: =?utf-8?b?\xff?=\r\n",
                b"\r\n",
                b"--b\r\n",
                b"--b--\r\n",
                b"<p>=3D&#x110000;\r\n",
                b"begin 666 x\r\n",
                b"\xff\x00\xd8\r\n",
                b"> a\r\n",
            ]
        ),
        max_size=25,
    )
)
def test_whatever_comes_something_is_read(lines: list[bytes]) -> None:
    got = read(b"".join(lines))
    (got.text + got.message_id + "".join(got.left_out)).encode()
    assert got.message_id


def test_without_a_name_the_same_mail_has_the_same() -> None:
    """So that it is passed on once, also if the server hands it over twice."""
    assert read(b"\r\nx").message_id == read(b"\r\nx").message_id != read(b"\r\ny").message_id


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated; owner=x",
        b"Precedence: bulk",
        b"Precedence: AUTO_REPLY",
        b"Precedence: list",
        b"Return-Path: <>",
        b"Return-Path: <MAILER-DAEMON>",
        b"Content-Type: multipart/report; boundary=b",
        b"X-Autoreply: yes",
    ],
)
def test_what_programs_write(header: bytes) -> None:
    assert read(HEAD + header + b"\r\n\r\nSono via.").is_automatic


@pytest.mark.parametrize(
    "header", [b"Auto-Submitted: no", b"Return-Path: <rita@lab.example>", b"Precedence: normal"]
)
def test_what_people_write(header: bytes) -> None:
    assert not read(HEAD + header + b"\r\n\r\nEccomi.").is_automatic


def test_a_large_file_is_not_kept_in_memory() -> None:
    """Nor is a message that is refused read any further than its limit."""
    line = b"QUJD" * 19 + b"\r\n"
    lines = 27_000_000 // len(line)
    content = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n\r\nEcco il file.\r\n--o\r\n'
        b"Content-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + line * lines
        + b"--o\r\nContent-Type: text/plain\r\n\r\nDopo.\r\n--o--\r\n"
    )
    stream = io.BytesIO(content)
    tracemalloc.start()
    try:
        got = read_message(stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got.text == "Ecco il file.\n\nDopo."
    assert got.left_out == ("film.mp4 (19.7 MB)",)
    assert peak < 15_000_000


def test_a_message_that_is_too_large_is_refused() -> None:
    stream = io.BytesIO(HEAD + b"\r\n" + b"x" * LARGEST_MESSAGE)
    with pytest.raises(MessageRefused, match="30 MB"):
        read_message(stream)
    assert stream.read() == b""


def test_parts_within_parts_without_end_are_refused_or_left_out() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(60)
    )
    assert read(HEAD + deep + b"\r\nx").text == ""
    deeper = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(3_000)
    )
    with pytest.raises(MessageRefused):
        read(HEAD + deeper + b"\r\nx")


ANSWER = "Volentieri, giovedì.\n\nRita"


@pytest.mark.parametrize(
    "history",
    [
        "> Vi andrebbe?\n>\n> Ada",
        "Il giorno lun 15 giu 2026 alle ore 11:30 Trebbo <t@t.example> ha\nscritto:\n\n> Vi va?\n",
        "On Mon, 15 Jun 2026 at 11:30, Trebbo <t@t.example> wrote:\n> Would you?\n\n> Ada\n",
        "-----Original Message-----\nFrom: Trebbo\nSent: Monday\n\nWould you?",
        "-----Messaggio originale-----\nVi andrebbe?",
        "________________________________\nDa: Trebbo <t@t.example>\nInviato: lunedì\n\nVi va?",
        "From: Trebbo <t@t.example>\nDate: Monday\nTo: Rita\n\nWould you?",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_mail_that_is_answered_is_cut_off(history: str, ending: str) -> None:
    text = f"{ANSWER}\n\n{history}".replace("\n", ending)
    assert without_history(text) == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "> Vi andrebbe?\n\nSì, giovedì.",
        "Prima.\n> citato\nDopo.",
        "Il direttore ha scritto: si può fare.",
        "On it.\nFrom: Modena we can come.\nThanks",
        "> solo storia",
        "-----\nNon è un separatore",
        "Da: tenere presente\nche costa",
    ],
)
def test_what_may_be_no_history_stays(text: str) -> None:
    """An answer below or between the lines, words that look like a separator, nothing else."""
    assert without_history(text) == text


def test_a_quotation_of_html_is_history_too() -> None:
    html = (
        "<div>Volentieri.</div><div class=q>On Mon, Trebbo &lt;t@t.example&gt; wrote:<br>"
        "</div><blockquote><p>Would you?</p><div>Ada</div></blockquote>"
    )
    assert without_history(plain_text(html)) == "Volentieri."
