"""A cluster's page: its members counted, its value chains with their history, what is unknown."""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Figure,
    QualityLabel,
    Recognition,
    Succession,
    ValueChain,
)
from trebbo.ecosystem.clusters.queries.composition import (
    Composition,
    composition,
    described,
    visible_memberships,
)
from trebbo.ecosystem.clusters.queries.figures import MEMBERS, Figures, figures_where
from trebbo.ecosystem.clusters.queries.networks import visible_clusters
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.kernel.access import Viewer

LINK_WORDS = ("kind", "note_it", "note_en", "source", "standing")
LINK_FIELDS = ("id", "successor_id", *LINK_WORDS)
FEES = frozenset({"yearly-fee", "registration-fee"})


@dataclass(frozen=True, slots=True)
class ChainLine:
    """A value chain with what it came from and what it became."""

    chain: ValueChain
    participants: int
    open: bool
    origins: tuple[Succession, ...]
    successions: tuple[Succession, ...]


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """What the page of a cluster shows; `listed` is unpaged: members and candidates, by name."""

    cluster: Cluster
    composition: Composition
    listed: QuerySet[Any]
    chains: tuple[ChainLine, ...]
    recognitions: tuple[Recognition, ...]
    labels: tuple[QualityLabel, ...]
    figures: Figures
    unknown: tuple[str, ...]

    @property
    def members(self) -> QuerySet[Any]:
        """Memberships that are active or suspended."""
        return self.listed.exclude(present_state=MembershipState.CANDIDATE)

    @property
    def candidates(self) -> QuerySet[Any]:
        """Memberships that nobody has proven."""
        return self.listed.filter(present_state=MembershipState.CANDIDATE)

    def rows(
        self, members: QuerySet[Any], candidates: QuerySet[Any]
    ) -> tuple[list[Any], list[Any]]:
        """A slice of the members and a slice of the candidates, read in one query."""
        wanted = Q(pk__in=members.values("pk")) | Q(pk__in=candidates.values("pk"))
        apart: tuple[list[Any], list[Any]] = ([], [])
        for row in self.listed.filter(wanted):
            apart[row.present_state == MembershipState.CANDIDATE].append(row)
        return apart

    @property
    def chains_open(self) -> int:
        """Value chains open today."""
        return sum(line.open for line in self.chains)

    @property
    def chains_closed(self) -> int:
        """Value chains that are not open today."""
        return len(self.chains) - self.chains_open

    @property
    def published(self) -> Figure | None:
        """How many members were last published."""
        return self.figures.latest(MEMBERS)

    @property
    def not_listed(self) -> int:
        """How many of the members last published the registry does not know."""
        return not_listed(self.figures, self.composition)


def cluster_page(slug: str, *, viewer: Viewer) -> ClusterPage:
    """The cluster in six queries, and one for its rows; raises `Cluster.DoesNotExist`."""
    cluster = visible_clusters(viewer=viewer).select_related("network", "territory").get(slug=slug)
    memberships = visible_memberships(viewer=viewer).filter(cluster=cluster)
    counted = composition(memberships, viewer=viewer)
    chains = chain_lines(cluster, viewer=viewer)
    recognitions = tuple(
        cluster.recognitions.select_related("authority").order_by(
            F("act_year").asc(nulls_last=True), F("act_date").asc(nulls_last=True), "pk"
        )
    )
    labels = tuple(cluster.labels.order_by("year"))
    figures = figures_where(Q(cluster=cluster))
    return ClusterPage(
        cluster=cluster,
        composition=counted,
        listed=listed(memberships, viewer=viewer),
        chains=chains,
        recognitions=recognitions,
        labels=labels,
        figures=figures,
        unknown=(
            *_unknown_of(cluster, recognitions, labels, figures),
            *_unknown_members(counted, figures),
            *_unknown_chains(chains),
        ),
    )


def listed(memberships: QuerySet[Any], *, viewer: Viewer) -> QuerySet[Any]:
    """Memberships with their profile, kind and province, by name."""
    rows = described(memberships, day=viewer.today)
    return rows.select_related("profile").order_by("profile__sort_name", "pk")


