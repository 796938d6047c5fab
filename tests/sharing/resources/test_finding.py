"""One search over all owners: words of two languages, place, class of user, free time, pages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    MunicipalityFactory,
    OrganisationFactory,
    SeatFactory,
    UnitFactory,
    person,
)
from tests.factories.resources import (
    BookingFactory,
    OpeningHoursFactory,
    PriceFactory,
    ResourceFactory,
    holding,
)
from tests.factories.vocabularies import WordPairFactory, parma
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import visitor
from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.choices import UserClass
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries import (
    FoundResources,
    ResourcesWanted,
    find_resources,
    finding,
)

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
MONDAY = datetime(2026, 6, 22, tzinfo=ROME)
NEXT_WEEK = {"free_from": MONDAY, "free_until": MONDAY + timedelta(days=7)}


def resource(name: str = "", **said: Any) -> Resource:
    """One that is found by its words."""
    names = {"name_it": name, "name_en": ""} if name else {}
    made = ResourceFactory(**names, **said)
    made.words = gateway.words_of(made)
    made.save(update_fields=["words"])
    return made


def find(words: str = "", *, viewer: Any = None, offset: int = 0, **wanted: Any) -> FoundResources:
    """What a visitor finds."""
    asked = ResourcesWanted(words=words, **wanted)
    return find_resources(asked, viewer=viewer or visitor(NOW), offset=offset)


def names(words: str = "", **wanted: Any) -> list[str]:
    """What what is found is called, in order."""
    return [one.resource.name_it for one in find(words, **wanted).rows]


def test_words_meet_across_endings_accents_and_languages() -> None:
    """The vocabularies' word pairs lead from one language to the other."""
    WordPairFactory(phrases_it="rugosità|rugosimetro", phrases_en="surface roughness")
    resource("Rugosimetro ottico")
    resource("Bioreattore", description_en="Stirred tank for cell cultures")
    assert names("rugosità") == ["Rugosimetro ottico"]
    assert names("surface roughness") == ["Rugosimetro ottico"]
    assert names("BIOREATTORI") == ["Bioreattore"]
    assert names("cell culture") == ["Bioreattore"]
    assert names("equipment") == ["Bioreattore", "Rugosimetro ottico"]
    assert names("the of con") == ["Bioreattore", "Rugosimetro ottico"]
    assert names("xyzzy") == []


def test_fields_owners_and_makers_are_words_too() -> None:
    """What a resource is for, whose it is, and who made it."""
    owner = OrganisationFactory(name="Istituto Sintetico", acronym="ISIN")
    made = resource("Forno", profile=owner, manufacturer="Fornitore Esempio")
    made.fields.add(ConceptFactory(label_it="ceramica", label_en="ceramics"))
    resource("Pressa")
    gateway.refill_words(Resource.objects.all())
    for words in ("isin", "ceramics", "fornitore", "forno ceramica"):
        assert names(words) == ["Forno"]


def test_an_owner_with_another_name_is_found_by_it() -> None:
    """News of the registry has the words written anew."""
    owner = OrganisationFactory(name="Vecchio nome")
    resource("Forno", profile=owner)
    Profile.objects.filter(pk=owner.pk).update(name="Laboratorio Quercia")
    profile_changed.send(Profile, profile_id=owner.pk)
    assert names("quercia") == ["Forno"]
    assert names("vecchio") == []


def test_what_says_all_words_comes_alone_else_what_says_most() -> None:
    """The name counts for more."""
    resource("Microscopio", description_it="Misura lo spessore del titanio")
    resource("Spessimetro per titanio", description_it="Spessore")
    resource("Bilancia")
    assert names("titanio spessore") == ["Spessimetro per titanio", "Microscopio"]
    found = find("titanio spessore lunare")
    assert found.loosely
    assert found.total == 2
    assert not find("titanio spessore").loosely
    assert find("titanio lunare solare").total == 2


def test_a_phrase_counts_for_its_words() -> None:
    """Who asks for a confocal microscope for cells finds it before a factory of cells."""
    WordPairFactory(phrases_it="microscopio confocale", phrases_en="confocal microscope")
    resource("Fabbrica di cellule")
    resource("Microscopio confocale")
    assert names("cellule al microscopio confocale") == [
        "Microscopio confocale",
        "Fabbrica di cellule",
    ]


def test_chosen_by_facts() -> None:
    """Kind, field with what is narrower, owner with its units, fund, bookable."""
    wide = ConceptFactory()
    narrow = ConceptFactory(broader=wide)
    owner = OrganisationFactory()
    unit = UnitFactory(organisation=owner)
    a = resource("A", kind="space", profile=unit, is_publicly_funded=True)
    a.fields.add(narrow)
    resource("B", profile=owner, is_bookable=False)
    resource("C", operation="operator")
    assert names(kind="space") == ["A"]
    assert names(field=wide.pk) == ["A"]
    assert names(owner=owner.slug) == ["A", "B"]
    assert names(only_funded=True) == ["A"]
    assert names(only_bookable=True) == ["A", "C"]
    assert names(operation="operator") == ["C"]


def test_only_what_the_viewer_may_see() -> None:
    """Not what is for the network, what was withdrawn, nor what a hidden body has."""
    resource("Aperto")
    resource("Della rete", visibility=Visibility.NETWORK)
    resource("Ritirato", withdrawn_at=NOW)
    resource("Nascosto", profile=OrganisationFactory(visibility=Visibility.NETWORK))
    assert names() == ["Aperto"]
    somebody = person(person_id=1, mandates={OrganisationFactory().pk: frozenset({"editor"})})
    assert names(viewer=somebody) == ["Aperto", "Della rete", "Nascosto"]


