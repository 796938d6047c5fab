"""The life of an idea as data, and the closed lists of challenges, answers and scorecards."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class IdeaKind(TextChoices):
    """What an idea is."""

    CHALLENGE = "challenge", _("Challenge")
    PROJECT = "project", _("Project idea")


class IdeaState(TextChoices):
    """How far an idea has come."""

    DRAFT = "draft", pgettext_lazy("idea", "Draft")
    CHECKING = "checking", pgettext_lazy("idea", "With the broker")
    OPEN = "open", pgettext_lazy("idea", "Open")
    ANSWERED = "answered", pgettext_lazy("idea", "Answered")
    FORMATION = "formation", pgettext_lazy("idea", "Team in formation")
    SUBMITTED = "submitted", pgettext_lazy("idea", "Proposal submitted")
    FUNDED = "funded", pgettext_lazy("idea", "Funded")
    RUNNING = "running", pgettext_lazy("idea", "Running")
    CLOSED = "closed", pgettext_lazy("idea", "Closed")


class IdeaOutcome(TextChoices):
    """With what an idea was closed."""

    SOLVED = "solved", _("Solved")
    PARTNERS_FOUND = "partners_found", _("Partners found")
    COMPLETED = "completed", _("Project completed")
    NOT_FUNDED = "not_funded", _("Not funded")
    NO_ANSWER = "no_answer", _("No fitting answer")
    WITHDRAWN = "withdrawn", pgettext_lazy("idea", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("idea", "Expired")
    OTHER = "other", pgettext_lazy("idea", "Another outcome")


class StepKind(TextChoices):
    """What happened to an idea: a new state, or something on the way."""

    DRAFT = "draft", pgettext_lazy("idea step", "Written")
    CHECKING = "checking", pgettext_lazy("idea step", "Handed to the broker")
    OPEN = "open", pgettext_lazy("idea step", "Published")
    ANSWERED = "answered", pgettext_lazy("idea step", "First answer")
    FORMATION = "formation", pgettext_lazy("idea step", "Team in formation")
    SUBMITTED = "submitted", pgettext_lazy("idea step", "Proposal submitted")
    FUNDED = "funded", pgettext_lazy("idea step", "Funded")
    RUNNING = "running", pgettext_lazy("idea step", "Started")
    CLOSED = "closed", pgettext_lazy("idea step", "Closed")
    RETURNED = "returned", pgettext_lazy("idea step", "Returned by the broker")
    RENEWED = "renewed", pgettext_lazy("idea step", "Renewed")
    REMINDED = "reminded", pgettext_lazy("idea step", "Reminded that it expires")
    READINESS = "readiness", pgettext_lazy("idea step", "Readiness level set")
    ENDORSED = "endorsed", pgettext_lazy("idea step", "Endorsed")
    OFFICIAL = "official", pgettext_lazy("idea step", "Official answer")


class AnswerState(TextChoices):
    """How an answer stands."""

    GIVEN = "given", pgettext_lazy("answer", "Given")
    ACCEPTED = "accepted", pgettext_lazy("answer", "Accepted")
    DECLINED = "declined", pgettext_lazy("answer", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("answer", "Withdrawn")


class ReadingOf(TextChoices):
    """What somebody had before them."""

    TEXT = "text", _("the whole text")
    FILE = "file", _("a file")


S = IdeaState
LEADS_TO: dict[IdeaState, tuple[IdeaState, ...]] = {
    S.DRAFT: (S.CHECKING,),
    S.CHECKING: (S.OPEN, S.DRAFT),
    S.OPEN: (S.ANSWERED, S.FORMATION, S.CLOSED),
    S.ANSWERED: (S.OPEN, S.FORMATION, S.CLOSED),
    S.FORMATION: (S.SUBMITTED, S.RUNNING, S.CLOSED),
    S.SUBMITTED: (S.FUNDED, S.FORMATION, S.CLOSED),
    S.FUNDED: (S.RUNNING, S.CLOSED),
    S.RUNNING: (S.CLOSED,),
    S.CLOSED: (S.OPEN, S.ANSWERED),
}
"""What may follow what; nothing else says so. Only an expired idea opens again, by renewal."""

BY_OWNER = (S.FORMATION, S.SUBMITTED, S.FUNDED, S.RUNNING)
"""States into which its owner takes an idea by hand."""
PUBLISHED = (S.OPEN, S.ANSWERED, S.FORMATION, S.SUBMITTED, S.FUNDED, S.RUNNING, S.CLOSED)
"""States in which the circles hold."""
TAKES_ANSWERS = (S.OPEN, S.ANSWERED)
"""States in which answers are taken."""
EXPIRES = (S.OPEN, S.ANSWERED)
"""States in which an idea expires unless it is renewed."""
LIFE_DAYS, REMINDED_DAYS_BEFORE = 180, 14
"""Days until a published idea expires, and how many days before that its owner is reminded."""
HIGHEST_TRL, MOST_POINTS = 9, 5


@dataclass(frozen=True, slots=True)
class CriterionText:
    """What reviewers give points for, unless the owner says otherwise; weights add up to 100."""

    label_it: str
    label_en: str
    weight: int


USUAL_CRITERIA = (
    CriterionText("Aderenza alla sfida", "Fit with the challenge", 40),
    CriterionText("Fattibilità", "Feasibility", 30),
    CriterionText("Competenze ed evidenze", "Competence and evidence", 30),
)

VERB_LABELS = {
    "write_idea": _("wrote an idea"),
    "change_idea": _("changed an idea"),
    "discard_idea": _("discarded a draft of an idea"),
    "submit_idea": _("handed an idea to the broker"),
    "return_idea": _("returned an idea to who wrote it"),
    "publish_idea": _("published an idea"),
    "advance_idea": _("took an idea further"),
    "close_idea": _("closed an idea"),
    "renew_idea": _("renewed an idea"),
    "open_idea": _("said who may read an idea"),
    "name_idea_reader": _("named a reader of an idea"),
    "remove_idea_reader": _("removed a reader of an idea"),
    "write_terms": _("wrote terms of confidentiality"),
    "accept_terms": _("accepted terms of confidentiality"),
    "give_answer": _("answered an idea"),
    "change_answer": _("changed an answer"),
    "withdraw_answer": _("withdrew an answer"),
    "decide_answer": _("decided on an answer"),
    "answer_officially": _("gave the official answer"),
    "post_comment": _("took part in a discussion"),
    "hide_comment": _("took a comment out of a discussion"),
    "endorse_idea": _("endorsed an idea"),
    "withdraw_endorsement": _("withdrew an endorsement"),
    "name_reviewer": _("named a reviewer"),
    "remove_reviewer": _("removed a reviewer"),
    "declare_conflict": _("declared whether there is a conflict of interest"),
    "score_answer": _("scored an answer"),
    "set_criteria": _("said what answers are scored by"),
    "attach_file": _("attached a file"),
    "remove_file": _("removed a file"),
    "set_readiness": _("set the readiness level"),
    "define_readiness": _("defined the readiness scale"),
}
"""What the verbs of the audit trail say about ideas."""

FIELD_LABELS = {
    "idea_state": _("State of the idea"),
    "idea_outcome": _("Outcome of the idea"),
    "answer_state": _("State of the answer"),
    "readiness": _("Readiness level"),
    "answering_body": _("Body that answers"),
    "reviewer": _("Reviewer"),
    "file": _("File"),
    "terms_version": _("Version of the terms"),
    "expires_date": _("Expires"),
    "in_conflict": _("Conflict of interest"),
}
"""What the fields are called in the audit trail."""
