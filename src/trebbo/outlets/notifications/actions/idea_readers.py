"""Who is told a piece of news about an idea, and in which part: only who may see it by now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.utils import timezone

from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate, NetworkRole, Person
from trebbo.ecosystem.accounts.queries import held_on, viewer_for
from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.idea_news import Happening, IdeaNews
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.choices import AnswerState
from trebbo.sharing.ideas.models import Answer, Follow, Idea

People = list[tuple[Person, Answer | None]]
"""People, each with the answer that they are told of, where there is one."""


class Part(Enum):
    """In which part somebody is told."""

    OFFICE = "office"
    KEEPER = "keeper"
    OWNERS = "owners"
    AUTHOR = "author"
    ANSWERER = "answerer"
    REVIEWER = "reviewer"
    MENTIONED = "mentioned"
    FOLLOWER = "follower"


READERS: dict[Happening, tuple[Part, ...]] = {
    Happening.SUBMITTED: (Part.OFFICE,),
    Happening.WAITS: (Part.OFFICE,),
    Happening.RETURNED: (Part.OWNERS,),
    Happening.PUBLISHED: (Part.OWNERS,),
    Happening.RENEWED: (Part.FOLLOWER,),
    Happening.ADVANCED: (Part.ANSWERER, Part.FOLLOWER),
    Happening.OFFICIAL: (Part.ANSWERER, Part.FOLLOWER),
    Happening.REMINDED: (Part.KEEPER,),
    Happening.CLOSED: (Part.KEEPER, Part.ANSWERER, Part.FOLLOWER),
    Happening.ANSWERED: (Part.KEEPER,),
    Happening.ANSWER_CHANGED: (Part.KEEPER,),
    Happening.ANSWER_WITHDRAWN: (Part.KEEPER,),
    Happening.DECIDED: (Part.AUTHOR,),
    Happening.COMMENTED: (Part.MENTIONED, Part.KEEPER, Part.FOLLOWER),
    Happening.REVIEW: (Part.REVIEWER,),
}
"""Who is told what; who is there in two parts is told once, in the first of them."""
FOR_READERS = (Happening.COMMENTED,)
"""What is told only to who may read the whole text."""
FOR_THE_CIRCLE = (Happening.OFFICIAL, Happening.REVIEW)
"""What is told only to who is in the circle of the text, though the terms may wait for them."""


@dataclass(frozen=True, slots=True)
class IdeaReader:
    """Somebody who is told; `sees` is false for who once answered what they may no longer see."""

    person: Person
    part: Part
    answer: Answer | None = None
    sees: bool = True


def readers_of(news: IdeaNews, now: datetime, only: Person | None = None) -> Iterator[IdeaReader]:
    """Who is told of the news at a moment, each once; or `only` that person, if they are told.

    Nobody is told of what they did themselves.
    """
    told = {news.by_id}
    for part in READERS[news.happening]:
        for person, answer in PEOPLE[part](news, now):
            if person.pk in told or (only is not None and person.pk != only.pk):
                continue
            told.add(person.pk)
            if _may_be_told(news, part, _viewer(person, now)):
                yield IdeaReader(person, part, answer)
            elif part == Part.ANSWERER and news.happening == Happening.CLOSED:
                yield IdeaReader(person, part, answer, sees=False)


def managers_of(idea: Idea, now: datetime) -> list[Person]:
    """The office that checks an idea; where it has nobody, the agency of its network."""
    held = held_on(_day(now))
    roles = ClusterRole.objects.filter(held, role=ClusterRoleKind.MANAGER, cluster=idea.broker_id)
    agency = NetworkRole.objects.filter(
        held, role=NetworkRoleKind.AGENCY, network=idea.broker.network_id
    )
    active = Person.objects.filter(is_active=True).order_by("pk")
    return list(active.filter(pk__in=roles.values("person"))) or list(
        active.filter(pk__in=agency.values("person"))
    )


def _office(news: IdeaNews, now: datetime) -> People:
    return [(person, None) for person in managers_of(news.idea, now)]


def _keeper(news: IdeaNews, now: datetime) -> People:
    """Who keeps an idea; where they are gone, who acts for its body, and last the office."""
    idea = news.idea
    keeper = idea.keeper if idea.keeper is not None and idea.keeper.is_active else None
    if keeper is not None and policies.edit_idea.allows(_viewer(keeper, now), idea):
        return [(keeper, news.answer)]
    people = _acting_for(idea.body_id, now) or managers_of(idea, now)
    return [(person, news.answer) for person in people]


def _owners(news: IdeaNews, now: datetime) -> People:
    keeper = news.idea.keeper
    kept = [keeper] if keeper is not None and keeper.is_active else []
    return [(person, None) for person in [*kept, *_acting_for(news.idea.body_id, now)]]


def _author(news: IdeaNews, now: datetime) -> People:
    return _authors([news.answer] if news.answer else [], now)


def _answerers(news: IdeaNews, now: datetime) -> People:
    rows = Answer.objects.filter(idea=news.idea).exclude(state=AnswerState.WITHDRAWN)
    return _authors(rows.select_related("author", "body").order_by("pk"), now)


def _reviewer(news: IdeaNews, now: datetime) -> People:
    asked = news.reviewer.person if news.reviewer else None
    return [(asked, None)] if asked is not None and asked.is_active else []


def _mentioned(news: IdeaNews, now: datetime) -> People:
    people = news.comment.mentions.filter(is_active=True).order_by("pk") if news.comment else ()
    return [(person, None) for person in people]


def _followers(news: IdeaNews, now: datetime) -> People:
    rows = Follow.objects.filter(idea=news.idea, person__is_active=True)
    return [(follow.person, None) for follow in rows.select_related("person").order_by("pk")]


def _authors(answers: Iterable[Answer], now: datetime) -> People:
    """Who wrote each answer; where they left the body that answered, who acts for it."""
    found: People = []
    for answer in answers:
        author = answer.author if answer.author and answer.author.is_active else None
        if author is not None and policies.edit_answer.allows(_viewer(author, now), answer):
            people = [author]
        else:
            people = _acting_for(answer.body_id, now)
        found += [(person, answer) for person in people]
    return found


def _acting_for(body_id: int, now: datetime) -> list[Person]:
    """Who acts for a body; for a unit without anybody, who represents its organisation."""
    held = Mandate.objects.filter(held_on(_day(now)), person__is_active=True)
    own = held.filter(profile=body_id)
    above = held.filter(role=MandateRole.REPRESENTATIVE, profile__as_organisation__units=body_id)
    people = Person.objects.order_by("pk")
    return list(people.filter(pk__in=own.values("person"))) or list(
        people.filter(pk__in=above.values("person"))
    )


def _may_be_told(news: IdeaNews, part: Part, viewer: Viewer) -> bool:
    idea = news.idea
    if part == Part.OFFICE:
        return policies.check_idea.allows(viewer, idea)
    if part in (Part.KEEPER, Part.OWNERS):
        return policies.edit_idea.allows(viewer, idea) or (
            part == Part.KEEPER and policies.check_idea.allows(viewer, idea)
        )
    if news.happening in FOR_READERS:
        return policies.read_idea.allows(viewer, idea)
    if news.happening in FOR_THE_CIRCLE:
        return policies.read_idea.allows(viewer, idea) or policies.accept_terms.allows(viewer, idea)
    return policies.see_idea.allows(viewer, idea)


def _viewer(person: Person, now: datetime) -> Viewer:
    return viewer_for(person, now=now, language=person.language)


def _day(now: datetime) -> date:
    return timezone.localtime(now).date()


PEOPLE: dict[Part, Callable[[IdeaNews, datetime], People]] = {
    Part.OFFICE: _office,
    Part.KEEPER: _keeper,
    Part.OWNERS: _owners,
    Part.AUTHOR: _author,
    Part.ANSWERER: _answerers,
    Part.REVIEWER: _reviewer,
    Part.MENTIONED: _mentioned,
    Part.FOLLOWER: _followers,
}
