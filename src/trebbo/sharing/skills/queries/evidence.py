"""What can stand behind a body's competences, and what of it may be shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.models import FundedProject, Statement
from trebbo.ecosystem.evidence.queries.parts import is_hidden, present_participations
from trebbo.ecosystem.organisations.choices import ItemSection
from trebbo.ecosystem.organisations.models import Accreditation, Profile, ProfileItem
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.choices import EvidenceKind
from trebbo.sharing.skills.models import CompetenceEvidence


@dataclass(frozen=True, slots=True)
class FieldOfProject:
    """A field that one of the body's funded projects gives it, as its people left it."""

    concept_id: int
    project_id: int
    name: str


def own_projects(profile: Profile, *, viewer: Viewer) -> QuerySet[FundedProject]:
    """The funded projects in which the body has a part that it did not hide; the latest first."""
    parts = present_participations().filter(
        ~is_hidden(), project=OuterRef("pk"), profile=profile.pk
    )
    rows = FundedProject.objects.filter(Exists(parts)).defer("objective", "keywords")
    return rows.order_by("-start_date", "pk")


def own_accreditations(profile: Profile, *, viewer: Viewer) -> QuerySet[Accreditation]:
    """The accreditations of the body itself."""
    return Accreditation.objects.filter(profile=profile.pk).order_by("pk")


def own_equipment(profile: Profile, *, viewer: Viewer) -> QuerySet[ProfileItem]:
    """The equipment that the profile names."""
    rows = ProfileItem.objects.filter(profile=profile.pk, section=ItemSection.EQUIPMENT)
    return rows.order_by("position", "pk")


def shown_evidence(*, viewer: Viewer) -> QuerySet[CompetenceEvidence]:
    """The evidence of competences, without projects that the body hid or has no part in any more.

    Whether the competence itself may be seen is for the caller to ask.
    """
    parts = present_participations().filter(
        ~is_hidden(), project=OuterRef("project"), profile=OuterRef("competence__profile")
    )
    return CompetenceEvidence.objects.filter(~Q(kind=EvidenceKind.PROJECT) | Q(Exists(parts)))


def fields_of_projects(profile: Profile, *, viewer: Viewer) -> Iterator[FieldOfProject]:
    """What the body's own projects are about, project by project; two queries.

    Fields that its people hid are left out, those they corrected are given as corrected.
    """
    spoken = Statement.objects.filter(profile=profile.pk, concept__isnull=False)
    said = {one.concept_id: one for one in spoken}
    rows = own_projects(profile, viewer=viewer).filter(fields__isnull=False)
    told = rows.values_list("pk", "acronym", "title", "fields")
    for key, acronym, title, concept in told:
        statement = said.get(concept)
        shown: int | None = concept
        if statement is not None and statement.verdict == Verdict.HIDDEN:
            shown = None
        elif statement is not None and statement.verdict == Verdict.CORRECTED:
            shown = statement.instead_id
        if shown is not None:
            yield FieldOfProject(shown, key, acronym or title)
