"""Passes on what one side of an introduction writes to the address of its mails."""

import re
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.policies import demand_installation
from trebbo.partnering.introductions.actions import LONGEST_MESSAGE, relay_message
from trebbo.partnering.introductions.choices import Side
from trebbo.partnering.introductions.models import Introduction, RelayedMessage
from trebbo.partnering.introductions.queries.introductions import party

LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
LETTERS_OF_SIDES = {Side.ASKER: "a", Side.CONTACT: "c"}
SIGNATURE = 16
"""Letters of the signature: 80 bits."""
KEY = re.compile(rf"([0-9]{{1,18}})([ac])([a-z2-7]{{{SIGNATURE}}})")
# Each gives a right to whoever has it, so it goes to nobody else: links that answer, and the
# addresses by which one writes. Programs that check links wrap them, slashes and all.
SIGNED_LINK = re.compile(
    r"(?:/|%2F)(?:introductions(?:/|%2F)(?:consent|answer|outcome)|mail(?:/|%2F)(?:stop|confirm))"
    r"(?:/|%2F)",
    re.IGNORECASE,
)
# Bounded everywhere, so that no text keeps it busy.
ADDRESS = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,9}[\w-]{1,63}")
WORD = re.compile(r"\S+")


class UnknownAddress(Refusal):
    """Nobody of an introduction has this address."""

    status = 404


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """For which introduction an address is, and who writes to it."""

    introduction_id: int
    side: Side


def reply_address(introduction_id: int, side: Side) -> str:
    """Where a side writes to the other; blank where nothing is relayed.

    The key in it holds the introduction, the side and their signature, all in letters that stay
    the same whatever a server does to their case.
    """
    local, at, domain = settings.RELAY_ADDRESS.partition("@")
    if not (local and at and domain):
        return ""
    address = f"{local}+{_key(introduction_id, side)}"
    return f"{address}@{domain}" if len(address) <= LONGEST_LOCAL_PART else ""


def read_reply_address(address: str) -> ReplyAddress | None:
    """What an address was made for; None for any that was not made here."""
    local, _at, domain = settings.RELAY_ADDRESS.lower().partition("@")
    given, _at, where = address.strip().strip("<>").lower().rpartition("@")
    stem, _plus, key = given.rpartition("+")
    match = KEY.fullmatch(key)
    if not domain or (stem, where) != (local, domain) or match is None:
        return None
    side = next(one for one, letter in LETTERS_OF_SIDES.items() if letter == match[2])
    introduction_id = int(match[1])
    if not constant_time_compare(key, _key(introduction_id, side)):
        return None
    return ReplyAddress(introduction_id, side)


def first_reply_address(addresses: Iterable[str]) -> ReplyAddress:
    """The first of these that was made here; raises `UnknownAddress` where none was."""
    for address in addresses:
        if known := read_reply_address(address):
            return known
    raise UnknownAddress(_("No introduction has this address."))


def pass_on_message(
    *,
    actor: Viewer,
    recipients: Iterable[str],
    message_id: str,
    text: str,
    left_out: Iterable[str] = (),
) -> RelayedMessage:
    """Pass what a side wrote on to the other; the same mail a second time does nothing.

    The first of the recipients that is an address of an introduction says which, and who writes.
    Links that answer for somebody, and addresses to write to, which programs quote, are taken out:
    all addresses before both agreed. Refuses anybody but the installation, recipients of which
    none has an introduction (`UnknownAddress`), and as `relay_message`, in the writer's language.
    """
    demand_installation(actor)
    address = first_reply_address(recipients)
    rows = Introduction.objects.select_related("ask__owner", "contact")
    introduction = rows.filter(pk=address.introduction_id).first()
    if introduction is None:
        raise UnknownAddress(_("No introduction has this address."))
    hidden = not introduction.contacts_are_shared
    writer = party(introduction, address.side, viewer=actor)
    with translation.override(writer.language if writer else "it"):
        return relay_message(
            actor=actor,
            introduction_id=address.introduction_id,
            side=address.side,
            message_id=message_id,
            text=without_keys(text[:LONGEST_MESSAGE], and_addresses=hidden),
            left_out=list(left_out),
        )


def without_keys(text: str, *, and_addresses: bool) -> str:
    """The text without what gives rights to its reader, and without e-mail addresses if asked."""
    left_out = _("[left out]")

    def address(match: re.Match[str]) -> str:
        return left_out if and_addresses or _is_relay(match[0]) else match[0]

    def word(match: re.Match[str]) -> str:
        return left_out if SIGNED_LINK.search(match[0]) else ADDRESS.sub(address, match[0])

    return WORD.sub(word, text)


def _is_relay(address: str) -> bool:
    local, _at, domain = settings.RELAY_ADDRESS.lower().partition("@")
    given, _at, where = address.lower().rpartition("@")
    return bool(domain) and where == domain and given.startswith(f"{local}+")


def _key(introduction_id: int, side: Side) -> str:
    stem = f"{introduction_id}{LETTERS_OF_SIDES[side]}"
    digest = salted_hmac("trebbo.relay", stem, algorithm="sha256").digest()
    return f"{stem}{b32encode(digest).decode().lower()[:SIGNATURE]}"
