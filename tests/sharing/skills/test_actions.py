"""Stating, changing, ending and confirming competences: who may, what is refused, what is kept."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.factories.accounts import PersonFactory
from tests.factories.evidence import FundedProjectFactory, ParticipationFactory
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    ItemFactory,
    OrganisationFactory,
    SchemeFactory,
    person,
)
from tests.factories.skills import (
    CompetenceFactory,
    EvidenceFactory,
    OwnTermFactory,
    SuggestionFactory,
    editor_of,
)
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.organisations.actions import ItemText, replace_items
from trebbo.ecosystem.organisations.models import Accreditation, Profile
from trebbo.kernel import audit
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine
from trebbo.sharing.skills import actions, queries
from trebbo.sharing.skills.events import competences_changed
from trebbo.sharing.skills.models import Competence, CompetenceEvidence, OwnTerm, Suggestion

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
PASTED = "Ana\u00adlisi  delle\u200b vibra\u00a0zioni\r\n"


def state(profile: Profile, **said: Any) -> Competence:
    """As its editor states it."""
    actor = said.pop("actor", None) or editor_of(profile)
    if not ({"concept_id", "term_it", "term_en"} & set(said)):
        said["concept_id"] = ConceptFactory().pk
    return actions.state_competence(
        actor=actor, profile_id=profile.pk, **{"direction": "offered", **said}
    )


def refused(act: Callable[[], object]) -> Refusal:
    """What the action said, and nothing was written."""
    tables = (Competence, CompetenceEvidence, OwnTerm, AuditLine)
    before = [table._default_manager.count() for table in tables]
    with pytest.raises(Refusal) as caught:
        act()
    assert [table._default_manager.count() for table in tables] == before
    return caught.value


def test_a_member_states_a_competence_with_all_that_stands_behind_it() -> None:
    lab, concept, ada = OrganisationFactory(), ConceptFactory(), PersonFactory()
    part = ParticipationFactory(profile=lab)
    item = ItemFactory(profile=lab, section="equipment", text_it="Microscopio", text_en="")
    accreditation = Accreditation.objects.create(profile=lab, act="DGR 1")
    stated = state(
        lab,
        actor=editor_of(lab, person_id=ada.pk),
        concept_id=concept.pk,
        level=4,
        people=12,
        note_it="  Da vent'anni\n in sala  ",
        valid_from=date(2020, 1, 1),
        proofs=actions.Proofs(
            (part.project_id,),
            (accreditation.pk,),
            (item.pk,),
            (actions.OtherProof("Brevetto", "example.org/p"),),
        ),
    )
    stated.refresh_from_db()
    assert (stated.concept, stated.level, stated.people, stated.note_it) == (
        concept,
        4,
        12,
        "Da vent'anni in sala",
    )
    assert (stated.confirmed_at, stated.confirmed_by_id) == (NOW, ada.pk)
    assert stated.due_date == TODAY + timedelta(days=365)
    behind = {row.kind: row for row in stated.evidence.all()}
    assert behind["project"].project == part.project
    assert behind["accreditation"].accreditation == accreditation
    assert (behind["equipment"].item, behind["equipment"].text) == (item, "Microscopio")
    assert (behind["other"].text, behind["other"].address) == ("Brevetto", "https://example.org/p")
    (line,) = audit.history_of(Profile(pk=lab.pk))
    assert (line.verb, line.actor_label) == ("state_competence", "Ada")
    assert line.changes["level"] == [
        "",
        {"it": "Riferimento per altri", "en": "Reference for others"},
    ]


def test_who_looks_after_somebody_else_may_not() -> None:
    lab, other = OrganisationFactory(), OrganisationFactory()
    competence = CompetenceFactory(profile=lab)
    for actor in (visitor(NOW), person(person_id=1), editor_of(other)):
        attempts: list[Callable[[], object]] = [
            lambda actor=actor: state(lab, actor=actor),  # type: ignore[misc]
            lambda actor=actor: actions.change_competence(  # type: ignore[misc]
                actor=actor, competence_id=competence.pk, version=1, level=1
            ),
            lambda actor=actor: actions.end_competence(  # type: ignore[misc]
                actor=actor, competence_id=competence.pk
            ),
            lambda actor=actor: actions.confirm_competences(actor=actor, profile_id=lab.pk),  # type: ignore[misc]
            lambda actor=actor: actions.suggest_competences(actor=actor, profile_id=lab.pk),  # type: ignore[misc]
        ]
        for attempt in attempts:
            assert isinstance(refused(attempt), NotAllowed)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"level": 9}, "level"),
        ({"people": 0}, "people"),
        ({"people": -3}, "people"),
        ({"people": 10**9}, "people"),
        ({"visibility": "moon"}, "visibility"),
        ({"note_it": "x" * 2_001}, "note_it"),
        ({"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 1)}, "valid_until"),
        ({"valid_from": date(1026, 2, 1)}, "valid_from"),
        ({"concept_id": None, "term_it": "\u0007 \u00ad\n"}, "concept"),
        ({"concept_id": 10**9}, "concept"),
        ({"concept_id": None, "term_it": "x" * 201}, "term_it"),
        (
            {"proofs": actions.Proofs(others=(actions.OtherProof("", "example.org"),))},
            "other_text_1",
        ),
        (
            {"proofs": actions.Proofs(others=(actions.OtherProof("A", "javascript:x"),))},
            "other_link_1",
        ),
        ({"proofs": actions.Proofs(others=(actions.OtherProof("x" * 301),))}, "evidence"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(said: dict[str, Any], field: str) -> None:
    refusal = refused(lambda: state(OrganisationFactory(), **said))
    assert list(refusal.fields) == [field]


def test_all_that_is_wrong_is_told_at_once() -> None:
    refusal = refused(lambda: state(OrganisationFactory(), people=0, level=7))
    assert set(refusal.fields) == {"people", "level"}


def test_a_concept_and_own_words_together_are_refused() -> None:
    concept = ConceptFactory()
    act = lambda: state(OrganisationFactory(), concept_id=concept.pk, term_it="arte")  # noqa: E731
    assert "concept" in refused(act).fields


def test_a_concept_of_another_vocabulary_or_gone_from_its_own_is_refused() -> None:
    sector = ConceptFactory(scheme=SchemeFactory(code="nace_rev2"))
    gone = ConceptFactory(is_gone=True, label_it="alchimia")
    for concept in (sector, gone):
        refusal = refused(lambda key=concept.pk: state(OrganisationFactory(), concept_id=key))  # type: ignore[misc]
        assert list(refusal.fields) == ["concept"]
    assert "alchimia" in refusal.message


def test_what_is_said_with_a_concept_that_is_gone_can_still_be_changed() -> None:
    competence = CompetenceFactory(concept=ConceptFactory(is_gone=True))
    changed = actions.change_competence(
        actor=editor_of(competence.profile),
        competence_id=competence.pk,
        version=1,
        concept_id=competence.concept_id,
        level=1,
    )
    assert (changed.level, changed.concept_id) == (1, competence.concept_id)


def test_evidence_of_others_or_hidden_is_refused() -> None:
    lab, other = OrganisationFactory(), OrganisationFactory()
    theirs, hidden = ParticipationFactory(profile=other), ParticipationFactory(profile=lab)
    Statement.objects.create(profile=lab, participation=hidden, verdict="hidden", said_at=NOW)
    service = ItemFactory(profile=lab, section="service")
    theirs_too = ItemFactory(profile=other, section="equipment")
    accreditation = Accreditation.objects.create(profile=other)
    for proofs, field in (
        (actions.Proofs(projects=(theirs.project_id,)), "projects"),
        (actions.Proofs(projects=(hidden.project_id,)), "projects"),
        (actions.Proofs(accreditations=(accreditation.pk,)), "accreditations"),
        (actions.Proofs(items=(service.pk,)), "items"),
        (actions.Proofs(items=(theirs_too.pk,)), "items"),
    ):
        assert list(refused(lambda p=proofs: state(lab, proofs=p)).fields) == [field]  # type: ignore[misc]


def test_a_project_that_is_hidden_later_is_no_longer_shown_and_comes_back() -> None:
    lab = OrganisationFactory()
    part = ParticipationFactory(profile=lab)
    stated = state(lab, proofs=actions.Proofs(projects=(part.project_id,)))
    word = Statement.objects.create(profile=lab, participation=part, verdict="hidden", said_at=NOW)
    shown = queries.shown_evidence(viewer=visitor(NOW)).filter(competence=stated)
    assert not shown.exists()
    # Saving meanwhile leaves it where it is.
    actions.change_competence(
        actor=editor_of(lab),
        competence_id=stated.pk,
        version=1,
        proofs=actions.Proofs(others=(actions.OtherProof("altro"),)),
    )
    word.delete()
    assert set(shown.values_list("kind", flat=True)) == {"project", "other"}


def test_equipment_that_is_written_anew_still_stands_behind_a_competence() -> None:
    lab = OrganisationFactory()
    item = ItemFactory(profile=lab, section="equipment", text_it="Forno", text_en="")
    stated = state(lab, proofs=actions.Proofs(items=(item.pk,)))
    replace_items(
        actor=editor_of(lab),
        profile_id=lab.pk,
        section="equipment",
        items=[ItemText("Forno 2", "")],
    )
    row = stated.evidence.get()
    assert (row.item, row.text) == (None, "Forno")


def test_pasted_words_become_clean_and_the_same_words_the_same_term() -> None:
    one, two = OrganisationFactory(), OrganisationFactory()
    first = state(one, term_it=PASTED)
    second = state(two, term_it="analisi delle vibra zioni", term_en="Vibration analysis")
    assert first.term_id == second.term_id
    assert OwnTerm.objects.get().label_it == "Analisi delle vibra zioni"


def test_half_a_term_said_to_few_does_not_give_away_its_other_language() -> None:
    held = CompetenceFactory(own=True, visibility="hidden")
    assert held.term is not None
    assert held.term.label_en
    words = {"term_it": held.term.label_it}
    assert state(OrganisationFactory(), **words).term.label_en == ""
    assert state(held.profile, direction="sought", **words).term_id == held.term_id


def test_a_merged_term_lands_on_its_concept() -> None:
    concept = ConceptFactory()
    OwnTermFactory(label_it="Osso", label_en="", merged_into=concept, merged_at=NOW)
    stated = state(OrganisationFactory(), term_it="osso")
    assert (stated.concept, stated.term) == (concept, None)


def test_what_is_stated_already_is_refused_and_what_ended_begins_anew() -> None:
    lab, concept = OrganisationFactory(), ConceptFactory()
    old = state(lab, concept_id=concept.pk, level=2, note_it="allora")
    assert list(refused(lambda: state(lab, concept_id=concept.pk)).fields) == ["concept"]
    state(lab, concept_id=concept.pk, direction="sought")
    actions.end_competence(actor=editor_of(lab), competence_id=old.pk)
    again = state(lab, concept_id=concept.pk, valid_from=TODAY)
    again.refresh_from_db()
    assert (again.pk, again.valid_from, again.valid_until) == (old.pk, TODAY, None)
    assert (again.level, again.note_it) == (None, "")


def test_the_second_who_saves_is_told_and_nothing_is_written() -> None:
    competence = CompetenceFactory(note_it="prima")
    ada, bob = (editor_of(competence.profile, label=name) for name in ("Ada", "Bob"))
    actions.change_competence(actor=ada, competence_id=competence.pk, version=1, note_it="di Ada")
    act = lambda: actions.change_competence(  # noqa: E731
        actor=bob, competence_id=competence.pk, version=1, note_it="di Bob", level=1
    )
    conflict = refused(act)
    assert isinstance(conflict, actions.CompetenceChanged)
    assert (conflict.present["note_it"], conflict.version) == ("di Ada", 2)
    competence.refresh_from_db()
    assert (competence.note_it, competence.level) == ("di Ada", 3)


def test_confirming_disturbs_nobody_who_is_writing() -> None:
    competence = CompetenceFactory(standing="inferred")
    actor = editor_of(competence.profile)
    assert actions.confirm_competences(actor=actor, profile_id=competence.profile_id) == 1
    competence.refresh_from_db()
    assert (competence.standing, competence.confirmed_at, competence.version) == (
        "verified",
        NOW,
        1,
    )
    actions.change_competence(actor=actor, competence_id=competence.pk, version=1, level=1)


def test_one_press_confirms_all_that_is_not_over_in_one_line() -> None:
    lab = OrganisationFactory()
    CompetenceFactory.create_batch(2, profile=lab)
    CompetenceFactory(profile=lab, valid_until=TODAY - timedelta(days=1))
    CompetenceFactory()
    assert actions.confirm_competences(actor=editor_of(lab), profile_id=lab.pk) == 2
    assert audit.history_of(Profile(pk=lab.pk)).get().verb == "confirm_competence"
    assert (
        actions.confirm_competences(actor=editor_of(lab), profile_id=lab.pk, competence_ids=[0])
        == 0
    )


def test_what_ends_stays_and_what_was_a_mistake_of_today_goes() -> None:
    lab = OrganisationFactory()
    kept = CompetenceFactory(profile=lab, created_at=NOW - timedelta(days=9))
    wrong = CompetenceFactory(profile=lab)
    editor = editor_of(lab)
    refused(lambda: actions.end_competence(actor=editor, competence_id=kept.pk, mistake=True))
    actions.end_competence(actor=editor, competence_id=kept.pk)
    actions.end_competence(actor=editor, competence_id=wrong.pk, mistake=True)
    kept.refresh_from_db()
    assert kept.valid_until == TODAY - timedelta(days=1)
    assert not Competence.objects.filter(pk=wrong.pk).exists()
    assert "skill" in refused_history(lab)


def refused_history(profile: Profile) -> set[str]:
    """The fields of which the profile's history tells."""
    return {name for line in audit.history_of(Profile(pk=profile.pk)) for name in line.changes}


