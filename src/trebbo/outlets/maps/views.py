"""The map of the region: its page, its data, and the list that follows it."""

from collections.abc import Sequence

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.outlets.maps import exporters, gateway, queries
from trebbo.outlets.maps.forms import demanded_window, filters_from, page_from, window_from
from trebbo.partnering.introductions.choices import Facet

PAGE_SIZE = 12
GEOJSON = "application/geo+json"
OUTLINES_LAST_SECONDS = 86_400


@public
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map with its filters, the provinces drawn for those without JavaScript, and the list."""
    viewer = viewer_of(request)
    filters = filters_from(request.GET)
    atlas = gateway.atlas(today=viewer.today)
    selection = _selection(viewer, filters)
    overview = atlas.overview(selection)
    context: dict[str, object] = {"filters": filters}
    status = 200
    try:
        window = window_from(request.GET)
        bodies = atlas.bodies_in(selection, window) if window else overview.bodies
        context |= _listed(request, bodies) | {"in_view": bool(window)}
    except Refusal as refusal:
        context["refusal"] = refusal
        status = refusal.status
    present = atlas.values_of(queries.OFFERED)
    context |= {
        "groups": queries.filter_groups(present, filters, viewer),
        "drawing": _drawing(viewer, filters, atlas),
        "unplaced": overview.unplaced,
        "extent": _extent(overview, filters),
        "tiles_url": settings.TILES_URL,
        "tiles_credit": settings.TILES_CREDIT,
    }
    return render(request, "maps/map.html", context, status=status)


@public
@require_safe
def map_data(request: HttpRequest) -> JsonResponse:
    """The markers of one window, as GeoJSON."""
    viewer = viewer_of(request)
    try:
        window = demanded_window(request.GET)
    except Refusal as refusal:
        return JsonResponse({"message": refusal.message}, status=refusal.status)
    selection = _selection(viewer, filters_from(request.GET))
    picture = gateway.atlas(today=viewer.today).picture(selection, window)
    keys = [key for marker in picture.markers for key in marker.keys]
    seats = queries.seats_shown(keys, viewer)
    return JsonResponse(exporters.collection(picture, seats, viewer), content_type=GEOJSON)


@public
@require_safe
def map_list(request: HttpRequest) -> HttpResponse:
    """The list of what is in the window, one page, without the frame."""
    viewer = viewer_of(request)
    try:
        window = demanded_window(request.GET)
    except Refusal as refusal:
        return render(request, "maps/_refusal.html", {"refusal": refusal}, status=refusal.status)
    selection = _selection(viewer, filters_from(request.GET))
    bodies = gateway.atlas(today=viewer.today).bodies_in(selection, window)
    return render(request, "maps/_list.html", _listed(request, bodies) | {"in_view": True})


@public
@require_safe
def map_outlines(request: HttpRequest) -> HttpResponse:
    """The outlines of the provinces and of the country, as GeoJSON."""
    response = HttpResponse(exporters.outlines(), content_type=GEOJSON)
    response["Cache-Control"] = f"public, max-age={OUTLINES_LAST_SECONDS}"
    return response


def _selection(viewer: Viewer, filters: dict[str, tuple[str, ...]]) -> gateway.Selection:
    return gateway.Selection(audiences=queries.audiences(viewer), filters=filters)


def _listed(request: HttpRequest, ids: Sequence[int]) -> dict[str, object]:
    """One page of the list of these bodies."""
    page = Paginator(ids, PAGE_SIZE).get_page(page_from(request.GET))
    bodies = [
        (profile, exporters.identity(profile))
        for profile in queries.bodies_listed(list(page.object_list), viewer_of(request))
    ]
    return {"page_obj": page, "bodies": bodies, "total": len(ids)}


def _drawing(
    viewer: Viewer, filters: dict[str, tuple[str, ...]], atlas: gateway.Atlas
) -> dict[str, object]:
    """The provinces with their counts; the filter by province is left out, to choose another."""
    others = {name: values for name, values in filters.items() if name != Facet.PROVINCE.value}
    counts = atlas.counted(Facet.PROVINCE, _selection(viewer, others))
    drawn = exporters.drawing()
    chosen = filters.get(Facet.PROVINCE.value, ())
    return {
        "width": drawn.width,
        "height": drawn.height,
        "provinces": [
            {"shape": shape, "count": counts.get(shape.code, 0), "chosen": shape.code in chosen}
            for shape in drawn.shapes
        ],
    }


def _extent(
    overview: gateway.Overview, filters: dict[str, tuple[str, ...]]
) -> tuple[float, float, float, float]:
    """What the map shows first: all that fits the filters, or the region."""
    return (overview.extent if filters else None) or exporters.region_extent()
