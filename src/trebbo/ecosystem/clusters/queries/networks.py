"""A network with its clusters side by side."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from trebbo.ecosystem.clusters.choices import KindGroup, MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Figure, Network, ValueChain
from trebbo.ecosystem.clusters.queries.composition import (
    GROUPS,
    described,
    visible_memberships,
)
from trebbo.ecosystem.clusters.queries.figures import MEMBERS, Figures, sorted_figures
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold

IN_FULL = Q(present_state__in=(MembershipState.ACTIVE, MembershipState.SUSPENDED))
CANDIDATES = Q(present_state=MembershipState.CANDIDATE)


@dataclass(slots=True)
class ClusterCounts:
    """One cluster beside the others: what the registry counts, and what was published."""

    cluster: Cluster
    active: int = 0
    suspended: int = 0
    candidates: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    chains_active: int = 0
    chains_closed: int = 0
    published: Figure | None = None

    @property
    def members(self) -> int:
        """Active and suspended members."""
        return self.active + self.suspended

    @property
    def members_known(self) -> bool:
        """Whether any member is recorded; where none is, a zero would pass for a fact."""
        return self.members > 0

    @property
    def candidates_known(self) -> bool:
        """Whether anybody at all is recorded, so that no candidates means none."""
        return self.members + self.candidates > 0

    @property
    def chains_known(self) -> bool:
        """Whether any value chain is recorded."""
        return self.chains_active + self.chains_closed > 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Three ways to count the members of a network, for members and for candidates.

    `memberships` is the sum over the clusters; `members` counts who is in several clusters once;
    `bodies` also counts a unit under its organisation.
    """

    memberships: int
    members: int
    bodies: int
    candidate_memberships: int
    candidates: int


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """What the page of a network shows."""

    network: Network
    rows: tuple[ClusterCounts, ...]
    totals: Totals
    figures: Figures

    @property
    def suspended(self) -> int:
        """Suspended memberships, in all clusters."""
        return sum(row.suspended for row in self.rows)

    @property
    def groups(self) -> dict[KindGroup, int]:
        """The memberships of all clusters by family of kind; families of nobody are left out."""
        sums = {group: sum(row.groups[group] for row in self.rows) for group in KindGroup}
        return {group: count for group, count in sums.items() if count}

    @property
    def chains_known(self) -> bool:
        """Whether any value chain of any cluster is recorded."""
        return any(row.chains_known for row in self.rows)

    @property
    def chains_active(self) -> int:
        """Value chains open today, in all clusters."""
        return sum(row.chains_active for row in self.rows)

    @property
    def chains_closed(self) -> int:
        """Value chains that have ended, in all clusters."""
        return sum(row.chains_closed for row in self.rows)


def visible_clusters(*, viewer: Viewer) -> QuerySet[Cluster]:
    """The clusters whose page the viewer may see, by name."""
    return Cluster.objects.filter(seen_by(viewer)).order_by("sort_name")


def network_page(slug: str, *, viewer: Viewer) -> NetworkPage:
    """The network with its clusters, in six queries; raises `Network.DoesNotExist`."""
    network = Network.objects.select_related("agency", "territory").get(slug=slug)
    rows = {
        cluster.pk: ClusterCounts(cluster)
        for cluster in visible_clusters(viewer=viewer).filter(network=network)
    }
    memberships = visible_memberships(viewer=viewer).filter(cluster__in=list(rows))
    groups = described(memberships, day=viewer.today).values("cluster", "present_state", "kind")
    for group in groups.annotate(count=Count("pk")).order_by():
        row, count = rows[group["cluster"]], group["count"]
        if group["present_state"] == MembershipState.CANDIDATE:
            row.candidates += count
            continue
        row.groups[GROUPS.get(group["kind"], KindGroup.OTHER)] += count
        if group["present_state"] == MembershipState.SUSPENDED:
            row.suspended += count
        else:
            row.active += count
    _count_chains(rows, viewer)
    figures = Figure.objects.filter(Q(network=network) | Q(cluster__in=list(rows)))
    by_cluster: dict[int | None, list[Figure]] = defaultdict(list)
    for figure in figures.order_by("position", "pk"):
        by_cluster[figure.cluster_id].append(figure)
    for key, row in rows.items():
        row.published = sorted_figures(by_cluster[key]).latest(MEMBERS)
    return NetworkPage(
        network=network,
        rows=tuple(sorted(rows.values(), key=lambda row: fold(row.cluster.title))),
        totals=Totals(
            **memberships.annotate(
                body=Coalesce("profile__as_unit__organisation", F("profile"))
            ).aggregate(
                memberships=Count("pk", filter=IN_FULL),
                members=Count("profile", filter=IN_FULL, distinct=True),
                bodies=Count("body", filter=IN_FULL, distinct=True),
                candidate_memberships=Count("pk", filter=CANDIDATES),
                candidates=Count("profile", filter=CANDIDATES, distinct=True),
            )
        ),
        figures=sorted_figures(by_cluster[None]),
    )


def _count_chains(rows: dict[int, ClusterCounts], viewer: Viewer) -> None:
    counted = (
        ValueChain.objects.filter(cluster__in=list(rows))
        .values("cluster")
        .annotate(
            active=Count("pk", filter=holding_on(viewer.today)),
            closed=Count("pk", filter=Q(valid_until__lt=viewer.today)),
        )
        .order_by()
    )
    for group in counted:
        rows[group["cluster"]].chains_active = group["active"]
        rows[group["cluster"]].chains_closed = group["closed"]
