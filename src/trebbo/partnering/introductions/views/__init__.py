"""Pages of the asks: the question and its answer, and what people keep of it."""

from trebbo.partnering.introductions.views.asking import ask
from trebbo.partnering.introductions.views.dossier import ask_dossier
from trebbo.partnering.introductions.views.kept import ask_edit, ask_new, kept_ask, my_asks
from trebbo.partnering.introductions.views.preferences import ask_floors, ask_preferences
from trebbo.partnering.introductions.views.ranking import ask_ranking
from trebbo.partnering.introductions.views.sections import preferences_section

__all__ = [
    "ask",
    "ask_dossier",
    "ask_edit",
    "ask_floors",
    "ask_new",
    "ask_preferences",
    "ask_ranking",
    "kept_ask",
    "my_asks",
    "preferences_section",
]
