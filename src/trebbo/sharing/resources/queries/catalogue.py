"""What the pages of the catalogue show of a resource, and what an owner has in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Profile, Seat, Unit, holding_on
from trebbo.ecosystem.organisations.queries import visible_profiles
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import OPEN, FileKind, UserClass
from trebbo.sharing.resources.models import (
    Block,
    OpeningHours,
    Price,
    Qualification,
    QualifiedPerson,
    Resource,
    ResourceFile,
)
from trebbo.sharing.resources.policies import look_after_resource, offer_resources, view_resource
from trebbo.sharing.resources.policies.classes import NOT_YET, user_class_of

MOST_BLOCKS = 10
LONG_TEXTS = ("words", "terms_it", "terms_en", "ethics_it", "ethics_en")


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """All that the page of a resource shows.

    `town` is the owner's main one where the resource names none. `prices` are those of the day, by
    class. `clusters` are those in which the owner, or its organisation, is a member now: whose
    members count as members. `user_class` is the viewer's own.
    """

    resource: Resource
    may_edit: bool
    user_class: UserClass
    town: str
    prices: list[tuple[UserClass, list[Price]]]
    hours: list[tuple[int, list[OpeningHours]]]
    blocks: list[Block]
    pictures: list[ResourceFile]
    documents: list[ResourceFile]
    linked: list[Resource]
    clusters: list[Cluster]


def resource_of(resource_id: int, *, viewer: Viewer) -> Resource | None:
    """The resource, where the viewer may see it, with its owner and `may_edit`; one query."""
    mine = look_after_resource.filter(viewer, Resource.objects.filter(pk=OuterRef("pk")))
    rows = view_resource.filter(viewer, Resource.objects.all()).annotate(may_edit=Exists(mine))
    owner = ("profile", "municipality", "operator", "project", "qualification")
    return rows.select_related(*owner).defer("words").filter(pk=resource_id).first()


def resource_page(resource: Resource, *, viewer: Viewer) -> ResourcePage:
    """What the page shows of a resource that `resource_of` gave; nine queries at most."""
    files = list(resource.files.defer("content"))
    owners = _owners(resource)
    hours = list(resource.opening_hours.all())
    today = Price.objects.filter(holding_on(viewer.today), resource=resource)
    return ResourcePage(
        resource=resource,
        may_edit=bool(vars(resource)["may_edit"]),
        user_class=user_class_of(viewer, resource),
        town=resource.municipality.name if resource.municipality else _town(owners),
        prices=_by_class(today.order_by("unit", "valid_from", "pk")),
        hours=[(day, [one for one in hours if one.weekday == day]) for day in range(7)]
        if hours
        else [],
        blocks=list(coming_blocks(resource, viewer=viewer)[:MOST_BLOCKS]),
        pictures=[one for one in files if one.kind == FileKind.PICTURE],
        documents=[one for one in files if one.kind == FileKind.DOCUMENT],
        linked=list(view_resource.filter(viewer, resource.booked_with.defer(*LONG_TEXTS))),
        clusters=_clusters(owners, viewer.today),
    )


def coming_blocks(resource: Resource, *, viewer: Viewer) -> QuerySet[Block]:
    """The spans in which it is closed that are not over, earliest first."""
    return resource.blocks.filter(ends_at__gt=viewer.now).order_by("starts_at", "pk")


def resource_files(resource: Resource, *, viewer: Viewer) -> list[ResourceFile]:
    """The files of a resource, without what is in them."""
    return list(resource.files.defer("content"))


def resource_file(resource_id: int, file_id: int, *, viewer: Viewer) -> ResourceFile | None:
    """A file of a resource that the viewer may see."""
    shown = view_resource.filter(viewer, Resource.objects.filter(pk=resource_id))
    return ResourceFile.objects.filter(pk=file_id, resource__in=shown.values("pk")).first()


def all_prices(resource: Resource, *, viewer: Viewer) -> list[tuple[Price, bool]]:
    """Every price that was or will be, with whether it holds today; the latest first in a class."""
    rows = resource.prices.order_by("user_class", "unit", "-valid_from", "-pk")
    order = list(UserClass)
    listed = sorted(rows, key=lambda one: order.index(UserClass(one.user_class)))
    return [(one, one.holds_on(viewer.today)) for one in listed]


def profile_of_resources(slug: str, *, viewer: Viewer) -> Profile | None:
    """The profile at this address if the viewer may see it, with `may_offer`; one query."""
    mine = offer_resources.filter(viewer, Profile.objects.filter(pk=OuterRef("pk")))
    rows = visible_profiles(viewer=viewer).filter(slug=slug)
    return rows.annotate(may_offer=Exists(mine)).first()


def resources_of(profile: Profile, *, viewer: Viewer) -> QuerySet[Resource]:
    """What the owner has in the catalogue and the viewer may see, with its open bookings counted.

    Those that were withdrawn come last, for who looks after them.
    """
    rows = view_resource.filter(viewer, Resource.objects.filter(profile=profile.pk))
    going_on = Q(bookings__state__in=OPEN, bookings__ends_at__gt=viewer.now)
    rows = rows.annotate(open_bookings=Count("bookings", filter=going_on, distinct=True))
    return rows.defer(*LONG_TEXTS).order_by("withdrawn_at", "kind", "name_it", "name_en", "pk")


def qualifications_of(profile: Profile, *, viewer: Viewer) -> list[Qualification]:
    """The trainings of an owner, with the people who have them: for who looks after it."""
    offer_resources.demand(viewer, profile, _("You do not look after this profile."))
    people = QualifiedPerson.objects.select_related("person").order_by("person__name", "pk")
    rows = Qualification.objects.filter(profile=profile.pk)
    return list(rows.prefetch_related(Prefetch("people", people)).order_by("name_it", "pk"))


def linkable(profile: Profile, *, viewer: Viewer, but: int | None = None) -> QuerySet[Resource]:
    """The resources of an owner that can be booked together with another of it."""
    rows = look_after_resource.filter(viewer, Resource.objects.filter(profile=profile.pk))
    rows = rows.filter(withdrawn_at=None, is_bookable=True).exclude(pk=but or 0)
    return rows.order_by("name_it", "name_en", "pk")


def names_of(resource_ids: Iterable[int], *, viewer: Viewer) -> list[str]:
    """The names of resources, in order."""
    rows = view_resource.filter(viewer, Resource.objects.filter(pk__in=list(resource_ids)))
    return sorted(str(one) for one in rows)


def town_of(viewer: Viewer) -> str:
    """The town of the main seat of a body that the person acts for; blank where none is known."""
    if not viewer.mandates:
        return ""
    return _town(sorted(viewer.mandates))


def _owners(resource: Resource) -> list[int]:
    units = Unit.objects.filter(pk=resource.profile_id)
    return [resource.profile_id, *units.values_list("organisation_id", flat=True)]


def _town(profiles: list[int]) -> str:
    rows: QuerySet[Any] = Seat.objects.filter(profile__in=profiles, is_main=True)
    towns = dict(
        rows.filter(municipality__isnull=False).values_list("profile_id", "municipality__name")
    )
    return next((str(towns[key]) for key in profiles if key in towns), "")


def _clusters(owners: list[int], day: date) -> list[Cluster]:
    rows = memberships_on(day).filter(profile__in=owners).exclude(state__in=NOT_YET)
    return list(Cluster.objects.filter(pk__in=rows.values("cluster")).order_by("sort_name"))


def _by_class(prices: Iterable[Price]) -> list[tuple[UserClass, list[Price]]]:
    found: dict[UserClass, dict[str, Price]] = {one: {} for one in UserClass}
    for price in prices:
        found[UserClass(price.user_class)][price.unit] = price
    return [(one, list(rows.values())) for one, rows in found.items() if rows]
