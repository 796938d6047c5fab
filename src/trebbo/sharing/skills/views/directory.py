"""Who offers and seeks what: the list for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trebbo.ecosystem.clusters.queries import kind_labels
from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.pages import paginate
from trebbo.sharing.skills import queries
from trebbo.sharing.skills.choices import Direction, Level

LONGEST_SEARCH = 100


@require_safe
@public
def skills(request: HttpRequest) -> HttpResponse:
    """Competences offered and sought, by words, direction, cluster, value chain, level and kind."""
    viewer, typed = viewer_of(request), request.GET
    direction, level, kind = (typed.get(name, "") for name in ("direction", "level", "kind"))
    kinds = kind_labels()
    wanted = queries.Wanted(
        words=typed.get("q", "")[:LONGEST_SEARCH],
        direction=direction if direction in Direction.values else "",
        level=int(level) if level in {str(one) for one in Level.values} else None,
        cluster=typed.get("cluster", "")[:120],
        chain=typed.get("chain", "")[:120],
        kind=kind if kind in kinds else "",
    )
    page = paginate(queries.directory(wanted, viewer=viewer), request)
    context = {
        "wanted": wanted,
        "page_obj": page,
        "rows": [(one, kinds.get(vars(one)["kind"], "")) for one in page],
        "directions": Direction.choices,
        "levels": Level.choices,
        "clusters": queries.cluster_choices(viewer=viewer),
        "chains": queries.chain_choices(viewer=viewer),
        "kinds": [(key, label) for key, label in kinds.items() if key],
        "narrowed": wanted != queries.Wanted(),
    }
    return render(request, "skills/skills.html", context)
