"""Reads the review queue: which links wait, made or decided, and both sides of one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.evidence.choices import DECIDED, LinkState, Queue
from trebbo.ecosystem.evidence.models import Body, FundedProject, Link, Participation
from trebbo.ecosystem.evidence.policies import decide_link
from trebbo.ecosystem.evidence.queries.comparing import Compared, compared, compared_bodies
from trebbo.ecosystem.evidence.queries.reasons import Told, chance_words, told_reasons
from trebbo.ecosystem.organisations.models import (
    Identifier,
    KindPeriod,
    OtherName,
    Profile,
    Seat,
    Unit,
)
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.ecosystem.organisations.queries.gathering import rows_of
from trebbo.kernel.access import Viewer

MOST_EXAMPLES = 3
MOST_RIVALS = 6
ORDERS: Mapping[Queue, tuple[str, ...]] = {
    Queue.WAITING: ("-probability", "pk"),
    Queue.MADE: ("probability", "pk"),
    Queue.DECIDED: ("-decided_at", "-pk"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """One link with both sides next to each other, and why it may be right.

    `rivals` are other links of the same body or the same profile; `held_by` is another profile
    that has the body's identifier already.
    """

    link: Link
    rows: tuple[Compared, ...]
    reasons: tuple[Told, ...]
    chance: str | Promise
    examples: tuple[FundedProject, ...]
    rivals: tuple[Link, ...]
    held_by: Profile | None

    @property
    def may_accept(self) -> bool:
        """Whether it waits for a decision, or was made without one."""
        return self.link.state not in DECIDED

    @property
    def may_split(self) -> bool:
        """Whether its projects could be given one by one."""
        return self.may_accept and self.link.profile_id is not None


def links_in(
    queue: Queue, *, viewer: Viewer, only_members: bool = False, dataset: str = ""
) -> QuerySet[Link]:
    """The links of a queue on which the viewer may decide, in its order.

    Waiting ones the strongest first, those made without anybody the weakest first, decided ones
    the latest first. A body that somebody settled is not asked about again.
    """
    rows = decide_link.filter(viewer, Link.objects.all())
    if queue == Queue.WAITING:
        chosen = Link.objects.filter(
            body=OuterRef("body"), state__in=(LinkState.ACCEPTED, LinkState.SPLIT)
        )
        of_profiles = Exists(chosen.filter(profile__isnull=False))
        of_bodies = Exists(chosen.filter(same_body__isnull=False))
        rows = rows.filter(
            (Q(profile__isnull=False) & ~Q(of_profiles))
            | (Q(profile__isnull=True) & ~Q(of_bodies)),
            state=LinkState.PROPOSED,
        )
    elif queue == Queue.MADE:
        rows = rows.filter(state=LinkState.MADE)
    else:
        rows = rows.filter(state__in=DECIDED)
    if only_members:
        rows = rows.filter(_of_members(viewer))
    if dataset:
        rows = rows.filter(body__last_import__dataset=dataset)
    return rows.order_by(*ORDERS[queue])


def listed_links(link_ids: Sequence[int], *, viewer: Viewer) -> list[Link]:
    """These links with both sides, in the order given; those the viewer may not decide are out."""
    rows = decide_link.filter(viewer, Link.objects.filter(pk__in=link_ids))
    found = rows.select_related(
        "body__last_import",
        "profile__as_unit__organisation",
        "same_body__last_import",
        "decided_by",
    ).in_bulk()
    return [found[pk] for pk in link_ids if pk in found]


def review_of(link: Link, *, viewer: Viewer) -> Review:
    """Both sides of a link and what speaks for and against it; four queries at most."""
    if link.profile is not None:
        rows = compared(_with_facts(link.profile), link.body, viewer=viewer)
    else:
        rows = compared_bodies(link.body, link.same_body or link.body, viewer=viewer)
    return Review(
        link=link,
        rows=rows,
        reasons=told_reasons(link.reasons, viewer=viewer),
        chance=chance_words(link.probability, viewer=viewer),
        examples=_examples(link.body),
        rivals=_rivals(link),
        held_by=_holder(link),
    )


def last_decision(*, viewer: Viewer) -> Link | None:
    """The latest link that the viewer decided, which they may take back."""
    if viewer.person_id is None:
        return None
    rows = Link.objects.filter(decided_by=viewer.person_id, state__in=DECIDED)
    return rows.select_related("body", "profile", "same_body").order_by("-decided_at").first()


def split_link_of(link_id: int, *, viewer: Viewer) -> Link | None:
    """A link whose body was split, if the viewer may decide on it."""
    rows = decide_link.filter(viewer, Link.objects.filter(state=LinkState.SPLIT, pk=link_id))
    return rows.select_related("body__last_import", "profile__as_unit__organisation").first()


def participations_to_give(link: Link, *, viewer: Viewer) -> QuerySet[Participation]:
    """The projects of a body that was split: nobody's first, then by whose they are."""
    rows = Participation.objects.filter(body=link.body_id, gone_import__isnull=True)
    return rows.select_related("project", "given_to", "profile").order_by(
        F("given_to").asc(nulls_first=True), "-project__start_date", "pk"
    )