def test_it_cannot_end_before_it_began() -> None:
    competence = CompetenceFactory(valid_from=TODAY)
    act = lambda: actions.end_competence(  # noqa: E731
        actor=editor_of(competence.profile), competence_id=competence.pk
    )
    assert list(refused(act).fields) == ["last_day"]


def test_changing_what_it_is_about_and_what_stands_behind_it() -> None:
    competence = CompetenceFactory(own=True)
    EvidenceFactory(competence=competence, text="via")
    concept = ConceptFactory()
    actions.change_competence(
        actor=editor_of(competence.profile),
        competence_id=competence.pk,
        version=1,
        concept_id=concept.pk,
        proofs=actions.Proofs(others=(actions.OtherProof("resta"),)),
    )
    competence.refresh_from_db()
    assert (competence.concept, competence.term) == (concept, None)
    assert [row.text for row in competence.evidence.all()] == ["resta"]


def test_what_is_stated_is_no_longer_suggested() -> None:
    waiting = SuggestionFactory()
    state(waiting.profile, concept_id=waiting.concept_id)
    assert not Suggestion.objects.exists()


def test_the_news_goes_out_once_it_is_sure(django_capture_on_commit_callbacks: Any) -> None:
    told: list[int] = []
    lab = OrganisationFactory()

    def listen(*, profile_id: int, **_more: Any) -> None:
        told.append(profile_id)

    competences_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            state(lab)
        with django_capture_on_commit_callbacks(execute=True):
            refused(lambda: state(lab, people=0))
    finally:
        competences_changed.disconnect(listen)
    assert told == [lab.pk]


def test_refusals_speak_both_languages() -> None:
    with translation.override("en"):
        english = refused(lambda: state(OrganisationFactory(), people=0)).message
    italian = refused(lambda: state(OrganisationFactory(), people=0)).message
    assert english.startswith("A whole number")
    assert italian.startswith("Un numero intero")


def test_a_project_twice_counts_once() -> None:
    lab = OrganisationFactory()
    project = FundedProjectFactory()
    for _n in range(2):
        ParticipationFactory(profile=lab, project=project)
    stated = state(lab, proofs=actions.Proofs(projects=(project.pk, project.pk)))
    assert stated.evidence.count() == 1
