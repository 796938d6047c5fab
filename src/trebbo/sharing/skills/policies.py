"""Who may see and state competences and training, decide on suggestions, and merge terms."""

from django.db.models import Exists, OuterRef, Q

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import (
    belongs_to_network,
    edit_profile,
    view_profile,
)
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.sharing.skills.models import Competence, OwnTerm, Suggestion, TrainingOffer

view_competence: Rule[Competence] = Rule("view_competence")
view_training: Rule[TrainingOffer] = Rule("view_training")
state_skills: Rule[Profile] = edit_profile
"""Who may state, confirm and end a body's competences, and decide on suggestions."""
decide_suggestion: Rule[Suggestion] = Rule("decide_suggestion")
merge_term: Rule[OwnTerm] = Rule("merge_term")

Shown = Competence | TrainingOffer
OfProfile = Competence | TrainingOffer | Suggestion


def _shown_to(viewer: Viewer, shown: Shown) -> bool:
    open_to = shown.visibility == Visibility.PUBLIC or (
        shown.visibility == Visibility.NETWORK and belongs_to_network(viewer)
    )
    return open_to and view_profile.allows(viewer, shown.profile)


def _seen_profiles(viewer: Viewer) -> Q:
    return Q(profile__in=view_profile.filter(viewer, Profile.objects.all()).values("pk"))


def _shown_rows(viewer: Viewer) -> Q:
    levels = [Visibility.PUBLIC, *([Visibility.NETWORK] if belongs_to_network(viewer) else [])]
    return Q(visibility__in=levels) & _seen_profiles(viewer)


def _edits(viewer: Viewer, shown: OfProfile) -> bool:
    return edit_profile.allows(viewer, shown.profile)


def _edited_rows(viewer: Viewer) -> Q:
    return Q(profile__in=edit_profile.filter(viewer, Profile.objects.all()).values("pk"))


for rule in (view_competence, view_training):
    rule.add(Grant("open to the viewer, as its profile is", _shown_to, _shown_rows))
    rule.add(Grant("looks after the profile", _edits, _edited_rows))
decide_suggestion.add(Grant("looks after the profile", _edits, _edited_rows))


def _told_terms(viewer: Viewer) -> Q:
    """The terms that an office reads where they are said, or that were merged for all to read.

    One that nobody says any more is nobody's to read: it may have been said to few.
    """
    if not viewer.is_office:
        return NOTHING
    used = view_competence.filter(viewer, Competence.objects.filter(term=OuterRef("pk")))
    by_itself = Q(merged_by=viewer.person_id) if viewer.signed_in else NOTHING
    return Q(Exists(used)) | Q(merged_into__isnull=False) & (Q(is_told=True) | by_itself)


merge_term.add(
    Grant(
        "an office that sees what is said with it",
        lambda viewer, term: OwnTerm.objects.filter(_told_terms(viewer), pk=term.pk).exists(),
        _told_terms,
    )
)
