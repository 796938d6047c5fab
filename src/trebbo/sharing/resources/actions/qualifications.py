"""Trainings that an owner demands, and the people who have them."""

from calendar import monthrange
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.actions.rules import demand_owner
from trebbo.sharing.resources.actions.values import day, number_or_blank
from trebbo.sharing.resources.actions.wording import ResourceRefused, line, refused
from trebbo.sharing.resources.models import Qualification, QualifiedPerson
from trebbo.sharing.resources.policies import offer_resources

LONGEST_NAME = 200
MOST_MONTHS = 240


@transaction.atomic
def add_qualification(
    *,
    actor: Viewer,
    profile_id: int,
    name_it: str = "",
    name_en: str = "",
    months: int | None = None,
) -> Qualification:
    """Name a training that the owner gives; it holds for `months`, for good where that is blank."""
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise ResourceRefused(_("This profile is no longer in the registry."))
    _demand(actor, profile)
    demand_owner(profile)
    names = line("name_it", name_it, LONGEST_NAME), line("name_en", name_en, LONGEST_NAME)
    if not any(names):
        raise refused("name_it", _("Write a name, in one language at least."))
    qualification = Qualification.objects.create(
        profile=profile,
        name_it=names[0],
        name_en=names[1],
        months=number_or_blank("months", months, 1, MOST_MONTHS),
    )
    told = {"qualification": ("", qualification)}
    audit.record(actor=actor, verb="add_qualification", subject=profile, changes=told)
    return qualification


@transaction.atomic
def qualify_person(
    *,
    actor: Viewer,
    qualification_id: int,
    email: str,
    since: date | None = None,
    until: date | None = None,
) -> QualifiedPerson:
    """Say that a person with an account was trained, since a day (today by default).

    It holds until `until`, or for as long as the training holds. Said again, it is renewed. Refuses
    an address that no account has, a day to come, and an end before the start.
    """
    qualification = _held(actor, qualification_id)
    address = email.strip().lower()
    person = Person.objects.filter(email=address, is_active=True).first() if address else None
    if person is None:
        raise refused("email", _("Nobody with an account has this address."))
    start = day("since", since) or actor.today
    if start > actor.today:
        raise refused("since", _("This day is still to come."))
    end = day("until", until) or _after(start, qualification.months)
    if end is not None and end < start:
        raise refused("until", _("It ends before it starts: check the two dates."))
    held, _new = QualifiedPerson.objects.update_or_create(
        qualification=qualification, person=person, defaults={"since": start, "until": end}
    )
    told = {"qualification": ("", qualification), "person": ("", person), "valid_until": ("", end)}
    audit.record(actor=actor, verb="qualify_person", subject=qualification.profile, changes=told)
    return held


@transaction.atomic
def disqualify_person(*, actor: Viewer, qualified_id: int) -> bool:
    """Take a qualification back from a person; whether it was there. Bookings accepted stay."""
    held = QualifiedPerson.objects.select_related("person").filter(pk=qualified_id).first()
    if held is None:
        return False
    qualification = _held(actor, held.qualification_id)
    told = {"qualification": (qualification, ""), "person": (held.person, "")}
    held.delete()
    audit.record(actor=actor, verb="disqualify_person", subject=qualification.profile, changes=told)
    return True


def _held(actor: Viewer, qualification_id: int) -> Qualification:
    rows = Qualification.objects.select_for_update(of=("self",)).select_related("profile")
    qualification = rows.filter(pk=qualification_id).first()
    if qualification is None:
        raise ResourceRefused(_("This qualification is no longer there."))
    _demand(actor, qualification.profile)
    return qualification


def _demand(actor: Viewer, profile: Profile) -> None:
    told = _("You do not look after this profile, so you cannot do this.")
    offer_resources.demand(actor, profile, told)


def _after(start: date, months: int | None) -> date | None:
    """The last day on which a training of this length holds."""
    if months is None:
        return None
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
