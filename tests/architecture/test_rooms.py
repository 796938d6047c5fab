"""What the rooms of an area promise: actions know who acts, queries know who looks."""

import inspect

from tests.architecture.house import PACKAGE, areas, literals, public_functions, room
from trebbo.ecosystem.organisations.choices import VERB_LABELS

# What is the same whoever looks: words and conditions, and the making of the viewer itself.
NOBODY_LOOKS = {
    "trebbo.ecosystem.accounts.queries.held_on",
    "trebbo.ecosystem.accounts.queries.viewer_for",
    "trebbo.ecosystem.clusters.queries.kind_labels",
    "trebbo.ecosystem.clusters.queries.year_of",
    "trebbo.outlets.oversight.queries.database_answers",
    "trebbo.outlets.oversight.queries.verb_label",
}
# What changes nothing and asks for nobody: which vocabulary a file holds.
NOBODY_ACTS = {"trebbo.ecosystem.vocabularies.actions.recognise_vocabulary"}


def test_actions_take_keywords_and_an_actor() -> None:
    """One function per thing a person can do; never positional, always with who does it."""
    wrong, seen = [], 0
    for area in areas():
        module = room(area, "actions")
        for name, function in public_functions(module) if module else ():
            parameters = inspect.signature(function).parameters
            seen += 1
            if f"{area}.actions.{name}" in NOBODY_ACTS:
                continue
            keyword_only = all(
                parameter.kind in {parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD}
                for parameter in parameters.values()
            )
            if not keyword_only or "actor" not in parameters or "request" in parameters:
                wrong.append(f"{area}.actions.{name}")
    assert wrong == []
    assert seen > 0


def test_queries_take_a_viewer() -> None:
    """What is read depends on who looks."""
    blind, seen = set(), 0
    for area in areas():
        module = room(area, "queries")
        for name, function in public_functions(module) if module else ():
            seen += 1
            if "viewer" not in inspect.signature(function).parameters:
                blind.add(f"{area}.queries.{name}")
    assert blind == NOBODY_LOOKS
    assert seen > len(NOBODY_LOOKS)


def test_every_verb_of_the_trail_has_words() -> None:
    """What an action writes into the audit trail can be read by people, in both languages."""
    verbs = {verb for file in PACKAGE.rglob("*.py") for verb in literals(file, "verb")}
    assert verbs - set(VERB_LABELS) == set()
