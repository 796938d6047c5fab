"""Reads what a person holds today, and who acts for a profile."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import BigIntegerField, Q, QuerySet, Value
from django.utils import timezone

from trebbo.ecosystem.accounts import policies
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import (
    ClusterRole,
    Invitation,
    Mandate,
    NetworkRole,
    Person,
    related,
)
from trebbo.kernel.access import Viewer


def held_on(day: date) -> Q:
    """The condition that a dated holding is in force on `day`."""
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def viewer_for(person: Person, *, now: datetime, language: str) -> Viewer:
    """The viewer that this person is at `now`: rights are derived here and nowhere stored.

    One query for all that the person holds, because every page begins with it.
    """
    today = held_on(timezone.localtime(now).date()) & Q(person=person)
    mandates = Mandate.objects.filter(today).values_list(
        Value("mandate"), "profile_id", "role", Value(None, output_field=BigIntegerField())
    )
    clusters = ClusterRole.objects.filter(today).values_list(
        Value("cluster"), "cluster_id", "role", "value_chain_id"
    )
    networks = NetworkRole.objects.filter(today).values_list(
        Value("network"), "network_id", "role", Value(None, output_field=BigIntegerField())
    )
    held: dict[str, list[tuple[int, str]]] = defaultdict(list)
    chains = set()
    for where, key, role, chain in mandates.order_by().union(
        clusters.order_by(), networks.order_by(), all=True
    ):
        held[where].append((key, role))
        chains |= {chain} - {None}
    return Viewer(
        now=now,
        person_id=person.pk,
        label=str(person),
        language=language,
        mandates=_grouped(held["mandate"]),
        clusters=_grouped(held["cluster"]),
        networks=_grouped(held["network"]),
        chains=frozenset(chains),
    )


def people_acting_for(profile_id: int, *, viewer: Viewer) -> QuerySet[Mandate]:
    """Who acts for the profile today; nobody's name is shown to a visitor."""
    rows = Mandate.objects.filter(held_on(viewer.today), profile_id=profile_id)
    rows = rows.select_related("person").order_by("role", "person__name")
    return rows if viewer.signed_in else rows.none()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a person holds today."""

    mandates: list[Mandate]
    cluster_roles: list[ClusterRole]
    network_roles: list[NetworkRole]

    @property
    def nothing(self) -> bool:
        """Whether the person holds nothing."""
        return not (self.mandates or self.cluster_roles or self.network_roles)


def my_holdings(*, viewer: Viewer) -> Holdings:
    """Everything that the viewer holds today, for the viewer alone."""
    today = held_on(viewer.today) & Q(person=viewer.person_id)
    return Holdings(
        list(
            Mandate.objects.filter(today).select_related("profile").order_by("profile__sort_name")
        ),
        list(
            ClusterRole.objects.filter(today)
            .select_related("cluster", "value_chain")
            .order_by("cluster__sort_name", "role")
        ),
        list(NetworkRole.objects.filter(today).select_related("network").order_by("network__slug")),
    )


def person_of(*, viewer: Viewer) -> Person:
    """The person behind a viewer who has signed in."""
    return Person.objects.get(pk=viewer.person_id or 0)


def profile_with_colleagues(slug: str, *, viewer: Viewer) -> Any | None:
    """The profile at this address, if the viewer may see who acts for it."""
    rows = related(Mandate, "profile").objects.filter(slug=slug)
    return policies.see_colleagues.filter(viewer, rows).distinct().first()


def open_invitations(profile_id: int, *, viewer: Viewer) -> QuerySet[Invitation]:
    """Invitations to act for the profile that somebody may still accept, newest first."""
    rows = Invitation.objects.filter(
        profile_id=profile_id,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=viewer.now,
    ).select_related("invited_by")
    profiles = policies.see_colleagues.filter(viewer, related(Mandate, "profile").objects.all())
    return rows.filter(profile__in=profiles.values("pk")).order_by("-invited_at")


def is_last_representative(mandate: Mandate, *, viewer: Viewer) -> bool:
    """Whether nobody else would represent the profile once this mandate is over."""
    if mandate.role != MandateRole.REPRESENTATIVE:
        return False
    others = Mandate.objects.filter(
        held_on(viewer.today),
        profile=mandate.profile_id,
        role=MandateRole.REPRESENTATIVE,
        person__is_active=True,
    )
    return not others.exclude(pk=mandate.pk).exists()


def owns_address(email: str, *, viewer: Viewer) -> bool:
    """Whether the address is the viewer's own: the one of the account, or one proven since."""
    mine = Person.objects.filter(pk=viewer.person_id or 0, email=email.lower())
    proven = EmailAddress.objects.filter(user=viewer.person_id, email__iexact=email, verified=True)
    return mine.exists() or proven.exists()


def should_sign_in(invitation: Invitation, *, viewer: Viewer) -> bool:
    """Whether the visitor who holds an invitation has an account already, by its address."""
    email = invitation.email
    return not viewer.signed_in and (
        Person.objects.filter(email=email.lower()).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    )


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, frozenset[str]]:
    groups: dict[int, set[str]] = defaultdict(set)
    for key, value in pairs:
        groups[key].add(value)
    return {key: frozenset(values) for key, values in groups.items()}
