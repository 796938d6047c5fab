"""Who sees, states, decides and merges what of skills: on objects and on rows alike."""

from typing import Any

import pytest

from tests.factories.skills import (
    CompetenceFactory,
    OwnTermFactory,
    SuggestionFactory,
    TrainingFactory,
)
from tests.sharing.world import LOOK_AFTER, OFFICES, World, assert_alike, seen
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.policies import Rule
from trebbo.sharing.skills.models import Competence, OwnTerm, Suggestion, TrainingOffer
from trebbo.sharing.skills.policies import (
    decide_suggestion,
    merge_term,
    state_skills,
    view_competence,
    view_training,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("profile", Visibility.values)
@pytest.mark.parametrize("fact", Visibility.values)
def test_who_sees_a_fact_as_far_as_its_profile_is_seen(profile: str, fact: str) -> None:
    world = World(profile)
    competence = CompetenceFactory(profile=world.lab, visibility=fact)
    offer = TrainingFactory(profile=world.lab, visibility=fact)
    expected = seen(profile, fact, set(world.people))
    assert world.who(view_competence, competence) == expected
    assert world.who(view_training, offer) == expected


def test_who_states_and_who_decides() -> None:
    world = World()
    suggestion = SuggestionFactory(profile=world.lab)
    lab = Profile.objects.get(pk=world.lab.pk)
    assert world.who(state_skills, lab) == LOOK_AFTER
    assert world.who(decide_suggestion, suggestion) == LOOK_AFTER


def test_who_merges_a_term() -> None:
    world = World()
    terms = {name: OwnTermFactory() for name in ("unused", "public", "network", "hidden")}
    for name in ("public", "network", "hidden"):
        CompetenceFactory(profile=world.lab, concept=None, term=terms[name], visibility=name)
    assert world.who(merge_term, terms["unused"]) == set()
    for name in ("public", "network"):
        assert world.who(merge_term, terms[name]) == OFFICES, name
    assert world.who(merge_term, terms["hidden"]) == OFFICES - {"office of another cluster"}


def test_rules_say_the_same_of_objects_and_of_rows() -> None:
    worlds = [World(visibility) for visibility in Visibility.values]
    for world in worlds:
        for visibility in Visibility.values:
            CompetenceFactory(profile=world.lab, visibility=visibility)
            CompetenceFactory(profile=world.lab, visibility=visibility, own=True)
            TrainingFactory(profile=world.lab, visibility=visibility)
        SuggestionFactory(profile=world.lab)
    OwnTermFactory()
    tables: list[tuple[Rule[Any], Any]] = [
        (view_competence, Competence),
        (view_training, TrainingOffer),
        (decide_suggestion, Suggestion),
        (merge_term, OwnTerm),
    ]
    for rule, table in tables:
        assert_alike(rule, table, worlds[0].people)
