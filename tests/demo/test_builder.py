"""The demonstration is filled from the fact files, through the actions that people use."""

import csv
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models.signals import post_save

from trebbo.demo import builder, evidence, personas
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import (
    Cluster,
    Figure,
    Membership,
    Network,
    Recognition,
    ValueChain,
)
from trebbo.ecosystem.evidence.choices import ImportState, LinkState
from trebbo.ecosystem.evidence.models import (
    ClusterSummary,
    FundedProject,
    Import,
    Link,
    Participation,
    Statement,
)
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    Organisation,
    Profile,
    Technopole,
    Unit,
)
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

TABLES = {"organisations": Organisation, "technopoles": Technopole, "units": Unit,
          "clusters": Cluster}  # fmt: skip


def standing_in(table: str) -> Counter[str]:
    """How sure the rows of a fact file are."""
    return Counter(row["verified"] or "verified" for row in builder.rows(table))


def test_the_demonstration_is_built_once() -> None:
    """All facts, by actions, each as sure as its file says; the second time nothing happens."""
    assert builder.build() is True
    assert [table.objects.count() for table in (Cluster, Technopole, Unit, Organisation)] == [
        11,
        13,
        32,
        62,
    ]
    health = Counter(
        Membership.objects.filter(cluster__slug="clust-er-health").values_list("state", flat=True)
    )
    assert health[MembershipState.ACTIVE] == 16
    assert health == Counter(
        row["state"] for row in builder.rows("memberships") if row["cluster"] == "HEALTH"
    )
    _assert_standing_is_kept()
    _assert_everything_was_done_by_actions()
    _assert_the_evidence_lives()
    before = (AuditLine.objects.count(), Profile.objects.count())
    assert builder.build() is False
    assert (AuditLine.objects.count(), Profile.objects.count()) == before


def _assert_standing_is_kept() -> None:
    for table, model in TABLES.items():
        kept = Counter(model.objects.values_list("standing", flat=True))
        assert kept == standing_in(table), table
    assert Counter(Membership.objects.values_list("standing", flat=True)) == standing_in(
        "memberships"
    )
    assert Counter(ValueChain.objects.values_list("standing", flat=True)) == standing_in(
        "value_chains"
    )
    assert Counter(Recognition.objects.values_list("standing", flat=True)) == standing_in(
        "recognitions"
    )
    stated = [row for row in builder.rows("units") if row["accreditation"] != "unknown"]
    assert Accreditation.objects.count() == len(stated)
    assert Figure.objects.exclude(source="").count() == Figure.objects.count() > 0


def _assert_everything_was_done_by_actions() -> None:
    """Every profile has the line of its registration, in the agency's name."""
    lines = AuditLine.objects.filter(verb__in=("register_profile", "found_cluster"))
    registered = set(lines.values_list("subject_id", flat=True))
    assert registered == set(Profile.objects.values_list("pk", flat=True))
    assert set(lines.values_list("actor_label", flat=True)) == {personas.AGENCY.name}
    assert Network.objects.get(slug="clust-er").agency is not None


def _assert_the_evidence_lives() -> None:
    """The excerpt is the present edition; most bodies are linked, some wait to be judged."""
    imported = Import.objects.get()
    assert (imported.state, imported.is_present) == (ImportState.PUBLISHED, True)
    assert FundedProject.objects.count() == len(list(excerpt("project")))
    assert Participation.objects.count() == len(list(excerpt("organization")))
    states = Counter(Link.objects.filter(profile__isnull=False).values_list("state", flat=True))
    assert states[LinkState.MADE] >= 25
    assert states[LinkState.PROPOSED] >= 1
    health = Participation.objects.filter(profile__slug="clust-er-health")
    assert health.count() >= 3
    said = Counter(Statement.objects.values_list("verdict", flat=True))
    assert said == Counter(row["verdict"] for row in builder.rows("evidence_statements"))
    assert not Statement.objects.exclude(said_by__is_synthetic=True).exists()
    assert ClusterSummary.objects.count() == Cluster.objects.count()


def excerpt(member: str) -> Iterator[dict[str, str]]:
    """The rows of a member of the excerpt."""
    with (evidence.FACTS / f"{member}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter=";")


def test_an_interrupted_filling_is_taken_up() -> None:
    """Where the evidence did not get in, the registry stands, and the next start brings it."""

    def interrupt(**_saved: object) -> None:
        raise KeyboardInterrupt

    post_save.connect(interrupt, sender=Statement)
    try:
        with pytest.raises(KeyboardInterrupt):
            builder.build()
    finally:
        post_save.disconnect(interrupt, sender=Statement)
    assert Network.objects.exists()
    assert not builder.is_built()
    assert not Import.objects.exists()
    assert not FundedProject.objects.exists()
    before = Profile.objects.count()
    assert builder.build() is True
    assert builder.is_built()
    assert FundedProject.objects.exists()
    assert Profile.objects.count() == before
