"""Closed lists: how often people want mail and about what, and how far a mail has come."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Frequency(TextChoices):
    """How often a person wants mail."""

    EACH = "each", _("A message for each piece of news")
    DAILY = "daily", _("One message a day, with all news")
    WEEKLY = "weekly", _("One message a week, with all news")
    NEVER = "never", _("No messages")


class Topic(TextChoices):
    """What a message is about."""

    INTRODUCTIONS = "introductions", _("Introductions: who asks to meet me, and what they answer")
    REMINDERS = "reminders", _("Reminders of what waits for me")
    OUTCOMES = "outcomes", _("Outcomes: how an introduction went")
    PROFILES = "profiles", _("Profiles that I look after")
    IDEAS = "ideas", _("Challenges and project ideas that I keep, check, answer or review")
    FOLLOWED = "followed", _("Challenges and project ideas that I follow: steps and comments")
    BOOKINGS = "bookings", _("Bookings: requests to answer, and what becomes of mine")
    USE = "use", _("Use of resources: when economic use nears its ceiling")
    NEWS = "news", _("News of the network")


class NoticeState(TextChoices):
    """What became of a notice."""

    HELD = "held", _("held for the digest")
    MAILED = "mailed", _("in a message")
    UNWANTED = "unwanted", _("not wanted")
    WITHDRAWN = "withdrawn", _("no longer true")


class MailState(TextChoices):
    """How far a mail has come."""

    WAITING = "waiting", pgettext_lazy("mail", "Waiting")
    HANDING_OVER = "handing_over", pgettext_lazy("mail", "Being handed over")
    UNCERTAIN = "uncertain", pgettext_lazy("mail", "Uncertain")
    REFUSED = "refused", pgettext_lazy("mail", "Refused")
    BOUNCED = "bounced", pgettext_lazy("mail", "Came back")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    CANCELLED = "cancelled", pgettext_lazy("mail", "Cancelled")


STUCK = (MailState.UNCERTAIN, MailState.REFUSED, MailState.BOUNCED)
"""States that an office decides about: nothing happens to such a mail by itself."""

VERB_LABELS = {
    "set_mail_preference": _("chose which messages to receive"),
    "stop_mail": _("stopped all messages by the link in one of them"),
    "send_again": _("had a message sent again"),
    "mark_arrived": _("said that a message had arrived"),
    "record_bounce": _("noted that a message came back"),
}
"""What the verbs of the audit trail say about mail."""

FIELD_LABELS = {
    "frequency": _("How often"),
    "topics_off": _("Without messages about"),
    "mail_state": _("State of the message"),
}
"""What the fields are called in the audit trail."""
