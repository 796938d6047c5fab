"""Training on offer: offered, changed, ended; what is refused; what people find."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory, person
from tests.factories.skills import TrainingFactory, editor_of
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.sharing.skills import actions, queries
from trebbo.sharing.skills.models import TrainingOffer
from trebbo.sharing.skills.queries import TrainingWanted

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def offer(profile: Profile, **said: Any) -> TrainingOffer:
    """As its editor offers it."""
    actor = said.pop("actor", None) or editor_of(profile)
    return actions.offer_training(
        actor=actor, profile_id=profile.pk, **{"kind": "course", "title_it": "Corso", **said}
    )


def refused(act: Callable[[], object]) -> Refusal:
    """What the action said, and nothing was written."""
    before = TrainingOffer.objects.count()
    with pytest.raises(Refusal) as caught:
        act()
    assert TrainingOffer.objects.count() == before
    return caught.value


def titles(**wanted: Any) -> list[str]:
    """What a visitor finds."""
    rows = queries.training_list(TrainingWanted(**wanted), viewer=visitor(NOW))
    return [one.title_it for one in rows]


def test_a_training_body_offers_changes_and_ends() -> None:
    school, field = OrganisationFactory(), ConceptFactory()
    made = offer(school, hours=40, places=12, address="example.it", field_ids=[field.pk])
    assert (made.address, list(made.fields.all())) == ("https://example.it", [field])
    changed = actions.change_training(
        actor=editor_of(school), training_id=made.pk, version=1, places=20, field_ids=[]
    )
    assert (changed.places, changed.hours, changed.version) == (20, 40, 2)
    assert not changed.fields.exists()
    actions.end_training(actor=editor_of(school), training_id=made.pk)
    made.refresh_from_db()
    assert made.valid_until == TODAY - timedelta(days=1)
    verbs = [line.verb for line in audit.history_of(Profile(pk=school.pk)).order_by("pk")]
    assert verbs == ["offer_training", "change_training", "end_training"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"title_it": " \u0000 "}, "title_it"),
        ({"title_it": "x" * 301}, "title_it"),
        ({"description_it": "x" * 20_001}, "description_it"),
        ({"hours": 0}, "hours"),
        ({"places": -1}, "places"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"valid_from": date(2026, 9, 1), "valid_until": date(2026, 8, 1)}, "valid_until"),
        ({"valid_until": date(2026, 8, 1), "apply_by": date(2026, 9, 1)}, "apply_by"),
        ({"apply_by": date(206, 9, 1)}, "apply_by"),
        ({"field_ids": [10**9]}, "fields"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(said: dict[str, Any], field: str) -> None:
    assert list(refused(lambda: offer(OrganisationFactory(), **said)).fields) == [field]


def test_who_looks_after_somebody_else_may_not() -> None:
    made = TrainingFactory()
    for actor in (visitor(NOW), person(person_id=1), editor_of(OrganisationFactory())):
        for act in (
            lambda actor=actor: offer(made.profile, actor=actor),  # type: ignore[misc]
            lambda actor=actor: actions.end_training(actor=actor, training_id=made.pk),  # type: ignore[misc]
            lambda actor=actor: actions.change_training(  # type: ignore[misc]
                actor=actor, training_id=made.pk, version=1, places=1
            ),
        ):
            assert isinstance(refused(act), NotAllowed)


def test_the_second_who_saves_is_told() -> None:
    made = TrainingFactory()
    editor = editor_of(made.profile)
    actions.change_training(actor=editor, training_id=made.pk, version=1, places=5)
    conflict = refused(
        lambda: actions.change_training(actor=editor, training_id=made.pk, version=1, places=6)
    )
    assert isinstance(conflict, actions.TrainingChanged)
    assert (conflict.present["places"], conflict.version) == (5, 2)


def test_a_mistake_of_today_goes_and_of_yesterday_stays() -> None:
    wrong, old = TrainingFactory(), TrainingFactory(created_at=NOW - timedelta(days=2))
    actions.end_training(actor=editor_of(wrong.profile), training_id=wrong.pk, mistake=True)
    refused(
        lambda: actions.end_training(actor=editor_of(old.profile), training_id=old.pk, mistake=True)
    )
    assert list(TrainingOffer.objects.all()) == [old]


def test_what_people_find() -> None:
    bone = ConceptFactory(label_it="ossa", label_en="bones")
    TrainingFactory(title_it="Master ossa", kind="master", apply_by=TODAY).fields.add(bone)
    TrainingFactory(title_it="Corso", title_en="Welding", kind="course", apply_by=date(2026, 6, 1))
    TrainingFactory(
        title_it="Finito", valid_until=date(2026, 6, 14), apply_by=None, valid_from=None
    )
    TrainingFactory(title_it="Senza date", valid_from=None, valid_until=None, apply_by=None)
    TrainingFactory(title_it="Nascosto", visibility="network")
    TrainingFactory(title_it="Ente nascosto", profile=OrganisationFactory(visibility="hidden"))
    assert titles() == ["Corso", "Master ossa", "Senza date"]
    assert titles(only_open=True) == ["Master ossa", "Senza date"]
    assert titles(kind="course") == ["Corso"]
    assert titles(words="bones") == ["Master ossa"]
    assert titles(words="master BONES") == ["Master ossa"]
    assert titles(words="welding") == ["Corso"]
    assert titles(words="niente") == []
