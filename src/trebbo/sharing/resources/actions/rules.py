"""What may be said of a resource, value by value, and what must fit together."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.organisations.choices import ProfileType, Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.actions.values import (
    day,
    email,
    link,
    number,
    number_or_blank,
    one_of,
)
from trebbo.sharing.resources.actions.wording import line, refused, text
from trebbo.sharing.resources.choices import (
    DESCRIBED_ONLY,
    MOST_LINKED,
    MOST_QUARTERS,
    QUARTER_MINUTES,
    Operation,
    QuotaPeriod,
    ResourceKind,
)
from trebbo.sharing.resources.models import Qualification, Resource
from trebbo.sharing.resources.policies import look_after_resource

MOST_FIELDS = 12
LONGEST_NAME = 300
LONGEST_HORIZON = 366
YEAR_HOURS = 8_784
OWNERS = (ProfileType.ORGANISATION, ProfileType.UNIT)
PERSISTENT = re.compile(r"^(?:https?://(?:dx\.)?(?:doi\.org|hdl\.handle\.net)/|doi:|hdl:)", re.I)


def _minutes(field: str, typed: int | None) -> int:
    minutes = number(field, typed, QUARTER_MINUTES, MOST_QUARTERS * QUARTER_MINUTES)
    if minutes % QUARTER_MINUTES:
        raise refused(field, _("Full quarters of an hour only: 15, 30, 45, 60 minutes and so on."))
    return minutes


def _flag(typed: Any) -> bool:
    return bool(typed)


def _zone(typed: str) -> str:
    if typed not in available_timezones():
        raise refused("timezone", _("Choose from the list."))
    return typed


def _identifier(typed: str) -> str:
    return PERSISTENT.sub("", line("identifier", typed, 200))


def _municipality(typed: int | None) -> int | None:
    if typed and not Municipality.objects.filter(pk=typed).exists():
        raise refused("municipality_id", _("Choose from the list."))
    return typed or None


def _qualification(typed: int | None) -> int | None:
    if typed and not Qualification.objects.filter(pk=typed).exists():
        raise refused("qualification_id", _("Choose from the list."))
    return typed or None


def _operator(typed: int | None) -> int | None:
    rows = Profile.objects.filter(pk=typed or 0, type__in=OWNERS)
    if typed and not rows.exists():
        raise refused("operator_id", _("Choose from the list."))
    return typed or None


def _project(typed: int | None) -> int | None:
    if typed and not FundedProject.objects.filter(pk=typed).exists():
        raise refused("project_id", _("Choose from the list."))
    return typed or None


RULES: Mapping[str, Callable[[Any], Any]] = {
    "kind": lambda typed: one_of("kind", typed, ResourceKind.values),
    "name_it": lambda typed: line("name_it", typed, LONGEST_NAME),
    "name_en": lambda typed: line("name_en", typed, LONGEST_NAME),
    "description_it": lambda typed: text("description_it", typed),
    "description_en": lambda typed: text("description_en", typed),
    "measurements_it": lambda typed: text("measurements_it", typed),
    "measurements_en": lambda typed: text("measurements_en", typed),
    "standards": lambda typed: line("standards", typed, 1000),
    "visibility": lambda typed: one_of("visibility", typed, Visibility.values),
    "municipality_id": _municipality,
    "room": lambda typed: line("room", typed, 200),
    "operation": lambda typed: one_of("operation", typed or "", ["", *Operation.values]),
    "operator_id": _operator,
    "terms_it": lambda typed: text("terms_it", typed),
    "terms_en": lambda typed: text("terms_en", typed),
    "contact": lambda typed: email("contact", typed),
    "decided_by": lambda typed: line("decided_by", typed, 300),
    "ethics_it": lambda typed: text("ethics_it", typed),
    "ethics_en": lambda typed: text("ethics_en", typed),
    "lead_days": lambda typed: number_or_blank("lead_days", typed, 0, 1_000),
    "identifier": _identifier,
    "landing_page": lambda typed: link("landing_page", typed),
    "manufacturer": lambda typed: line("manufacturer", typed, 200),
    "model_name": lambda typed: line("model_name", typed, 200),
    "serial_number": lambda typed: line("serial_number", typed, 120),
    "commissioned_date": lambda typed: day("commissioned_date", typed),
    "decommissioned_date": lambda typed: day("decommissioned_date", typed),
    "is_publicly_funded": _flag,
    "fund": lambda typed: line("fund", typed, 300),
    "project_id": _project,
    "is_bookable": _flag,
    "timezone": _zone,
    "shortest_minutes": lambda typed: _minutes("shortest_minutes", typed),
    "longest_minutes": lambda typed: _minutes("longest_minutes", typed),
    "notice_hours": lambda typed: number("notice_hours", typed, 0, YEAR_HOURS),
    "horizon_days": lambda typed: number("horizon_days", typed, 1, LONGEST_HORIZON),
    "quota_hours": lambda typed: number_or_blank("quota_hours", typed, 1, YEAR_HOURS),
    "quota_period": lambda typed: one_of("quota_period", typed, QuotaPeriod.values),
    "free_cancellation_hours": lambda typed: number(
        "free_cancellation_hours", typed, 0, YEAR_HOURS
    ),
    "late_fee_percent": lambda typed: number("late_fee_percent", typed, 0, 100),
    "qualification_id": _qualification,
    "source": lambda typed: line("source", typed, 1000),
}
"""Each thing that can be said of a resource by itself, under its name."""


def demand_owner(profile: Profile) -> None:
    """Refuse an owner that is neither an organisation nor a unit."""
    if profile.type not in OWNERS:
        raise refused("profile", _("Resources belong to an organisation or one of its units."))


def demand_whole(resource: Resource) -> None:
    """Refuse what does not fit together."""
    if not (resource.name_it or resource.name_en):
        raise refused("name_it", _("Write a name, in one language at least."))
    if resource.is_bookable and resource.kind in DESCRIBED_ONLY:
        told = _("Data sets and biobanks are described here, and cannot be booked by the hour.")
        raise refused("is_bookable", told)
    if resource.longest_minutes < resource.shortest_minutes:
        told = _("The longest booking cannot be shorter than the shortest.")
        raise refused("longest_minutes", told)
    first, last = resource.commissioned_date, resource.decommissioned_date
    if first and last and last < first:
        raise refused("decommissioned_date", _("It ends before it starts: check the two dates."))
    _demand_free_identifier(resource)
    _demand_own_qualification(resource)


def _demand_free_identifier(resource: Resource) -> None:
    others = Resource.objects.exclude(pk=resource.pk)
    if resource.identifier and others.filter(identifier=resource.identifier).exists():
        told = _("Another resource has this identifier already: each has its own.")
        raise refused("identifier", told)


def _demand_own_qualification(resource: Resource) -> None:
    chosen = resource.qualification
    if chosen is not None and chosen.profile_id != resource.profile_id:
        raise refused("qualification_id", _("Choose from the list."))


def chosen_fields(keys: Iterable[int], before: Resource | None = None) -> list[Concept]:
    """The concepts of these keys; those that an edition dropped only where they stand already."""
    wanted = set(keys)
    if len(wanted) > MOST_FIELDS:
        raise refused("field_ids", _("Choose at most %(limit)s.") % {"limit": MOST_FIELDS})
    known = set(before.fields.values_list("pk", flat=True)) if before else set()
    rows = Concept.objects.filter(pk__in=wanted)
    found = [one for one in rows if not one.is_gone or one.pk in known]
    if len(found) != len(wanted):
        raise refused("field_ids", _("Choose the fields from the list."))
    return found


def chosen_links(
    actor: Viewer, keys: Iterable[int], profile: Profile, before: Resource | None = None
) -> list[Resource]:
    """The resources that are booked together with it: the owner's own, not itself, still there."""
    wanted = set(keys)
    if len(wanted) > MOST_LINKED:
        raise refused("booked_with_ids", _("Choose at most %(limit)s.") % {"limit": MOST_LINKED})
    known = set(before.booked_with.values_list("pk", flat=True)) if before else set()
    rows = Resource.objects.filter(pk__in=wanted - ({before.pk} if before else set()))
    yours = set(look_after_resource.filter(actor, rows).values_list("pk", flat=True))
    found = [
        one
        for one in rows
        if one.pk in known
        or (one.pk in yours and one.withdrawn_at is None and one.kind not in DESCRIBED_ONLY)
    ]
    if len(found) != len(wanted):
        raise refused("booked_with_ids", _("Choose from the list."))
    return found
