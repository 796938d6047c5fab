"""What a body offers and seeks, and who offers or seeks what."""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import ChainMembership
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.clusters.queries.composition import described
from trebbo.ecosystem.organisations.models import Profile, holding_on
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.organisations.queries import visible_profiles
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import in_language
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.models import Competence
from trebbo.sharing.skills.policies import state_skills, view_competence
from trebbo.sharing.skills.queries.choosing import with_words
from trebbo.sharing.skills.queries.evidence import shown_evidence

TERM_WORDS = ("label_it", "label_en")
NOTES = ("note_it", "note_en")


@dataclass(frozen=True, slots=True)
class Stated:
    """The competences of a body that the viewer may see: of today, to come, and over."""

    offered: tuple[Competence, ...]
    sought: tuple[Competence, ...]
    to_come: tuple[Competence, ...]
    past: tuple[Competence, ...]

    def __bool__(self) -> bool:
        return bool(self.offered or self.sought)

    @property
    def present(self) -> tuple[Competence, ...]:
        """What holds, or will."""
        return (*self.offered, *self.sought, *self.to_come)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the directory is narrowed to; blank means everything."""

    words: str = ""
    direction: str = ""
    level: int | None = None
    cluster: str = ""
    chain: str = ""
    kind: str = ""


def profile_of_skills(slug: str, *, viewer: Viewer) -> Profile | None:
    """The profile at this address if the viewer may see it, with `may_state`; one query."""
    may = Exists(state_skills.filter(viewer, Profile.objects.filter(pk=OuterRef("pk"))))
    return visible_profiles(viewer=viewer).filter(slug=slug).annotate(may_state=may).first()


def visible_competences(*, viewer: Viewer) -> QuerySet[Competence]:
    """The competences that hold today and that the viewer may see."""
    rows = view_competence.filter(viewer, Competence.objects.all())
    return rows.filter(holding_on(viewer.today))


def stated_by(profile: Profile, *, viewer: Viewer) -> Stated:
    """What a body offers and seeks, the highest levels first, with `proofs`; two queries."""
    rows = view_competence.filter(viewer, Competence.objects.filter(profile=profile.pk))
    rows = rows.select_related("concept__scheme", "term").prefetch_related(_proofs(viewer))
    found = sorted(rows, key=lambda one: (-(one.level or 0), one.label.casefold()))
    today = viewer.today
    now = [one for one in found if one.holds_on(today)]
    return Stated(
        offered=tuple(one for one in now if one.direction == Direction.OFFERED),
        sought=tuple(one for one in now if one.direction == Direction.SOUGHT),
        to_come=tuple(one for one in found if one.valid_from and one.valid_from > today),
        past=tuple(one for one in found if one.valid_until and one.valid_until < today),
    )


def competence_of(profile: Profile, competence_id: int, *, viewer: Viewer) -> Competence | None:
    """One competence of the profile, where the viewer may see it, with `proofs`."""
    rows = view_competence.filter(viewer, Competence.objects.filter(profile=profile.pk))
    rows = rows.select_related("concept__scheme", "term").prefetch_related(_proofs(viewer))
    return rows.filter(pk=competence_id).first()


def directory(wanted: Wanted, *, viewer: Viewer) -> QuerySet[Competence]:
    """Who offers and seeks what, as far as the viewer may see it, by name.

    Each row has `evidence_count` and `kind` of the body. One query, whatever is asked.
    """
    rows: QuerySet[Any] = visible_competences(viewer=viewer)
    if wanted.words.strip():
        rows = rows.filter(_with_words(wanted.words))
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction)
    if wanted.level:
        rows = rows.filter(level__gte=wanted.level)
    if wanted.cluster:
        rows = rows.filter(profile__in=_members(wanted.cluster, viewer))
    if wanted.chain:
        taken = ChainMembership.objects.filter(
            holding_on(viewer.today), value_chain__slug=wanted.chain
        )
        rows = rows.filter(profile__in=taken.values("profile"))
    rows = described(rows, day=viewer.today)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    rows = rows.annotate(evidence_count=_evidence_count(viewer), name=Lower(_name()))
    rows = rows.select_related("profile", "concept__scheme", "term")
    return rows.order_by("name", "direction", "-level", "profile__sort_name", "pk")


def _members(cluster: str, viewer: Viewer) -> Any:
    rows = memberships_on(viewer.today).filter(seen_by(viewer, "cluster"), cluster__slug=cluster)
    return rows.exclude(state=MembershipState.CANDIDATE).values("profile")


def _with_words(words: str) -> Q:
    """Each word may be met by the concept, the one above it, the term or the notes."""
    condition = Q()
    for word in words.split():
        one = with_words(word, "concept__", "concept__broader__")
        one |= with_words(word, "term__", columns=TERM_WORDS)
        condition &= one | with_words(word, columns=NOTES)
    return condition


def _name() -> Coalesce:
    """What a competence is called in the page's language, else in the other."""
    first = in_language("label_it", "label_en")
    second = in_language("label_en", "label_it")
    names = [f"concept__{first}", f"concept__{second}", f"term__{first}", f"term__{second}"]
    blank = [NullIf(name, Value("")) for name in names]
    return Coalesce(*blank, Value(""), output_field=CharField())


def _proofs(viewer: Viewer) -> Prefetch[str, Any, str]:
    rows = shown_evidence(viewer=viewer).select_related("project", "accreditation__profile", "item")
    return Prefetch("evidence", queryset=rows.order_by("pk"), to_attr="proofs")


def _evidence_count(viewer: Viewer) -> Coalesce:
    rows = shown_evidence(viewer=viewer).filter(competence=OuterRef("pk")).order_by()
    counted = rows.values("competence").annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
