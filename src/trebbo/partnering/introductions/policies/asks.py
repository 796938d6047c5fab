"""Who may see, change and judge kept asks, speak for a body in asks, and build the index."""

from django.db.models import Q

from trebbo.ecosystem.clusters.models import Network
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile, view_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.partnering.introductions.models import Ask, AskShare, FairnessFloor
from trebbo.sharing.ideas.models import Idea
from trebbo.sharing.ideas.policies import edit_idea

view_ask: Rule[Ask] = Rule("view_ask")
edit_ask: Rule[Ask] = Rule("edit_ask")
edit_shortlist: Rule[Ask] = Rule("edit_shortlist")
set_floor: Rule[FairnessFloor] = Rule("set_floor")
view_floor: Rule[FairnessFloor] = Rule("view_floor")
set_preferences: Rule[Profile] = edit_profile
"""Who may say how a body is shown in asks: who may edit its profile."""


def keep_index(viewer: Viewer) -> bool:
    """Whether the viewer may rebuild the index, or put its upkeep off while working in bulk."""
    return viewer.is_installation or bool(viewer.agency_networks)


def may_keep(viewer: Viewer) -> bool:
    """Whether the person may keep asks: everybody who has signed in."""
    return viewer.signed_in


def may_ask_for(viewer: Viewer, profile: Profile) -> bool:
    """Whether the person may ask on behalf of a body: who looks after it, or an office."""
    broker = viewer.is_office and view_profile.allows(viewer, profile)
    return broker or edit_profile.allows(viewer, profile)


def _brokered(viewer: Viewer) -> Q:
    """The shares with an office or an agency for which the viewer works."""
    return Q(cluster__in=viewer.managed_clusters) | Q(network__in=viewer.agency_networks)


def _of_same_network(viewer: Viewer) -> Q:
    """The floors of the networks of the viewer's clusters, and of the agency's clusters."""
    above = Network.objects.filter(clusters__in=viewer.managed_clusters)
    return Q(network__in=above) | Q(cluster__network__in=viewer.agency_networks)


OWNER: Grant[Ask] = Grant(
    "keeps it",
    # Who no longer works on an idea no longer reads it, here neither.
    lambda viewer, ask: (
        viewer.signed_in and ask.owner_id == viewer.person_id and ask.idea_id is None
    ),
    lambda viewer: Q(owner=viewer.person_id, idea__isnull=True) if viewer.signed_in else NOTHING,
)
ASKER: Grant[Ask] = Grant(
    "acts for the body that asks",
    lambda viewer, ask: ask.asker_id in viewer.mandates,
    lambda viewer: Q(asker__in=list(viewer.mandates)),
)
BROKER: Grant[Ask] = Grant(
    "a broker with whom it is shared",
    lambda viewer, ask: (
        viewer.is_office and AskShare.objects.filter(_brokered(viewer), ask=ask.pk).exists()
    ),
    lambda viewer: (
        Q(pk__in=AskShare.objects.filter(_brokered(viewer)).values("ask"))
        if viewer.is_office
        else NOTHING
    ),
)
ITS_IDEA: Grant[Ask] = Grant(
    "works on the idea for which it asks",
    lambda viewer, ask: ask.idea is not None and edit_idea.allows(viewer, ask.idea),
    lambda viewer: (
        Q(idea__in=edit_idea.filter(viewer, Idea.objects.all()).values("pk"))
        if viewer.signed_in
        else NOTHING
    ),
)
for grant in (OWNER, ASKER, ITS_IDEA):
    for rule in (view_ask, edit_ask, edit_shortlist):
        rule.add(grant)
for rule in (view_ask, edit_shortlist):
    rule.add(BROKER)

ITS_OFFICE: Grant[FairnessFloor] = Grant(
    "the office whose floor it is",
    lambda viewer, floor: (
        floor.cluster_id in viewer.managed_clusters or floor.network_id in viewer.agency_networks
    ),
    _brokered,
)
set_floor.add(ITS_OFFICE)
view_floor.add(ITS_OFFICE)
view_floor.add(
    Grant(
        "an office of the same network",
        lambda viewer, floor: (
            viewer.is_office
            and FairnessFloor.objects.filter(_of_same_network(viewer), pk=floor.pk).exists()
        ),
        lambda viewer: _of_same_network(viewer) if viewer.is_office else NOTHING,
    )
)
