"""Who may see a resource, look after it, and read how much it was used."""

from django.db.models import Q

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import (
    belongs_to_network,
    edit_profile,
    seen_by,
    view_profile,
)
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import Grant, Rule
from trebbo.sharing.resources.models import Resource

view_resource: Rule[Resource] = Rule("view_resource")
offer_resources: Rule[Profile] = edit_profile
"""Who may put resources of a body into the catalogue."""
look_after_resource: Rule[Resource] = Rule("look_after_resource")
"""Who may change what the catalogue says, its hours and prices."""
read_ledger: Rule[Resource] = Rule("read_ledger")
"""Who may read the hours used, with bodies and purposes left out of what offices get."""


def set_ceiling(viewer: Viewer) -> bool:
    """Whether the person may state the ceiling of economic use: the agency."""
    return bool(viewer.agency_networks)


def _shown_to(viewer: Viewer, resource: Resource) -> bool:
    open_to = resource.visibility == Visibility.PUBLIC or (
        resource.visibility == Visibility.NETWORK and belongs_to_network(viewer)
    )
    in_catalogue = resource.withdrawn_at is None
    return open_to and in_catalogue and view_profile.allows(viewer, resource.profile)


def _shown_rows(viewer: Viewer) -> Q:
    levels = [Visibility.PUBLIC, *([Visibility.NETWORK] if belongs_to_network(viewer) else [])]
    shown = Q(visibility__in=levels, withdrawn_at__isnull=True)
    return shown & Q(seen_by(viewer, "profile"))


def _looks_after(viewer: Viewer, resource: Resource) -> bool:
    return edit_profile.allows(viewer, resource.profile)


def _looked_after(viewer: Viewer) -> Q:
    return Q(profile__in=edit_profile.filter(viewer, Profile.objects.all()).values("pk"))


OWNER = Grant("looks after its owner", _looks_after, _looked_after)

view_resource.add(Grant("open to the viewer, as its owner is", _shown_to, _shown_rows))
for rule in (view_resource, look_after_resource, read_ledger):
    rule.add(OWNER)
