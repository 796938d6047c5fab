"""The page of a resource, and its files."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.sharing.resources import queries
from trebbo.sharing.resources.choices import DESCRIBED_ONLY, FileKind
from trebbo.sharing.resources.models import Resource


def shown_resource(resource_id: int, viewer: Viewer) -> Resource:
    """The resource at this address, if the viewer may see it."""
    resource = queries.resource_of(resource_id, viewer=viewer)
    if resource is None:
        raise Http404
    return resource


def length_words(minutes: int) -> str:
    """A length in words: hours as long as they are whole, else minutes."""
    if minutes % 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


@require_safe
@public
def resource(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Everything that somebody needs who thinks of using it."""
    viewer = viewer_of(request)
    shown = shown_resource(resource_id, viewer)
    page = queries.resource_page(shown, viewer=viewer)
    context = {
        "page": page,
        "resource": shown,
        "described_only": shown.kind in DESCRIBED_ONLY,
        "shortest": length_words(shown.shortest_minutes),
        "longest": length_words(shown.longest_minutes),
    }
    # The frame shows when somebody looks; the resource, when it is open where it stands.
    with timezone.override(ZoneInfo(shown.timezone)):
        return render(request, "resources/resource.html", context)


@require_safe
@public
def resource_file(request: HttpRequest, resource_id: int, file_id: int) -> HttpResponse:
    """A picture, shown in its page, or a document, to keep."""
    file = queries.resource_file(resource_id, file_id, viewer=viewer_of(request))
    if file is None:
        raise Http404
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    is_document = file.kind != FileKind.PICTURE
    disposition = content_disposition_header(is_document, file.name)
    if disposition:
        response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
