"""Organisations, units, Technopoles and what they stand on."""

from datetime import UTC, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from trebbo.ecosystem.organisations.choices import ProfileType, UnitKind
from trebbo.ecosystem.organisations.models import (
    KindPeriod,
    Organisation,
    ProfileItem,
    Seat,
    Technopole,
    Unit,
)
from trebbo.ecosystem.vocabularies.models import (
    Concept,
    Municipality,
    Province,
    Scheme,
    Territory,
)
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def person(**held: Any) -> Viewer:
    """A signed-in person on 15 June 2026, with what is given and nothing else."""
    return Viewer(**{"now": NOW, "person_id": None, "label": "Ada", **held})


def agency_person(network: int = 1, **held: Any) -> Viewer:
    """A person of the agency that coordinates a network."""
    return person(networks={network: frozenset({"agency"})}, **{"label": "Agency", **held})


class TerritoryFactory(DjangoModelFactory[Territory]):
    """Emilia-Romagna."""

    class Meta:
        model = Territory
        django_get_or_create = ("code",)

    code = "ITH5"
    name_it = "Emilia-Romagna"
    name_en = "Emilia-Romagna"


class ProvinceFactory(DjangoModelFactory[Province]):
    """The province of Modena."""

    class Meta:
        model = Province
        django_get_or_create = ("code",)

    code = "MO"
    istat_code = "036"
    name_it = "Modena"
    name_en = "Modena"


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    """Mirandola."""

    class Meta:
        model = Municipality
        django_get_or_create = ("istat_code",)

    istat_code = "036022"
    name = "Mirandola"
    province = factory.SubFactory(ProvinceFactory)
    latitude = 44.8873
    longitude = 11.0661


class SchemeFactory(DjangoModelFactory[Scheme]):
    """EuroSciVoc."""

    class Meta:
        model = Scheme
        django_get_or_create = ("code",)

    code = "euroscivoc"
    name_it = "Campi della scienza"
    name_en = "Fields of science"


class ConceptFactory(DjangoModelFactory[Concept]):
    """A field of science."""

    class Meta:
        model = Concept

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"{n}")
    label_it = factory.Sequence(lambda n: f"campo {n}")
    label_en = factory.Sequence(lambda n: f"field {n}")


class ProfileWords(DjangoModelFactory[Any]):
    """What all profiles share."""

    class Meta:
        abstract = True

    sort_name = factory.LazyAttribute(lambda row: fold(row.name))
    changed_at = NOW


class OrganisationFactory(ProfileWords):
    """An organisation without facts."""

    class Meta:
        model = Organisation

    type = ProfileType.ORGANISATION
    name = factory.Sequence(lambda n: f"Azienda {n} srl")
    slug = factory.Sequence(lambda n: f"azienda-{n}")


class TechnopoleFactory(ProfileWords):
    """A Technopole without a manager."""

    class Meta:
        model = Technopole

    type = ProfileType.TECHNOPOLE
    name = factory.Sequence(lambda n: f"Tecnopolo {n}")
    slug = factory.Sequence(lambda n: f"tecnopolo-{n}")
    code = factory.Sequence(lambda n: f"TP-{n}")


class UnitFactory(ProfileWords):
    """A laboratory of an organisation."""

    class Meta:
        model = Unit

    type = ProfileType.UNIT
    name = factory.Sequence(lambda n: f"Laboratorio {n}")
    slug = factory.Sequence(lambda n: f"laboratorio-{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    kind = UnitKind.LABORATORY


class KindFactory(DjangoModelFactory[KindPeriod]):
    """A kind that holds now."""

    class Meta:
        model = KindPeriod

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "sme"


class SeatFactory(DjangoModelFactory[Seat]):
    """A seat in Mirandola."""

    class Meta:
        model = Seat

    municipality = factory.SubFactory(MunicipalityFactory)
    latitude = 44.8873
    longitude = 11.0661


class ItemFactory(DjangoModelFactory[ProfileItem]):
    """A competence."""

    class Meta:
        model = ProfileItem

    section = "competence"
    text_it = factory.Sequence(lambda n: f"competenza {n}")
    text_en = factory.Sequence(lambda n: f"competence {n}")
