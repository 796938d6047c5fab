"""Puts the viewer on every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel.access import Viewer, visitor


class ViewerMiddleware:
    """Sets `request.viewer`, which every page needs and the views pass on as a plain value."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its viewer in place."""
        request.viewer = _viewer(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def _viewer(request: HttpRequest) -> Viewer:
    language = (get_language() or "it")[:2]
    if isinstance(request.user, Person):
        return viewer_for(request.user, now=timezone.now(), language=language)
    return visitor(language=language)
