"""How near users are to the owner of a resource: prices, and the ledger, go by it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import UserClass
from trebbo.sharing.resources.models import Resource

NOT_YET = (MembershipState.CANDIDATE, MembershipState.SUSPENDED)
NEAREST = (UserClass.OWNER, UserClass.MEMBER, UserClass.NETWORK)


def user_class_of(viewer: Viewer, resource: Resource, profile_id: int | None = None) -> UserClass:
    """The class in which a person uses a resource for a body, on the viewer's day.

    Without a body it is the nearest of those that the person acts for, and external where there are
    none. A body that the person does not act for counts nothing.
    """
    return user_classes_of(viewer, [resource], profile_id)[resource.pk]


def user_classes_of(
    viewer: Viewer, resources: Iterable[Resource], profile_id: int | None = None
) -> dict[int, UserClass]:
    """`user_class_of` for many resources, by their id, with two questions to the database."""
    rows = list(resources)
    bodies = set(viewer.mandates)
    if profile_id is not None:
        bodies &= {profile_id}
    if not bodies:
        return {row.pk: UserClass.EXTERNAL for row in rows}
    near = _Nearness.read(viewer, bodies | {row.profile_id for row in rows})
    return {row.pk: near.nearest(bodies, row.profile_id) for row in rows}


@dataclass(frozen=True, slots=True)
class _Nearness:
    """What decides: the organisation of each unit, the clusters of each body, their networks."""

    organisations: Mapping[int, int]
    clusters: Mapping[int, set[int]]
    networks: Mapping[int, int]

    @classmethod
    def read(cls, viewer: Viewer, profiles: set[int]) -> "_Nearness":
        organisations: dict[int, int] = {}
        networks_of: dict[int, int] = {}
        rows = Profile.objects.filter(pk__in=profiles)
        for key, organisation, network in rows.values_list(
            "pk", "as_unit__organisation_id", "as_cluster__network_id"
        ):
            organisations |= {key: organisation} if organisation else {}
            networks_of |= {key: network} if network else {}
        everybody = profiles | set(organisations.values())
        clusters: dict[int, set[int]] = defaultdict(set)
        networks = dict(networks_of)
        memberships = memberships_on(viewer.today).filter(profile__in=everybody)
        for profile, cluster, network in memberships.exclude(state__in=NOT_YET).values_list(
            "profile_id", "cluster_id", "cluster__network_id"
        ):
            clusters[profile].add(cluster)
            networks[cluster] = network
        for cluster in networks_of:
            clusters[cluster].add(cluster)
        return cls(organisations, clusters, networks)

    def nearest(self, bodies: set[int], owner: int) -> UserClass:
        """The nearest class among those of the bodies."""
        classes = {self._class_of(body, owner) for body in bodies}
        return next((one for one in NEAREST if one in classes), UserClass.EXTERNAL)

    def _class_of(self, body: int, owner: int) -> UserClass:
        if self.organisations.get(body, body) == self.organisations.get(owner, owner):
            return UserClass.OWNER
        own, others = self._clusters_of(body), self._clusters_of(owner)
        if own & others:
            return UserClass.MEMBER
        if {self.networks[one] for one in own} & {self.networks[one] for one in others}:
            return UserClass.NETWORK
        return UserClass.EXTERNAL

    def _clusters_of(self, profile: int) -> set[int]:
        organisation = self.organisations.get(profile, profile)
        own = self.clusters.get(profile, set())
        return own | self.clusters.get(organisation, set())