def chain_lines(cluster: Cluster, *, viewer: Viewer) -> tuple[ChainLine, ...]:
    """The value chains of a cluster in order of time, the open ones after the closed; one query.

    A value chain with several successors comes in several rows, one for each.
    """
    today = viewer.today
    present = (
        ChainMembership.objects.filter(holding_on(today), value_chain=OuterRef("pk"))
        .order_by()
        .values("value_chain")
        .annotate(count=Count("pk"))
    )
    joined: QuerySet[Any] = cluster.value_chains.annotate(
        participants=Coalesce(
            Subquery(present.values("count")), Value(0), output_field=IntegerField()
        ),
        **{f"link_{name}": F(f"successions__{name}") for name in LINK_FIELDS},
    )
    unknown_last = (F("valid_until").asc(nulls_last=True), F("valid_from").asc(nulls_last=True))
    rows = list(joined.order_by(*unknown_last, "pk", "link_id"))
    chains = {row.pk: row for row in reversed(rows)}
    links = [
        Succession(
            predecessor=chains[row.pk],
            successor=chains[row.link_successor_id],
            **{name: getattr(row, f"link_{name}") for name in LINK_WORDS},
        )
        for row in rows
        if row.link_id is not None
    ]
    lines = [
        ChainLine(
            chain=chain,
            participants=chain.participants,
            open=chain.holds_on(today),
            origins=tuple(link for link in links if link.successor_id == chain.pk),
            successions=tuple(link for link in links if link.predecessor_id == chain.pk),
        )
        for chain in dict.fromkeys(chains[row.pk] for row in rows)
    ]
    return tuple(sorted(lines, key=lambda line: line.open))


def not_listed(figures: Figures, counted: Composition) -> int:
    """The members last published minus those that the registry knows; never below zero."""
    published = figures.latest(MEMBERS)
    return max(int(published.amount) - counted.members, 0) if published else 0


def _unknown_of(
    cluster: Cluster,
    recognitions: tuple[Recognition, ...],
    labels: tuple[QualityLabel, ...],
    figures: Figures,
) -> list[str]:
    checks = (
        (cluster.founded_year is None, _("The year in which it was founded.")),
        (not cluster.website, _("Its web site.")),
        (not cluster.statute_url, _("Its statute: no published text is known.")),
        (
            not FEES & {figure.measure for figure in figures.quoted},
            _("The table of its fees."),
        ),
        (not recognitions, _("By which act it is recognised, and from when until when.")),
        (
            any(not r.valid_from and not r.valid_until for r in recognitions),
            _("From when until when some acts of recognition hold."),
        ),
        (
            any(label.valid_until is None for label in labels),
            _("When its quality labels end."),
        ),
        (
            figures.latest(MEMBERS) is None,
            _("How many members it has: no published figure is known."),
        ),
    )
    return [words for missing, words in checks if missing]


def _unknown_members(counted: Composition, figures: Figures) -> list[str]:
    words: list[str] = []
    published, missing = figures.latest(MEMBERS), not_listed(figures, counted)
    if published and missing:
        words.append(
            _(
                "Who %(missing)s of its members are: %(published)s were published (%(as_of)s), "
                "%(known)s are in the registry."
            )
            % {
                "missing": missing,
                "published": published.value,
                "as_of": published.as_of or _("date not known"),
                "known": counted.members,
            }
        )
    if counted.undated:
        words.append(
            ngettext(
                "Since when %(count)s member belongs to it.",
                "Since when %(count)s members belong to it.",
                counted.undated,
            )
            % {"count": counted.undated}
        )
    if counted.uncategorised:
        words.append(
            ngettext(
                "In which category of the statute %(count)s member is.",
                "In which category of the statute %(count)s members are.",
                counted.uncategorised,
            )
            % {"count": counted.uncategorised}
        )
    sizes = sum(tally.count for tally in counted.sizes if not tally.key)
    if sizes:
        words.append(
            ngettext(
                "The size class of %(count)s member organisation.",
                "The size class of %(count)s member organisations.",
                sizes,
            )
            % {"count": sizes}
        )
    return words


def _unknown_chains(chains: tuple[ChainLine, ...]) -> list[str]:
    if not chains:
        return [_("Its value chains.")]
    words: list[str] = []
    undated = sum(line.chain.valid_from is None for line in chains)
    if undated:
        words.append(
            ngettext(
                "Since when %(count)s value chain exists.",
                "Since when %(count)s value chains exist.",
                undated,
            )
            % {"count": undated}
        )
    empty = sum(line.open and not line.participants for line in chains)
    if empty:
        words.append(
            ngettext(
                "Who takes part in %(count)s open value chain.",
                "Who takes part in %(count)s open value chains.",
                empty,
            )
            % {"count": empty}
        )
    return words
