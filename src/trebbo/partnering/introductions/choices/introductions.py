"""The life of an introduction as data: states, whose turn it is, the clock, and closed lists."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class IntroductionState(TextChoices):
    """How far an introduction has come."""

    DRAFT = "draft", pgettext_lazy("introduction", "Draft")
    PROPOSED = "proposed", pgettext_lazy("introduction", "Proposed to who asks")
    ASKED = "asked", pgettext_lazy("introduction", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("introduction", "Accepted")
    DECLINED = "declined", pgettext_lazy("introduction", "Declined")
    EXPIRED = "expired", pgettext_lazy("introduction", "Expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("introduction", "Withdrawn")
    MET = "met", pgettext_lazy("introduction", "Met")
    LED_TO = "led_to", pgettext_lazy("introduction", "Led to something")
    NOTHING = "nothing", pgettext_lazy("introduction", "Nothing came of it")


class Side(TextChoices):
    """The two who are introduced to each other."""

    ASKER = "asker", _("who asks")
    CONTACT = "contact", _("who is asked")


class StepKind(TextChoices):
    """What happened to an introduction: a new state, or something on the way."""

    DRAFT = "draft", _("Written")
    PROPOSED = "proposed", _("Proposed to who asks")
    ASKED = "asked", _("Asked")
    ACCEPTED = "accepted", pgettext_lazy("introduction", "Accepted")
    DECLINED = "declined", pgettext_lazy("introduction", "Declined")
    EXPIRED = "expired", _("Expired without an answer")
    WITHDRAWN = "withdrawn", pgettext_lazy("introduction", "Withdrawn")
    MET = "met", _("They met")
    LED_TO = "led_to", _("It led to something")
    NOTHING = "nothing", _("Nothing came of it")
    NUDGED = "nudged", _("Reminded")
    ESCALATED = "escalated", _("Brought to the broker")
    PASSED_ON = "passed_on", _("Passed on to a colleague")
    UNREACHABLE = "unreachable", _("Not reached")
    TAKEN_OVER = "taken_over", _("Taken over")
    MEETING_SET = "meeting_set", _("Meeting arranged")
    MEETING_OFF = "meeting_off", _("Meeting called off")
    OUTCOME_ASKED = "outcome_asked", _("Outcome asked")
    RELAYED = "relayed", _("Message passed on")


class LinkPurpose(TextChoices):
    """What a link in a mail is good for, and for nothing else."""

    CONSENT = "consent", _("agree to an introduction")
    ANSWER = "answer", _("answer an introduction")
    OUTCOME = "outcome", _("say what came of an introduction")


class DeclineReason(TextChoices):
    """Why somebody does not want to be introduced."""

    TOO_EARLY = "too_early", _("Too early")
    BENEFIT_UNCLEAR = "benefit_unclear", _("The benefit is unclear")
    NO_CAPACITY = "no_capacity", pgettext_lazy("decline", "No capacity")
    CONFLICT = "conflict", _("A conflict of interest")
    DESCRIPTION_UNCLEAR = "description_unclear", _("The description is unclear")
    NOT_OUR_FIELD = "not_our_field", _("Not our field")
    OTHER = "other", pgettext_lazy("decline", "Another reason")


class OutcomeKind(TextChoices):
    """What an introduction led to."""

    IDEA = "idea", _("A project idea")
    PROJECT = "project", _("A project")
    CONTRACT = "contract", _("A contract")
    PROPOSAL = "proposal", _("A proposal for a call")


class Turn(TextChoices):
    """Who is to do the next step."""

    OWNER = "owner", _("the person in charge")
    ASKER = "asker", _("who asks")
    CONTACT = "contact", _("who is asked")
    BOTH = "both", _("both sides")
    NOBODY = "nobody", _("nobody")


@dataclass(frozen=True, slots=True)
class Stage:
    """What holds in a state: whose turn it is, where it may lead, and what the clock does.

    `clock` are days since the state began with what happens then, in order. Where the days end
    with EXPIRED, or else with the last of them, the next step is due.
    """

    turn: Turn
    leads_to: tuple[IntroductionState, ...] = ()
    clock: tuple[tuple[int, StepKind], ...] = ()

    @property
    def due_days(self) -> int | None:
        """After how many days the next step is due."""
        return self.clock[-1][0] if self.clock else None


S = IntroductionState
STAGES: dict[IntroductionState, Stage] = {
    # Straight to ACCEPTED goes who answered an idea and was accepted: both agreed already.
    S.DRAFT: Stage(Turn.OWNER, (S.PROPOSED, S.ASKED, S.ACCEPTED, S.WITHDRAWN)),
    S.PROPOSED: Stage(
        Turn.ASKER,
        (S.ASKED, S.ACCEPTED, S.EXPIRED, S.WITHDRAWN),
        ((3, StepKind.NUDGED), (6, StepKind.ESCALATED), (10, StepKind.EXPIRED)),
    ),
    S.ASKED: Stage(
        Turn.CONTACT,
        (S.ACCEPTED, S.DECLINED, S.EXPIRED, S.WITHDRAWN),
        ((5, StepKind.NUDGED), (10, StepKind.ESCALATED), (15, StepKind.EXPIRED)),
    ),
    S.ACCEPTED: Stage(
        Turn.BOTH,
        (S.MET, S.LED_TO, S.NOTHING, S.WITHDRAWN),
        ((14, StepKind.NUDGED), (21, StepKind.ESCALATED)),
    ),
    S.MET: Stage(Turn.BOTH, (S.LED_TO, S.NOTHING)),
    S.DECLINED: Stage(Turn.NOBODY),
    S.EXPIRED: Stage(Turn.NOBODY),
    S.WITHDRAWN: Stage(Turn.NOBODY),
    S.LED_TO: Stage(Turn.NOBODY),
    S.NOTHING: Stage(Turn.NOBODY, (S.LED_TO,)),
}
"""The states of an introduction; nothing else says what may follow what, and when."""

OPEN = (S.DRAFT, S.PROPOSED, S.ASKED, S.ACCEPTED, S.MET)
"""States in which something is still to come."""
HIDDEN_FROM_CONTACT = (S.DRAFT, S.PROPOSED)
"""States in which who is to be asked does not know of the introduction yet."""
CONTACTS_SHARED = (S.ACCEPTED, S.MET, S.LED_TO, S.NOTHING)
"""States after both agreed: each knows how to reach the other."""
WITHOUT_CONTACT = (S.DECLINED, S.EXPIRED, S.WITHDRAWN)
"""States in which who was asked is left alone."""
ASKS_OUTCOME = (S.ACCEPTED, S.MET)
"""States in which both are asked what came of it."""
OUTCOME_DAYS = (30, 90, 180)
"""Days after acceptance on which both are asked what came of it, until they say."""
ONE_DAY = timedelta(days=1)
"""The least time between two things that the clock does: also where it stood still."""

VERB_LABELS = {
    "draft_introduction": _("wrote an introduction"),
    "change_introduction": _("changed an introduction"),
    "send_introduction": _("sent an introduction"),
    "consent_to_introduction": _("agreed to an introduction"),
    "withdraw_introduction": _("withdrew an introduction"),
    "accept_introduction": _("accepted an introduction"),
    "ask_from_idea": _("looked for who could answer an idea"),
    "introduce_answer": _("introduced who answered an idea"),
    "decline_introduction": _("declined an introduction"),
    "pass_on_introduction": _("passed an introduction on to a colleague"),
    "take_over_introduction": _("took over an introduction"),
    "arrange_meeting": _("arranged a meeting"),
    "call_off_meeting": _("called a meeting off"),
    "record_meeting": _("said that they met"),
    "record_outcome": _("said what came of an introduction"),
    "nudge_introduction": _("reminded of an introduction"),
    "escalate_introduction": _("brought an introduction to the broker"),
    "expire_introduction": _("let an introduction expire"),
    "ask_outcome": _("asked what came of an introduction"),
    "set_circle": _("said who may read an ask"),
    "name_reader": _("named a reader of an ask"),
    "remove_reader": _("removed a reader of an ask"),
    "set_most_a_month": _("said how often it may be asked"),
    "set_own_silence": _("said how to be asked in person"),
    "note_contact": _("noted a contact with a member"),
}
"""What the verbs of the audit trail say about introductions."""

FIELD_LABELS = {
    "introduction_state": _("State of the introduction"),
    "contact": _("Who is asked"),
    "decline_reason": _("Why declined"),
    "outcome": _("What came of it"),
    "meeting_at": _("Meeting"),
    "circle": _("Who may read it"),
    "teaser_circle": _("Who may read the teaser"),
    "reader": _("Reader"),
    "most_a_month": _("At most so many a month"),
}
"""What the fields are called in the audit trail."""
