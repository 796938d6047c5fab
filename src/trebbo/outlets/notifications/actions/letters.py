"""Says what happened to an introduction, to one reader and in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from trebbo.partnering.introductions.choices import (
    OUTCOME_DAYS,
    IntroductionState,
    StepKind,
)
from trebbo.partnering.introductions.models import (
    Introduction,
    IntroductionStep,
    RelayedMessage,
)
from trebbo.partnering.introductions.queries.introductions import Party


class Part(Enum):
    """In which part somebody reads of an introduction."""

    ASKER = "asker"
    CONTACT = "contact"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and paragraphs; `quoted`, what a person wrote, stands after the first of them."""

    subject: str
    paragraphs: tuple[str, ...]
    quoted: str = ""

    @property
    def text(self) -> str:
        """The body as plain text."""
        first, *rest = self.paragraphs
        quoted = "\n".join(f"> {line}".rstrip() for line in self.quoted.splitlines())
        return "\n\n".join(filter(None, [first, quoted, *rest]))

    @property
    def html(self) -> str:
        """The body as safe HTML: nothing that a person wrote is taken as such."""
        first, *rest = self.paragraphs
        context = {"first": first, "quoted": self.quoted, "rest": rest}
        return render_to_string("notifications/mail/introduction.html", context).strip()


@dataclass(frozen=True, slots=True)
class Story:
    """What a letter tells: the step, and who reads it in which part.

    `other` is who stands on the other side, and None before both agreed: no letter can say then
    what its reader must not learn. `is_relayed` says whether an answer to the mail is passed on,
    and `has_link` whether its link answers without signing in.
    """

    step: IntroductionStep
    part: Part
    other: Party | None = None
    message: RelayedMessage | None = None
    is_relayed: bool = False
    has_link: bool = False
    was: str = ""
    """When they would have met, where the meeting is called off."""

    @property
    def introduction(self) -> Introduction:
        """What the step happened to."""
        return self.step.introduction

    @property
    def body(self) -> str:
        """What the body that is asked is called."""
        return self.introduction.profile_name

    @property
    def asker(self) -> str:
        """What who asks is called, at the beginning of a sentence: never a person."""
        asker = self.introduction.ask.asker
        return asker.title if asker else _("A member of the network")

    @property
    def facts(self) -> dict[str, str]:
        """What the sentences are filled with; `they` and `asker` begin one, `them` does not."""
        asker = self.introduction.ask.asker
        within = asker.title if asker else _("a member of the network")
        due = self.introduction.due_at
        is_asked = self.part == Part.CONTACT
        return {
            "body": self.body,
            "asker": self.asker,
            "for_asker": within,
            "they": self.asker if is_asked else self.body,
            "them": within if is_asked else self.body,
            "day": date_format(localtime(due)) if due else "",
        }

    @property
    def reach(self) -> str:
        """How to reach who stands on the other side; blank before both agreed."""
        if self.other is None:
            return ""
        known = {**self.facts, "name": self.other.name, "email": self.other.email}
        return _("%(they)s: %(name)s, %(email)s") % known

    @property
    def was_asked(self) -> bool:
        """Whether the contact was ever asked."""
        return self.introduction.asked_at is not None


def letter_of(story: Story) -> Letter:
    """The letter about a step, in the language that is active."""
    return LETTERS[StepKind(story.step.kind)](story)


def meeting_title(story: Story) -> str:
    """What the meeting is called in the reader's calendar."""
    return _("Meeting with %(them)s") % story.facts


def _letter(subject: str, *paragraphs: str, quoted: str = "") -> Letter:
    return Letter(subject, tuple(filter(None, paragraphs)), quoted)


def _proposed(story: Story) -> Letter:
    return _letter(
        _("May we introduce you to %(body)s?") % story.facts,
        _(
            "%(body)s may be able to help with your ask. If you agree, we ask them whether they "
            "want to meet you; until then they know nothing of it, and neither sees how to reach "
            "the other before both agree."
        )
        % story.facts,
        _("If you do nothing, nobody is asked, and the proposal ends on %(day)s.") % story.facts,
        _press(story),
    )


def _asked(story: Story) -> Letter:
    return _letter(
        _("%(asker)s asks to meet you") % story.facts,
        _("%(asker)s looks for who can help, and %(body)s may be the right one.") % story.facts,
        _(
            "You can say yes, say no with a reason, or name a colleague. Neither sees how to reach "
            "the other before both agree."
        ),
        _("If you do nothing, we remind you once, and the question ends by itself on %(day)s.")
        % story.facts,
        _passed_on(story),
        _press(story),
        quoted=story.introduction.words,
    )


