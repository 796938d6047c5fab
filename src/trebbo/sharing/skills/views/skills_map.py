"""The skills map of a network, cluster or value chain, and the review of its composition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.tabular import Linked
from trebbo.sharing.skills import exporters, queries
from trebbo.sharing.skills.queries.skills_map import ORDERS
from trebbo.sharing.skills.queries.skills_map_counts import (
    DEPTHS,
    USUAL_DEPTH,
)
from trebbo.sharing.skills.queries.skills_map_rows import (
    CLUSTER,
    FAMILIES,
    MOST_POINTS,
)
from trebbo.sharing.skills.views import charts, review_words

FIELDS_A_PAGE = 30
LISTED = 12
"""How many lines a section of the page holds; the spreadsheet has all."""


@public
def skills_maps(request: HttpRequest) -> HttpResponse:
    """Which map: the networks with their clusters and value chains."""
    networks = queries.places_to_choose(viewer=viewer_of(request))
    return render(request, "skills/skills_maps.html", {"networks": networks})


@public
def skills_map(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Who covers what in a place, where one body is the only one, what nobody offers."""
    viewer = viewer_of(request)
    place = _place(kind, slug, viewer)
    wishes = wishes_of(request.GET)
    drawn = queries.skills_map(viewer, place, wishes)
    page = Paginator(drawn.fields, FIELDS_A_PAGE).get_page(request.GET.get("page"))
    strong = sorted(drawn.covered(queries.Cover.STRONG), key=lambda line: -line.points)
    only_one = drawn.covered(queries.Cover.ONE)[:LISTED]
    lines = {"strengths": strong[:LISTED], "only_one": only_one}
    found = {"gaps": drawn.gaps[:LISTED], "matches": drawn.matches[:LISTED]}
    shown = [*page.object_list, *strong[:LISTED], *only_one]
    sought = [*drawn.gaps[:LISTED], *drawn.matches[:LISTED]]
    names = queries.bodies_named(_profiles(shown, sought), viewer=viewer)
    address = _Address(request.GET)
    context = {
        **lines,
        **found,
        "map": drawn,
        "place": place,
        "wishes": wishes,
        "page_obj": page,
        "groups": _grouped(page.object_list),
        "names": names,
        "counts": {cover.value: len(drawn.covered(cover)) for cover in queries.Cover},
        "chart": charts.cover_chart(drawn.fields),
        "columns": _columns(wishes, address),
        "families": [(key, name, key in wishes.kinds) for key, name in _families(drawn)],
        "depths": [(depth, _depth_name(depth)) for depth in DEPTHS],
        "open": address.with_values(branch="", page="") + "&branch=",
        "path": [(label, address.with_values(branch=key, page="")) for key, label in drawn.path],
        "whole": address.with_values(branch="", page=""),
        "downloads": address.with_values(page=""),
        "heat": [(line, _by_kind(drawn, line)) for line in page.object_list if line.bodies],
        "rules": review_words.rules(),
        "most_points": MOST_POINTS,
    }
    return render(request, "skills/skills_map.html", context)


@public
@require_GET
def skills_map_file(request: HttpRequest, kind: str, slug: str, ending: str) -> HttpResponse:
    """The whole map as it is narrowed, as a spreadsheet or as plain rows."""
    viewer = viewer_of(request)
    place = _place(kind, slug, viewer)
    if ending not in exporters.MAP_TYPES:
        raise Http404
    drawn = queries.skills_map(viewer, place, wishes_of(request.GET))
    names = queries.bodies_named(_profiles(drawn.fields, [*drawn.gaps, *drawn.matches]),
                                 viewer=viewer)  # fmt: skip
    told = exporters.MapTold(
        map=drawn,
        names={key: profile.title for key, profile in names.items()},
        made_at=viewer.now.replace(microsecond=0),
        made_by=viewer.label or _("a visitor"),
        language=_language(),
    )
    write = exporters.map_xlsx if ending == "xlsx" else exporters.map_csv
    return _file(write(told), exporters.file_name(_("skills map"), place, ending), ending)


