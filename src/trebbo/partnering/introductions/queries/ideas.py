"""Reads the idea behind an ask or an introduction, as far as the viewer may see it."""

from dataclasses import dataclass

from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.models import Ask, Introduction
from trebbo.sharing.ideas.policies import read_idea, see_idea


@dataclass(frozen=True, slots=True)
class IdeaBehind:
    """What the idea of an ask or introduction is called; `idea_id` for those who see its page."""

    heading: str
    idea_id: int | None


def idea_behind(introduction: Introduction, *, viewer: Viewer) -> IdeaBehind | None:
    """The idea of an introduction, by its heading: title and text are on its page, for its circle.

    Where the teaser does not say whose idea it is, an introduction, which names who asks, does not
    say it either before both agreed: it says no more than what kind of idea it is.
    """
    idea = introduction.ask.idea
    if idea is None:
        return None
    tells = idea.names_owner or introduction.contacts_are_shared
    if not (tells or read_idea.allows(viewer, idea)):
        return IdeaBehind(str(idea.get_kind_display()), None)
    return IdeaBehind(idea.heading, idea.pk if see_idea.allows(viewer, idea) else None)


def idea_of_ask(ask: Ask, *, viewer: Viewer) -> IdeaBehind | None:
    """The idea of an ask that the viewer works on."""
    if ask.idea is None:
        return None
    return IdeaBehind(ask.idea.heading, ask.idea.pk if see_idea.allows(viewer, ask.idea) else None)
