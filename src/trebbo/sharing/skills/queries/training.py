"""Training on offer, of one body and of all."""

from dataclasses import dataclass

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.functions import Coalesce

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.models import TrainingOffer
from trebbo.sharing.skills.policies import view_training
from trebbo.sharing.skills.queries.choosing import with_words

OWN_WORDS = ("title_it", "title_en", "description_it", "description_en")


@dataclass(frozen=True, slots=True)
class TrainingWanted:
    """What the list is narrowed to; blank means everything."""

    words: str = ""
    kind: str = ""
    only_open: bool = False


def training_of(profile: Profile, *, viewer: Viewer) -> list[TrainingOffer]:
    """What a body offers to people and is not over, the next beginning first; two queries."""
    rows = training_present(viewer=viewer).filter(profile=profile.pk)
    return list(rows.prefetch_related("fields").order_by(*_next_first()))


def past_training(profile: Profile, *, viewer: Viewer) -> list[TrainingOffer]:
    """What a body offered once."""
    rows = view_training.filter(viewer, TrainingOffer.objects.filter(profile=profile.pk))
    return list(rows.filter(valid_until__lt=viewer.today).order_by("-valid_until", "pk"))


def offer_of(profile: Profile, training_id: int, *, viewer: Viewer) -> TrainingOffer | None:
    """One offer of the profile, where the viewer may see it."""
    rows = view_training.filter(viewer, TrainingOffer.objects.filter(profile=profile.pk))
    return rows.filter(pk=training_id).first()


def training_list(wanted: TrainingWanted, *, viewer: Viewer) -> QuerySet[TrainingOffer]:
    """Training that is not over, of all bodies; two queries, whatever is asked."""
    rows = training_present(viewer=viewer)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.only_open:
        last = Coalesce("apply_by", "valid_until")
        rows = rows.alias(last=last).filter(Q(last__isnull=True) | Q(last__gte=viewer.today))
    if wanted.words.strip():
        rows = rows.filter(_with_words(wanted.words))
    rows = rows.select_related("profile").prefetch_related("fields")
    return rows.order_by(*_next_first())


def _with_words(words: str) -> Q:
    """Each word may be met by the offer's own words or by one of its fields."""
    condition = Q()
    for word in words.split():
        by_field = TrainingOffer.objects.filter(with_words(word, "fields__")).values("pk")
        condition &= with_words(word, columns=OWN_WORDS) | Q(pk__in=by_field)
    return condition


def training_present(*, viewer: Viewer) -> QuerySet[TrainingOffer]:
    """The training of all bodies that is not over, as far as the viewer may see it."""
    rows = view_training.filter(viewer, TrainingOffer.objects.all())
    return rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=viewer.today))


def _next_first() -> tuple[OrderBy | str, ...]:
    return (
        F("apply_by").asc(nulls_last=True),
        F("valid_from").asc(nulls_last=True),
        "pk",
    )
