"""A process of its own that asks for slots, one after the other, as fast as it can.

Who it is and what it asks for is its argument, as JSON. It says that it is ready, waits for a line,
so that several begin at once, and prints how each request was answered.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any


def main() -> None:
    """Ask for all slots and print the outcomes as a list."""
    import django

    django.setup()
    from trebbo.kernel.access import Viewer

    given = json.loads(sys.argv[1])
    mandates = {given["profile"]: frozenset({"editor"})}
    now = datetime.fromtimestamp(given["now"], UTC)
    actor = Viewer(now=now, person_id=given["person"], label="Processo", mandates=mandates)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    told = [_ask(actor, given["profile"], one) for one in given["asks"]]
    sys.stdout.write(json.dumps(told))


def _ask(actor: Any, profile: int, asked: list[Any]) -> str:
    from trebbo.sharing.resources import actions

    resource, start, end, waiting = asked
    try:
        booking = actions.request_booking(
            actor=actor,
            resource_id=resource,
            starts_at=datetime.fromtimestamp(start, UTC),
            ends_at=datetime.fromtimestamp(end, UTC),
            purpose="Misura",
            profile_id=profile,
            waiting=waiting,
        )
    except actions.SlotTaken:
        return "taken"
    return str(booking.state)


if __name__ == "__main__":
    main()
