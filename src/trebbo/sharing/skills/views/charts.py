"""Turns what a skills map counted into a picture, in the page's words and numbers."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.kernel.charts import Bar, BarGroup, Chart, bar_chart
from trebbo.sharing.skills.queries import FieldLine

LONGEST_LABEL = 52
DRAWN = 12


def number(value: int) -> str:
    """A whole number as the page's language writes it."""
    return number_format(value, force_grouping=True)


def cover_chart(fields: Sequence[FieldLine]) -> Chart | None:
    """The strongest fields: all bodies that offer them, and those with evidence behind it."""
    drawn = sorted((line for line in fields if line.bodies), key=lambda line: -line.points)[:DRAWN]
    if not drawn:
        return None
    groups, rows = [], []
    for line in drawn:
        offered = ngettext("%(n)s body offers it", "%(n)s bodies offer it", line.bodies)
        proven = ngettext("%(n)s with evidence", "%(n)s with evidence", line.evidence)
        bars = (
            Bar(line.bodies, offered % {"n": number(line.bodies)}, "outline"),
            Bar(line.evidence, proven % {"n": number(line.evidence)}),
        )
        groups.append(BarGroup(_short(line.label), bars))
        cells = (line.bodies, line.evidence, line.solid, line.sought)
        rows.append((line.label, *map(number, cells)))
    return bar_chart(
        title=_("Who covers the strongest fields"),
        description="; ".join(f"{row[0]}: {row[1]} / {row[2]}" for row in rows),
        groups=groups,
        head=(_("Field"), _("Bodies"), _("With evidence"), _("Solid"), _("Sought by")),
        rows=rows,
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"
