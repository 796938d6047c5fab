"""The review queue: who is who, one proposal after the other."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.choices import Dataset, LinkState, Queue
from trebbo.ecosystem.evidence.models import Link
from trebbo.kernel.access import Viewer, office, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import PAGE_SIZE, paginate

DECISIONS = {
    "accept": actions.accept_link,
    "refuse": actions.refuse_link,
    "split": actions.split_link,
    "undo": actions.undo_decision,
}
MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which queue the address asks for, narrowed how, and which link of it."""

    queue: Queue
    only_members: bool
    dataset: str
    at: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """What the address, or the form, asks for; nonsense is as if it were not there."""
        typed = request.POST if request.method == "POST" else request.GET
        queue, dataset = typed.get("queue", ""), typed.get("dataset", "")
        at = typed.get("at", "")
        return cls(
            queue=Queue(queue) if queue in Queue.values else Queue.WAITING,
            only_members=typed.get("whose", "") == MEMBERS,
            dataset=dataset if dataset in Dataset.values else "",
            at=int(at) if at.isdecimal() and len(at) < 19 else 0,
        )

    @property
    def query(self) -> str:
        """The filters as the query of an address."""
        told = {
            "queue": "" if self.queue == Queue.WAITING else self.queue.value,
            "whose": MEMBERS if self.only_members else "",
            "dataset": self.dataset,
        }
        return urlencode({name: value for name, value in told.items() if value})

    def address(self, at: int | None = None) -> str:
        """The address of the queue, at one of its links."""
        query = "&".join(filter(None, (self.query, f"at={at}" if at else "")))
        return reverse("links") + (f"?{query}" if query else "")


@office
@require_GET
@vary_on_headers("HX-Request")
def links(request: HttpRequest) -> HttpResponse:
    """The queue with one link in full; htmx may ask for the changing part alone."""
    asked = Asked.of(request)
    part = bool(request.htmx) and request.htmx.target == "review"  # type: ignore[attr-defined]
    context = {**_context(viewer_of(request), asked), "swapped": part}
    return render(request, "evidence/_review.html" if part else "evidence/links.html", context)


@office
@require_POST
@vary_on_headers("HX-Request")
def link_decide(request: HttpRequest, link_id: int) -> HttpResponse:
    """Accept, refuse, split or take back; the next proposal comes at once."""
    viewer, asked = viewer_of(request), Asked.of(request)
    decide = DECISIONS.get(request.POST.get("decision", ""))
    if decide is None:
        raise Http404
    refusal: Refusal | None = None
    try:
        link = decide(actor=viewer, link_id=link_id)
    except actions.LinkRefused as refused:
        refusal = refused
    else:
        if link.state == LinkState.PROPOSED:
            asked = Asked(Queue.WAITING, asked.only_members, asked.dataset, link.pk)
    if request.htmx:  # type: ignore[attr-defined]
        context = {**_context(viewer, asked), "refusal": refusal, "swapped": True}
        answer = render(request, "evidence/_review.html", context)
        answer.headers["HX-Replace-Url"] = asked.address(asked.at)
        return answer
    if refusal:
        messages.error(request, refusal.message)
    return redirect(asked.address(asked.at))


@office
@require_http_methods(["GET", "POST"])
def link_split(request: HttpRequest, link_id: int) -> HttpResponse:
    """Give the projects of a body that was split to the organisation or to its units."""
    viewer = viewer_of(request)
    link = queries.split_link_of(link_id, viewer=viewer)
    if link is None:
        raise Http404
    if request.method == "POST":
        _give(request, link, viewer)
        return redirect(request.get_full_path())
    page = paginate(queries.participations_to_give(link, viewer=viewer), request)
    context = {
        "link": link,
        "page_obj": page,
        "holders": queries.holders(link.profile_id or 0, viewer=viewer),
    }
    return render(request, "evidence/link_split.html", context)


def _give(request: HttpRequest, link: Link, viewer: Viewer) -> None:
    chosen = [int(key) for key in request.POST.getlist("part") if key.isdecimal()]
    whose = request.POST.get("whose", "")
    if not chosen:
        messages.error(request, _("Tick at least one project."))
        return
    if not (whose.isdecimal() or whose == "nobody"):
        messages.error(request, _("Choose the organisation or one of its units."))
        return
    try:
        count = actions.give_participations(
            actor=viewer,
            link_id=link.pk,
            participation_ids=chosen,
            profile_id=int(whose) if whose.isdecimal() else None,
        )
    except actions.LinkRefused as refusal:
        messages.error(request, refusal.message)
        return
    messages.success(request, _("Projects that changed hands: %(count)s.") % {"count": count})


def _context(viewer: Viewer, asked: Asked) -> dict[str, Any]:
    """The queue, its present link in full, its neighbours, and the page of the list it is on."""
    rows = queries.links_in(
        asked.queue, viewer=viewer, only_members=asked.only_members, dataset=asked.dataset
    )
    keys = list(rows.values_list("pk", flat=True))
    place = keys.index(asked.at) if asked.at in keys else 0
    page = Paginator(keys, PAGE_SIZE).get_page(place // PAGE_SIZE + 1)
    listed = queries.listed_links(list(page.object_list), viewer=viewer)
    present = next((link for link in listed if link.pk == keys[place]), None) if keys else None
    before = keys[place - 1] if place else None
    after = keys[place + 1] if place + 1 < len(keys) else None
    return {
        "asked": asked,
        "queues": list(Queue),
        "datasets": list(Dataset),
        "total": len(keys),
        "place": place + 1,
        "page_obj": page,
        "page_addresses": _page_addresses(asked, keys, page.number),
        "listed": [(link, asked.address(link.pk)) for link in listed],
        "review": queries.review_of(present, viewer=viewer) if present else None,
        "before_address": asked.address(before) if before else "",
        "after_address": asked.address(after) if after else "",
        "next_at": after or before or "",
        "last": queries.last_decision(viewer=viewer),
    }


def _page_addresses(asked: Asked, keys: list[int], number: int) -> dict[str, str]:
    """The addresses of the pages of the list before and after: of their first link."""
    first = (number - 1) * PAGE_SIZE
    found = {}
    if number > 1:
        found["before"] = asked.address(keys[first - PAGE_SIZE])
    if first + PAGE_SIZE < len(keys):
        found["after"] = asked.address(keys[first + PAGE_SIZE])
    return found
