"""What people type about asks and introductions."""

from trebbo.partnering.introductions.forms.asks import (
    FloorForm,
    NeedForm,
    NewAskForm,
    PreferencesForm,
)
from trebbo.partnering.introductions.forms.introductions import (
    ColleagueForm,
    DeclineForm,
    IntroduceForm,
    MeetingForm,
    OutcomeForm,
    WordsForm,
)

__all__ = [
    "ColleagueForm",
    "DeclineForm",
    "FloorForm",
    "IntroduceForm",
    "MeetingForm",
    "NeedForm",
    "NewAskForm",
    "OutcomeForm",
    "PreferencesForm",
    "WordsForm",
]
