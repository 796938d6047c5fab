"""Reads a mail that a person wrote: who it is for, its text, and which files came with it."""

import email.header
import email.utils
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesFeedParser
from hashlib import sha256
from typing import BinaryIO

from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import one_line, plain_text
from trebbo.outlets.notifications.importers.texts import without_history

LARGEST_MESSAGE = 30_000_000
KEPT_OF_A_PART = 1_000_000
"""Bytes of a part that are kept in memory: more than any text, less than many files."""
LONGEST_LINE = 100_000
READ_OF_A_TEXT = 200_000
LONGEST_NAME = 100
MOST_NAMED = 20
DEEPEST = 30
ADDRESSED_IN = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
BULK = {"bulk", "auto_reply", "auto-reply", "list", "junk"}


class MessageRefused(Refusal):
    """The message has more than `LARGEST_MESSAGE` bytes, or parts in parts without end."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as it came in. `left_out` names the files, with their sizes, which nobody keeps.

    `is_automatic` says that a program wrote it: an absence note, a list, a report.
    """

    message_id: str
    recipients: tuple[str, ...]
    text: str
    left_out: tuple[str, ...] = ()
    is_automatic: bool = False


@dataclass(slots=True)
class _Found:
    """What the parts of a message hold."""

    texts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_message(stream: BinaryIO) -> Incoming:
    """The mail that the stream holds, to its end; however broken, something is read.

    Of files that it carries only names and sizes are kept in memory. Raises `MessageRefused`.
    """
    try:
        message, mark, digest = _parsed(stream)
    except RecursionError:
        _drain(stream)
        raise MessageRefused("This message has too many parts within parts.") from None
    found = _Found()
    _read_part(message, mark, found, 0)
    text = without_history("\n\n".join(found.texts))
    return Incoming(
        message_id=_message_id(message) or f"<{digest}@without.name>",
        recipients=tuple(_recipients(message)),
        text=text,
        left_out=_few(found.left_out),
        is_automatic=_is_automatic(message),
    )


def _parsed(stream: BinaryIO) -> tuple[Message, str, str]:
    """The message with all but the beginning of long parts dropped, and how much was is marked.

    A boundary begins with two hyphens, which no line of an encoded file does: what lies between
    can go without harm to the order of the parts.
    """
    parser, digest = BytesFeedParser(), sha256()
    mark = secrets.token_hex(16)
    whole = kept = dropped = 0
    for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
        whole += len(line)
        if whole > LARGEST_MESSAGE:
            _drain(stream)
            raise MessageRefused("A message may have 30 MB at most, with its files.")
        digest.update(line)
        if line.startswith(b"--"):
            parser.feed(_note(mark, dropped))
            kept = dropped = 0
        kept += len(line)
        if kept <= KEPT_OF_A_PART:
            parser.feed(line)
        else:
            dropped += len(line)
    parser.feed(_note(mark, dropped))
    return parser.close(), mark, digest.hexdigest()[:40]


def _drain(stream: BinaryIO) -> None:
    """Read on to the end and keep nothing: a server that cannot write all of it counts on less."""
    while stream.read(LONGEST_LINE):
        pass


def _note(mark: str, dropped: int) -> bytes:
    return f"\r\n{mark} {dropped}\r\n".encode() if dropped else b""


def _read_part(part: Message, mark: str, found: _Found, depth: int) -> None:
    kind = part.get_content_type()
    if kind.startswith("multipart/") and part.is_multipart() and depth < DEEPEST:
        parts = _children(part)
        if kind == "multipart/alternative":
            _read_best(parts, mark, found, depth)
        else:
            for one in parts:
                _read_part(one, mark, found, depth + 1)
    elif _is_file(part, kind):
        found.left_out.append(f"{_name(part, kind)} ({_size(_length(part, mark))})")
    else:
        text = _decoded(part, mark)
        text = plain_text(text) if kind == "text/html" else text
        if text.strip():
            found.texts.append(text.strip("\r\n"))


