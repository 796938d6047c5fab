"""Merging a term: what is united, what is kept, who may, and several at once."""

from datetime import date, timedelta

import pytest

from tests.concurrency import together
from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory
from tests.factories.skills import (
    CompetenceFactory,
    EvidenceFactory,
    OwnTermFactory,
    SuggestionFactory,
    editor_of,
)
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.sharing.skills import actions
from trebbo.sharing.skills.models import Competence, CompetenceEvidence, OwnTerm, Suggestion


def office() -> Viewer:
    """Somebody who runs some cluster."""
    return manager_of(ClusterFactory())


@pytest.mark.django_db
def test_every_competence_is_said_with_the_concept_from_now_on() -> None:
    term, concept = OwnTermFactory(), ConceptFactory()
    said = [CompetenceFactory(concept=None, term=term, direction=d) for d in ("offered", "sought")]
    other = CompetenceFactory(own=True)
    actions.merge_term(actor=office(), term_id=term.pk, concept_id=concept.pk)
    for competence in said:
        competence.refresh_from_db()
        assert (competence.concept, competence.term, competence.version) == (concept, None, 1)
        line = audit.history_of(Profile(pk=competence.profile_id)).get()
        assert (line.verb, line.actor_label) == ("merge_term", "Manager")
    other.refresh_from_db()
    term.refresh_from_db()
    assert other.term is not None
    assert (term.merged_into, term.merged_at) == (concept, NOW)


@pytest.mark.django_db
def test_where_the_body_has_the_concept_the_two_become_one_and_nothing_is_lost() -> None:
    lab, term, concept = OrganisationFactory(), OwnTermFactory(), ConceptFactory()
    kept = CompetenceFactory(
        profile=lab,
        concept=concept,
        level=2,
        people=3,
        note_it="uno",
        valid_from=date(2021, 1, 1),
        valid_until=date(2030, 1, 1),
    )
    gone = CompetenceFactory(
        profile=lab,
        concept=None,
        term=term,
        level=4,
        people=None,
        note_it="due",
        valid_from=date(2019, 1, 1),
        visibility="network",
        confirmed_at=NOW,
        due_date=NOW.date() + timedelta(days=365),
    )
    for competence, text in ((kept, "prova"), (gone, "prova"), (gone, "altra")):
        EvidenceFactory(competence=competence, text=text)
    suggestion = SuggestionFactory(profile=lab, decision="accepted", competence=gone)
    actions.merge_term(actor=office(), term_id=term.pk, concept_id=concept.pk)
    one = Competence.objects.get(profile=lab)
    assert one.pk == kept.pk
    assert (one.level, one.people, one.note_it) == (4, 3, "uno; due")
    assert (one.valid_from, one.valid_until) == (date(2019, 1, 1), None)
    assert (one.visibility, one.confirmed_at, one.version) == ("network", NOW, 2)
    assert sorted(one.evidence.values_list("text", flat=True)) == ["altra", "prova"]
    assert CompetenceEvidence.objects.count() == 2
    assert Suggestion.objects.get(pk=suggestion.pk).competence == kept


@pytest.mark.django_db
def test_doing_it_twice_changes_nothing_and_another_concept_is_refused() -> None:
    term, concept = OwnTermFactory(), ConceptFactory()
    CompetenceFactory(concept=None, term=term)
    for _n in range(2):
        actions.merge_term(actor=office(), term_id=term.pk, concept_id=concept.pk)
    assert audit.history_of(term).count() == 1
    with pytest.raises(Refusal, match=concept.label_it):
        actions.merge_term(actor=office(), term_id=term.pk, concept_id=ConceptFactory().pk)


@pytest.mark.django_db
def test_who_may_not_merge() -> None:
    competence, hidden = (
        CompetenceFactory(own=True),
        CompetenceFactory(own=True, visibility="hidden"),
    )
    MembershipFactory(profile=hidden.profile)  # no longer nobody's, whom any office looks after
    concept = ConceptFactory()
    for actor, said in ((editor_of(competence.profile), competence), (office(), hidden)):
        with pytest.raises(NotAllowed):
            actions.merge_term(actor=actor, term_id=said.term_id or 0, concept_id=concept.pk)
    with pytest.raises(actions.SkillsRefused):
        actions.merge_term(
            actor=office(),
            term_id=competence.term_id or 0,
            concept_id=ConceptFactory(is_gone=True).pk,
        )


