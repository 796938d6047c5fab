"""What use is measured against: the capacity of a year, and the ceiling from a day on."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.actions.holding import lock_resources
from trebbo.sharing.resources.actions.wording import demand_words, line, refused
from trebbo.sharing.resources.models import Resource, UseCeiling, YearlyCapacity

FIRST_YEAR, LAST_YEAR = 2000, 2199
HOURS_OF_YEAR = 8_784


@transaction.atomic
def set_capacity(
    *, actor: Viewer, resource_id: int, year: int, hours: int | None, reason: str = ""
) -> YearlyCapacity | None:
    """State how many hours a resource can be used in a year, and why; blank goes by its hours.

    Refuses hours that no year has, and hours without a reason.
    """
    lock_resources([resource_id])
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not policies.look_after_resource.allows(actor, resource):
        raise NotAllowed(_("You do not look after this resource."))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise refused("year", _("Check the year of this date."))
    before = YearlyCapacity.objects.filter(resource=resource, year=year).first()
    after = None
    if hours is None:
        YearlyCapacity.objects.filter(resource=resource, year=year).delete()
    else:
        after = _stated(resource, year, hours, reason)
    changes = {"capacity": (_line(before), _line(after))}
    audit.record(actor=actor, verb="set_capacity", subject=resource, changes=changes)
    return after


@transaction.atomic
def set_ceiling(
    *,
    actor: Viewer,
    valid_from: date,
    percent: Decimal,
    source: str,
    warn_percent: int = 75,
) -> UseCeiling:
    """State, for the agency, the share of capacity that economic use may have from a day on.

    `warn_percent` is from which part of it owners are warned. The same day again replaces it.
    """
    if not policies.set_ceiling(actor):
        raise NotAllowed(_("Only the agency states the ceiling."))
    if not FIRST_YEAR <= valid_from.year <= LAST_YEAR:
        raise refused("valid_from", _("Check the year of this date."))
    share = Decimal(percent)
    if not (share.is_finite() and 0 < share <= 100):
        raise refused("percent", _("A share above 0 and up to 100 per cent."))
    if not 0 <= warn_percent <= 100:
        raise refused("warn_percent", _("A whole number from 0 to 100."))
    missing = _("Say where it is written, so that an auditor finds it.")
    values = {
        "percent": round(share, 2),
        "warn_percent": warn_percent,
        "source": demand_words("source", line("source", source), missing),
    }
    before = UseCeiling.objects.filter(valid_from=valid_from).first()
    ceiling, _new = UseCeiling.objects.update_or_create(valid_from=valid_from, defaults=values)
    changes = {"ceiling": (str(before or ""), f"{valid_from}: {ceiling} · {ceiling.source}")}
    audit.record(actor=actor, verb="set_ceiling", subject=ceiling, changes=changes)
    return ceiling


def _stated(resource: Resource, year: int, hours: int, reason: str) -> YearlyCapacity:
    if not 1 <= hours <= HOURS_OF_YEAR:
        words = _("A whole number of hours from 1 to 8,784: no year has more.")
        raise refused("hours", words)
    missing = _("Say how the hours follow, so that an auditor can check them.")
    said = demand_words("reason", line("reason", reason), missing)
    row, _new = YearlyCapacity.objects.update_or_create(
        resource=resource, year=year, defaults={"hours": hours, "reason": said}
    )
    return row


def _line(capacity: YearlyCapacity | None) -> str:
    return f"{capacity.year}: {capacity.hours} h · {capacity.reason}" if capacity else ""
