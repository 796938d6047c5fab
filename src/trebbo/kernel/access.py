"""Who is looking or acting, and the mark on every address that says who may open it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, or a visitor, at a moment, with what they hold; rights follow from it.

    `mandates` maps the id of a profile to the roles in which the person acts;
    `clusters` and `networks` map ids to the roles held there; `chains` are value chains chaired.
    Everything is as of `now` and is read afresh for each request, so nothing is copied.
    """

    now: datetime
    person_id: int | None = None
    label: str = ""
    language: str = "it"
    mandates: Mapping[int, frozenset[str]] = field(default_factory=dict)
    clusters: Mapping[int, frozenset[str]] = field(default_factory=dict)
    networks: Mapping[int, frozenset[str]] = field(default_factory=dict)
    chains: frozenset[int] = frozenset()
    is_installation: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.person_id is not None

    @property
    def today(self) -> date:
        """The local day of `now`."""
        return timezone.localtime(self.now).date()

    @property
    def managed_clusters(self) -> frozenset[int]:
        """Ids of the clusters whose office this person runs."""
        return frozenset(key for key, roles in self.clusters.items() if "manager" in roles)

    @property
    def agency_networks(self) -> frozenset[int]:
        """Ids of the networks that this person coordinates."""
        return frozenset(key for key, roles in self.networks.items() if "agency" in roles)

    @property
    def is_office(self) -> bool:
        """Whether the person runs a cluster or coordinates a network."""
        return bool(self.managed_clusters or self.agency_networks)


def visitor(now: datetime | None = None, language: str = "it") -> Viewer:
    """Someone who has not signed in."""
    return Viewer(now=now or timezone.now(), language=language)


def installation(now: datetime | None = None) -> Viewer:
    """The installation itself, at work from its command line; no page ever gives this."""
    return Viewer(now=now or timezone.now(), label="Trebbo", is_installation=True)


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer that the middleware read for this request."""
    return cast("Viewer", request.viewer)  # type: ignore[attr-defined]


def public(view: View[P]) -> View[P]:
    """Mark an address that anybody may open."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View[P]) -> View[P]:
    """Mark an address for people who have signed in; others are led to the sign-in page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not viewer_of(request).signed_in:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return cast("View[P]", guarded)


def office(view: View[P]) -> View[P]:
    """Mark an address for cluster managers and the agency."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        viewer = viewer_of(request)
        if not viewer.signed_in:
            return redirect_to_login(request.get_full_path())
        if not viewer.is_office:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.access = "office"  # type: ignore[attr-defined]
    return cast("View[P]", guarded)
