"""A cluster's office defines how readiness is told, and an idea has its level on that scale."""

from typing import Any

import pytest

from tests.sharing.ideas.market_place import Market, at, days, now, trail
from trebbo.kernel import audit
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Idea, ReadinessLevel

pytestmark = pytest.mark.django_db

SCALE = {0: ("Idea", "Idea"), 1: ("Squadra", "Team"), 2: ("Bozza", "Draft")}


def define(market: Market, levels: Any = SCALE, actor: Any = None) -> list[ReadinessLevel]:
    """Defined by the office of the cluster, if by nobody else."""
    return actions.define_readiness(
        actor=actor or market.office, cluster_id=market.cluster.pk, levels=levels
    )


def set_level(market: Market, idea: Idea, level: Any, actor: Any = None, **given: Any) -> Idea:
    """Set by the keeper, in the version that is kept now."""
    return actions.set_readiness(
        actor=actor or market.keeper,
        idea_id=idea.pk,
        level_id=level.pk if level else None,
        **{"version": now(idea).version, **given},
    )


def scale(market: Market) -> list[tuple[int, str, bool]]:
    """The rows of the cluster's scale."""
    rows = ReadinessLevel.objects.filter(cluster=market.cluster).order_by("number")
    return list(rows.values_list("number", "label_it", "is_gone"))


def test_only_the_office_and_the_agency_define_the_scale() -> None:
    market = Market()
    defined = set()
    for who, viewer in market.people().items():
        try:
            define(market, actor=viewer)
        except NotAllowed:
            continue
        defined.add(who)
    assert defined == {"office", "agency"}
    assert scale(market) == [(0, "Idea", False), (1, "Squadra", False), (2, "Bozza", False)]


@pytest.mark.parametrize(
    "levels",
    [{-1: ("a", "")}, {21: ("a", "")}, {1: ("", "")}, {1: (" ", "\u200b")}, {1: ("x" * 201, "")}],
    ids=str,
)
def test_a_scale_that_is_none_is_refused_whole(levels: Any) -> None:
    market = Market()
    define(market)
    with pytest.raises(actions.IdeaRefused) as caught:
        define(market, {0: ("Nuovo", ""), **levels})
    assert set(caught.value.fields) == {"levels"}
    assert scale(market)[0] == (0, "Idea", False)


def test_a_level_that_is_gone_stays_for_its_ideas_and_is_given_to_no_other() -> None:
    market = Market()
    _idea, team, _draft = define(market)
    at_it, other = market.open(), market.open()
    set_level(market, at_it, team)
    define(market, {0: ("Idea", ""), 2: ("Bozza nuova", "")})
    assert scale(market) == [(0, "Idea", False), (1, "Squadra", True), (2, "Bozza nuova", False)]
    assert now(at_it).readiness == team
    with pytest.raises(actions.IdeaRefused) as caught:
        set_level(market, other, team)
    assert set(caught.value.fields) == {"level"}
    define(market)
    assert set_level(market, other, team).readiness == team


def test_a_level_is_dated_with_who_set_it_and_its_note() -> None:
    market = Market()
    first, team, _draft = define(market)
    idea = market.open()
    set_level(market, idea, first, at(market.keeper, days(1)), note="Segretissima")
    set_level(market, idea, team, at(market.office, days(2)))
    set_level(market, idea, None, at(market.keeper, days(3)))
    steps = list(idea.steps.filter(kind="readiness").order_by("pk"))
    assert [(step.note, step.at, step.label) for step in steps] == [
        ("0: Segretissima", days(1), "Kira Keeper"),
        ("1", days(2), "Olga Office"),
        ("–", days(3), "Kira Keeper"),
    ]
    assert now(idea).readiness is None
    line = trail(idea)[-2]
    assert [audit.in_page_language(one) for one in line.changes["readiness"]] == [
        "0: Idea",
        "1: Squadra",
    ]
    assert line.changes["readiness"][1] == {"it": "1: Squadra", "en": "1: Team"}
    assert "Segretissima" not in str([one.changes for one in trail(idea)])


def test_another_clusters_level_is_none_and_others_set_none() -> None:
    market = Market()
    idea = market.open("public")
    own = define(market)[0]
    theirs = ReadinessLevel.objects.create(cluster=market.sister, number=1, label_it="Loro")
    with pytest.raises(actions.IdeaRefused):
        set_level(market, idea, theirs)
    with pytest.raises(actions.IdeaChanged):
        set_level(market, idea, own, version=idea.version - 1)
    people = market.people()
    for who in ("laboratory", "chair of the chain", "office abroad", "stranger"):
        with pytest.raises(NotAllowed):
            set_level(market, idea, own, people[who])
    for viewer in (visitor(), installation()):
        with pytest.raises(NotAllowed):
            set_level(market, idea, own, viewer)