def _read_best(parts: list[Message], mark: str, found: _Found, depth: int) -> None:
    """Of the same in several forms the plain one, if it holds words; the files of all."""
    ways = []
    for one in parts:
        way = _Found()
        _read_part(one, mark, way, depth + 1)
        ways.append((one.get_content_type() != "text/plain", way))
        found.left_out += way.left_out
    with_words = [way for _rank, way in sorted(ways, key=lambda pair: pair[0]) if way.texts]
    if with_words:
        found.texts += with_words[0].texts


def _is_file(part: Message, kind: str) -> bool:
    if kind.startswith("multipart/"):
        return part.is_multipart()  # too deep; a broken one is read as the text that it is
    named = bool(part.get_filename()) or part.get_content_disposition() == "attachment"
    return named or kind not in {"text/plain", "text/html"}


def _name(part: Message, kind: str) -> str:
    raw = part.get_filename() or part.get_param("name") or ""
    name = one_line(_header(str(raw))).replace("/", "_").replace("\\", "_")
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}…"
    return name or kind


def _length(part: Message, mark: str) -> int:
    """About how many bytes a file has, also where most of it was dropped."""
    if part.is_multipart():
        return sum(_length(one, mark) for one in _children(part))
    payload = _raw(part)
    head, _mark, rest = payload.partition(mark)
    number = rest.split(maxsplit=1)[0] if rest.split() else "0"
    length = len(head.strip()) + int(number)
    encoded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"
    # Four letters are three bytes, and lines of 76 letters end in two more.
    return length * 3 * 76 // (4 * 78) if encoded else length


def _children(part: Message) -> list[Message]:
    return [one for one in part.get_payload() if isinstance(one, Message)]


def _raw(part: Message) -> str:
    """What a part holds as it came; the library fails where the charset is written oddly."""
    try:
        return str(part.get_payload())
    except (TypeError, ValueError, LookupError):
        content = part.get_payload(decode=True)
        return content.decode("ascii", "replace") if isinstance(content, bytes) else ""


def _size(length: int) -> str:
    if length >= 1_000_000:
        return f"{length / 1_000_000:.1f} MB"
    return f"{max(1, round(length / 1_000))} kB"


def _few(names: list[str]) -> tuple[str, ...]:
    more = len(names) - MOST_NAMED
    return tuple(names) if more <= 0 else (*names[:MOST_NAMED], f"+ {more}")


def _decoded(part: Message, mark: str) -> str:
    try:
        content = part.get_payload(decode=True)
    except (TypeError, ValueError, LookupError, AssertionError):
        content = None
    if not isinstance(content, bytes):
        content = _raw(part).encode("utf-8", "surrogateescape")
    content = content.partition(mark.encode())[0][:READ_OF_A_TEXT]
    for charset in (_charset(part), "utf-8"):
        try:
            return content.decode(charset, "strict").replace("\r\n", "\n")
        except (LookupError, ValueError):
            continue
    # Every byte is a letter there: wrong ones are better than none.
    return content.decode("cp1252", "replace").replace("\r\n", "\n")


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset("utf-8") or "utf-8"
    except (ValueError, LookupError):
        return "utf-8"


def _recipients(message: Message) -> Iterator[str]:
    for name in ADDRESSED_IN:
        values = [str(value) for value in message.get_all(name, [])]
        for _name, address in email.utils.getaddresses(values):
            if address:
                yield address


def _message_id(message: Message) -> str:
    return one_line(_header(str(message.get("Message-ID", ""))))[:300]


def _is_automatic(message: Message) -> bool:
    """Whether a program wrote it (RFC 3834), or a list passed it on."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    sender = message.get("Return-Path")
    nobody = sender is not None and str(sender).strip(" <>").upper() in {"", "MAILER-DAEMON"}
    return (
        submitted != "no"
        or precedence in BULK
        or nobody
        or message.get_content_type() == "multipart/report"
        or any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
    )


def _header(raw: str) -> str:
    """The words of an encoded header; as they stand where they cannot be read."""
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return raw.encode("utf-8", "replace").decode()
