"""The evidence of the demonstration: an excerpt of CORDIS, imported as anybody would import it."""

import zipfile
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.db import transaction

from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence.actions import (
    carry_out_import,
    refresh_summary,
    say_of_field,
    say_of_participation,
    start_import,
)
from trebbo.ecosystem.evidence.models import Import, Participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer, installation

FACTS = files("trebbo.demo") / "facts" / "cordis"
MEMBERS = ("project", "organization", "euroSciVoc", "topics", "legalBasis")
NAME = "cordis-HORIZON-demonstration-excerpt.zip"
EDITION = (2025, 12, 6, 0, 0, 0)  # in the zip, so that the same facts always make the same bytes
Row = dict[str, str]


def is_there() -> bool:
    """Whether any open data is to be seen: this excerpt, or what somebody imported since."""
    return Import.objects.filter(is_present=True).exists()


def bring_in(*, actor: Viewer, said: Iterable[Row] = ()) -> Import:
    """Pack the excerpt as CORDIS packs its files and import it; then let the personas speak.

    In one transaction: what an interruption leaves in the warehouse is never looked at, and goes
    with the next import. `said` are rows of the statements' fact file.
    """
    path = pack(Path(settings.IMPORTS_FOLDER))
    with transaction.atomic():
        imported = start_import(actor=actor, file_name=NAME, path=path)
        imported = carry_out_import(actor=actor, import_id=imported.pk)
        for row in said:
            _say(row, actor)
        for cluster in Cluster.objects.order_by("pk"):
            refresh_summary(actor=installation(actor.now), cluster_id=cluster.pk)
    return imported


def pack(folder: Path) -> Path:
    """The excerpt as a zip in the folder, in CORDIS's layout."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in MEMBERS:
            entry = zipfile.ZipInfo(f"{member}.csv", EDITION)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (FACTS / f"{member}.csv").read_bytes())
    return path


def _say(row: Row, agency: Viewer) -> None:
    """A persona confirms, hides or corrects what the excerpt says of the body it looks after."""
    persona = persona_viewer(row["persona"], now=agency.now)
    profile = Profile.objects.get(slug=row["profile"])
    if row["field"]:
        concept = Concept.objects.get(scheme__code="euroscivoc", code=row["field"])
        say_of_field(
            actor=persona, profile_id=profile.pk, concept_id=concept.pk, verdict=row["verdict"]
        )
    else:
        part = Participation.objects.get(profile=profile, project__key=row["project"])
        say_of_participation(
            actor=persona,
            profile_id=profile.pk,
            participation_id=part.pk,
            verdict=row["verdict"],
            note=row["note"],
        )
