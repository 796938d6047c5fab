"""Memberships of a cluster: candidate, member, suspended, ended."""

from datetime import date
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.actions.facts import FactRefused
from trebbo.ecosystem.clusters.choices import (
    ENDINGS,
    STATE_CHANGES,
    MembershipCategory,
    MembershipState,
)
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import ChainMembership, Cluster, Membership
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.ecosystem.organisations.choices import ProfileType, Standing
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record

MEMBER_TYPES = (ProfileType.ORGANISATION, ProfileType.UNIT)


class MembershipRefused(FactRefused):
    """The membership cannot begin, change or end as asked."""


def admit_member(
    *,
    actor: Viewer,
    cluster: Cluster,
    profile: Profile,
    category: str = MembershipCategory.UNKNOWN,
    valid_from: date | None = None,
    valid_until: date | None = None,
    evidence_it: str = "",
    evidence_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Membership:
    """Record that an organisation or unit is a member, from a day (blank where not known).

    Refuses: a person without the office's rights; a body that is neither organisation nor unit;
    a period that ends before it starts; a second membership at the same time.
    """
    return _begin(
        actor,
        Membership(
            cluster=cluster,
            profile=profile,
            category=category,
            # One recorded with its end was withdrawn, for all that is known.
            state=MembershipState.WITHDRAWN if valid_until else MembershipState.ACTIVE,
            valid_from=valid_from,
            valid_until=valid_until,
            evidence_it=evidence_it,
            evidence_en=evidence_en,
            source=source,
            standing=standing,
        ),
        verb="admit_member",
    )


def propose_candidate(
    *,
    actor: Viewer,
    cluster: Cluster,
    profile: Profile,
    category: str = MembershipCategory.UNKNOWN,
    valid_from: date | None = None,
    evidence_it: str = "",
    evidence_en: str = "",
    source: str = "",
    standing: str = Standing.CANDIDATE,
) -> Membership:
    """Record that an organisation or unit may be or become a member; refuses as `admit_member`."""
    return _begin(
        actor,
        Membership(
            cluster=cluster,
            profile=profile,
            category=category,
            state=MembershipState.CANDIDATE,
            valid_from=valid_from,
            evidence_it=evidence_it,
            evidence_en=evidence_en,
            source=source,
            standing=standing,
        ),
        verb="propose_candidate",
    )


@transaction.atomic
def change_membership_state(
    *,
    actor: Viewer,
    membership: Membership,
    state: str,
    on: date | None = None,
    standing: str | None = None,
) -> Membership:
    """Pass a membership to another state, as `STATE_CHANGES` allows.

    A candidate who becomes a member starts `on` that day, if given. To end it, see
    `end_membership`.
    """
    manage_cluster.demand(actor, membership.cluster, _office_only())
    present = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if present.valid_until is not None or state not in STATE_CHANGES.get(present.state, ()):
        message = _("A membership that is “%(old)s” cannot become “%(new)s”.") % {
            "old": present.get_state_display(),
            "new": MembershipState(state).label,
        }
        raise MembershipRefused(message, {"state": message})
    changes: dict[str, tuple[object, object]] = {
        "member": (present.profile, present.profile),
        "state": (present.state, state),
    }
    if present.state == MembershipState.CANDIDATE and on:
        changes["valid_from"] = (present.valid_from, on)
        present.valid_from = on
    if standing:
        changes["standing"] = (present.standing, standing)
        present.standing = standing
    elif present.state == MembershipState.CANDIDATE and present.standing == Standing.CANDIDATE:
        # The office itself says so: it is no longer an unproven candidate.
        changes["standing"] = (present.standing, Standing.VERIFIED)
        present.standing = Standing.VERIFIED
    present.state = state
    present.save()
    record(
        actor=actor,
        verb="change_membership_state",
        subject=present.cluster.profile_ptr,
        changes=changes,
    )
    _tell(present)
    return present


@transaction.atomic
def end_membership(
    *,
    actor: Viewer,
    membership: Membership,
    on: date,
    state: str = MembershipState.WITHDRAWN,
) -> Membership:
    """End a membership with its last day; its places in the cluster's value chains end with it.

    Refuses an end before the start, or before the start in one of the value chains, in words tied
    to the field; and one that has already ended.
    """
    manage_cluster.demand(actor, membership.cluster, _office_only())
    present = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if present.valid_until is not None:
        raise MembershipRefused(
            _("This membership already has an end: %(day)s.") % {"day": _day(present.valid_until)}
        )
    if state not in ENDINGS:
        raise MembershipRefused(_("Choose how the membership ends."), {"state": _("Choose one.")})
    if present.valid_from and on < present.valid_from:
        message = _("The membership started on %(day)s: it cannot end before.") % {
            "day": _day(present.valid_from)
        }
        raise MembershipRefused(message, {"valid_until": message})
    _leave_chains(present, on)
    changes = {
        "member": (present.profile, present.profile),
        "state": (present.state, state),
        "valid_until": (None, on),
    }
    present.state, present.valid_until = state, on
    present.save(update_fields=["state", "valid_until"])
    record(actor=actor, verb="end_membership", subject=present.cluster.profile_ptr, changes=changes)
    _tell(present)
    return present


def _begin(actor: Viewer, membership: Membership, *, verb: str) -> Membership:
    manage_cluster.demand(actor, membership.cluster, _office_only())
    if membership.profile.type not in MEMBER_TYPES:
        message = _("Only an organisation or one of its units can be a member.")
        raise MembershipRefused(message, {"profile": message})
    MembershipRefused.unless_ordered(membership.valid_from, membership.valid_until)
    words = MembershipRefused.unless_fitting(
        Membership,
        evidence_it=membership.evidence_it,
        evidence_en=membership.evidence_en,
        source=membership.source,
    )
    for name, value in words.items():
        setattr(membership, name, value)
    try:
        with transaction.atomic():
            _demand_alone(membership)
            membership.save(force_insert=True)
            record(
                actor=actor,
                verb=verb,
                subject=membership.cluster.profile_ptr,
                changes={
                    "member": (None, membership.profile),
                    "state": (None, membership.state),
                    "valid_from": (None, membership.valid_from),
                    "valid_until": (None, membership.valid_until),
                },
            )
            _tell(membership)
    except IntegrityError as error:  # two offices at the same moment: the table decides
        raise _twice(membership) from error
    return membership


def _demand_alone(new: Membership) -> None:
    """Refuse a period that surely overlaps another of the same body; unknown days never do."""
    others = Membership.objects.filter(profile=new.profile, cluster=new.cluster)
    if new.valid_until is None:
        if others.filter(valid_until__isnull=True).exists():
            raise _twice(new)
    else:
        others = others.filter(valid_from__lte=new.valid_until)
    if new.valid_from is None:
        return
    if new.valid_until is None:
        overlapping = others.filter(valid_until__gte=new.valid_from)
    else:
        overlapping = others.filter(
            Q(valid_until__gte=new.valid_from) | Q(valid_until__isnull=True)
        )
    if overlapping.exists():
        message = _("In these days %(name)s already was a member of %(cluster)s.") % {
            "name": new.profile.title,
            "cluster": new.cluster.title,
        }
        raise MembershipRefused(message, {"valid_from": message})


def _twice(membership: Membership) -> MembershipRefused:
    message = _(
        "%(name)s already has a membership of %(cluster)s: change its state, or end it first."
    ) % {"name": membership.profile.title, "cluster": membership.cluster.title}
    return MembershipRefused(message, {"profile": message})


def _leave_chains(membership: Membership, on: date) -> None:
    places = ChainMembership.objects.filter(
        profile=membership.profile,
        value_chain__cluster=membership.cluster,
        valid_until__isnull=True,
    )
    later = places.filter(valid_from__gt=on).select_related("value_chain").first()
    if later is not None:
        message = _(
            "It joined the value chain “%(chain)s” on %(day)s: the membership cannot end before."
        ) % {"chain": later.value_chain.name, "day": _day(later.valid_from)}
        raise MembershipRefused(message, {"valid_until": message})
    places.update(valid_until=on)


def _office_only() -> str:
    return _("Only the office of the cluster can change its members.")


def _day(day: date | None) -> str:
    return date_format(day) if day else ""


def _tell(membership: Membership) -> None:
    transaction.on_commit(
        partial(membership_changed.send, sender=Membership, profile_id=membership.profile_id)
    )
