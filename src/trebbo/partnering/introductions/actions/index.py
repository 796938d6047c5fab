"""Changes to the search index: build it anew, bring it up to date, put that off in bulk."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import gateway, policies

GATHERED: ContextVar[set[int] | None] = ContextVar("gathered", default=None)
"""The profiles that changed inside `gather_news`; None outside it."""


def rebuild_index(*, actor: Viewer) -> int:
    """Replace the index by what the registry says on the actor's day; how many profiles.

    The index of bodies outside the network, which only open data knows, is replaced with it.

    Refuses anybody but the installation and the agency. Raises `gateway.IndexBusy` while another
    writer is at work.
    """
    _demand(actor)
    return gateway.rebuild(actor.today)


def refresh_index(*, actor: Viewer, profile_ids: Iterable[int]) -> None:
    """Bring the index up to date for these profiles and for those that name them.

    Where there is no index that can be used, builds it whole. Refuses and raises as
    `rebuild_index`.
    """
    _demand(actor)
    gateway.refresh(profile_ids, actor.today)


def refresh_evidence(*, actor: Viewer, profile_ids: Iterable[int]) -> None:
    """Bring up to date what open data says of these profiles, and the bodies linked to them.

    Refuses and raises as `rebuild_index`.
    """
    _demand(actor)
    gateway.refresh_evidence(profile_ids, actor.today)


@contextmanager
def gather_news(*, actor: Viewer) -> Iterator[set[int]]:
    """Gather the profiles that change inside, instead of queueing a job for each.

    For work in bulk; the transaction has to end inside. Afterwards the caller rebuilds the index,
    or refreshes what was gathered. Refuses as `rebuild_index`.
    """
    _demand(actor)
    gathered: set[int] = set()
    token = GATHERED.set(gathered)
    try:
        yield gathered
    finally:
        GATHERED.reset(token)


def _demand(actor: Viewer) -> None:
    if not policies.keep_index(actor):
        raise NotAllowed(_("Only the coordinating agency may build the search index."))
