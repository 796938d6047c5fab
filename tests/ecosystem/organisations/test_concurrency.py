"""Several people who save the same profile at once, in threads with connections of their own."""

import pytest
from django.db import connection

from tests.concurrency import PEOPLE, together
from tests.factories.organisations import agency_person
from trebbo.ecosystem.organisations import actions
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.kernel import audit
from trebbo.kernel.errors import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_many_saves_and_the_others_are_told() -> None:
    organisation = actions.register_organisation(actor=agency_person(), name="Prima", kind="sme")
    outcomes = together(
        lambda number: actions.edit_profile(
            actor=agency_person(label=f"P{number}"),
            profile_id=organisation.pk,
            version=1,
            name=f"Nome {number}",
        )
    )
    conflicts = [o for o in outcomes if isinstance(o, actions.ProfileConflict)]
    (saved,) = [o for o in outcomes if isinstance(o, Profile)]
    assert len(conflicts) == PEOPLE - 1
    present = Profile.objects.get(pk=organisation.pk)
    assert (present.name, present.version) == (saved.name, 2)
    assert {conflict.others["name"].after for conflict in conflicts} == {saved.name}
    edits = audit.history_of(Profile(pk=organisation.pk)).filter(verb="edit_profile")
    assert edits.count() == 1


def test_changes_of_different_facts_are_all_kept() -> None:
    organisation = actions.register_organisation(actor=agency_person(), name="Prima", kind="sme")
    outcomes = together(
        lambda number: actions.add_other_name(
            actor=agency_person(), profile_id=organisation.pk, name=f"Altro {number}", kind="trade"
        )
    )
    assert not [o for o in outcomes if isinstance(o, Refusal)]
    present = Profile.objects.get(pk=organisation.pk)
    assert (present.other_names.count(), present.version) == (PEOPLE, PEOPLE + 1)
    steps = [
        tuple(line.changes["version"])
        for line in audit.history_of(present).filter(verb="add_other_name").order_by("pk")
    ]
    assert steps == [(n, n + 1) for n in range(1, PEOPLE + 1)]


def test_a_tax_code_is_taken_once() -> None:
    outcomes = together(
        lambda number: actions.register_organisation(
            actor=agency_person(), name=f"Nome {number}", kind="sme", tax_code="01234560371"
        )
    )
    refused = [o for o in outcomes if isinstance(o, Refusal)]
    assert len(refused) == PEOPLE - 1
    assert Organisation.objects.filter(tax_code="01234560371").count() == 1


def test_the_threads_really_share_a_database() -> None:
    Organisation.objects.all().delete()
    actions.register_organisation(actor=agency_person(), name="Prima", kind="sme")
    assert together(lambda _number: Organisation.objects.count()) == [1] * PEOPLE
    assert connection.vendor in {"sqlite", "postgresql"}
