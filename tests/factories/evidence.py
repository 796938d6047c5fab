"""What open data says, in small: imports, bodies, funded projects, participations, links."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from tests.factories.organisations import NOW
from trebbo.ecosystem.evidence.choices import (
    BodyScheme,
    Dataset,
    ImportStage,
    ImportState,
    LinkState,
    ParticipationRole,
)
from trebbo.ecosystem.evidence.models import (
    Body,
    FundedProject,
    Import,
    Link,
    Participation,
)


class ImportFactory(DjangoModelFactory[Import]):
    """A published edition of Horizon Europe."""

    class Meta:
        model = Import

    dataset = Dataset.CORDIS_HORIZON
    file_name = "cordis-HORIZONprojects-csv.zip"
    path = "imports/cordis-HORIZONprojects-csv.zip"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    snapshot = factory.Sequence(lambda n: f"snapshot-{n}")
    state = ImportState.PUBLISHED
    stage = ImportStage.PUBLISH
    created_at = NOW
    finished_at = NOW


class BodyFactory(DjangoModelFactory[Body]):
    """A firm near Modena, by its PIC."""

    class Meta:
        model = Body

    scheme = BodyScheme.PIC
    key = factory.Sequence(lambda n: str(900_000_000 + n))
    name = factory.Sequence(lambda n: f"BIOMATERIALI {n} SRL")
    country = "IT"
    nuts = "ITH54"
    town = "MIRANDOLA"
    activity = "PRC"
    is_sme = True
    first_import = factory.SubFactory(ImportFactory)
    last_import = factory.SelfAttribute("first_import")


class FundedProjectFactory(DjangoModelFactory[FundedProject]):
    """A Horizon Europe project of four years."""

    class Meta:
        model = FundedProject

    dataset = Dataset.CORDIS_HORIZON
    key = factory.Sequence(lambda n: str(101_000_000 + n))
    acronym = factory.Sequence(lambda n: f"BONE{n}")
    title = "Bioactive scaffolds for bone regeneration"
    status = "SIGNED"
    start_date = date(2022, 1, 1)
    end_date = date(2025, 12, 31)
    contribution = Decimal("2000000.00")
    programme = "HORIZON"
    scheme = "HORIZON-RIA"
    first_import = factory.SubFactory(ImportFactory)
    last_import = factory.SelfAttribute("first_import")


class ParticipationFactory(DjangoModelFactory[Participation]):
    """A participant's part, not yet anybody's in the registry."""

    class Meta:
        model = Participation

    project = factory.SubFactory(FundedProjectFactory)
    body = factory.SubFactory(BodyFactory)
    role = ParticipationRole.PARTICIPANT
    position = 2
    contribution = Decimal("250000.00")
    first_import = factory.SelfAttribute("project.first_import")
    last_import = factory.SelfAttribute("project.first_import")


class LinkFactory(DjangoModelFactory[Link]):
    """A link that waits for a decision; give it a profile."""

    class Meta:
        model = Link

    body = factory.SubFactory(BodyFactory)
    state = LinkState.PROPOSED
    probability = 0.8
    found_at = NOW
