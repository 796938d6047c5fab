"""Rules stated once and used twice: as a yes or no on an object, and as a filter on rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed

M = TypeVar("M", bound=Model)

NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Grant(Generic[M]):
    """One reason for which a rule says yes: `holds` for an object, `rows` for a table."""

    name: str
    holds: Callable[[Viewer, M], bool]
    rows: Callable[[Viewer], Q]


@dataclass(slots=True)
class Rule(Generic[M]):
    """A rule is the sum of its grants.

    An area above may add a grant of its own (a cluster's manager edits its members' profiles)
    so that the area below need not know it. A test proves that `allows` and `rows` agree.
    """

    name: str
    grants: list[Grant[M]] = field(default_factory=list)

    def add(self, grant: Grant[M]) -> None:
        """Add a reason; adding it again changes nothing."""
        if all(known.name != grant.name for known in self.grants):
            self.grants.append(grant)

    def allows(self, viewer: Viewer, subject: M) -> bool:
        """Whether the viewer may do this with the object."""
        return any(grant.holds(viewer, subject) for grant in self.grants)

    def condition(self, viewer: Viewer) -> Q:
        """The condition on rows that equals `allows`."""
        condition = NOTHING
        for grant in self.grants:
            condition |= grant.rows(viewer)
        return condition

    def filter(self, viewer: Viewer, rows: QuerySet[M]) -> QuerySet[M]:
        """Only the rows for which `allows` says yes."""
        return rows.filter(self.condition(viewer))

    def demand(self, viewer: Viewer, subject: M, message: str) -> None:
        """Refuse, in the words given, unless `allows` says yes."""
        if not self.allows(viewer, subject):
            raise NotAllowed(message)


def demand_installation(viewer: Viewer) -> None:
    """Refuse anybody but the installation itself, at work that no person asks for."""
    if not viewer.is_installation:
        raise NotAllowed(_("Only the installation itself may do this."))
