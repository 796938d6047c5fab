"""The rule books of asks and introductions."""

from trebbo.partnering.introductions.policies.asks import (
    edit_ask,
    edit_shortlist,
    keep_index,
    may_ask_for,
    may_keep,
    set_floor,
    set_preferences,
    view_ask,
    view_floor,
)
from trebbo.partnering.introductions.policies.circles import read_teaser, read_text
from trebbo.partnering.introductions.policies.introductions import (
    answer_introduction,
    consent_to_introduction,
    is_asked,
    manage_introduction,
    view_introduction,
)

__all__ = [
    "answer_introduction",
    "consent_to_introduction",
    "edit_ask",
    "edit_shortlist",
    "is_asked",
    "keep_index",
    "manage_introduction",
    "may_ask_for",
    "may_keep",
    "read_teaser",
    "read_text",
    "set_floor",
    "set_preferences",
    "view_ask",
    "view_floor",
    "view_introduction",
]
