"""Competences that wait for a body's word, and what it decided lately."""

from collections.abc import Iterator

from django.db.models import QuerySet

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.choices import Decision
from trebbo.sharing.skills.gateway import Language, Words
from trebbo.sharing.skills.models import Suggestion
from trebbo.sharing.skills.policies import decide_suggestion


def waiting_suggestions(profile: Profile, *, viewer: Viewer) -> QuerySet[Suggestion]:
    """Those that the viewer may decide for the profile, the most likely first."""
    rows = Suggestion.objects.filter(profile=profile.pk, decision=Decision.WAITING)
    rows = decide_suggestion.filter(viewer, rows).select_related("concept__scheme")
    return rows.select_related("concept__broader").order_by("-score", "pk")


def last_suggestion(profile: Profile, *, viewer: Viewer) -> Suggestion | None:
    """The latest that the viewer decided for the profile, which they may take back."""
    if viewer.person_id is None:
        return None
    rows = Suggestion.objects.filter(profile=profile.pk, decided_by=viewer.person_id)
    rows = decide_suggestion.filter(viewer, rows.exclude(decision=Decision.WAITING))
    return rows.select_related("concept").order_by("-decided_at", "-pk").first()


def words_of(profile: Profile, *, viewer: Viewer) -> list[Words]:
    """The text of a profile: its description and its lists, each language by itself."""
    items = list(profile.items.order_by("section", "position", "pk"))
    texts: list[tuple[Language, list[str]]] = [
        ("it", [profile.description_it, *(item.text_it for item in items)]),
        ("en", [profile.description_en, *(item.text_en for item in items)]),
    ]
    return list(_written(texts))


def _written(texts: list[tuple[Language, list[str]]]) -> Iterator[Words]:
    for language, parts in texts:
        if text := "\n".join(part for part in parts if part.strip()):
            yield Words(text, language)
