"""Kept asks, their shortlists, and what bodies and offices wish of the ranking."""

import factory
from factory.django import DjangoModelFactory

from tests.factories.clusters import ClusterFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.partnering.introductions.choices import EntryStanding, FloorGroup
from trebbo.partnering.introductions.models import (
    Ask,
    AskingPreference,
    AskShare,
    FairnessFloor,
    KeptApart,
    ShortlistEntry,
)


class AskFactory(DjangoModelFactory[Ask]):
    """A need that nobody owns and that was never run."""

    class Meta:
        model = Ask

    text = "valvole cardiache"
    title = factory.SelfAttribute("text")
    created_at = NOW
    changed_at = NOW


class AskShareFactory(DjangoModelFactory[AskShare]):
    """An ask shared with the office of a cluster."""

    class Meta:
        model = AskShare

    ask = factory.SubFactory(AskFactory)
    cluster = factory.SubFactory(ClusterFactory)
    shared_at = NOW


class EntryFactory(DjangoModelFactory[ShortlistEntry]):
    """A proposed organisation; give it a place."""

    class Meta:
        model = ShortlistEntry

    ask = factory.SubFactory(AskFactory)
    profile = factory.SubFactory(OrganisationFactory)
    position = 1
    standing = EntryStanding.PROPOSED
    changed_at = NOW


class KeptApartFactory(DjangoModelFactory[KeptApart]):
    """Two organisations kept apart."""

    class Meta:
        model = KeptApart

    profile = factory.SubFactory(OrganisationFactory)
    other = factory.SubFactory(OrganisationFactory)
    said_at = NOW


class PreferenceFactory(DjangoModelFactory[AskingPreference]):
    """An organisation that is shown in no ask."""

    class Meta:
        model = AskingPreference

    profile = factory.SubFactory(OrganisationFactory)
    is_silent = True
    changed_at = NOW


class FloorFactory(DjangoModelFactory[FairnessFloor]):
    """A cluster's floor for small and medium enterprises."""

    class Meta:
        model = FairnessFloor

    cluster = factory.SubFactory(ClusterFactory)
    group = FloorGroup.SME
    share = 30
