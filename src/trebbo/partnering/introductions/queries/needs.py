"""Reads the needs that the network opens: those whose text or teaser the viewer may read."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.clusters.policies import circles_to_choose
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.models import Ask, AskReader, AskReading
from trebbo.partnering.introductions.policies import edit_ask, read_teaser, read_text, view_ask


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read an ask, who had its text before them, and what the viewer may choose from."""

    ask: Ask
    named: tuple[AskReader, ...]
    readings: QuerySet[AskReading]
    may_edit: bool
    networks: tuple[tuple[str, str], ...]
    clusters: tuple[tuple[str, str], ...]
    chains: tuple[tuple[str, str], ...]


def visible_needs(*, viewer: Viewer) -> QuerySet[Ask]:
    """Open asks that their keepers opened to others, the last kept first.

    `shows_text` says whether the viewer may read the whole text; where not, the teaser alone.
    """
    opened = ~Q(circle=Circle.NAMED) | ~Q(teaser_circle=Circle.NAMED)
    named = Q(pk__in=AskReader.objects.filter(person=viewer.person_id or 0).values("ask"))
    rows = Ask.objects.filter(opened | named, closed_at__isnull=True).select_related("asker")
    return _readable(rows, viewer).order_by("-created_at", "-pk")


def visible_need(ask_id: int, *, viewer: Viewer) -> Ask | None:
    """One need with `shows_text`, if the viewer may read of it."""
    rows = Ask.objects.select_related("asker", "owner").filter(pk=ask_id)
    return _readable(rows, viewer).first()


def readers_of(ask_id: int, *, viewer: Viewer) -> Readers | None:
    """Who may read the ask and who did, for those who work on it; else None."""
    rows = Ask.objects.select_related("network", "cluster", "value_chain", "owner")
    ask = view_ask.filter(viewer, rows).filter(pk=ask_id).first()
    if ask is None:
        return None
    named = AskReader.objects.filter(ask=ask).select_related("person").order_by("named_at", "pk")
    is_its_own = ask.closed_at is None and ask.idea_id is None
    may_edit = is_its_own and edit_ask.allows(viewer, ask)
    offered = circles_to_choose(viewer, ask)
    none: tuple[tuple[str, str], ...] = ()
    return Readers(
        ask=ask,
        named=tuple(named),
        readings=AskReading.objects.filter(ask=ask).order_by("-last_at", "pk"),
        may_edit=may_edit,
        networks=_named_rows(offered.networks) if may_edit else none,
        clusters=_named_rows(offered.clusters) if may_edit else none,
        chains=_named_rows(offered.chains) if may_edit else none,
    )


def _readable(rows: QuerySet[Ask], viewer: Viewer) -> QuerySet[Any]:
    shown = Case(When(read_text.condition(viewer), then=True), default=False)
    return read_teaser.filter(viewer, rows).annotate(shows_text=shown)


def _named_rows(rows: QuerySet) -> tuple[tuple[str, str], ...]:  # type: ignore[type-arg]
    return tuple((str(row.pk), str(row)) for row in rows)
