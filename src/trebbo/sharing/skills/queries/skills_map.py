"""The skills map of a network, cluster or value chain: who covers what, how strongly, what lacks.

Everything is counted in columns, so that a network of a thousand bodies is drawn in one go.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Profile, Unit, holding_on
from trebbo.ecosystem.organisations.policies import seen_by, view_profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold, language_shown
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.models import Competence, OwnTerm
from trebbo.sharing.skills.policies import view_competence
from trebbo.sharing.skills.queries.skills_map_counts import (
    Cover,
    FieldLine,
    MapWishes,
    Match,
    count_fields,
    fields_of,
    kept_rows,
    line_of,
    matches,
)
from trebbo.sharing.skills.queries.skills_map_rows import (
    CONFIRMED,
    FAMILIES,
    LONGEST_LINE,
    NEVER,
    Members,
    Place,
    Reading,
    Rows,
    read_map,
)

FIELDS_SCHEME = "euroscivoc"
ABOVE = tuple("__".join(["concept", *["broader"] * n]) for n in range(1, LONGEST_LINE))
"""What leads from a competence to the concepts above its own."""
Named = TypeVar("Named", FieldLine, Match)


@dataclass(frozen=True, slots=True)
class SkillsMap:
    """The map of a place. Gaps and matches are by what is stated, whatever the depth of `fields`.

    `bodies` counts the members as organisations, `with_offers` those that offer anything that is
    shown; `families` are those of the columns of `FieldLine.kinds`, with their number of bodies.
    """

    place: Place
    wishes: MapWishes
    fields: tuple[FieldLine, ...]
    gaps: tuple[Match, ...]
    matches: tuple[Match, ...]
    bodies: int
    with_offers: int
    families: tuple[tuple[str, str, int], ...]
    path: tuple[tuple[int, str], ...]
    offers: int = 0
    confirmed: int = 0
    evidenced: int = 0
    never: int = 0
    synthetic: bool = False

    def covered(self, cover: Cover) -> tuple[FieldLine, ...]:
        """The fields that are covered so."""
        return tuple(line for line in self.fields if line.cover == cover)

    @property
    def confirmed_percent(self) -> int:
        """The share of the competences offered that are confirmed today."""
        return round(100 * self.confirmed / self.offers) if self.offers else 0


def skills_map(viewer: Viewer, place: Place, wishes: MapWishes | None = None) -> SkillsMap:
    """Count the map of a place as the viewer may see it: six queries, seven for a value chain.

    A body is an organisation. Members are those with an active or suspended membership on the
    day; a unit counts with the organisation that is a member, an organisation with its unit that
    is, and neither twice for the same field.
    """
    return counted_map(read_map(place, viewer=viewer), wishes or MapWishes(), viewer=viewer)


def counted_map(
    reading: Reading, wishes: MapWishes, *, viewer: Viewer, labels: "Labels | None" = None
) -> SkillsMap:
    """The map of what was read; two queries for its words, unless they are given."""
    rows, members = reading.rows, reading.members
    path = line_of(rows, wishes.branch)
    lines, found = counted(rows, members, wishes)
    if labels is None:
        keys = {line.key for line in lines} | {one.key for one in found} | set(path)
        labels = Labels.of(keys, viewer=viewer)
    offered = rows.inside & rows.offered & kept_rows(rows, members, wishes)
    families = Counter(members.kinds[body] for body in members.bodies)
    matching = [labels.named(one) for one in found]
    return SkillsMap(
        place=reading.place,
        wishes=wishes,
        fields=tuple(sorted(map(labels.named, lines), key=_order(wishes.order))),
        gaps=tuple(one for one in matching if not one.offers),
        matches=tuple(one for one in matching if one.introduces),
        bodies=len(members.bodies),
        with_offers=len(np.unique(rows.body[offered])),
        families=tuple(
            (key, str(name), families[key]) for key, name in FAMILIES.items() if families[key]
        ),
        path=tuple((key, labels.label(key)) for key in path if key in labels.concepts),
        offers=int(offered.sum()),
        confirmed=int((offered & (rows.fresh == CONFIRMED)).sum()),
        evidenced=int((offered & (rows.evidence == 1)).sum()),
        never=int((offered & (rows.fresh == NEVER)).sum()),
        synthetic=reading.synthetic,
    )


def counted(rows: Rows, members: Members, wishes: MapWishes) -> tuple[list[FieldLine], list[Match]]:
    """The fields, and what is sought with who offers it; without words."""
    keep = kept_rows(rows, members, wishes)
    fields = fields_of(rows, wishes)
    lines = [line for line in count_fields(rows, keep, fields, members) if _wanted(line, wishes)]
    return lines, matches(rows, keep & (fields != 0))


@dataclass(frozen=True, slots=True)
class Headline:
    """What a cluster's own page says of its skills, in competences as they are stated."""

    offered: int
    only_one: int
    gaps: int

    def __bool__(self) -> bool:
        return bool(self.offered or self.gaps)


