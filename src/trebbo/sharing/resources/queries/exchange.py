"""Resources as they leave for other systems, each with its owner, fields and prices of today."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Prefetch

from trebbo.ecosystem.organisations.models import Profile, holding_on
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.models import Price, Resource
from trebbo.sharing.resources.policies import look_after_resource, offer_resources, view_resource
from trebbo.sharing.resources.queries.ledger import Ledger, ledger

MOST_EXPORTED = 10_000

COLUMNS = (
    *("profile", "number", "kind", "name_it", "name_en", "description_it", "description_en"),
    *("measurements_it", "measurements_en", "standards", "fields", "visibility", "municipality"),
    *("room", "operation", "terms_it", "terms_en", "contact", "decided_by", "ethics_it"),
    *("ethics_en", "lead_days", "identifier", "landing_page", "manufacturer", "model_name"),
    *("serial_number", "commissioned_date", "decommissioned_date", "is_publicly_funded", "fund"),
    *("is_bookable", "timezone", "shortest_minutes", "longest_minutes", "notice_hours"),
    *("horizon_days", "quota_hours", "quota_period", "free_cancellation_hours"),
    *("late_fee_percent", "price_owner", "price_member", "price_network", "price_external"),
    "source",
)
"""The columns of the table in which resources come and go."""


@dataclass(frozen=True, slots=True)
class ExportedResource:
    """A resource with what else its row tells: codes of fields, prices that hold today."""

    resource: Resource
    fields: tuple[str, ...]
    prices: tuple[Price, ...]


def exported_resources(*, viewer: Viewer, profile_slug: str = "") -> list[ExportedResource]:
    """The resources of the catalogue that the viewer may see, of one body or of all.

    One that was taken out of the catalogue is not among them, whoever looks.
    """
    since = F("valid_from").asc(nulls_first=True)
    prices = Price.objects.filter(holding_on(viewer.today)).order_by(since, "pk")
    rows = view_resource.filter(viewer, Resource.objects.filter(withdrawn_at__isnull=True))
    if profile_slug:
        rows = rows.filter(profile__slug=profile_slug)
    rows = rows.select_related("profile", "municipality", "operator").prefetch_related(
        "fields", Prefetch("prices", queryset=prices, to_attr="prices_today")
    )
    return [_exported(one) for one in rows.order_by("profile__name", "pk")[:MOST_EXPORTED]]


def owners_offered(*, viewer: Viewer) -> Sequence[Profile]:
    """The organisations and units for which the viewer may bring resources in."""
    rows = offer_resources.filter(viewer, Profile.objects.filter(type__in=("organisation", "unit")))
    return list(rows.order_by("name", "pk"))


def resource_meant(
    profile: Profile,
    *,
    number: int | None = None,
    identifier: str = "",
    source: str = "",
    viewer: Viewer,
) -> Resource | None:
    """The resource of a body that a row means: by number, else by identifier, else by source.

    Only one that the viewer looks after; nothing where there is none.
    """
    rows = look_after_resource.filter(viewer, Resource.objects.filter(profile=profile))
    if number is not None:
        return rows.filter(pk=number).first()
    if identifier and (found := rows.filter(identifier=identifier).first()):
        return found
    return rows.filter(source=source).order_by("pk").first() if source else None


def prices_today(resource: Resource, *, viewer: Viewer) -> list[Price]:
    """The prices of a resource that hold today, one for each class and unit."""
    since = F("valid_from").asc(nulls_first=True)
    rows = resource.prices.filter(holding_on(viewer.today)).order_by(since, "pk")
    return list({(one.user_class, one.unit): one for one in rows}.values())


def ledger_of(resource_id: int, year: int, *, viewer: Viewer) -> Ledger | None:
    """The ledger of a resource by its key; nothing where there is none that the viewer may read."""
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    return ledger(resource, year, viewer=viewer) if resource is not None else None


def _exported(resource: Resource) -> ExportedResource:
    latest = {(one.user_class, one.unit): one for one in _prices_today(resource)}
    fields = tuple(one.code for one in resource.fields.all())
    return ExportedResource(resource, fields, tuple(latest.values()))


def _prices_today(resource: Resource) -> list[Price]:
    prices: list[Price] = vars(resource)["prices_today"]
    return prices
