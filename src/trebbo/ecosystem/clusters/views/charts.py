"""Turns what the queries counted into charts, in the page's words and numbers."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trebbo.ecosystem.clusters.models import Figure
from trebbo.ecosystem.clusters.queries import (
    ChainLine,
    ClusterPage,
    NetworkPage,
    Tally,
    ValueChainPage,
    year_of,
)
from trebbo.kernel.charts import (
    Bar,
    BarGroup,
    Chart,
    Point,
    Span,
    bar_chart,
    line_chart,
    timeline_chart,
)

LONGEST_LABEL = 52


def number(value: int) -> str:
    """A whole number as the page's language writes it."""
    return number_format(value, force_grouping=True)


def tally_chart(title: str, what: str, tallies: Sequence[Tally]) -> Chart | None:
    """One bar for each tally; nothing where there is nothing to count."""
    if not tallies:
        return None
    total = sum(tally.count for tally in tallies)
    return bar_chart(
        title=title,
        description="; ".join(f"{tally.label}: {number(tally.count)}" for tally in tallies),
        groups=[
            BarGroup(_short(tally.label), (Bar(tally.count, number(tally.count)),))
            for tally in tallies
        ],
        head=(what, _("Members"), _("Share")),
        rows=[
            (tally.label, number(tally.count), f"{number(round(100 * tally.count / total))} %")
            for tally in tallies
        ],
    )


def composition_charts(page: ClusterPage) -> list[Chart]:
    """A cluster's members by kind, by size and by province."""
    counted = page.composition
    charts = (
        tally_chart(_("Members by kind"), _("Kind"), counted.kinds),
        tally_chart(_("Member organisations by size"), _("Size"), counted.sizes),
        tally_chart(_("Members by province of their seat"), _("Province"), counted.provinces),
    )
    return [chart for chart in charts if chart]


def side_by_side_chart(page: NetworkPage) -> Chart | None:
    """Each cluster's members: last published, and counted in the registry."""
    if not page.rows:
        return None
    groups, rows = [], []
    for row in page.rows:
        known = number(row.members) if row.members_known else pgettext("members", "not known")
        words = _("%(n)s in the registry") % {"n": known}
        bars: tuple[Bar, ...] = (Bar(row.members, words),)
        if row.published:
            words = _("%(n)s published") % {"n": row.published.value}
            bars = (Bar(float(row.published.amount), words, "outline"), *bars)
        groups.append(BarGroup(_short(row.cluster.title), bars))
        said = row.published.value if row.published else pgettext("members", "not known")
        rows.append((row.cluster.title, said, known))
    return bar_chart(
        title=_("Members of each cluster"),
        description="; ".join(f"{name}: {said} / {known}" for name, said, known in rows),
        groups=groups,
        head=(_("Cluster"), _("Last published"), _("In the registry")),
        rows=rows,
    )


def figure_lines(lines: Sequence[Sequence[Figure]]) -> list[Chart]:
    """One line for each measure published for several years."""
    return [_figure_line(line) for line in lines]


def _figure_line(line: Sequence[Figure]) -> Chart:
    return line_chart(
        title=line[-1].label,
        description="; ".join(f"{figure.as_of}: {figure.value}" for figure in line),
        points=[
            Point(year, float(figure.amount), figure.value)
            for figure in line
            if (year := year_of(figure)) is not None
        ],
        head=(_("Year"), line[-1].label, _("Source")),
        rows=[(figure.as_of, figure.value, figure.source) for figure in line],
    )


def chain_timeline(lines: Sequence[ChainLine], *, this_year: int) -> Chart | None:
    """The value chains whose start is known, and what each became."""
    dated = [line for line in lines if line.chain.valid_from]
    if not dated:
        return None
    spans, rows = [], []
    for line in dated:
        chain, start = line.chain, line.chain.valid_from
        if start is None:
            continue
        end = chain.valid_until.year if chain.valid_until and not line.open else None
        period = f"{start.year}-{end or ''}"
        spans.append(Span(chain.code, _short(chain.name), start.year, end, period))
        became = ", ".join(link.successor.name for link in line.successions)
        rows.append(
            (
                chain.name,
                str(start.year),
                str(end or pgettext("value chain", "open")),
                became or "-",
            )
        )
    return timeline_chart(
        title=_("Value chains over time"),
        description="; ".join(f"{name} {start}-{end}" for name, start, end, _became in rows),
        spans=spans,
        links=[
            (link.predecessor.code, link.successor.code)
            for line in dated
            for link in line.successions
        ],
        this_year=this_year,
        head=(_("Value chain"), _("Since"), _("Until"), _("Became")),
        rows=rows,
    )


def bucket_chart(page: ValueChainPage) -> Chart | None:
    """A value chain's published composition beside what the registry counts."""
    if not page.buckets:
        return None
    not_known = pgettext("members", "not known")
    total = number(page.participants) if page.participants else not_known
    groups, rows = [], []
    for bucket in page.buckets:
        counted = number(bucket.counted) if page.participants else not_known
        groups.append(
            BarGroup(
                _short(bucket.figure.label),
                (
                    Bar(
                        float(bucket.figure.amount),
                        _("%(n)s published") % {"n": bucket.figure.value},
                        "outline",
                    ),
                    Bar(bucket.counted, _("%(n)s in the registry") % {"n": counted}),
                ),
            )
        )
        rows.append((bucket.figure.label, bucket.figure.value, counted))
    return bar_chart(
        title=_("Composition: published and in the registry"),
        description="; ".join(f"{label}: {said} / {known}" for label, said, known in rows),
        groups=groups,
        head=(_("Part"), _("Published"), _("In the registry")),
        rows=[*rows, (_("Total"), number(page.published), total)],
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"
