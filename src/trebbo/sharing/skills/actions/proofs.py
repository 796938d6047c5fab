"""What stands behind a competence: checked against the registry, and written."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.organisations.models import Accreditation, Profile, ProfileItem
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills import queries
from trebbo.sharing.skills.actions.wording import SkillsRefused, line, link, refused
from trebbo.sharing.skills.choices import MOST_PROJECTS, EvidenceKind
from trebbo.sharing.skills.models import Competence, CompetenceEvidence

LONGEST_TEXT = 300


class OtherProof(NamedTuple):
    """Evidence in words, perhaps with a link."""

    text: str
    address: str = ""


class Proofs(NamedTuple):
    """All that stands behind a competence, by id where the registry knows it."""

    projects: tuple[int, ...] = ()
    accreditations: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    others: tuple[OtherProof, ...] = ()

    def in_order(self) -> "Proofs":
        """The same, each once and in one order, so that equal ones are equal."""
        return Proofs(
            tuple(sorted(set(self.projects))),
            tuple(sorted(set(self.accreditations))),
            tuple(sorted(set(self.items))),
            tuple(dict.fromkeys(self.others)),
        )


class Found(NamedTuple):
    """Proofs as the registry knows them."""

    projects: tuple[FundedProject, ...]
    accreditations: tuple[Accreditation, ...]
    items: tuple[ProfileItem, ...]
    others: tuple[OtherProof, ...]


def proofs_of(competence: Competence, *, viewer: Viewer) -> Proofs:
    """What stands behind a competence now, as far as it may be shown."""
    rows = queries.shown_evidence(viewer=viewer).filter(competence=competence.pk).order_by("pk")
    projects, accreditations, items, others = [], [], [], []
    for row in rows:
        if row.project_id:
            projects.append(row.project_id)
        elif row.accreditation_id:
            accreditations.append(row.accreditation_id)
        elif row.item_id:
            items.append(row.item_id)
        else:
            others.append(OtherProof(row.text, row.address))
    return Proofs(tuple(projects), tuple(accreditations), tuple(items), tuple(others)).in_order()


def checked(proofs: Proofs, profile: Profile, *, viewer: Viewer) -> Found:
    """The records meant; refuses what is not the profile's own, or was hidden by it."""
    return Found(
        _own(
            "projects",
            queries.own_projects(profile, viewer=viewer),
            proofs.projects,
            _("Choose among the body's own projects that are not hidden."),
        ),
        _own(
            "accreditations",
            queries.own_accreditations(profile, viewer=viewer),
            proofs.accreditations,
            _("Choose among the body's own accreditations."),
        ),
        _own(
            "items",
            queries.own_equipment(profile, viewer=viewer),
            proofs.items,
            _("Choose among the equipment of the profile."),
        ),
        _others(proofs.others),
    )


def write_proofs(competence: Competence, found: Found, *, viewer: Viewer) -> None:
    """Put these in place of those that could be seen; what is hidden meanwhile stays."""
    before = list(queries.shown_evidence(viewer=viewer).filter(competence=competence.pk))
    wanted = {_key(row): row for row in _rows(competence, found)}
    kept = {_key(row) for row in before}
    CompetenceEvidence.objects.filter(
        pk__in=[row.pk for row in before if _key(row) not in wanted]
    ).delete()
    for key, row in wanted.items():
        if key not in kept:
            row.save()


def add_proofs(competence: Competence, rows: Iterable[CompetenceEvidence]) -> None:
    """Let these stand behind the competence too, each once."""
    known = {_key(row) for row in competence.evidence.all()}
    for row in rows:
        if _key(row) not in known:
            known.add(_key(row))
            row.competence = competence
            row.save()


def project_proofs(competence: Competence, projects: Iterable[FundedProject]) -> None:
    """Let funded projects stand behind the competence."""
    rows = [
        CompetenceEvidence(competence=competence, kind=EvidenceKind.PROJECT, project=project)
        for project in projects
    ]
    add_proofs(competence, rows)


def _rows(competence: Competence, found: Found) -> Iterable[CompetenceEvidence]:
    for project in found.projects:
        yield CompetenceEvidence(competence=competence, kind=EvidenceKind.PROJECT, project=project)
    for accreditation in found.accreditations:
        yield CompetenceEvidence(
            competence=competence, kind=EvidenceKind.ACCREDITATION, accreditation=accreditation
        )
    for item in found.items:
        yield CompetenceEvidence(
            competence=competence, kind=EvidenceKind.EQUIPMENT, item=item, text=item.text
        )
    for other in found.others:
        yield CompetenceEvidence(
            competence=competence, kind=EvidenceKind.OTHER, text=other.text, address=other.address
        )


def _key(row: CompetenceEvidence) -> tuple[object, ...]:
    if row.project_id or row.accreditation_id or row.item_id:
        return (row.project_id, row.accreditation_id, row.item_id)
    return (row.text, row.address)


def _own(field: str, rows: QuerySet, ids: Iterable[int], words: str) -> tuple:  # type: ignore[type-arg]
    wanted = set(ids)
    if len(wanted) > MOST_PROJECTS:
        raise refused(field, _("Choose at most %(limit)s.") % {"limit": MOST_PROJECTS})
    found = tuple(rows.filter(pk__in=wanted).order_by("pk")) if wanted else ()
    if len(found) != len(wanted):
        raise refused(field, words)
    return found


def _others(others: Iterable[OtherProof]) -> tuple[OtherProof, ...]:
    kept = []
    for number, other in enumerate(others, start=1):
        words = line("evidence", other.text, LONGEST_TEXT)
        address = link(f"other_link_{number}", other.address)
        if address and not words:
            raise refused(f"other_text_{number}", _("Say in a few words what the link shows."))
        if words:
            kept.append(OtherProof(words, address))
    if len(kept) > MOST_PROJECTS:
        raise SkillsRefused(_("Choose at most %(limit)s.") % {"limit": MOST_PROJECTS})
    return tuple(dict.fromkeys(kept))
