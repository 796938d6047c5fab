"""Who may see, look after, agree to and answer an introduction."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.partnering.introductions.choices import IntroductionState
from trebbo.partnering.introductions.models import Ask, Introduction
from trebbo.partnering.introductions.policies.asks import edit_ask, edit_shortlist, view_ask

view_introduction: Rule[Introduction] = Rule("view_introduction")
manage_introduction: Rule[Introduction] = Rule("manage_introduction")
consent_to_introduction: Rule[Introduction] = Rule("consent_to_introduction")
answer_introduction: Rule[Introduction] = Rule("answer_introduction")

KNOWN_TO_CONTACT = Q(asked_at__isnull=False)
"""Who was never asked knows of nothing, also once it has ended."""


def _by_ask(name: str, rule: Rule[Ask]) -> Grant[Introduction]:
    def rows(viewer: Viewer) -> Q:
        # Asked of each introduction, not of all asks: lists are read by their own index, in part.
        return Q(Exists(rule.filter(viewer, Ask.objects.filter(pk=OuterRef("ask")))))

    return Grant(name, lambda viewer, one: rule.allows(viewer, one.ask), rows)


def _once_asked(
    holds: Callable[[Viewer, Introduction], bool], rows: Callable[[Viewer], Q], name: str
) -> Grant[Introduction]:
    return Grant(
        name,
        lambda viewer, one: one.asked_at is not None and holds(viewer, one),
        lambda viewer: KNOWN_TO_CONTACT & rows(viewer),
    )


CONTACT = _once_asked(
    lambda viewer, one: viewer.signed_in and one.contact_id == viewer.person_id,
    lambda viewer: Q(contact=viewer.person_id) if viewer.signed_in else NOTHING,
    "is asked",
)
ACTS_FOR_BODY = _once_asked(
    lambda viewer, one: one.profile_id in viewer.mandates,
    lambda viewer: Q(profile__in=list(viewer.mandates)),
    "acts for the body that is asked",
)

view_introduction.add(_by_ask("may see the ask", view_ask))
view_introduction.add(CONTACT)
view_introduction.add(ACTS_FOR_BODY)
manage_introduction.add(_by_ask("may judge the shortlist", edit_shortlist))
consent_to_introduction.add(_by_ask("may change the ask", edit_ask))
answer_introduction.add(CONTACT)


def is_asked(viewer: Viewer, introduction: Introduction) -> bool:
    """Whether the viewer is who is asked, and the question stands."""
    standing = introduction.state == IntroductionState.ASKED
    return standing and answer_introduction.allows(viewer, introduction)
