"""Schemes, concepts, places and words; the places of the tests are those of the registry."""

import factory
from factory.django import DjangoModelFactory

from tests.factories.organisations import (
    ConceptFactory,
    MunicipalityFactory,
    ProvinceFactory,
    SchemeFactory,
)
from trebbo.ecosystem.vocabularies.models import Municipality, Province, WordPair

__all__ = ["ConceptFactory", "MunicipalityFactory", "ProvinceFactory", "SchemeFactory"]


class WordPairFactory(DjangoModelFactory[WordPair]):
    """A word and its translation."""

    class Meta:
        model = WordPair

    code = factory.Sequence(lambda n: f"parola-{n}")
    phrases_it = factory.Sequence(lambda n: f"parola{n}")
    phrases_en = factory.Sequence(lambda n: f"word{n}")


def parma() -> Municipality:
    """Parma, some 70 km from Mirandola."""
    province, _new = Province.objects.get_or_create(
        code="PR", defaults={"istat_code": "034", "name_it": "Parma", "name_en": "Parma"}
    )
    town, _new = Municipality.objects.get_or_create(
        istat_code="034027",
        defaults={"name": "Parma", "province": province, "latitude": 44.8015, "longitude": 10.3279},
    )
    return town
