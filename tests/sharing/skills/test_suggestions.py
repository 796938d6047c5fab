"""What is suggested to a body, by evidence and by text, and what its people decide."""

import pytest

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.evidence import FundedProjectFactory, ImportFactory, ParticipationFactory
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    ItemFactory,
    OrganisationFactory,
)
from tests.factories.skills import CompetenceFactory, SuggestionFactory, editor_of
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.organisations.actions import ItemText, add_other_name, replace_items
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine
from trebbo.sharing.skills import actions, gateway, queries
from trebbo.sharing.skills.gateway import Words
from trebbo.sharing.skills.models import Competence, Suggestion

pytestmark = pytest.mark.django_db


@pytest.fixture
def top() -> Concept:
    """The top of the hierarchy, which is never suggested."""
    concept: Concept = ConceptFactory(label_it="ingegneria", label_en="engineering")
    return concept


@pytest.fixture
def bone(top: Concept) -> Concept:
    """A field with names in both languages."""
    concept: Concept = ConceptFactory(
        broader=top, label_it="rigenerazione ossea", label_en="bone regeneration"
    )
    return concept


def suggest(profile: Profile) -> int:
    """As the installation's job does."""
    return actions.suggest_competences(actor=installation(NOW), profile_id=profile.pk)


def told(profile: Profile) -> dict[int, Suggestion]:
    """What waits for the profile's people, by concept."""
    rows = queries.waiting_suggestions(profile, viewer=editor_of(profile))
    return {one.concept_id: one for one in rows}


def project_in(profile: Profile, *fields: Concept, **values: object) -> object:
    """A part of the profile in a project of these fields."""
    project = FundedProjectFactory(**values)
    project.fields.set(fields)
    return ParticipationFactory(profile=profile, project=project)


def test_fields_of_projects_are_suggested_with_their_projects(top: Concept, bone: Concept) -> None:
    lab, rare = OrganisationFactory(visibility="hidden"), ConceptFactory(broader=top)
    for n in range(3):
        project_in(lab, top, bone, acronym=f"OSSO{n}")
    project_in(lab, rare, acronym="RARO")
    project_in(OrganisationFactory(), ConceptFactory(broader=top))
    assert suggest(lab) == 2
    found = told(lab)
    assert list(found) == [bone.pk, rare.pk]
    assert found[bone.pk].reasons["count"] == 3
    assert {name for _key, name in found[bone.pk].reasons["projects"]} == {
        "OSSO0",
        "OSSO1",
        "OSSO2",
    }
    assert found[bone.pk].origin == "evidence"
    assert 0 < found[rare.pk].score < found[bone.pk].score < 1
    assert suggest(lab) == 0
    assert audit.history_of(Profile(pk=lab.pk)).count() == 1


def test_what_the_body_hid_or_corrected_is_respected(bone: Concept, top: Concept) -> None:
    lab, wrong, right = (
        OrganisationFactory(),
        ConceptFactory(broader=top),
        ConceptFactory(broader=top),
    )
    hidden_part = project_in(lab, ConceptFactory(broader=top))
    project_in(lab, bone, wrong)
    for fact in (
        {"participation": hidden_part, "verdict": "hidden"},
        {"concept": bone, "verdict": "hidden"},
        {"concept": wrong, "verdict": "corrected", "instead": right},
    ):
        Statement.objects.create(profile=lab, said_at=NOW, **fact)  # type: ignore[misc]
    suggest(lab)
    assert list(told(lab)) == [right.pk]


def test_projects_that_the_present_edition_no_longer_has_count_for_nothing(bone: Concept) -> None:
    lab = OrganisationFactory()
    project_in(lab, bone, gone_import=ImportFactory())
    assert suggest(lab) == 0


def test_what_is_refused_accepted_or_stated_is_not_brought_up_again(top: Concept) -> None:
    lab = OrganisationFactory()
    refused, accepted, stated, ended, new = ConceptFactory.create_batch(5, broader=top)
    project_in(lab, refused, accepted, stated, ended, new)
    SuggestionFactory(profile=lab, concept=refused, decision="refused")
    SuggestionFactory(profile=lab, concept=accepted, decision="accepted")
    CompetenceFactory(profile=lab, concept=stated)
    CompetenceFactory(profile=lab, concept=ended, valid_until=NOW.date().replace(year=2020))
    suggest(lab)
    assert list(told(lab)) == [new.pk]


def test_what_nothing_supports_any_more_goes_and_decisions_stay(bone: Concept) -> None:
    lab = OrganisationFactory()
    SuggestionFactory(profile=lab)
    kept = SuggestionFactory(profile=lab, decision="refused")
    suggest(lab)
    assert list(Suggestion.objects.filter(profile=lab)) == [kept]


def test_the_text_suggests_in_either_language_with_the_words_that_led_to_it(bone: Concept) -> None:
    for text_it, text_en, word in (
        ("Rigenerazione ossea dopo l'intervento", "", "rigenerazione"),
        ("", "Bone regeneration after surgery", "bone"),
    ):
        lab = OrganisationFactory()
        ItemFactory(profile=lab, text_it=text_it, text_en=text_en)
        suggest(lab)
        (suggestion,) = told(lab).values()
        assert (suggestion.concept, suggestion.origin) == (bone, "text")
        assert word in " ".join(suggestion.reasons["words"])