@public
def skills_review(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The critical review of a place's composition, in sentences and tables."""
    viewer = viewer_of(request)
    place = _place(kind, slug, viewer)
    review = queries.skills_review(viewer, place, _depth_only(request.GET))
    context = {
        "review": review,
        "place": place,
        "map": review.map,
        "told": _told(request, review, viewer),
        "depths": [(depth, _depth_name(depth)) for depth in DEPTHS],
    }
    return render(request, "skills/skills_map_review.html", context)


@public
@require_GET
def skills_review_pdf(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The same review to print or to send on."""
    viewer = viewer_of(request)
    place = _place(kind, slug, viewer)
    review = queries.skills_review(viewer, place, _depth_only(request.GET))
    content = exporters.review_pdf(_told(request, review, viewer))
    return _file(content, exporters.file_name(_("critical review"), place, "pdf"), "pdf")


def skills_map_section(request: HttpRequest, profile: Profile) -> SafeString:
    """The part of a cluster's page that leads to its map, as HTML; one query."""
    if not isinstance(profile, Cluster):
        return SafeString("")
    figures = queries.headline(profile, viewer=viewer_of(request))
    if not figures:
        return SafeString("")
    context = {"cluster": profile, "figures": figures, "kind": CLUSTER}
    return render_to_string("skills/skills_map_section.html", context, request=request)


def wishes_of(query: QueryDict) -> queries.MapWishes:
    """What an address asks of a map; what makes no sense there is left out, not an error."""
    depth, branch = query.get("depth", ""), query.get("branch", "")
    direction, order = query.get("shown", ""), query.get("sort", "")
    return queries.MapWishes(
        depth=int(depth) if depth in {str(one) for one in DEPTHS} else USUAL_DEPTH,
        branch=int(branch) if branch.isascii() and branch.isdigit() and len(branch) < 10 else 0,
        direction=direction if direction in {"offered", "sought"} else "",
        with_evidence=query.get("evidence") == "1",
        kinds=tuple(key for key in FAMILIES if key in query.getlist("kind")),
        order=order if order in ORDERS else "strength",
    )


def _depth_only(query: QueryDict) -> queries.MapWishes:
    return queries.MapWishes(depth=wishes_of(query).depth)


def _place(kind: str, slug: str, viewer: Viewer) -> queries.Place:
    place = queries.find_place(kind, slug, viewer=viewer)
    if place is None:
        raise Http404
    return place


def _told(request: HttpRequest, review: queries.Review, viewer: Viewer) -> exporters.ReviewTold:
    keys = {*_profiles(review.map.fields, [*review.map.gaps, *review.map.matches])}
    names = queries.bodies_named(keys | {*review.joined, *review.left}, viewer=viewer)
    links = {
        key: Linked(one.title, request.build_absolute_uri(one.get_absolute_url()))
        for key, one in names.items()
    }
    return review_words.told(review, links, language=_language())


def _profiles(lines: Iterable[queries.FieldLine], sought: Iterable[queries.Match]) -> set[int]:
    """Whose names these lines show."""
    named = [some for line in lines for some in (line.top, line.seekers, line.others)]
    for one in sought:
        named += [one.top_seekers, one.top_offers, one.top_elsewhere]
    return {offer.profile for offers in named for offer in offers}


def _by_kind(drawn: queries.SkillsMap, line: queries.FieldLine) -> list[tuple[str, int]]:
    return [
        (name, count) for (_key, name, _all), count in zip(drawn.families, line.kinds, strict=True)
    ]


def _grouped(lines: Iterable[queries.FieldLine]) -> list[tuple[str, list[queries.FieldLine]]]:
    groups: dict[str, list[queries.FieldLine]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    return list(groups.items())


def _families(drawn: queries.SkillsMap) -> list[tuple[str, str]]:
    return [(key, name) for key, name, _count in drawn.families]


def _depth_name(depth: int) -> str:
    names: Mapping[int, str] = {
        1: _("1: the broadest fields"),
        2: _("2: disciplines"),
        3: _("3: fields"),
        4: _("4: narrow fields"),
        0: _("as stated"),
    }
    return names[depth]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table by which its rows can be ordered."""

    label: str
    address: str
    active: bool


def _columns(wishes: queries.MapWishes, address: "_Address") -> list[_Column]:
    labels = {
        "name": _("Field"),
        "bodies": _("Bodies that offer it"),
        "strength": _("Strength"),
        "people": _("People"),
        "confirmed": _("Confirmed"),
        "sought": _("Sought by"),
        "elsewhere": _("Elsewhere in the network"),
    }
    return [
        _Column(label, address.with_values(sort=key, page=""), wishes.order == key)
        for key, label in labels.items()
    ]


@dataclass(frozen=True, slots=True)
class _Address:
    """The query of the page, to be varied."""

    query: QueryDict

    def with_values(self, **values: object) -> str:
        """The query with these values; a blank one is taken out."""
        query = self.query.copy()
        for name, value in values.items():
            query.pop(name, None)
            if value:
                query[name] = str(value)
        return f"?{query.urlencode()}"


def _language() -> Literal["it", "en"]:
    return "en" if (get_language() or "it").startswith("en") else "it"


def _file(content: bytes, name: str, ending: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=exporters.TYPES[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
