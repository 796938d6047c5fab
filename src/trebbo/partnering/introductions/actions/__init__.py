"""Changes: to the search index, and one function per thing a person can do with asks."""

from trebbo.partnering.introductions.actions.answers import (
    accept_introduction,
    decline_introduction,
    pass_on_introduction,
)
from trebbo.partnering.introductions.actions.clock import (
    Ticks,
    forget_contacts,
    note_unreachable,
    run_clock,
)
from trebbo.partnering.introductions.actions.contacts import (
    ContactRefused,
    note_member_contact,
)
from trebbo.partnering.introductions.actions.ideas import (
    ask_from_idea,
    close_asks_of_idea,
    introduce_answer,
)
from trebbo.partnering.introductions.actions.index import (
    GATHERED,
    gather_news,
    rebuild_index,
    refresh_evidence,
    refresh_index,
)
from trebbo.partnering.introductions.actions.introductions import (
    change_introduction,
    consent_to_introduction,
    draft_introduction,
    send_introduction,
    take_over_introduction,
    withdraw_introduction,
)
from trebbo.partnering.introductions.actions.kept import (
    ASK_FIELDS,
    AskChanged,
    AskRefused,
    change_ask,
    close_ask,
    keep_ask,
    share_ask,
    unshare_ask,
)
from trebbo.partnering.introductions.actions.links import (
    LinkUsed,
    OpenLink,
    open_link,
)
from trebbo.partnering.introductions.actions.outcomes import (
    arrange_meeting,
    call_off_meeting,
    record_meeting,
    record_outcome,
)
from trebbo.partnering.introductions.actions.preferences import (
    FloorRefused,
    PreferenceRefused,
    end_keep_apart,
    keep_apart,
    remove_floor,
    set_floor,
    set_most_a_month,
    set_no_capacity_until,
    set_own_silence,
    set_silent,
    stay_away_from,
)
from trebbo.partnering.introductions.actions.readers import (
    name_reader,
    note_reading,
    remove_reader,
    set_circle,
)
from trebbo.partnering.introductions.actions.relay import LONGEST_MESSAGE, relay_message
from trebbo.partnering.introductions.actions.shortlists import (
    NoteChanged,
    Rerun,
    ShortlistChanged,
    ShortlistRefused,
    add_entry,
    annotate_entry,
    drop_entry,
    move_entry,
    rerun_ask,
    restore_entry,
)
from trebbo.partnering.introductions.actions.steps import (
    IntroductionChanged,
    IntroductionRefused,
)

__all__ = [
    "ASK_FIELDS",
    "GATHERED",
    "LONGEST_MESSAGE",
    "AskChanged",
    "AskRefused",
    "ContactRefused",
    "FloorRefused",
    "IntroductionChanged",
    "IntroductionRefused",
    "LinkUsed",
    "NoteChanged",
    "OpenLink",
    "PreferenceRefused",
    "Rerun",
    "ShortlistChanged",
    "ShortlistRefused",
    "Ticks",
    "accept_introduction",
    "add_entry",
    "annotate_entry",
    "arrange_meeting",
    "ask_from_idea",
    "call_off_meeting",
    "change_ask",
    "change_introduction",
    "close_ask",
    "close_asks_of_idea",
    "consent_to_introduction",
    "decline_introduction",
    "draft_introduction",
    "drop_entry",
    "end_keep_apart",
    "forget_contacts",
    "gather_news",
    "introduce_answer",
    "keep_apart",
    "keep_ask",
    "move_entry",
    "name_reader",
    "note_member_contact",
    "note_reading",
    "note_unreachable",
    "open_link",
    "pass_on_introduction",
    "rebuild_index",
    "record_meeting",
    "record_outcome",
    "refresh_evidence",
    "refresh_index",
    "relay_message",
    "remove_floor",
    "remove_reader",
    "rerun_ask",
    "restore_entry",
    "run_clock",
    "send_introduction",
    "set_circle",
    "set_floor",
    "set_most_a_month",
    "set_no_capacity_until",
    "set_own_silence",
    "set_silent",
    "share_ask",
    "stay_away_from",
    "take_over_introduction",
    "unshare_ask",
    "withdraw_introduction",
]