def test_the_fields_of_a_text_follow_the_vocabulary(top: Concept) -> None:
    asked = [Words("Prove di fatica su valvole cardiache", "it")]
    assert gateway.fields_of_text(asked) == []
    valves = ConceptFactory(broader=top, label_it="valvole cardiache", label_en="heart valves")
    assert [one.concept_id for one in gateway.fields_of_text(asked)] == [valves.pk]
    Concept.objects.filter(pk=valves.pk).update(is_gone=True)
    assert valves.pk not in {one.concept_id for one in gateway.fields_of_text(asked)}
    assert gateway.fields_of_text([Words("  ", "it")]) == []


def test_what_examples_say_is_learned(top: Concept) -> None:
    fields = ConceptFactory.create_batch(2, broader=top)
    for n in range(20):
        for field, text in zip(fields, ("scaffolds for tissue", "robots in welding"), strict=True):
            project_in(OrganisationFactory(), field, title=f"{text} {n}", objective=text)
    found = gateway.fields_of_text([Words("We print scaffolds for tissue", "en")])
    assert [one.concept_id for one in found][:1] == [fields[0].pk]
    assert "scaffolds" in found[0].words


def test_accepting_states_and_confirms_with_the_projects_behind_it(bone: Concept) -> None:
    lab, ada = OrganisationFactory(), PersonFactory()
    part = project_in(lab, bone)
    suggest(lab)
    (waiting,) = told(lab).values()
    actor = editor_of(lab, person_id=ada.pk)
    actions.decide_suggestion(actor=actor, suggestion_id=waiting.pk, decision="accepted")
    competence = Competence.objects.get()
    assert (competence.concept, competence.origin, competence.confirmed_at) == (
        bone,
        "evidence",
        NOW,
    )
    assert [row.project_id for row in competence.evidence.all()] == [part.project_id]  # type: ignore[attr-defined]
    assert suggest(lab) == 0
    last = queries.last_suggestion(lab, viewer=actor)
    assert (last, last and last.competence) == (waiting, competence)
    actions.undo_suggestion(actor=actor, suggestion_id=waiting.pk)
    assert not Competence.objects.exists()
    assert list(told(lab)) == [bone.pk]


def test_a_refusal_is_kept_and_may_be_taken_back() -> None:
    waiting = SuggestionFactory()
    editor = editor_of(waiting.profile)
    actions.decide_suggestion(actor=editor, suggestion_id=waiting.pk, decision="refused")
    with pytest.raises(Refusal, match="già rifiutato"):
        actions.decide_suggestion(actor=editor, suggestion_id=waiting.pk, decision="accepted")
    assert not Competence.objects.exists()
    actions.undo_suggestion(actor=editor, suggestion_id=waiting.pk)
    with pytest.raises(actions.SkillsRefused):
        actions.undo_suggestion(actor=editor, suggestion_id=waiting.pk)
    assert Suggestion.objects.get().decision == "waiting"


def test_what_was_changed_since_is_not_undone() -> None:
    waiting = SuggestionFactory()
    editor = editor_of(waiting.profile)
    done = actions.decide_suggestion(actor=editor, suggestion_id=waiting.pk, decision="accepted")
    assert done.competence is not None
    actions.change_competence(actor=editor, competence_id=done.competence.pk, version=1, level=4)
    with pytest.raises(actions.SkillsRefused):
        actions.undo_suggestion(actor=editor, suggestion_id=waiting.pk)
    assert Competence.objects.get().level == 4


def test_only_who_looks_after_the_body_decides() -> None:
    waiting = SuggestionFactory()
    before = AuditLine.objects.count()
    for actor in (visitor(NOW), installation(NOW), editor_of(OrganisationFactory())):
        with pytest.raises(NotAllowed):
            actions.decide_suggestion(actor=actor, suggestion_id=waiting.pk, decision="accepted")
        with pytest.raises(NotAllowed):
            actions.undo_suggestion(actor=actor, suggestion_id=waiting.pk)
    with pytest.raises(actions.SkillsRefused):
        actions.decide_suggestion(
            actor=editor_of(waiting.profile), suggestion_id=waiting.pk, decision="perhaps"
        )
    assert AuditLine.objects.count() == before


class TestNews:
    """Suggestions follow the news from below, where somebody acts for the body."""

    @pytest.fixture(autouse=True)
    def _fields(self, bone: Concept) -> None:
        self.bone = bone

    def test_evidence(self) -> None:
        kept, nobodys = OrganisationFactory(), OrganisationFactory()
        MandateFactory(profile=kept)
        for profile in (kept, nobodys):
            project_in(profile, self.bone)
            evidence_changed.send(sender=None, profile_id=profile.pk)
        assert [one.profile_id for one in Suggestion.objects.all()] == [kept.pk]

    def test_an_import(self) -> None:
        kept = OrganisationFactory()
        MandateFactory(profile=kept)
        project_in(kept, self.bone)
        evidence_published.send(sender=None, import_id=1)
        assert Suggestion.objects.get().profile_id == kept.pk

    def test_the_text_of_the_profile_and_nothing_else(
        self, django_capture_on_commit_callbacks: object
    ) -> None:
        kept = OrganisationFactory()
        MandateFactory(profile=kept)
        ItemFactory(profile=kept, text_it="Rigenerazione ossea", text_en="")
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            add_other_name(actor=editor_of(kept), profile_id=kept.pk, name="K", kind="short")
        assert not Suggestion.objects.exists()
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            replace_items(
                actor=editor_of(kept),
                profile_id=kept.pk,
                section="service",
                items=[ItemText("Prove", "")],
            )
        assert Suggestion.objects.get().concept == self.bone
