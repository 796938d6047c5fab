"""Made-up consortia in the database: enough of them to learn a ranking from, and no more."""

import random
from datetime import timedelta
from typing import Any

from tests.factories.evidence import ImportFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.ecosystem.evidence.models import Body, FundedProject, Participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.partnering.introductions.gateway.training import Recipe

SMALL = Recipe(folds=((8, 8),), trees=8, fewest_in_leaf=5)
"""A recipe for so few."""
SUBJECTS = ("bone scaffold tissue", "wind turbine blade", "quantum key fibre")
BODIES, PROJECTS, PARTNERS, DAYS_APART = 24, 180, 4, 4


def made_up_consortia() -> list[Profile]:
    """Two years of projects up to NOW; a body keeps to the subject of its number."""
    chance = random.Random(4)
    edition = ImportFactory()
    record: dict[str, Any] = {"first_import": edition, "last_import": edition}
    profiles: list[Profile] = [OrganisationFactory(name=f"Alfa {one}") for one in range(BODIES)]
    bodies = Body.objects.bulk_create(
        Body(scheme="pic", key=str(one), name=f"B{one}", country="IT", **record)
        for one in range(BODIES)
    )
    projects = FundedProject.objects.bulk_create(
        _project(one, " ".join(chance.choices(SUBJECTS[one % len(SUBJECTS)].split(), k=6)), record)
        for one in range(PROJECTS)
    )
    Participation.objects.bulk_create(
        Participation(
            project=project,
            body=bodies[one],
            profile=profiles[one],
            role="participant" if place else "coordinator",
            **record,
        )
        for number, project in enumerate(projects)
        for place, one in zip(
            range(PARTNERS),
            chance.sample(range(number % len(SUBJECTS), BODIES, len(SUBJECTS)), PARTNERS),
            strict=True,
        )
    )
    return profiles


def _project(number: int, words: str, record: dict[str, Any]) -> FundedProject:
    day = NOW.date() - timedelta(days=DAYS_APART * (PROJECTS - number))
    return FundedProject(
        dataset="cordis-horizon",
        key=str(number),
        title=words,
        objective=words,
        signature_date=day,
        start_date=day,
        **record,
    )
