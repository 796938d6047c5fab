"""Says what happened to an idea, to one reader, in words that its narrowest circle may lose.

Mail is forwarded and read by others. So no letter has the title, the text or a comment's words: an
idea is called what readers of its teaser see it called, and all else is read on its page.
"""

from collections.abc import Callable

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from trebbo.outlets.notifications.actions.idea_news import Happening, IdeaNews
from trebbo.outlets.notifications.actions.idea_readers import IdeaReader, Part
from trebbo.outlets.notifications.actions.letters import Letter
from trebbo.outlets.notifications.choices import Topic
from trebbo.sharing.ideas.choices import AnswerState, IdeaOutcome, IdeaState

OF_THE_ANSWER = (
    Happening.ANSWERED,
    Happening.ANSWER_CHANGED,
    Happening.DECIDED,
)
REMINDERS = (Happening.WAITS, Happening.REMINDED)


PLAIN = {
    Happening.SUBMITTED: (
        gettext_lazy("To check: “%(heading)s”"),
        gettext_lazy(
            "%(body)s has handed “%(heading)s” to %(office)s. Nobody else sees it before you "
            "have published it; if something is missing, give it back and say what:"
        ),
    ),
    Happening.RETURNED: (
        gettext_lazy("To complete: “%(heading)s”"),
        gettext_lazy(
            "%(office)s has given “%(heading)s” back. What is missing is on its page; then you "
            "can hand it over again:"
        ),
    ),
    Happening.PUBLISHED: (
        gettext_lazy("Published: “%(heading)s”"),
        gettext_lazy(
            "%(office)s has checked “%(heading)s”: those whom you let see it see it now. It is "
            "open until %(day)s, and you can renew it."
        ),
    ),
    Happening.RENEWED: (
        gettext_lazy("Renewed: “%(heading)s”"),
        gettext_lazy("“%(heading)s”, which you follow, is open until %(day)s."),
    ),
    Happening.OFFICIAL: (
        gettext_lazy("Official answer: “%(heading)s”"),
        gettext_lazy("There is an official answer on “%(heading)s”. You read it on its page:"),
    ),
    Happening.REMINDED: (
        gettext_lazy("About to expire: “%(heading)s”"),
        gettext_lazy(
            "“%(heading)s” is open until %(day)s; after that it closes and takes no more "
            "answers. If it is still wanted, renew it on its page:"
        ),
    ),
    Happening.ANSWERED: (
        gettext_lazy("%(answerer)s answers “%(heading)s”"),
        gettext_lazy("%(answerer)s has answered “%(heading)s”. Read the answer, and decide on it:"),
    ),
    Happening.ANSWER_CHANGED: (
        gettext_lazy("Changed: the answer of %(answerer)s to “%(heading)s”"),
        gettext_lazy(
            "%(answerer)s has changed its answer to “%(heading)s”. This is how it stands now:"
        ),
    ),
    Happening.ANSWER_WITHDRAWN: (
        gettext_lazy("Taken back: the answer of %(answerer)s to “%(heading)s”"),
        gettext_lazy(
            "%(answerer)s has taken back its answer to “%(heading)s”: it can no longer be read."
        ),
    ),
    Happening.REVIEW: (
        gettext_lazy("You are asked to review answers: “%(heading)s”"),
        gettext_lazy(
            "You are asked to score the answers to “%(heading)s”. First say on its page "
            "whether you have a conflict of interest; then you see the answers:"
        ),
    ),
}
"""Subject and words of the news that say the same to whoever reads them."""


def idea_letter(news: IdeaNews, reader: IdeaReader) -> Letter:
    """The letter about a piece of news, in the language that is active."""
    if not reader.sees:
        return _ended_out_of_sight(news)
    if news.happening in PLAIN:
        subject, told = PLAIN[news.happening]
        facts = _facts(news)
        return Letter(subject % facts, (told % facts,))
    return LETTERS[news.happening](news, reader)


def idea_topic(news: IdeaNews, reader: IdeaReader) -> Topic:
    """What the letter is about, as its reader chooses."""
    if news.happening in REMINDERS:
        return Topic.REMINDERS
    return Topic.FOLLOWED if reader.part == Part.FOLLOWER else Topic.IDEAS


def idea_address(news: IdeaNews, reader: IdeaReader) -> str:
    """The page on which the reader finds it."""
    answer = reader.answer
    if answer is not None and (news.happening in OF_THE_ANSWER or not reader.sees):
        return reverse("answer", args=[answer.pk])
    return news.idea.get_absolute_url()


