"""Kept asks with their shortlists and readers, introductions, and how people wish to be asked."""

from trebbo.partnering.introductions.models.asks import (
    Ask,
    AskingPreference,
    AskShare,
    FairnessFloor,
    Feedback,
    KeptApart,
    Listed,
    MatchingTable,
    ShortlistEntry,
    TrainedRanking,
)
from trebbo.partnering.introductions.models.introductions import (
    GOOD_LINK,
    AnswerLink,
    AskReader,
    AskReading,
    Introduction,
    IntroductionPreference,
    IntroductionStep,
    MemberContact,
    RelayedMessage,
)

__all__ = [
    "GOOD_LINK",
    "AnswerLink",
    "Ask",
    "AskReader",
    "AskReading",
    "AskShare",
    "AskingPreference",
    "FairnessFloor",
    "Feedback",
    "Introduction",
    "IntroductionPreference",
    "IntroductionStep",
    "KeptApart",
    "Listed",
    "MatchingTable",
    "MemberContact",
    "RelayedMessage",
    "ShortlistEntry",
    "TrainedRanking",
]