def holders(profile_id: int, *, viewer: Viewer) -> QuerySet[Profile]:
    """The organisation that the profile is, or belongs to, and its units, of the viewer's care."""
    owner = Unit.objects.filter(pk=profile_id).values("organisation")
    rows = Profile.objects.filter(
        Q(pk=profile_id)
        | Q(pk__in=owner)
        | Q(as_unit__organisation=profile_id)
        | Q(as_unit__organisation__in=owner)
    )
    return edit_profile.filter(viewer, rows).order_by("type", "sort_name")


def _of_members(viewer: Viewer) -> Q:
    """Links of the members of the viewer's clusters, of these members' units, of the clusters."""
    members = memberships_on(viewer.today).filter(
        Q(cluster__in=viewer.managed_clusters) | Q(cluster__network__in=viewer.agency_networks)
    )
    of_members = members.filter(
        Q(profile=OuterRef("profile")) | Q(profile=OuterRef("profile__as_unit__organisation"))
    )
    clusters = Cluster.objects.filter(
        Q(pk__in=viewer.managed_clusters) | Q(network__in=viewer.agency_networks)
    )
    return Q(Exists(of_members)) | Q(profile__in=clusters.values("pk"))


def _with_facts(profile: Profile) -> Profile:
    """The profile with its names, numbers and places, in one query."""
    rows = Profile.objects.filter(pk=profile.pk).select_related(
        "as_organisation", "as_unit__organisation", "as_cluster"
    )
    return rows.annotate(
        name_rows=rows_of(OtherName, "profile"),
        identifier_rows=rows_of(Identifier, "profile"),
        seat_rows=rows_of(Seat, "profile"),
        kind_rows=rows_of(KindPeriod, "organisation"),
    ).get()


def _examples(body: Body) -> tuple[FundedProject, ...]:
    rows = FundedProject.objects.filter(
        Exists(
            Participation.objects.filter(
                project=OuterRef("pk"), body=body, gone_import__isnull=True
            )
        )
    )
    return tuple(rows.order_by("-start_date", "pk").defer("objective")[:MOST_EXAMPLES])


def _rivals(link: Link) -> tuple[Link, ...]:
    """What else the body may be, and which other bodies may be the same profile."""
    condition = Q(body=link.body_id)
    if link.profile_id is not None:
        condition |= Q(profile=link.profile_id)
    else:
        condition |= Q(same_body=link.same_body_id)
    rows = Link.objects.filter(condition).exclude(pk=link.pk)
    return tuple(
        rows.exclude(state=LinkState.REFUSED)
        .select_related("body", "profile", "same_body")
        .order_by("-probability", "pk")[:MOST_RIVALS]
    )


def _holder(link: Link) -> Profile | None:
    if link.profile_id is None:
        return None
    held = Identifier.objects.filter(scheme=link.body.scheme, value=link.body.key)
    found = held.exclude(profile=link.profile_id).select_related("profile").first()
    return found.profile if found else None
