"""What a person can do about competences and training."""

from trebbo.sharing.skills.actions.competences import (
    CompetenceChanged,
    change_competence,
    confirm_competences,
    end_competence,
    state_competence,
)
from trebbo.sharing.skills.actions.proofs import OtherProof, Proofs
from trebbo.sharing.skills.actions.suggestions import (
    decide_suggestion,
    suggest_competences,
    undo_suggestion,
)
from trebbo.sharing.skills.actions.terms import merge_term
from trebbo.sharing.skills.actions.training import (
    TrainingChanged,
    change_training,
    end_training,
    offer_training,
)
from trebbo.sharing.skills.actions.wording import SkillsRefused

__all__ = [
    "CompetenceChanged",
    "OtherProof",
    "Proofs",
    "SkillsRefused",
    "TrainingChanged",
    "change_competence",
    "change_training",
    "confirm_competences",
    "decide_suggestion",
    "end_competence",
    "end_training",
    "merge_term",
    "offer_training",
    "state_competence",
    "suggest_competences",
    "undo_suggestion",
]
