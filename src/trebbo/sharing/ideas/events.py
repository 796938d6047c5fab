"""News from the ideas, sent on commit, ids only."""

from django.dispatch import Signal

idea_stepped = Signal()
"""Something happened to an idea. Arguments: `idea_id`, `step_id`."""

answer_given = Signal()
"""An answer was given, or changed. Arguments: `answer_id`."""

answer_decided = Signal()
"""Its owner accepted or declined an answer. Arguments: `answer_id`."""

answer_withdrawn = Signal()
"""Who answered took the answer back. Arguments: `answer_id`."""

comment_posted = Signal()
"""Somebody took part in a discussion. Arguments: `comment_id`."""

reviewer_named = Signal()
"""Somebody was asked to score answers. Arguments: `reviewer_id`."""