def test_near_a_place() -> None:
    """Its own town counts, else its owner's main seat, else that of the organisation."""
    mirandola, organisation = MunicipalityFactory(), OrganisationFactory()
    SeatFactory(profile=organisation, is_main=True)
    resource("Alla sede", profile=UnitFactory(organisation=organisation))
    resource("Altrove", profile=organisation, municipality=parma())
    resource("Senza luogo")
    found = find(place="mirandola")
    assert found.town == mirandola
    assert [(one.resource.name_it, one.town) for one in found.rows] == [
        ("Alla sede", "Mirandola"),
        ("Altrove", "Parma"),
        ("Senza luogo", ""),
    ]
    assert found.rows[0].km == pytest.approx(0, abs=0.1)
    assert found.rows[1].km == pytest.approx(61, abs=10)
    assert names(place="Mirandola", km=30) == ["Alla sede"]
    assert names(place="Atlantide", km=30) == []


def test_prices_are_those_of_the_viewers_class() -> None:
    """For a length that the resource allows; blank where there is none."""
    owner, firm = OrganisationFactory(), OrganisationFactory()
    cluster = ClusterFactory()
    for body in (owner, firm):
        MembershipFactory(profile=body, cluster=cluster, state="active")
    made = resource("Forno", profile=owner)
    PriceFactory(resource=made)
    resource("Pressa", profile=owner)
    member = person(person_id=1, mandates={firm.pk: frozenset({"editor"})})
    rows = find(viewer=member, minutes=90).rows
    assert rows[0].quote.user_class == UserClass.MEMBER
    assert (rows[0].quote.amount, rows[0].minutes) == (Decimal("60.00"), 90)
    assert rows[1].quote.amount is None
    assert find().rows[0].quote.amount is None
    assert names(user_class=UserClass.MEMBER) == ["Forno"]
    assert names(user_class=UserClass.EXTERNAL) == []


def test_free_next_week() -> None:
    """Taken, closed, short and far ones are left out; the first slot is told."""
    OpeningHoursFactory(resource=resource("Aperto"))
    taken = resource("Preso")
    holding(BookingFactory(resource=taken, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=7)))
    resource("Solo descritto", is_bookable=False)
    resource("Troppo corto", longest_minutes=60)
    resource("Orizzonte", horizon_days=3)
    OpeningHoursFactory(resource=resource("Aperto poco"), opens=540, closes=600)
    found = find(minutes=120, **NEXT_WEEK)
    (row,) = found.rows
    assert row.resource.name_it == "Aperto"
    assert row.slot
    assert row.slot.starts_at == MONDAY.replace(hour=9)
    assert row.slot.ends_at == MONDAY.replace(hour=11)
    assert found.next_offset is None
    assert not found.is_cut


def test_free_time_keeps_the_notice() -> None:
    """A week that has begun is free from the end of the notice on."""
    resource("Forno", notice_hours=24)
    now = MONDAY + timedelta(days=2)
    (row,) = find(viewer=visitor(now), **NEXT_WEEK).rows
    assert row.slot
    assert row.slot.starts_at == now + timedelta(days=1)
    assert find(viewer=visitor(MONDAY + timedelta(days=8)), **NEXT_WEEK).rows == []


def test_pages_follow_each_other(monkeypatch: Any) -> None:
    """With and without free time every resource comes once."""
    monkeypatch.setattr(finding, "PAGE", 3)
    monkeypatch.setattr(finding, "FIRST_BATCH", 2)
    for number in range(8):
        made = resource(f"Forno {number}")
        if number % 2:
            continue
        OpeningHoursFactory(resource=made, opens=0, closes=1440)
    for wanted in ({}, NEXT_WEEK):
        seen, offset = [], 0
        while True:
            page = find(offset=offset, **wanted)
            seen += [one.resource.name_it for one in page.rows]
            assert page.total == 8
            if page.next_offset is None:
                break
            offset = page.next_offset
        assert seen == [f"Forno {number}" for number in range(8)]


def test_a_page_that_looked_at_enough_says_so(monkeypatch: Any) -> None:
    """It leads on to those that it did not look at."""
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 2)
    for number in range(3):
        made = resource(f"Forno {number}")
        if number < 2:
            end = MONDAY + timedelta(days=7)
            holding(BookingFactory(resource=made, starts_at=MONDAY, ends_at=end))
    page = find(**NEXT_WEEK)
    assert (page.rows, page.is_cut, page.next_offset) == ([], True, 2)
    assert [one.resource.name_it for one in find(offset=2, **NEXT_WEEK).rows] == ["Forno 2"]


@pytest.mark.parametrize("rows", [1, 3])
def test_as_many_queries_at_any_size(rows: int, django_assert_max_num_queries: Any) -> None:
    """Eleven, with everything asked for."""
    firm = OrganisationFactory()
    member = person(person_id=1, mandates={firm.pk: frozenset({"editor"})})
    for number in range(rows):
        SeatFactory(profile=resource(f"Forno {number}").profile, is_main=True)
    wanted = {"place": "Mirandola", "km": 30, **NEXT_WEEK}
    find("forno", viewer=member)
    with django_assert_max_num_queries(11):
        assert len(find("forno", viewer=member, **wanted).rows) == rows