def _nudged(story: Story) -> Letter:
    state = story.introduction.state
    if state == IntroductionState.PROPOSED:
        return _letter(
            _("It waits for you: the introduction to %(body)s") % story.facts,
            _("We asked whether you wish to be introduced to %(body)s, and have no answer yet.")
            % story.facts,
            _("If you do nothing, nobody is asked, and the proposal ends on %(day)s.")
            % story.facts,
            _press(story),
        )
    if state == IntroductionState.ASKED:
        return _letter(
            _("It waits for you: %(asker)s asks to meet you") % story.facts,
            _("%(asker)s looks for who can help, and there is no answer yet.") % story.facts,
            _(
                "A no, with a reason, helps too. If you do nothing, the question ends by itself on "
                "%(day)s, and we do not remind you again."
            )
            % story.facts,
            _passed_on(story),
            _press(story),
        )
    return _letter(
        _("Have you met? The introduction of %(them)s") % story.facts,
        _("You both agreed to meet. This is how you reach each other:"),
        story.reach,
        _(
            "Have you met, or do you no longer want to? If we hear nothing by %(day)s, whoever "
            "looks after the introduction asks how to help."
        )
        % story.facts,
        _press(story),
    )


def _accepted(story: Story) -> Letter:
    if story.part == Part.OWNER:
        return _letter(
            _("%(body)s said yes: the introduction goes ahead") % story.facts,
            _("%(asker)s and %(body)s agreed to meet, and know how to reach each other now.")
            % story.facts,
            _("If they do not say in two weeks that they met, we remind them."),
        )
    said = (
        _(
            "You agreed to meet. %(asker)s knows how to reach you now, and this is how you reach "
            "them:"
        )
        if story.part == Part.CONTACT
        else _(
            "%(body)s agreed to meet you, and knows how to reach you now. This is how you reach "
            "them:"
        )
    )
    return _letter(
        _("You are introduced: %(them)s") % story.facts,
        said % story.facts,
        story.reach,
        _(
            "Agree on a day. Put on the page of the introduction, it comes into the calendars of "
            "both. If we hear nothing in two weeks, we ask whether you have met."
        ),
    )


def _declined(story: Story) -> Letter:
    reason = story.introduction.get_decline_reason_display()
    last = (
        _("You can introduce somebody else of the shortlist.")
        if story.part == Part.OWNER
        else _("Others of your shortlist may be able to help.")
    )
    return _letter(
        _("%(body)s says no this time") % story.facts,
        _("%(body)s does not want to be introduced to %(for_asker)s. Reason: %(reason)s.")
        % {**story.facts, "reason": reason}
        if story.part == Part.OWNER
        else _("%(body)s does not want to be introduced. Reason: %(reason)s.")
        % {**story.facts, "reason": reason},
        last,
        quoted=story.introduction.decline_words,
    )


def _expired(story: Story) -> Letter:
    if story.part == Part.CONTACT:
        return _no_need_to_answer(story)
    if story.was_asked:
        return _letter(
            _("No answer from %(body)s") % story.facts,
            _("%(body)s did not answer, and the introduction has ended.") % story.facts,
            _("Others of the shortlist may be able to help."),
        )
    if story.part == Part.OWNER:
        return _letter(
            _("No answer from who asks: the introduction to %(body)s has ended") % story.facts,
            _(
                "%(asker)s did not say whether they wish to be introduced to %(body)s. Nobody was "
                "asked."
            )
            % story.facts,
        )
    return _letter(
        _("The proposal to introduce you to %(body)s has ended") % story.facts,
        _("We had no answer from you, so %(body)s was not asked.") % story.facts,
        _("If you want it after all, write to the office with which you share the ask."),
    )


def _withdrawn(story: Story) -> Letter:
    if story.part == Part.CONTACT and story.introduction.accepted_at is None:
        return _no_need_to_answer(story)
    if story.part == Part.OWNER:
        subject = _("The introduction of %(for_asker)s to %(body)s is withdrawn") % story.facts
    else:
        subject = _("The introduction is withdrawn: %(them)s") % story.facts
    return _letter(
        subject,
        _("It has ended; there is nothing left for you to do."),
        quoted=story.step.words,
    )


def _no_need_to_answer(story: Story) -> Letter:
    return _letter(
        _("You need not answer any more: %(asker)s") % story.facts,
        _(
            "%(asker)s had asked to meet you. The question has ended, and there is nothing left "
            "for you to do."
        )
        % story.facts,
    )


def _escalated(story: Story) -> Letter:
    state = story.introduction.state
    if state == IntroductionState.ACCEPTED:
        return _letter(
            _("Agreed, but not met: %(asker)s and %(body)s") % story.facts,
            _("Both agreed three weeks ago, and neither has said that they met. A call may help.")
            % story.facts,
            _("If you do nothing, nothing happens; later we ask both what came of it."),
        )
    waits_for = story.asker if state == IntroductionState.PROPOSED else story.body
    return _letter(
        _("No answer yet: %(name)s") % {"name": waits_for},
        _(
            "%(name)s has not answered about the introduction of %(for_asker)s to %(body)s, "
            "although we reminded them. A call may help."
        )
        % {**story.facts, "name": waits_for},
        _("If you do nothing, the introduction ends by itself on %(day)s.") % story.facts,
    )


def _unreachable(story: Story) -> Letter:
    proposed = story.introduction.state == IntroductionState.PROPOSED
    waits_for = story.asker if proposed else story.body
    return _letter(
        _("Not reached: %(name)s") % {"name": waits_for},
        _(
            "Our message about the introduction of %(for_asker)s to %(body)s does not reach "
            "%(name)s: it came back, it is not wanted, or there is nobody any more to whom we "
            "could write."
        )
        % {**story.facts, "name": waits_for},
        _(
            "Call them, or withdraw it and ask somebody else. If you do nothing, the introduction "
            "ends by itself on %(day)s."
        )
        % story.facts,
    )


