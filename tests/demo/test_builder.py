"""The demonstration is filled from the fact files, through the actions that people use."""

from collections import Counter

import pytest
from django_tasks_db.models import DBTaskResult

from trebbo.demo import builder, personas
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import (
    Cluster,
    Figure,
    Membership,
    Network,
    Recognition,
    ValueChain,
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
    assert not DBTaskResult.objects.exists()
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
