"""Tables of challenges and project ideas, and of all that people do with them."""

from trebbo.sharing.ideas.models.answers import (
    Answer,
    AttachedFile,
    Comment,
    Criterion,
    Endorsement,
    Follow,
    Reviewer,
    Score,
)
from trebbo.sharing.ideas.models.ideas import (
    Idea,
    IdeaReader,
    IdeaReading,
    IdeaStep,
    IdeaTerms,
    PartnerSought,
    ReadinessLevel,
    TermsAcceptance,
)

__all__ = [
    "Answer",
    "AttachedFile",
    "Comment",
    "Criterion",
    "Endorsement",
    "Follow",
    "Idea",
    "IdeaReader",
    "IdeaReading",
    "IdeaStep",
    "IdeaTerms",
    "PartnerSought",
    "ReadinessLevel",
    "Reviewer",
    "Score",
    "TermsAcceptance",
]
