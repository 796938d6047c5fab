"""Jobs: ideas are reminded of before they expire, and end after their last day."""

from datetime import time

from django.utils import timezone
from django_tasks import task

from trebbo.kernel.access import installation
from trebbo.kernel.jobs import arrange, tomorrow_at
from trebbo.sharing.ideas import actions

CLOCK_AT = time(6, 0)
"""Local time of the daily run: before the mail of the day, which takes its news along."""


@task()
def run_idea_clock() -> None:
    """Remind owners of what expires soon, end what is over, and arrange the same for tomorrow."""
    arrange_idea_clock()
    actions.run_idea_clock(actor=installation(timezone.now()))


def arrange_idea_clock() -> bool:
    """See that one run waits for the next morning; whether it had to be queued.

    Doing it twice is harmless: the worker does it whenever it starts.
    """
    return arrange(run_idea_clock, tomorrow_at(CLOCK_AT))
