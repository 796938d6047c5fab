"""Changes: one function per thing a person can do with challenges and project ideas."""

from trebbo.sharing.ideas.actions.answers import (
    TermsFirst,
    TooLate,
    answer_officially,
    change_answer,
    decide_answer,
    give_answer,
    withdraw_answer,
)
from trebbo.sharing.ideas.actions.clock import run_idea_clock
from trebbo.sharing.ideas.actions.files import LARGEST_FILE, FileTooLarge, attach_file, remove_file
from trebbo.sharing.ideas.actions.ideas import (
    IdeaWords,
    advance_idea,
    change_idea,
    close_idea,
    discard_idea,
    publish_idea,
    renew_idea,
    return_idea,
    submit_idea,
    write_idea,
)
from trebbo.sharing.ideas.actions.opening import (
    TermsChanged,
    accept_terms,
    name_idea_reader,
    note_idea_reading,
    open_idea,
    remove_idea_reader,
    write_terms,
)
from trebbo.sharing.ideas.actions.readiness import define_readiness, set_readiness
from trebbo.sharing.ideas.actions.reviews import (
    declare_conflict,
    name_reviewer,
    remove_reviewer,
    score_answer,
    set_criteria,
)
from trebbo.sharing.ideas.actions.talk import (
    endorse_idea,
    follow_idea,
    hide_comment,
    post_comment,
    unfollow_idea,
    withdraw_endorsement,
)
from trebbo.sharing.ideas.actions.words import IdeaChanged, IdeaRefused

__all__ = [
    "LARGEST_FILE",
    "FileTooLarge",
    "IdeaChanged",
    "IdeaRefused",
    "IdeaWords",
    "TermsChanged",
    "TermsFirst",
    "TooLate",
    "accept_terms",
    "advance_idea",
    "answer_officially",
    "attach_file",
    "change_answer",
    "change_idea",
    "close_idea",
    "decide_answer",
    "declare_conflict",
    "define_readiness",
    "discard_idea",
    "endorse_idea",
    "follow_idea",
    "give_answer",
    "hide_comment",
    "name_idea_reader",
    "name_reviewer",
    "note_idea_reading",
    "open_idea",
    "post_comment",
    "publish_idea",
    "remove_file",
    "remove_idea_reader",
    "remove_reviewer",
    "renew_idea",
    "return_idea",
    "run_idea_clock",
    "score_answer",
    "set_criteria",
    "set_readiness",
    "submit_idea",
    "unfollow_idea",
    "withdraw_answer",
    "withdraw_endorsement",
    "write_idea",
    "write_terms",
]
