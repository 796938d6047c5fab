"""The rule books of ideas and of their answers."""

from trebbo.sharing.ideas.policies.answers import (
    edit_answer,
    score_answer,
    view_answer,
    view_file,
)
from trebbo.sharing.ideas.policies.ideas import (
    accept_terms,
    acts_for,
    answer_idea,
    check_idea,
    edit_idea,
    read_idea,
    see_idea,
    was_open_to,
)

__all__ = [
    "accept_terms",
    "acts_for",
    "answer_idea",
    "check_idea",
    "edit_answer",
    "edit_idea",
    "read_idea",
    "score_answer",
    "see_idea",
    "view_answer",
    "view_file",
    "was_open_to",
]
