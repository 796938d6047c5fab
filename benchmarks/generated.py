"""Fills a database with generated organisations: plainly synthetic, spread over real towns."""

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from django.db import connection, transaction
from django.utils import timezone

from trebbo.ecosystem.clusters.models import Cluster, Membership, Network
from trebbo.ecosystem.organisations.models import (
    KindPeriod,
    Profile,
    ProfileItem,
    Seat,
)
from trebbo.ecosystem.vocabularies.actions import load_vocabularies
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Territory, WordPair
from trebbo.kernel.access import installation
from trebbo.kernel.text import fold

KINDS = ("sme",) * 12 + ("large_company",) * 3
KINDS += ("research_centre", "university", "health_facility")
CLUSTERS = 11
BATCH = 5_000


@transaction.atomic
def fill(size: int, chance: random.Random) -> None:
    """Write `size` organisations, each with a kind, a seat, words, fields and memberships."""
    load_vocabularies(actor=installation())
    fields = Concept.objects.filter(scheme__code="euroscivoc").order_by("code")
    world = _World(
        towns=list(
            Municipality.objects.filter(province__territory__code__startswith="ITH5").order_by("pk")
        ),
        fields=list(fields.values_list("pk", flat=True)),
        phrases=_phrases(),
        clusters=_clusters(),
    )
    first = max(Profile.objects.values_list("pk", flat=True), default=0) + 1
    numbers = count()
    for start in range(0, size, BATCH):
        ids = range(first + start, first + min(start + BATCH, size))
        _profiles(ids, numbers, world.phrases, chance)
        _facts(ids, world, chance)
    _after_explicit_ids()


def _clusters() -> list[Cluster]:
    territory = Territory.objects.get(code="ITH5")
    network = Network.objects.create(
        slug="synthetic", name_it="Rete sintetica", name_en="Synthetic network", territory=territory
    )
    return [
        Cluster.objects.create(
            type="cluster",
            slug=f"synthetic-cluster-{number}",
            name=f"Cluster sintetico {number}",
            sort_name=f"cluster sintetico {number}",
            changed_at=timezone.now(),
            network=network,
            code=f"SYN{number}",
            territory=territory,
        )
        for number in range(CLUSTERS)
    ]


def _phrases() -> list[tuple[str, str]]:
    """Pairs of Italian and English phrases of the trade."""
    return [
        (italian, english)
        for pair in WordPair.objects.order_by("pk")
        for italian, english in zip(
            pair.phrases_it.split("|"), pair.phrases_en.split("|"), strict=False
        )
    ]


def _profiles(
    ids: range, numbers: "count[int]", phrases: list[tuple[str, str]], chance: random.Random
) -> None:
    now = timezone.now()
    profiles = []
    for pk, number in zip(ids, numbers, strict=False):
        words = chance.sample(phrases, 12)
        confirmed = now - timedelta(days=chance.randrange(700)) if chance.random() < 0.6 else None
        name = f"{chance.choice(words)[0].title()} Sintetica {number}"
        profiles.append(
            Profile(
                pk=pk,
                type="organisation",
                slug=f"synthetic-{number}",
                name=name,
                sort_name=fold(name),
                description_it="Organizzazione sintetica: " + ", ".join(it for it, _en in words),
                description_en="Synthetic organisation: " + ", ".join(en for _it, en in words),
                standing="synthetic",
                confirmed_at=confirmed,
                due_date=(confirmed + timedelta(days=365)).date() if confirmed else None,
                changed_at=now,
            )
        )
    Profile.objects.bulk_create(profiles)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO organisations_organisation"
            " (profile_ptr_id, tax_code, vat_number, certified_email) VALUES (%s, '', '', '')",
            [(pk,) for pk in ids],
        )


@dataclass(frozen=True, slots=True)
class _World:
    """What the generated facts are drawn from."""

    towns: list[Municipality]
    fields: list[int]
    phrases: list[tuple[str, str]]
    clusters: list[Cluster]


def _facts(ids: range, world: _World, chance: random.Random) -> None:
    day = timezone.localdate() - timedelta(days=1_000)
    kinds, seats, items, members, links = [], [], [], [], []
    through = Profile.fields.through
    for pk in ids:
        town = chance.choice(world.towns)
        kinds.append(KindPeriod(organisation_id=pk, kind=chance.choice(KINDS), valid_from=day))
        seats.append(
            Seat(
                profile_id=pk,
                municipality=town,
                latitude=town.latitude + chance.uniform(-0.03, 0.03),
                longitude=town.longitude + chance.uniform(-0.03, 0.03),
                precision="exact",
                is_main=True,
            )
        )
        items += [
            ProfileItem(
                profile_id=pk,
                section="competence",
                text_it=italian,
                text_en=english,
                position=position,
            )
            for position, (italian, english) in enumerate(chance.sample(world.phrases, 3))
        ]
        members += [
            Membership(profile_id=pk, cluster=cluster, state="active", valid_from=day)
            for cluster in chance.sample(world.clusters, chance.choice((0, 1, 1, 2, 3)))
        ]
        links += [
            through(profile_id=pk, concept_id=field) for field in chance.sample(world.fields, 2)
        ]
    KindPeriod.objects.bulk_create(kinds)
    Seat.objects.bulk_create(seats)
    ProfileItem.objects.bulk_create(items)
    Membership.objects.bulk_create(members)
    through.objects.bulk_create(links)


def _after_explicit_ids() -> None:
    """Let PostgreSQL's sequence know the ids that were given."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('organisations_profile', 'id'),"
                " (SELECT max(id) FROM organisations_profile))"
            )
