"""The `trebbo` command: the product's own commands, and Django's behind them."""

import os
import sys
from collections.abc import Callable

USAGE = """\
trebbo: the open system that runs a regional innovation cluster

  trebbo demo       fill and start the demonstration (the address is printed)
  trebbo serve      start the production server
  trebbo worker     carry out the jobs that pages leave behind
  trebbo migrate    bring the database up to the code
  trebbo index      build the search index anew
  trebbo evidence   import official open data, and say how the imports stand
  trebbo matching   train and measure the ranking of asks, say which one is in use
  trebbo found      load the vocabularies and found a network
  trebbo appoint    appoint the first person of the agency that coordinates a network
  trebbo doctor     check settings, database, folders, search index, mail; say what to do
  trebbo mail       take in a message that somebody wrote in answer to one of ours
  trebbo messages   extract, check or compile the translations

Each takes --help. Django's own commands (shell, dbshell, createsuperuser, ...) work too.
"""


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trebbo.config.settings")
    name = sys.argv[1] if len(sys.argv) > 1 else "help"
    if name in {"help", "-h", "--help"} and len(sys.argv) <= 2:
        print(USAGE)
        return
    own = OWN.get(name)
    if own is not None:
        sys.exit(own(sys.argv[2:]))
    _require_secret_key()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _demo(arguments: list[str]) -> int:
    from trebbo.config import demonstration

    return demonstration.main(arguments)


def _serve(arguments: list[str]) -> int:
    from trebbo.config import server

    _require_secret_key()
    return server.main(arguments)


def _worker(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line

    _require_secret_key()

    import django

    django.setup()
    from trebbo.outlets.notifications import tasks as notifications
    from trebbo.partnering.introductions import tasks as introductions
    from trebbo.sharing.ideas import tasks as ideas
    from trebbo.sharing.resources import tasks as resources

    introductions.arrange_daily_rebuild()
    introductions.arrange_clock()
    ideas.arrange_idea_clock()
    resources.arrange_own_calendars()
    resources.arrange_booking_clock()
    notifications.arrange_sending()
    notifications.arrange_catching_up()
    notifications.arrange_daily_reminders()
    notifications.arrange_forgetting()
    execute_from_command_line(["trebbo", "db_worker", "--queue-name", "*", *arguments])
    return 0


def _index(arguments: list[str]) -> int:
    import argparse

    argparse.ArgumentParser(
        prog="trebbo index", description="Build the search index anew from the database."
    ).parse_args(arguments)
    _require_secret_key()

    import django

    django.setup()
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions import rebuild_index

    print(f"{rebuild_index(actor=installation())} profiles in the search index")
    return 0


def _evidence(arguments: list[str]) -> int:
    from trebbo.config import evidence

    _require_secret_key()
    return evidence.main(arguments)


def _matching(arguments: list[str]) -> int:
    from trebbo.config import matching

    _require_secret_key()
    return matching.main(arguments)


def _found(arguments: list[str]) -> int:
    from trebbo.config import founding

    _require_secret_key()
    return founding.main(arguments)


def _appoint(arguments: list[str]) -> int:
    from trebbo.config import appointment

    _require_secret_key()
    return appointment.main(arguments)


def _doctor(arguments: list[str]) -> int:
    from trebbo.config import doctor

    return doctor.main(arguments)


def _mail(arguments: list[str]) -> int:
    from trebbo.config import mail

    return mail.main(arguments)


def _messages(arguments: list[str]) -> int:
    from trebbo.config import messages

    return messages.main(arguments)


OWN: dict[str, Callable[[list[str]], int]] = {
    "demo": _demo,
    "serve": _serve,
    "worker": _worker,
    "index": _index,
    "evidence": _evidence,
    "matching": _matching,
    "found": _found,
    "appoint": _appoint,
    "doctor": _doctor,
    "mail": _mail,
    "messages": _messages,
}


def _require_secret_key() -> None:
    """Stop with words, not a traceback, where no secret key is set outside the demonstration."""
    from trebbo.config import settings

    if not settings.SECRET_KEY:
        sys.exit(
            "No secret key is set. Put a long random text in TREBBO_SECRET_KEY, or in a file named "
            "by TREBBO_SECRET_KEY_FILE; `python -c 'import secrets; "
            "print(secrets.token_urlsafe(50))'` makes one. To look around, run `trebbo demo`."
        )


if __name__ == "__main__":
    main()