def _meeting_set(story: Story) -> Letter:
    introduction = story.introduction
    when = _moment(story)
    facts = {**story.facts, "moment": when, "place": introduction.meeting_place}
    changed = introduction.meeting_changes > 1
    return _letter(
        _("Meeting with %(them)s: %(moment)s") % facts,
        _("You meet %(them)s on %(moment)s.") % facts,
        _("Where: %(place)s.") % facts if introduction.meeting_place else "",
        story.reach,
        _("This is the last word: it takes the place of the earlier date in your calendar.")
        if changed
        else _("The date is enclosed for your calendar."),
        _("Should you be unable to come, change the date on the page of the introduction."),
    )


def _meeting_off(story: Story) -> Letter:
    facts = {**story.facts, "moment": story.was}
    return _letter(
        _("Called off: the meeting with %(them)s") % facts,
        _("The meeting of %(moment)s with %(them)s does not take place.") % facts
        if story.was
        else _("The meeting with %(them)s does not take place.") % facts,
        story.reach,
        _("You can agree on another date on the page of the introduction."),
    )


def _outcome_asked(story: Story) -> Letter:
    last = story.introduction.outcomes_asked >= len(OUTCOME_DAYS)
    return _letter(
        _("What came of it? Your introduction to %(them)s") % story.facts,
        _(
            "Some time ago you were introduced to %(them)s. Did you meet, and did it lead to "
            "something? “Nothing” is an answer too."
        )
        % story.facts,
        _("If you do nothing, nothing happens: this was the last time that we ask.")
        if last
        else _("If you do nothing, we ask again in some weeks."),
        _press(story),
    )


def _met(story: Story) -> Letter:
    if story.part == Part.OWNER:
        return _letter(
            _("%(asker)s and %(body)s met") % story.facts,
            _("One of them said so. We ask both later what came of it."),
        )
    return _letter(
        _("It is noted that you met: %(them)s") % story.facts,
        _("We ask you later what came of it. There is nothing to do now."),
    )


def _led_to(story: Story) -> Letter:
    facts = {**story.facts, "outcome": story.introduction.get_outcome_display()}
    return _letter(
        _("It led to something: %(asker)s and %(body)s") % facts,
        _("What came of the introduction: %(outcome)s.") % facts,
        quoted=story.introduction.outcome_words,
    )


def _nothing(story: Story) -> Letter:
    return _letter(
        _("Nothing came of it: %(asker)s and %(body)s") % story.facts,
        _(
            "This is what was said. If something comes of it later, say so on the page of the "
            "introduction."
        ),
        quoted=story.introduction.outcome_words,
    )


def _relayed(story: Story) -> Letter:
    message = story.message
    files = ", ".join(message.left_out) if message else ""
    return _letter(
        _("A message from %(them)s") % story.facts,
        _("%(they)s writes:") % story.facts,
        _("Files are not passed on: %(files)s.") % {"files": files} if files else "",
        _("Answer this message, and we pass it on.") if story.is_relayed else "",
        quoted=message.text if message else "",
    )


def left_out_letter(story: Story) -> Letter:
    """To who wrote with files, that these were not passed on."""
    files = ", ".join(story.message.left_out) if story.message else ""
    return _letter(
        _("Your files were not passed on"),
        _("Your message is on its way to %(them)s, but without its files: %(files)s.")
        % {**story.facts, "files": files},
        _("Once both have agreed to meet, you can send files to each other directly."),
    )


def _press(story: Story) -> str:
    return _("One press is enough, without signing in:") if story.has_link else ""


def _passed_on(story: Story) -> str:
    if not story.is_relayed:
        return ""
    return _(
        "If you answer this message instead, we pass on what you write, as you write it, without "
        "your address."
    )


def _moment(story: Story) -> str:
    at = story.introduction.meeting_at
    return date_format(localtime(at), "DATETIME_FORMAT") if at else ""


LETTERS: dict[StepKind, Callable[[Story], Letter]] = {
    StepKind.PROPOSED: _proposed,
    StepKind.ASKED: _asked,
    StepKind.PASSED_ON: _asked,
    StepKind.NUDGED: _nudged,
    StepKind.ACCEPTED: _accepted,
    StepKind.DECLINED: _declined,
    StepKind.EXPIRED: _expired,
    StepKind.WITHDRAWN: _withdrawn,
    StepKind.ESCALATED: _escalated,
    StepKind.UNREACHABLE: _unreachable,
    StepKind.MEETING_SET: _meeting_set,
    StepKind.MEETING_OFF: _meeting_off,
    StepKind.OUTCOME_ASKED: _outcome_asked,
    StepKind.MET: _met,
    StepKind.LED_TO: _led_to,
    StepKind.NOTHING: _nothing,
    StepKind.RELAYED: _relayed,
}
"""How each step is told; of the others nobody is told."""
