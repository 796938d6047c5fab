"""Networks, clusters, value chains and who belongs to them."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    ProfileWords,
    TerritoryFactory,
    person,
)
from trebbo.ecosystem.clusters.choices import MembershipState, SpecialisationKind
from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Membership,
    Network,
    Specialisation,
    ValueChain,
)
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.kernel.access import Viewer

TODAY = NOW.date()


class NetworkFactory(DjangoModelFactory[Network]):
    """A network of Emilia-Romagna."""

    class Meta:
        model = Network

    slug = factory.Sequence(lambda n: f"rete-{n}")
    name_it = factory.Sequence(lambda n: f"Rete {n}")
    name_en = factory.Sequence(lambda n: f"Network {n}")
    territory = factory.SubFactory(TerritoryFactory)


class ClusterFactory(ProfileWords):
    """A public cluster."""

    class Meta:
        model = Cluster

    type = ProfileType.CLUSTER
    name = factory.Sequence(lambda n: f"Clust-ER {n}")
    slug = factory.Sequence(lambda n: f"clust-er-{n}")
    code = factory.Sequence(lambda n: f"CL{n}")
    network = factory.SubFactory(NetworkFactory)
    territory = factory.SubFactory(TerritoryFactory)


class ValueChainFactory(DjangoModelFactory[ValueChain]):
    """A value chain that is open since 2024."""

    class Meta:
        model = ValueChain

    cluster = factory.SubFactory(ClusterFactory)
    code = factory.Sequence(lambda n: f"VC{n}")
    slug = factory.Sequence(lambda n: f"vc-{n}")
    name_it = factory.Sequence(lambda n: f"Filiera {n}")
    name_en = factory.Sequence(lambda n: f"Chain {n}")
    valid_from = date(2024, 1, 1)


class MembershipFactory(DjangoModelFactory[Membership]):
    """An organisation is an active member."""

    class Meta:
        model = Membership

    cluster = factory.SubFactory(ClusterFactory)
    profile = factory.SubFactory(OrganisationFactory)
    state = MembershipState.ACTIVE


class ChainMembershipFactory(DjangoModelFactory[ChainMembership]):
    """An organisation takes part in a value chain."""

    class Meta:
        model = ChainMembership

    value_chain = factory.SubFactory(ValueChainFactory)
    profile = factory.SubFactory(OrganisationFactory)


class SpecialisationFactory(DjangoModelFactory[Specialisation]):
    """A district."""

    class Meta:
        model = Specialisation

    slug = factory.Sequence(lambda n: f"distretto-{n}")
    kind = SpecialisationKind.DISTRICT
    name_it = factory.Sequence(lambda n: f"Distretto {n}")
    name_en = factory.Sequence(lambda n: f"District {n}")
    territory = factory.SubFactory(TerritoryFactory)


def manager_of(cluster: Cluster) -> Viewer:
    """A person who runs the office of a cluster, on 15 June 2026."""
    return person(clusters={cluster.pk: frozenset({"manager"})}, label="Manager")


def agency_of(network: Network) -> Viewer:
    """A person of the agency that coordinates a network, on 15 June 2026."""
    return person(networks={network.pk: frozenset({"agency"})}, label="Agency")
