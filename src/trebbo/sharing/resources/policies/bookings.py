"""Who may see a booking, answer it for the owner, and change it for who asked."""

from django.db.models import Q

from trebbo.ecosystem.organisations.models import Unit
from trebbo.ecosystem.organisations.policies import representing
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.sharing.resources.models import Booking, Resource

view_booking: Rule[Booking] = Rule("view_booking")
"""Who may read what a booking is for: both sides, and no office."""
change_booking: Rule[Booking] = Rule("change_booking")
"""Who may withdraw, cancel, or agree to another slot: the side that asked."""
answer_bookings: Rule[Resource] = Rule("answer_bookings")
"""Who may accept, decline and record the use of a resource: who acts for its owner."""


def _acts_for_owner(viewer: Viewer, resource: Resource) -> bool:
    if resource.profile_id in viewer.mandates:
        return True
    owners = representing(viewer)
    units = Unit.objects.filter(pk=resource.profile_id, organisation__in=owners)
    return bool(owners) and units.exists()


def _of_owners(viewer: Viewer, path: str = "") -> Q:
    own = Q(**{f"{path}profile__in": list(viewer.mandates)})
    owners = representing(viewer)
    return own | Q(**{f"{path}profile__as_unit__organisation__in": owners}) if owners else own


ASKED: Grant[Booking] = Grant(
    "asked for it, for no body",
    lambda viewer, booking: (
        viewer.signed_in and booking.profile_id is None and booking.person_id == viewer.person_id
    ),
    lambda viewer: (
        Q(profile__isnull=True, person=viewer.person_id) if viewer.signed_in else NOTHING
    ),
)
COLLEAGUE: Grant[Booking] = Grant(
    "acts for the body for which it was asked",
    lambda viewer, booking: booking.profile_id in viewer.mandates,
    lambda viewer: Q(profile__in=list(viewer.mandates)),
)
"""Who asked for a body speaks for its booking only while acting for that body."""

answer_bookings.add(Grant("acts for the owner", _acts_for_owner, _of_owners))
view_booking.add(
    Grant(
        "acts for the owner",
        lambda viewer, booking: _acts_for_owner(viewer, booking.resource),
        lambda viewer: _of_owners(viewer, "resource__"),
    )
)
for rule in (view_booking, change_booking):
    rule.add(ASKED)
    rule.add(COLLEAGUE)
