"""What people type about asks and introductions."""

from trebbo.partnering.introductions.forms.asks import (
    FloorForm,
    NeedForm,
    NewAskForm,
    PreferencesForm,
)
from trebbo.partnering.introductions.forms.circles import CircleForm, ReaderForm, SilenceForm
from trebbo.partnering.introductions.forms.introductions import (
    ColleagueForm,
    DeclineForm,
    IntroduceForm,
    MeetingForm,
    OutcomeForm,
    WordsForm,
)

__all__ = [
    "CircleForm",
    "ColleagueForm",
    "DeclineForm",
    "FloorForm",
    "IntroduceForm",
    "MeetingForm",
    "NeedForm",
    "NewAskForm",
    "OutcomeForm",
    "PreferencesForm",
    "ReaderForm",
    "SilenceForm",
    "WordsForm",
]
