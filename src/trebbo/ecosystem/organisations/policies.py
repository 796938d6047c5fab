"""Who may see, edit and open a profile to colleagues; areas above add grants of their own."""

from django.db.models import Exists, OuterRef, Q

from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.policies import invite_colleague
from trebbo.ecosystem.organisations.choices import ProfileType, Visibility
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule

view_profile: Rule[Profile] = Rule("view_profile")
edit_profile: Rule[Profile] = Rule("edit_profile")
invite_to_profile: Rule[Profile] = invite_colleague
accredit_profile: Rule[Profile] = Rule("accredit_profile")


def belongs_to_network(viewer: Viewer) -> bool:
    """Whether the person acts for somebody or has a role in a cluster or network."""
    return bool(viewer.mandates or viewer.clusters or viewer.networks)


def may_register(viewer: Viewer) -> bool:
    """Whether the person may add profiles: the offices of clusters and the agency keep the list."""
    return viewer.is_office


def may_register_technopole(viewer: Viewer) -> bool:
    """Whether the person may add a Technopole: their network is the agency's."""
    return bool(viewer.agency_networks)


def representing(viewer: Viewer) -> frozenset[int]:
    """The bodies that the person represents, and not only edits."""
    return frozenset(
        key for key, roles in viewer.mandates.items() if MandateRole.REPRESENTATIVE in roles
    )


def _holds_mandate(viewer: Viewer, profile: Profile) -> bool:
    return profile.pk in viewer.mandates


def _represents_parent(viewer: Viewer, profile: Profile) -> bool:
    """A unit's organisation looks after it, through its representatives."""
    owners = representing(viewer)
    return bool(owners) and Unit.objects.filter(pk=profile.pk, organisation__in=owners).exists()


def _coordinates(viewer: Viewer, profile: Profile) -> bool:
    """The agency keeps the whole registry; clusters answer to the agency of their own network."""
    return bool(viewer.agency_networks) and profile.type != ProfileType.CLUSTER


AGENCY = Grant(
    "the agency",
    _coordinates,
    lambda viewer: ~Q(type=ProfileType.CLUSTER) if viewer.agency_networks else NOTHING,
)
MANDATE = Grant("acts for it", _holds_mandate, lambda viewer: Q(pk__in=list(viewer.mandates)))
PARENT = Grant(
    "represents its organisation",
    _represents_parent,
    lambda viewer: Q(as_unit__organisation__in=representing(viewer)),
)

view_profile.add(
    Grant(
        "public",
        lambda viewer, profile: profile.visibility == Visibility.PUBLIC,
        lambda viewer: Q(visibility=Visibility.PUBLIC),
    )
)
view_profile.add(
    Grant(
        "people of the network",
        lambda viewer, profile: (
            profile.visibility == Visibility.NETWORK and belongs_to_network(viewer)
        ),
        lambda viewer: Q(visibility=Visibility.NETWORK) if belongs_to_network(viewer) else NOTHING,
    )
)
for rule in (view_profile, edit_profile):
    rule.add(MANDATE)
    rule.add(PARENT)
invite_to_profile.add(
    Grant(
        "represents it",
        lambda viewer, profile: profile.pk in representing(viewer),
        lambda viewer: Q(pk__in=representing(viewer)),
    )
)
invite_to_profile.add(PARENT)
for rule in (view_profile, edit_profile, invite_to_profile, accredit_profile):
    rule.add(AGENCY)


def seen_by(viewer: Viewer, profile: str = "pk") -> Exists:
    """The condition, in another table, that the viewer may see the profile `profile` leads to.

    It is asked row by row, so that its cost does not grow with the registry.
    """
    return Exists(view_profile.filter(viewer, Profile.objects.filter(pk=OuterRef(profile))))
