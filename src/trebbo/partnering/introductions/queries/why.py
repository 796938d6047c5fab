"""Why a body is where it is: each reason with the points that it adds, in words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import gateway

LEAST_POINTS = 0.05
"""What adds or takes away less than this is not told."""
MOST_LINKED = 3


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: by how many points the score would fall without it.

    `is_stale` where the fact is old and counts less for it; `projects` are funded projects to open.
    """

    kind: str
    points: float
    words: str
    projects: tuple[FundedProject, ...] = ()
    is_stale: bool = False


def projects_behind(
    reasons: Mapping[int, Collection[gateway.EvidenceReason]],
) -> dict[str, FundedProject]:
    """The projects that the reasons will name, by key; one query."""
    wanted = {key for told in reasons.values() for one in told for key in one.works[:MOST_LINKED]}
    rows = FundedProject.objects.filter(pk__in=[int(key) for key in wanted])
    rows = rows.defer("objective", "keywords")
    return {str(row.pk): row for row in rows}


def evidence_in_words(
    reasons: Iterable[gateway.EvidenceReason],
    weight: float,
    projects: Mapping[str, FundedProject],
    *,
    asker: str,
) -> list[Why]:
    """The evidence's reasons; `weight` is what the evidence counts, `asker` who asks."""
    found = []
    for one in reasons:
        points = one.points * weight
        words = _words(one, asker)
        if words and abs(points) >= LEAST_POINTS:
            known = (projects[key] for key in one.works[:MOST_LINKED] if key in projects)
            found.append(Why(one.kind, points, words, tuple(known)))
    return found


def _words(reason: gateway.EvidenceReason, asker: str) -> str:
    many = len(reason.works)
    since = reason.newest.year if reason.newest else ""
    facts = {"count": many, "year": since, "asker": asker}
    if reason.kind == "partnership":
        return ngettext(
            "worked with %(asker)s in one project, signed in %(year)s",
            "worked with %(asker)s in %(count)s projects, the last signed in %(year)s",
            many,
        ) % (facts | {"asker": asker or _("the team")})
    if reason.kind == "projects":
        return (
            ngettext(
                "one funded project on this, signed in %(year)s",
                "%(count)s funded projects on this, the last signed in %(year)s",
                many,
            )
            % facts
        )
    if reason.kind == "network":
        return (
            ngettext(
                "one project with partners of %(asker)s",
                "%(count)s projects with partners of %(asker)s",
                many,
            )
            % facts
        )
    if reason.kind == "experience":
        return (
            ngettext(
                "one other funded project, signed in %(year)s",
                "%(count)s other funded projects, the last signed in %(year)s",
                many,
            )
            % facts
        )
    return _place_or_kind(reason, asker)


def _place_or_kind(reason: gateway.EvidenceReason, asker: str) -> str:
    if reason.kind == "kind":
        return _("the kind of body that such teams take, or not")
    if reason.distance_km is None:
        return _("where it is")
    if reason.distance_km < 1:
        return _("in the same place as %(asker)s") % {"asker": asker}
    return _("about %(km)d km from %(asker)s") % {"km": reason.distance_km, "asker": asker}


def facts_in_words(
    terms: Mapping[str, float], *, chains: Iterable[str], confirmed: datetime | None, viewer: Viewer
) -> list[Why]:
    """What is known beside the evidence and the body's own words, with the points of each."""
    shared = ", ".join(chains)
    words = {
        "chain": _("in the same value chain: %(names)s") % {"names": shared},
        "cluster": _("in the same cluster"),
        "accredited": _("accredited in the High Technology Network"),
        "fresh": _("confirmed on %(day)s") % {"day": date_format(confirmed) if confirmed else ""},
        "place": _("near the place asked for"),
    }
    return [
        Why(name, points, words[name])
        for name, points in terms.items()
        if name in words and points >= LEAST_POINTS
    ]