def headline(cluster: Cluster, *, viewer: Viewer) -> Headline:
    """The figures of a cluster that the viewer sees already; one query, grouped in the database."""
    present = memberships_on(viewer.today).filter(seen_by(viewer, "profile"), cluster=cluster)
    present = present.exclude(state=MembershipState.CANDIDATE).order_by()
    members = present.values("profile")
    units = Unit.objects.filter(pk__in=members).values("organisation")
    rows: QuerySet[Any] = view_competence.filter(
        viewer, Competence.objects.filter(holding_on(viewer.today))
    ).filter(
        Q(profile__in=members)
        | Q(profile__as_unit__organisation__in=members)
        | Q(profile__in=units)
    )
    body = Coalesce("profile__as_unit__organisation", "profile")
    groups = (
        rows.annotate(subject=Coalesce("concept", "term__merged_into", Value(0) - F("term_id")))
        .values_list("direction", "subject", *ABOVE)
        .annotate(bodies=Count(body, distinct=True))
        .order_by()
    )
    offered: dict[int, int] = {}
    served: set[int] = set()
    sought: set[int] = set()
    for direction, subject, *above, bodies in groups:
        if direction == Direction.SOUGHT:
            sought.add(subject)
        else:
            offered[subject] = max(bodies, offered.get(subject, 0))
            served |= {subject, *above}
    return Headline(
        offered=len(offered),
        only_one=sum(bodies == 1 for bodies in offered.values()),
        gaps=len(sought - served),
    )


def bodies_named(keys: Iterable[int], *, viewer: Viewer) -> dict[int, Profile]:
    """The profiles behind these offers, as far as the viewer may see them; one query."""
    rows = view_profile.filter(viewer, Profile.objects.filter(pk__in=set(keys)))
    names = ("type", "slug", "name", "name_en", "acronym", "sort_name", "standing")
    return rows.only(*names).in_bulk()


def _wanted(line: FieldLine, wishes: MapWishes) -> bool:
    return {"offered": line.bodies > 0, "sought": line.sought > 0}.get(wishes.direction, True)


# --- Words and order

ORDERS: Mapping[str, Callable[[FieldLine], int]] = {
    "strength": lambda line: -line.points,
    "bodies": lambda line: -line.bodies,
    "people": lambda line: -line.people,
    "confirmed": lambda line: -line.confirmed_percent,
    "sought": lambda line: -line.sought,
    "elsewhere": lambda line: -line.elsewhere,
    "name": lambda line: 0,
}
"""By what the fields can be ordered; those that are equal by name."""


def _order(name: str) -> Callable[[FieldLine], tuple[int, str, int, str]]:
    by = ORDERS.get(name, ORDERS["strength"])
    return lambda line: (line.rank, line.group, by(line), fold(line.label))


@dataclass(frozen=True, slots=True)
class Labels:
    """What concepts and own terms are called."""

    concepts: Mapping[int, Concept]
    terms: Mapping[int, OwnTerm]

    @classmethod
    def of(cls, keys: Iterable[int], *, viewer: Viewer) -> "Labels":
        """Those of these keys; vocabularies are everybody's, and so are terms that are shown."""
        known = list(keys)
        concepts = Concept.objects.select_related("scheme").only(
            "label_it", "label_en", "scheme__name_it", "scheme__name_en", "scheme__code"
        )
        return cls(
            concepts.in_bulk([key for key in known if key > 0]),
            OwnTerm.objects.in_bulk([-key for key in known if key < 0]),
        )

    def label(self, key: int) -> str:
        """What one is called, in the page's language."""
        return str(self.one(key))

    def named(self, line: Named) -> Named:
        """The same line with its words."""
        one, language = self.one(line.key), self.language(line.key)
        if isinstance(line, Match):
            return replace(line, label=one.label, language=language)
        if isinstance(one, OwnTerm):
            group, rank = _("Own terms"), 2
        else:
            group, rank = one.scheme.name, 0 if one.scheme.code == FIELDS_SCHEME else 1
        return replace(line, label=one.label, language=language, group=group, rank=rank)

    def language(self, key: int) -> str:
        """The language of its label, where that is not the page's."""
        one = self.one(key)
        return language_shown(one.label_it, one.label_en)

    def one(self, key: int) -> Concept | OwnTerm:
        """The concept or own term itself."""
        return self.concepts[key] if key > 0 else self.terms[-key]
