"""Pages of calendars: those that block a resource, and the feeds that people's calendars read."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.kernel.access import public, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal, key_of, limited
from trebbo.kernel.signed_links import LinkRefused
from trebbo.sharing.resources import actions, exporters, importers, queries, tasks
from trebbo.sharing.resources.forms import OwnCalendarForm
from trebbo.sharing.resources.queries import CalendarsPage, FeedRow

FORM_ROOM = 100_000


@public
@require_safe
def booking_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A feed of bookings, for a calendar that knows its address."""
    try:
        told = queries.feed_told(token, viewer=viewer_of(request))
    except LinkRefused as refusal:
        raise Http404 from refusal
    answer = HttpResponse(exporters.calendar_of(told), content_type=exporters.CALENDAR)
    answer["Content-Disposition"] = 'inline; filename="trebbo.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@signed_in
@require_http_methods(["GET", "POST"])
def my_feeds(request: HttpRequest) -> HttpResponse:
    """One's own feeds: opened, copied into a calendar, closed."""
    viewer = viewer_of(request)
    if request.method == "POST":
        if "close" in request.POST:
            if actions.close_feed(actor=viewer, feed_id=key_of(request.POST["close"])):
                messages.success(request, _("The feed is closed: its address answers no more."))
        else:
            actions.open_feed(actor=viewer, profile_id=key_of(request.POST.get("body", "")) or None)
            messages.success(request, _("The feed is open: copy its address into your calendar."))
        return redirect("my_feeds")
    rows = queries.my_feeds(viewer=viewer)
    taken = {row.feed.profile_id for row in rows}
    bodies = queries.bodies_with_resources(viewer=viewer)
    context = {
        "feeds": [(row, _address(request, row)) for row in rows],
        "has_own": any(not (row.feed.profile_id or row.feed.resource_id) for row in rows),
        "bodies": [one for one in bodies if one.pk not in taken],
    }
    return render(request, "resources/my_feeds.html", context)


@limited(importers.LARGEST_CALENDAR + FORM_ROOM)
@signed_in
@require_http_methods(["GET", "POST"])
def resource_calendars(request: HttpRequest, resource_id: int) -> HttpResponse:
    """The calendars of a resource: a feed of its bookings, and those that block its slots."""
    page = queries.calendars_page(resource_id, viewer=viewer_of(request))
    if page is None:
        raise Http404
    form = OwnCalendarForm()
    if request.method == "POST":
        if request.POST.get("do") == "add":
            form = OwnCalendarForm(request.POST, request.FILES)
            if _added(request, page, form):
                return redirect("resource_calendars", resource_id=resource_id)
        else:
            _done(request, page)
            return redirect("resource_calendars", resource_id=resource_id)
    context = {
        "page": page,
        "resource": page.resource,
        "form": form,
        "feed_address": _address(request, page.feed) if page.feed else "",
    }
    status = 400 if form.errors else 200
    return render(request, "resources/resource_calendars.html", context, status=status)


def _added(request: HttpRequest, page: CalendarsPage, form: OwnCalendarForm) -> bool:
    """Whether the calendar was added; the form says why not."""
    if not form.is_valid():
        return False
    typed, actor, resource_id = form.cleaned_data, viewer_of(request), page.resource.pk
    try:
        if typed["file"] and not typed["address"]:
            data = typed["file"].read(importers.LARGEST_CALENDAR + 1)
            importers.add_calendar_of_file(
                actor=actor, resource_id=resource_id, name=typed["name"], data=data
            )
            messages.success(request, _("The calendar was read: its times are blocked."))
        else:
            calendar = actions.add_own_calendar(
                actor=actor,
                resource_id=resource_id,
                name=typed["name"],
                address=typed["address"],
                busy=[] if typed["file"] else None,
            )
            tasks.read_own_calendar.enqueue(calendar_id=calendar.pk)
            told = _("The calendar is added. It is being read: its times will be blocked shortly.")
            messages.success(request, told)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _done(request: HttpRequest, page: CalendarsPage) -> None:
    actor, posted = viewer_of(request), request.POST
    if "remove" in posted:
        if actions.remove_own_calendar(actor=actor, calendar_id=key_of(posted["remove"])):
            messages.success(request, _("The calendar blocks nothing any more."))
    elif "read" in posted and any(
        row.calendar.pk == key_of(posted["read"]) and row.host for row in page.own
    ):
        tasks.read_own_calendar.enqueue(calendar_id=key_of(posted["read"]))
        messages.success(request, _("The calendar is being read again."))
    elif posted.get("do") == "subscribe":
        actions.open_feed(actor=actor, resource_id=page.resource.pk)
    elif "close" in posted:
        actions.close_feed(actor=actor, feed_id=key_of(posted["close"]))
        messages.success(request, _("The feed is closed: its address answers no more."))


def _address(request: HttpRequest, row: FeedRow) -> str:
    return request.build_absolute_uri(reverse("booking_feed", args=[row.token]))