def _facts(news: IdeaNews) -> dict[str, str]:
    idea = news.idea
    return {
        "heading": idea.heading,
        "office": str(idea.broker),
        "body": idea.body.title,
        "day": date_format(idea.expires_date) if idea.expires_date else "",
        "answerer": news.answer.body.title if news.answer else "",
    }


def _waits(news: IdeaNews, reader: IdeaReader) -> Letter:
    facts = _facts(news) | {"day": date_format(localtime(news.idea.since))}
    return Letter(
        _("Still to check: “%(heading)s”") % facts,
        (
            _(
                "“%(heading)s” by %(body)s has waited since %(day)s for %(office)s to check it. "
                "Publish it, or give it back and say what is missing:"
            )
            % facts,
        ),
    )


def _advanced(news: IdeaNews, reader: IdeaReader) -> Letter:
    state = IdeaState(news.step.kind).label if news.step else ""
    facts = _facts(news) | {"state": str(state)}
    if reader.part == Part.ANSWERER:
        told = _("“%(heading)s”, which you answered, has come further. State: %(state)s.")
    else:
        told = _("“%(heading)s”, which you follow, has come further. State: %(state)s.")
    return Letter(_("%(state)s: “%(heading)s”") % facts, (told % facts,))


def _closed(news: IdeaNews, reader: IdeaReader) -> Letter:
    outcome = IdeaOutcome(news.idea.outcome).label
    facts = _facts(news) | {"outcome": str(outcome)}
    has_expired = news.idea.outcome == IdeaOutcome.EXPIRED
    if has_expired and reader.part == Part.KEEPER:
        told = _(
            "“%(heading)s” has expired: it is closed and takes no more answers. If it is still "
            "wanted, renew it on its page:"
        )
        return Letter(_("Expired: “%(heading)s”") % facts, (told % facts,))
    if reader.part == Part.ANSWERER:
        told = _("“%(heading)s”, which you answered, is closed. Outcome: %(outcome)s.")
    elif reader.part == Part.FOLLOWER:
        told = _("“%(heading)s”, which you follow, is closed. Outcome: %(outcome)s.")
    else:
        told = _("“%(heading)s” is closed. Outcome: %(outcome)s.")
    return Letter(_("Closed: “%(heading)s”") % facts, (told % facts,))


def _ended_out_of_sight(news: IdeaNews) -> Letter:
    """To who answered and may no longer see the idea: nothing but that it ended."""
    facts = {"kind": news.idea.get_kind_display(), "number": str(news.idea.pk)}
    return Letter(
        pgettext("idea", "%(kind)s %(number)s has ended") % facts,
        (
            pgettext(
                "idea",
                "%(kind)s %(number)s, which you answered, has ended. Your answer stays here:",
            )
            % facts,
        ),
    )


def _decided(news: IdeaNews, reader: IdeaReader) -> Letter:
    facts, answer = _facts(news), news.answer
    if answer is not None and answer.state == AnswerState.ACCEPTED:
        subject = _("Accepted: your answer to “%(heading)s”")
        told = _("The answer of %(answerer)s to “%(heading)s” was accepted.")
    else:
        subject = _("Declined: your answer to “%(heading)s”")
        told = _("The answer of %(answerer)s to “%(heading)s” was declined.")
    wrote_it = answer is not None and answer.author_id == reader.person.pk
    reply = answer.reply if answer is not None and wrote_it else ""
    return Letter(subject % facts, (told % facts,), quoted=reply)


def _commented(news: IdeaNews, reader: IdeaReader) -> Letter:
    comment = news.comment
    facts = _facts(news) | {"who": comment.label if comment else ""}
    if reader.part == Part.MENTIONED:
        return Letter(
            _("%(who)s mentions you: “%(heading)s”") % facts,
            (
                _("%(who)s mentions you in the discussion of “%(heading)s”. You read it here:")
                % facts,
            ),
        )
    return Letter(
        _("New comment: “%(heading)s”") % facts,
        (_("%(who)s has written in the discussion of “%(heading)s”. You read it here:") % facts,),
    )


LETTERS: dict[Happening, Callable[[IdeaNews, IdeaReader], Letter]] = {
    Happening.WAITS: _waits,
    Happening.ADVANCED: _advanced,
    Happening.CLOSED: _closed,
    Happening.DECIDED: _decided,
    Happening.COMMENTED: _commented,
}
