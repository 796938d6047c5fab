"""Several people at once: what tests of races have in common."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from trebbo.kernel.errors import Refusal

PEOPLE = 6


def together(act: Callable[[int], object]) -> list[object]:
    """What each of several threads, let off at once, returned or was refused."""
    start = Barrier(PEOPLE)

    def run(number: int) -> object:
        try:
            start.wait()
            return act(number)
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(run, range(PEOPLE)))
