"""The discussion with quotes and mentions, following, and endorsement by who runs a chain."""

from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ValueChainFactory
from tests.factories.ideas import CommentFactory, IdeaFactory
from tests.factories.organisations import NOW
from tests.sharing.ideas.market_place import Market, at, days, hearing, keeps_secrets, now, steps_of
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.events import comment_posted, idea_stepped
from trebbo.sharing.ideas.models import Comment, Endorsement, Follow
from trebbo.sharing.ideas.queries.talk import comments_on, people_to_mention

pytestmark = pytest.mark.django_db


def say(market: Market, idea: Any, actor: Any = None, **given: Any) -> Comment:
    """Said by the laboratory, if by nobody else."""
    facts = {"text": "Che temperatura?", **given}
    return actions.post_comment(actor=actor or market.lab_person, idea_id=idea.pk, **facts)


def test_a_comment_is_kept_with_its_moment_and_told_and_its_author_follows(
    django_capture_on_commit_callbacks: Any,
) -> None:
    market = Market()
    idea = market.open()
    with hearing(comment_posted) as heard, django_capture_on_commit_callbacks(execute=True):
        comment = say(market, idea, at(market.lab_person, days(1)), text=" Chi\x0bsegretissimo? ")
        assert heard == []
    assert heard == [(comment_posted, {"comment_id": comment.pk})]
    assert (comment.text, comment.at, comment.label) == ("Chi\nsegretissimo?", days(1), "Lia Lab")
    assert Follow.objects.get().person_id == market.lab_person.person_id
    say(market, idea)
    assert Follow.objects.count() == 1
    assert list(comments_on(idea, viewer=market.keeper))[-1] == comment
    assert keeps_secrets(idea, "segretissimo", "temperatura")


def test_a_quote_is_of_the_same_discussion_and_of_what_is_still_there() -> None:
    market = Market()
    idea = market.open()
    first = say(market, idea)
    hidden = CommentFactory(idea=idea, hidden_at=NOW)
    elsewhere = CommentFactory()
    assert say(market, idea, market.keeper, quotes_id=first.pk).quotes == first
    for other in (hidden, elsewhere):
        assert say(market, idea, quotes_id=other.pk).quotes is None
    assert say(market, idea, quotes_id=2**40).quotes is None


def test_only_people_who_take_part_are_mentioned() -> None:
    market = Market()
    idea = market.open()
    say(market, idea, market.firm_person)
    spoke_and_left = PersonFactory(is_active=False)
    CommentFactory(idea=idea, author=spoke_and_left)
    hidden = CommentFactory(idea=idea, hidden_at=NOW).author
    never_spoke = market.in_chain()
    spoke_elsewhere = CommentFactory(idea=market.open()).author
    offered = [market.keeper.person_id, market.firm_person.person_id]
    assert hidden is not None
    assert spoke_elsewhere is not None
    others = [
        spoke_and_left.pk,
        hidden.pk,
        never_spoke.person_id or 0,
        spoke_elsewhere.pk,
        market.lab_person.person_id or 0,
        2**40,
    ]
    comment = say(market, idea, mention_ids=tuple(key or 0 for key in [*offered, *others]))
    assert set(comment.mentions.values_list("pk", flat=True)) == set(offered)
    assert set(people_to_mention(idea, viewer=market.lab_person)) == set(
        Person.objects.filter(pk__in=offered)
    )


@pytest.mark.parametrize(
    ("state", "speaks"),
    [("draft", False), ("checking", False), ("open", True), ("running", True), ("closed", False)],
)
def test_there_is_discussion_while_an_idea_is_published_and_not_over(
    state: str, speaks: bool
) -> None:
    market = Market()
    idea = market.bring(state)
    if speaks:
        assert say(market, idea, market.keeper).pk
        return
    with pytest.raises(actions.IdeaRefused):
        say(market, idea, market.keeper)
    assert not Comment.objects.exists()


def test_who_does_not_read_does_not_speak() -> None:
    market = Market()
    idea = market.open_to(market.open(), "named", "public")
    for viewer in (market.lab_person, market.one(), visitor(NOW)):
        with pytest.raises(NotAllowed):
            say(market, idea, viewer)
    for text in ("", " \u200b ", "x" * 4_001):
        with pytest.raises(actions.IdeaRefused) as caught:
            say(market, idea, market.keeper, text=text)
        assert set(caught.value.fields) == {"text"}


