"""What competences and training say in both languages: for the search, and for why it found."""

from collections.abc import Iterable

from trebbo.ecosystem.organisations.models import holding_on
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.models import Competence, TrainingOffer
from trebbo.sharing.skills.policies import view_competence
from trebbo.sharing.skills.queries.training import training_present


def words_of_competence(competence: Competence) -> tuple[str, str]:
    """What it is called and what is noted of it, in Italian and in English; blank where nothing."""
    named = competence.concept or competence.term
    italian, english = (named.label_it, named.label_en) if named else ("", "")
    return _joined(italian, competence.note_it), _joined(english, competence.note_en)


def competences_told(ids: Iterable[int], *, viewer: Viewer) -> dict[int, tuple[int, str, str]]:
    """Of these competences, what is offered today and the viewer may see: profile and words.

    No query where no id is given.
    """
    keys = set(ids)
    if not keys:
        return {}
    rows = Competence.objects.filter(
        holding_on(viewer.today), pk__in=keys, direction=Direction.OFFERED
    ).select_related("concept", "term")
    seen = view_competence.filter(viewer, rows)
    return {one.pk: (one.profile_id, *words_of_competence(one)) for one in seen}


def words_of_training(offer: TrainingOffer) -> tuple[str, str]:
    """What it is called and of which fields it is, in Italian and in English."""
    fields = list(offer.fields.all())
    return (
        _joined(offer.title_it, ", ".join(one.label_it for one in fields)),
        _joined(offer.title_en, ", ".join(one.label_en for one in fields)),
    )


def training_told(ids: Iterable[int], *, viewer: Viewer) -> dict[int, tuple[int, str, str]]:
    """Of these offers, what is not over and the viewer may see: profile and words.

    No query where no id is given.
    """
    keys = set(ids)
    if not keys:
        return {}
    rows = training_present(viewer=viewer).filter(pk__in=keys).prefetch_related("fields")
    return {one.pk: (one.profile_id, *words_of_training(one)) for one in rows}


def _joined(*texts: str) -> str:
    return ": ".join(text for text in texts if text)
