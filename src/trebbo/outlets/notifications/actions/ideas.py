"""Tells people what happens to ideas, and looks again at each word before it leaves."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation

from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line
from trebbo.outlets.notifications.actions.idea_letters import (
    idea_address,
    idea_letter,
    idea_topic,
)
from trebbo.outlets.notifications.actions.idea_news import (
    SILENT_STEPS,
    About,
    Happening,
    IdeaNews,
    answer_fact,
    comment_fact,
    news_about,
    news_of,
    review_fact,
    step_fact,
    waiting_fact,
)
from trebbo.outlets.notifications.actions.idea_readers import IdeaReader, readers_of
from trebbo.outlets.notifications.actions.introductions import (
    CAUGHT_UP_AFTER,
    CAUGHT_UP_FOR,
    LOOKED_UP_AT_ONCE,
)
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.actions.writing import write_again
from trebbo.outlets.notifications.choices import MailState, NoticeState
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.sharing.ideas.choices import IdeaState, StepKind
from trebbo.sharing.ideas.models import Answer, Comment, IdeaStep, Reviewer

CHECKED_WITHIN = timedelta(days=3)
"""How long an idea waits to be checked before its office is told once more."""
WRITTEN_ANEW = ("state", "language", "subject", "text", "html", "headers")
"""What of a mail is read again. The lease is not: whoever lost theirs is not to find another's."""
NOW_IN_SIGHT = (Happening.PUBLISHED, Happening.RENEWED)
"""News after which reviewers who were named before see the idea."""

log = logging.getLogger(__name__)


@transaction.atomic
def tell_of_idea(*, actor: Viewer, about: About, key: int, now: datetime) -> int:
    """Write to whom a piece of news concerns, each once; how many are told by it.

    Told is who may see the idea at this moment, and of what they did themselves nobody.
    """
    news = news_about(about, key)
    if news is None:
        return 0
    told = 0
    for reader in readers_of(news, now):
        _write(actor, news, reader, now)
        told += 1
    if news.happening in NOW_IN_SIGHT:
        for reviewer in Reviewer.objects.filter(idea=news.idea, declared_at=None).order_by("pk"):
            tell_of_idea(actor=actor, about=About.REVIEW, key=reviewer.pk, now=now)
    return told


def catch_up_on_ideas(*, actor: Viewer, now: datetime) -> int:
    """Tell of what nobody was told lately: its process ended in between. How many are told."""
    since, until = now - CAUGHT_UP_FOR, now - CAUGHT_UP_AFTER
    facts: dict[str, tuple[About, int]] = {}
    steps = IdeaStep.objects.filter(at__gte=since, at__lt=until).exclude(kind__in=SILENT_STEPS)
    for idea, key in steps.values_list("idea", "pk"):
        facts[step_fact(idea, key)] = (About.STEP, key)
    answers = Answer.objects.filter(changed_at__gte=since, changed_at__lt=until)
    for idea, key, state, version in answers.values_list("idea", "pk", "state", "version"):
        facts[answer_fact(idea, key, state, version)] = (About.ANSWER, key)
    comments = Comment.objects.filter(at__gte=since, at__lt=until, hidden_at=None)
    for idea, key in comments.values_list("idea", "pk"):
        facts[comment_fact(idea, key)] = (About.COMMENT, key)
    named = Reviewer.objects.filter(named_at__gte=since, named_at__lt=until, declared_at=None)
    for idea, key in named.values_list("idea", "pk"):
        facts[review_fact(idea, key)] = (About.REVIEW, key)
    return _tell_those_untold(actor, facts, now)


def remind_of_ideas(*, actor: Viewer, now: datetime) -> int:
    """Tell offices once more of ideas that wait long to be checked; how many are told."""
    waiting = IdeaStep.objects.filter(
        kind=StepKind.CHECKING, at__lt=now - CHECKED_WITHIN, idea__state=IdeaState.CHECKING
    )
    facts = {
        waiting_fact(idea, key): (About.WAITS, key)
        for idea, key in waiting.values_list("idea", "pk")
    }
    return _tell_those_untold(actor, facts, now)


def look_again(*, actor: Viewer, mail: OutgoingMail, now: datetime) -> bool:
    """See that a mail that is about to leave says of ideas what its reader may know by now.

    What they may no longer see, and what is no longer true, is taken out of it; what an idea is
    called by now is written anew. The mail is read again; whether it is still to be sent.
    """
    notices = Notice.objects.filter(
        mail=mail, state=NoticeState.MAILED, fact__startswith="idea:"
    ).select_related("person")
    told = list(notices.order_by("pk"))
    if told:
        _look_again_at(actor, mail, told, now)
        mail.refresh_from_db(fields=WRITTEN_ANEW)
    return mail.state == MailState.WAITING


@transaction.atomic
def _look_again_at(
    actor: Viewer, mail: OutgoingMail, notices: Iterable[Notice], now: datetime
) -> None:
    is_new = False
    for notice in notices:
        words = _words_now(notice, now)
        if words is None:
            withdraw(actor=actor, fact=notice.fact, email=notice.email)
            is_new = True
        elif any(getattr(notice, name) != value for name, value in words.items()):
            Notice.objects.filter(pk=notice.pk).update(**words)
            is_new = True
    enclosed = Notice.objects.filter(mail=mail, state=NoticeState.MAILED)
    if is_new and (left := list(enclosed.order_by("created_at", "pk"))):
        write_again(mail, left)


def _tell_those_untold(actor: Viewer, facts: dict[str, tuple[About, int]], now: datetime) -> int:
    names = list(facts)
    for first in range(0, len(names), LOOKED_UP_AT_ONCE):
        some = names[first : first + LOOKED_UP_AT_ONCE]
        for known in Notice.objects.filter(fact__in=some).values_list("fact", flat=True):
            facts.pop(known, None)
    return _tell_each(actor, facts.values(), now)


def _tell_each(actor: Viewer, rows: Iterable[tuple[About, int]], now: datetime) -> int:
    """Tell of many, each for itself, so that one that fails does not stop the others."""
    told = 0
    for about, key in rows:
        try:
            told += tell_of_idea(actor=actor, about=about, key=key, now=now)
        except Exception:
            log.exception("%s %s of an idea could not be told", about.value, key)
    return told


def _write(actor: Viewer, news: IdeaNews, reader: IdeaReader, now: datetime) -> None:
    with translation.override(reader.person.language):
        words = _words(news, reader)
    notify(
        actor=actor,
        to=Recipient.of(reader.person),
        topic=idea_topic(news, reader),
        fact=news.fact,
        subject=words["subject"],
        text=words["text"],
        html=words["html"],
        url=words["url"],
        now=now,
    )


def _words_now(notice: Notice, now: datetime) -> dict[str, str] | None:
    """What the notice would say at this moment; None where it would not be written."""
    news, person = news_of(notice.fact), notice.person
    if news is None or person is None:
        return None
    reader = next(readers_of(news, now, only=person), None)
    if reader is None:
        return None
    with translation.override(notice.language):
        return _words(news, reader)


def _words(news: IdeaNews, reader: IdeaReader) -> dict[str, str]:
    letter = idea_letter(news, reader)
    return {
        "subject": one_line(letter.subject)[:300],
        "text": letter.text,
        "html": letter.html,
        "url": idea_address(news, reader),
    }