def test_its_author_and_the_broker_take_a_comment_out() -> None:
    market = Market()
    idea = market.open()
    first, second = say(market, idea), say(market, idea)
    for viewer in (market.keeper, market.firm_person, visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.hide_comment(actor=viewer, comment_id=first.pk)
    assert actions.hide_comment(actor=at(market.lab_person, days(1)), comment_id=first.pk)
    assert not actions.hide_comment(actor=market.lab_person, comment_id=first.pk)
    assert actions.hide_comment(actor=market.office, comment_id=second.pk)
    assert not actions.hide_comment(actor=market.office, comment_id=2**40)
    first.refresh_from_db()
    assert (first.hidden_at, first.text) == (days(1), "Che temperatura?")
    assert not comments_on(idea, viewer=market.keeper).exists()


def test_who_sees_an_idea_follows_it_once_and_stops() -> None:
    market = Market()
    idea = market.open_to(market.open(), "named", "cluster")
    for _twice in range(2):
        actions.follow_idea(actor=market.lab_person, idea_id=idea.pk)
    assert Follow.objects.count() == 1
    for viewer in (market.one(), visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.follow_idea(actor=viewer, idea_id=idea.pk)
    assert not actions.unfollow_idea(actor=visitor(NOW), idea_id=idea.pk)
    assert not actions.unfollow_idea(actor=market.firm_person, idea_id=idea.pk)
    assert actions.unfollow_idea(actor=market.lab_person, idea_id=idea.pk)
    assert not actions.unfollow_idea(actor=market.lab_person, idea_id=idea.pk)


def test_a_chain_endorses_by_who_runs_it() -> None:
    market = Market()
    idea = market.open("public")
    endorsed = set()
    for who, viewer in market.people().items():
        Endorsement.objects.all().delete()
        try:
            actions.endorse_idea(actor=viewer, idea_id=idea.pk, value_chain_id=market.chain.pk)
        except actions.IdeaRefused:
            continue
        endorsed.add(who)
    assert endorsed == {"chair of the chain", "office", "agency"}


def test_an_endorsement_is_given_once_dated_and_taken_back(
    django_capture_on_commit_callbacks: Any,
) -> None:
    market = Market()
    idea = market.open()
    chair = market.people()["chair of the chain"]
    endorse = {"idea_id": idea.pk, "value_chain_id": market.chain.pk}
    with hearing(idea_stepped) as heard, django_capture_on_commit_callbacks(execute=True):
        for day in (1, 2):
            one = actions.endorse_idea(actor=at(chair, days(day)), note="Conta segreta", **endorse)
    assert (one.at, one.note, one.by_id) == (days(1), "Conta segreta", chair.person_id)
    assert len(heard) == 1
    assert steps_of(idea)[-1] == ("endorsed", str(market.chain))
    assert keeps_secrets(idea, "Conta")
    with pytest.raises(NotAllowed):
        actions.withdraw_endorsement(actor=market.keeper, endorsement_id=one.pk)
    assert actions.withdraw_endorsement(actor=chair, endorsement_id=one.pk)
    assert not actions.withdraw_endorsement(actor=chair, endorsement_id=one.pk)
    assert now(idea).endorsements.count() == 0


def test_no_chain_endorses_what_it_does_not_read_or_is_not_published() -> None:
    market = Market()
    chair = market.people()["chair of the chain"]
    hidden, checking = market.open("named"), market.checking()
    with pytest.raises(NotAllowed):
        actions.endorse_idea(actor=chair, idea_id=hidden.pk, value_chain_id=market.chain.pk)
    with pytest.raises(actions.IdeaRefused):
        actions.endorse_idea(
            actor=market.office, idea_id=checking.pk, value_chain_id=market.chain.pk
        )
    with pytest.raises(actions.IdeaRefused):
        actions.endorse_idea(
            actor=chair,
            idea_id=IdeaFactory(circle="public").pk,
            value_chain_id=ValueChainFactory().pk,
        )