@pytest.mark.django_db
def test_a_waiting_suggestion_of_the_concept_is_settled_by_it() -> None:
    waiting = SuggestionFactory()
    said = CompetenceFactory(profile=waiting.profile, own=True)
    actions.merge_term(actor=office(), term_id=said.term_id or 0, concept_id=waiting.concept_id)
    assert not Suggestion.objects.exists()


@pytest.mark.django_db
def test_a_term_merged_while_somebody_changes_its_competence() -> None:
    """The change lands on the concept; where two became one, both words are shown."""
    said = CompetenceFactory(own=True, note_it="prima")
    term = said.term
    assert term is not None
    concept = ConceptFactory()
    actions.merge_term(actor=office(), term_id=term.pk, concept_id=concept.pk)
    changes = {"term_it": term.label_it, "term_en": term.label_en, "note_it": "dopo"}
    actions.change_competence(
        actor=editor_of(said.profile), competence_id=said.pk, version=1, **changes
    )
    said.refresh_from_db()
    assert (said.concept, said.note_it) == (concept, "dopo")


@pytest.mark.django_db
def test_a_competence_united_with_another_while_somebody_changes_it() -> None:
    said = CompetenceFactory(own=True, note_it="prima")
    term = said.term
    assert term is not None
    concept = ConceptFactory()
    survivor = CompetenceFactory(profile=said.profile, concept=concept, note_it="sua")
    actions.merge_term(actor=office(), term_id=term.pk, concept_id=concept.pk)
    with pytest.raises(actions.CompetenceChanged) as caught:
        actions.change_competence(
            actor=editor_of(said.profile),
            competence_id=said.pk,
            version=1,
            profile_id=said.profile_id,
            term_it=term.label_it,
            note_it="dopo",
        )
    assert caught.value.competence == survivor
    assert caught.value.present["note_it"] == "sua; prima"


@pytest.mark.django_db(transaction=True)
def test_merging_while_members_state_with_the_term_leaves_nothing_behind() -> None:
    term, concept = OwnTermFactory(label_it="arte rara", label_en=""), ConceptFactory()
    labs = OrganisationFactory.create_batch(6)
    CompetenceFactory(profile=labs[0], concept=None, term=term)  # what shows the term to an office
    manager = office()

    def act(number: int) -> object:
        if number == 0:
            return actions.merge_term(actor=manager, term_id=term.pk, concept_id=concept.pk)
        lab = labs[number]
        return actions.state_competence(
            actor=editor_of(lab), profile_id=lab.pk, direction="offered", term_it="Arte rara"
        )

    outcomes = together(act)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert set(Competence.objects.values_list("concept", "term")) == {(concept.pk, None)}
    assert Competence.objects.count() == 6
    assert OwnTerm.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_terms_that_meet_at_one_body() -> None:
    lab, concept, manager = OrganisationFactory(), ConceptFactory(), office()
    terms = OwnTermFactory.create_batch(6)
    for level, term in enumerate(terms):
        CompetenceFactory(profile=lab, concept=None, term=term, level=level % 4 + 1)
    outcomes = together(
        lambda number: actions.merge_term(
            actor=manager, term_id=terms[number].pk, concept_id=concept.pk
        )
    )
    assert not [one for one in outcomes if isinstance(one, Exception)]
    one = Competence.objects.get(profile=lab)
    assert (one.concept, one.level) == (concept, 4)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_saves_and_the_others_are_told() -> None:
    competence = CompetenceFactory()
    outcomes = together(
        lambda number: actions.change_competence(
            actor=editor_of(competence.profile, label=f"P{number}"),
            competence_id=competence.pk,
            version=1,
            people=number + 1,
        )
    )
    told = [one for one in outcomes if isinstance(one, actions.CompetenceChanged)]
    (saved,) = [one for one in outcomes if isinstance(one, Competence)]
    assert len(told) == 5
    assert {conflict.present["people"] for conflict in told} == {saved.people}
