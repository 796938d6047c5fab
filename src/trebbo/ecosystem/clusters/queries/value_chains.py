"""A value chain's page: its line of succession, who takes part, published beside counted."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from trebbo.ecosystem.clusters.choices import ChainRole
from trebbo.ecosystem.clusters.models import Figure, Succession, ValueChain
from trebbo.ecosystem.clusters.queries.composition import (
    UNIT,
    Tally,
    described,
    kind_labels,
    tallies,
)
from trebbo.ecosystem.clusters.queries.figures import Figures, figures_where
from trebbo.ecosystem.clusters.queries.networks import visible_clusters
from trebbo.ecosystem.organisations.choices import Kind
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.kernel.access import Viewer


@dataclass(frozen=True, slots=True)
class Bucket:
    """One part of a published composition, beside what the registry counts in the same kinds."""

    figure: Figure
    counted: int


@dataclass(frozen=True, slots=True)
class ValueChainPage:
    """What the page of a value chain shows; `places` is unpaged, chairs first."""

    chain: ValueChain
    origins: tuple[Succession, ...]
    successions: tuple[Succession, ...]
    places: QuerySet[Any]
    kinds: tuple[Tally, ...]
    figures: Figures
    buckets: tuple[Bucket, ...]
    open: bool

    @property
    def participants(self) -> int:
        """Who takes part, by the registry."""
        return sum(tally.count for tally in self.kinds)

    @property
    def published(self) -> int:
        """Who takes part, by the published composition."""
        return sum(int(bucket.figure.amount) for bucket in self.buckets)


def value_chain_page(slug: str, *, viewer: Viewer) -> ValueChainPage:
    """The value chain in four queries, and one for who takes part.

    Of a value chain that has ended, those count who took part on its last day. Raises
    `ValueChain.DoesNotExist`.
    """
    chain = (
        ValueChain.objects.filter(cluster__in=visible_clusters(viewer=viewer).order_by())
        .select_related("cluster__network")
        .get(slug=slug)
    )
    links = list(
        Succession.objects.filter(Q(predecessor=chain) | Q(successor=chain))
        .select_related("predecessor", "successor")
        .order_by("pk")
    )
    is_open = chain.holds_on(viewer.today)
    day = viewer.today if is_open or chain.valid_until is None else chain.valid_until
    places = described(chain.members.filter(holding_on(day), seen_by(viewer, "profile")), day=day)
    kinds = tallies(
        places.values("kind").annotate(count=Count("pk")).order_by(), "kind", kind_labels()
    )
    figures = figures_where(Q(value_chain=chain))
    chairs_first = Case(
        When(role=ChainRole.CHAIR, then=Value(0)),
        When(role=ChainRole.VICE_CHAIR, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return ValueChainPage(
        chain=chain,
        origins=tuple(link for link in links if link.successor_id == chain.pk),
        successions=tuple(link for link in links if link.predecessor_id == chain.pk),
        places=places.select_related("profile").order_by(chairs_first, "profile__sort_name", "pk"),
        kinds=kinds,
        figures=figures,
        buckets=tuple(Bucket(part, _counted_in(part, kinds)) for part in figures.parts),
        open=is_open,
    )


def _counted_in(part: Figure, kinds: tuple[Tally, ...]) -> int:
    """The registry's bodies of the kinds that a published part covers.

    Laboratories and centres that are units go where the laboratories of the Network go.
    """
    covered = set(part.kinds.split("|"))
    with_units = Kind.RAT_LABORATORY in covered
    return sum(
        tally.count
        for tally in kinds
        if tally.key in covered or (with_units and tally.key.startswith(UNIT))
    )
