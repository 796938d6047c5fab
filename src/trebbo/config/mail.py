"""`trebbo mail`: takes in what people answer, as a mail server hands it to a command."""

import argparse
import logging
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trebbo.outlets.notifications.importers import Incoming

EX_OK, EX_DATAERR, EX_NOUSER, EX_TEMPFAIL = 0, 65, 67, 75
"""What a mail server understands (sysexits.h): taken, refused for good, nobody there, try later."""

log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Run `trebbo mail`; whatever is wrong here, the mail stays with its server, to be tried again.

    A mail server returns a message to its sender on any other code than that of trying later.
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:
        return EX_TEMPFAIL if end.code else EX_OK
    from trebbo.config import settings

    if not settings.SECRET_KEY:
        print("No secret key is set (TREBBO_SECRET_KEY).", file=sys.stderr)
        return EX_TEMPFAIL
    try:
        import django

        django.setup()
        return _receive(options)
    except Exception:
        log.exception("a message could not be taken in now")
        return EX_TEMPFAIL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trebbo mail", description="Take in the mail that people write to an introduction."
    )
    commands = parser.add_subparsers(required=True)
    received = commands.add_parser(
        "receive", help="read one message from the standard input and pass it on"
    )
    received.add_argument(
        "recipient", nargs="?", help="whom it was sent to, if its server says so; else its headers"
    )
    return parser


def _receive(options: argparse.Namespace) -> int:
    from trebbo.kernel.errors import Refusal
    from trebbo.outlets.notifications.actions import UnknownAddress
    from trebbo.outlets.notifications.importers import read_message

    try:
        incoming = read_message(sys.stdin.buffer)
        given = options.recipient or os.environ.get("ORIGINAL_RECIPIENT")
        return _pass_on(incoming, [given] if given else list(incoming.recipients))
    except UnknownAddress as refusal:
        print(refusal.message, file=sys.stderr)
        return EX_NOUSER
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return EX_DATAERR


def _pass_on(incoming: "Incoming", recipients: list[str]) -> int:
    from trebbo.kernel.access import installation
    from trebbo.outlets.notifications import actions

    if incoming.is_automatic:
        log.info("a message that a program wrote was dropped: %s", incoming.message_id)
        return EX_OK
    actor = installation()
    message = actions.pass_on_message(
        actor=actor,
        recipients=recipients,
        message_id=incoming.message_id,
        text=incoming.text,
        left_out=incoming.left_out,
    )
    actions.tell_of_left_out(actor=actor, message=message, now=actor.now)
    return EX_OK
