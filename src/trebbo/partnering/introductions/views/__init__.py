"""Pages of the asks: the question and its answer, and what people keep of it."""

from trebbo.partnering.introductions.views.asking import ask
from trebbo.partnering.introductions.views.dossier import ask_dossier
from trebbo.partnering.introductions.views.ideas import ask_from_idea, introduce_answer
from trebbo.partnering.introductions.views.introductions import (
    introduce,
    introduction,
    introduction_edit,
)
from trebbo.partnering.introductions.views.kept import ask_edit, ask_new, kept_ask, my_asks
from trebbo.partnering.introductions.views.links import (
    answer_by_mail,
    consent_by_mail,
    outcome_by_mail,
)
from trebbo.partnering.introductions.views.needs import ask_readers, need, needs
from trebbo.partnering.introductions.views.preferences import (
    ask_floors,
    ask_preferences,
    my_silence,
)
from trebbo.partnering.introductions.views.ranking import ask_ranking
from trebbo.partnering.introductions.views.sections import preferences_section

__all__ = [
    "answer_by_mail",
    "ask",
    "ask_dossier",
    "ask_edit",
    "ask_floors",
    "ask_from_idea",
    "ask_new",
    "ask_preferences",
    "ask_ranking",
    "ask_readers",
    "consent_by_mail",
    "introduce",
    "introduce_answer",
    "introduction",
    "introduction_edit",
    "kept_ask",
    "my_asks",
    "my_silence",
    "need",
    "needs",
    "outcome_by_mail",
    "preferences_section",
]
