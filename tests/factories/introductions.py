"""Kept asks, their shortlists and introductions, and what bodies and offices wish."""

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
    Introduction,
    IntroductionStep,
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


class IntroductionFactory(DjangoModelFactory[Introduction]):
    """A draft to an organisation; give it a state with what belongs to it."""

    class Meta:
        model = Introduction

    ask = factory.SubFactory(AskFactory)
    profile = factory.SubFactory(OrganisationFactory)
    profile_name = factory.LazyAttribute(lambda one: one.profile.title)
    since = NOW
    created_at = NOW
    changed_at = NOW


class StepFactory(DjangoModelFactory[IntroductionStep]):
    """Something that happened to an introduction; give it a kind."""

    class Meta:
        model = IntroductionStep

    introduction = factory.SubFactory(IntroductionFactory)
    at = NOW
