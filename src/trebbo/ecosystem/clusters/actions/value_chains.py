"""Value chains: opening, editing, closing, succession, and who takes part."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.actions.facts import FactRefused
from trebbo.ecosystem.clusters.choices import ChainRole, SuccessionKind
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Membership,
    Succession,
    ValueChain,
)
from trebbo.ecosystem.clusters.policies import manage_cluster, manage_value_chain
from trebbo.ecosystem.organisations.choices import Standing
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record

CHAIN_FIELDS = ("name_it", "name_en", "aim_it", "aim_en", "notes_it", "notes_en")
CHAIRS = (ChainRole.CHAIR, ChainRole.VICE_CHAIR)


class ValueChainRefused(FactRefused):
    """The value chain cannot be opened, changed, closed or joined as asked."""


class ValueChainChanged(ValueChainRefused):
    """Somebody else saved the value chain meanwhile; `present` holds what is kept now."""

    status = 409

    def __init__(self, message: str, present: dict[str, Any], version: int) -> None:
        super().__init__(message)
        self.present = present
        self.version = version


@transaction.atomic
def open_value_chain(
    *,
    actor: Viewer,
    cluster: Cluster,
    code: str,
    slug: str,
    name_it: str,
    name_en: str,
    aim_it: str = "",
    aim_en: str = "",
    notes_it: str = "",
    notes_en: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> ValueChain:
    """A new value chain of a cluster (its office or agency); unknown days stay blank.

    Refuses a code that the cluster already used, an address that is taken, an end before the start.
    """
    manage_cluster.demand(actor, cluster, _("Only the office of the cluster opens value chains."))
    ValueChainRefused.unless_ordered(valid_from, valid_until)
    words = ValueChainRefused.unless_fitting(
        ValueChain,
        code=code,
        name_it=name_it,
        name_en=name_en,
        aim_it=aim_it,
        aim_en=aim_en,
        notes_it=notes_it,
        notes_en=notes_en,
        source=source,
    )
    if ValueChain.objects.filter(slug=slug).exists():
        message = _("This address is taken.")
        raise ValueChainRefused(message, {"slug": message})
    if cluster.value_chains.filter(code=code).exists():
        message = _("The cluster already has a value chain with this code.")
        raise ValueChainRefused(message, {"code": message})
    chain = ValueChain.objects.create(
        cluster=cluster,
        slug=slug,
        valid_from=valid_from,
        valid_until=valid_until,
        standing=standing,
        **words,
    )
    record(actor=actor, verb="open_value_chain", subject=chain)
    return chain


@transaction.atomic
def edit_value_chain(
    *, actor: Viewer, value_chain: ValueChain, version: int, **changes: Any
) -> ValueChain:
    """Change the names and aims (`CHAIN_FIELDS`): office, agency or the chair of the chain.

    `version` is the one that the person saw; see `edit_cluster` for what happens when it is old.
    """
    manage_value_chain.demand(
        actor, value_chain, _("Only the office or the chair can change the value chain.")
    )
    unknown = set(changes) - set(CHAIN_FIELDS)
    if unknown:
        raise TypeError(f"not a field of a value chain's page: {sorted(unknown)}")
    kept = ValueChainRefused.unless_fitting(ValueChain, **changes)
    won = ValueChain.objects.filter(pk=value_chain.pk, version=version).update(
        version=F("version") + 1
    )
    present = ValueChain.objects.get(pk=value_chain.pk)
    if not won:
        raise ValueChainChanged(
            _("Somebody else changed this page while you were writing."),
            {name: getattr(present, name) for name in CHAIN_FIELDS},
            present.version,
        )
    before = {name: getattr(present, name) for name in kept}
    for name, value in kept.items():
        setattr(present, name, value)
    present.save()
    record(
        actor=actor,
        verb="edit_value_chain",
        subject=present,
        changes={n: (before[n], kept[n]) for n in kept if before[n] != kept[n]},
    )
    _tell_members(present)
    return present


@transaction.atomic
def close_value_chain(*, actor: Viewer, value_chain: ValueChain, on: date) -> ValueChain:
    """End a value chain with its last day; who takes part until then leaves with it.

    Refuses an end before its start, or before somebody joined; and one already ended.
    """
    manage_cluster.demand(
        actor, value_chain.cluster, _("Only the office of the cluster closes value chains.")
    )
    present = ValueChain.objects.select_for_update(of=("self",)).get(pk=value_chain.pk)
    _close(present, on)
    record(
        actor=actor,
        verb="close_value_chain",
        subject=present,
        changes={"valid_until": (None, on)},
    )
    return present


@transaction.atomic
def succeed_value_chain(
    *,
    actor: Viewer,
    predecessor: ValueChain,
    successor: ValueChain,
    kind: str = SuccessionKind.CONTINUES,
    note_it: str = "",
    note_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Succession:
    """Record that one value chain became another; both stay, tied to each other.

    A predecessor that is still open ends the day before the successor starts. Refuses: value chains
    of two clusters; a successor that starts before its predecessor, or that has no known start
    while the predecessor is open; a chain that would come from itself.
    """
    manage_cluster.demand(
        actor,
        predecessor.cluster,
        _("Only the office of the cluster decides how value chains follow each other."),
    )
    before = ValueChain.objects.select_for_update(of=("self",)).get(pk=predecessor.pk)
    after = ValueChain.objects.get(pk=successor.pk)
    _demand_succession(before, after)
    words = ValueChainRefused.unless_fitting(
        Succession, note_it=note_it, note_en=note_en, source=source
    )
    if before.valid_until is None and after.valid_from is not None:
        _close(before, after.valid_from - timedelta(days=1))
    succession = Succession.objects.create(
        predecessor=before, successor=after, kind=kind, standing=standing, **words
    )
    for chain in (before, after):
        record(
            actor=actor,
            verb="succeed_value_chain",
            subject=chain,
            changes={
                "predecessor": (None, before),
                "successor": (None, after),
                "valid_until": (predecessor.valid_until, before.valid_until),
            },
        )
    return succession


def join_value_chain(
    *,
    actor: Viewer,
    value_chain: ValueChain,
    profile: Profile,
    role: str = ChainRole.PARTICIPANT,
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> ChainMembership:
    """A member of the cluster takes part in one of its value chains.

    A unit takes part by its own membership or by that of its organisation. Refuses anybody else,
    somebody who already takes part, and days outside the life of the value chain.
    """
    if role in CHAIRS:
        manage_cluster.demand(actor, value_chain.cluster, _office_appoints())
    manage_value_chain.demand(
        actor, value_chain, _("Only the office or the chair can say who takes part.")
    )
    ValueChainRefused.unless_ordered(valid_from, valid_until)
    _demand_inside(value_chain, valid_from, valid_until)
    _demand_member(value_chain.cluster, profile)
    words = ValueChainRefused.unless_fitting(ChainMembership, source=source)
    try:
        with transaction.atomic():
            place = ChainMembership.objects.create(
                value_chain=value_chain,
                profile=profile,
                role=role,
                valid_from=valid_from,
                valid_until=valid_until or value_chain.valid_until,
                standing=standing,
                **words,
            )
            record(
                actor=actor,
                verb="join_value_chain",
                subject=value_chain,
                changes={"member": (None, profile), "role": (None, role)},
            )
            _tell(profile.pk)
    except IntegrityError as error:
        message = _("%(name)s already takes part in this value chain.") % {"name": profile.title}
        raise ValueChainRefused(message, {"profile": message}) from error
    return place


@transaction.atomic
def leave_value_chain(*, actor: Viewer, place: ChainMembership, on: date) -> ChainMembership:
    """Somebody stops taking part in a value chain, with their last day."""
    manage_value_chain.demand(
        actor, place.value_chain, _("Only the office or the chair can say who takes part.")
    )
    present = ChainMembership.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if present.valid_until is not None:
        raise ValueChainRefused(_("This participation has already ended."))
    ValueChainRefused.unless_ordered(present.valid_from, on)
    present.valid_until = on
    present.save(update_fields=["valid_until"])
    record(
        actor=actor,
        verb="leave_value_chain",
        subject=present.value_chain,
        changes={"member": (present.profile, None), "valid_until": (None, on)},
    )
    _tell(present.profile_id)
    return present


@transaction.atomic
def appoint_chair_body(
    *,
    actor: Viewer,
    value_chain: ValueChain,
    profile: Profile,
    role: str = ChainRole.CHAIR,
    on: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> ChainMembership:
    """A member holds the chair or vice-chair from a day (blank where not known).

    Whoever held it before goes on as a participant. A body that did not take part joins.
    """
    manage_cluster.demand(actor, value_chain.cluster, _office_appoints())
    if role not in CHAIRS:
        message = _("Choose the chair or the vice-chair.")
        raise ValueChainRefused(message, {"role": message})
    places = ChainMembership.objects.filter(value_chain=value_chain, valid_until__isnull=True)
    for holder in places.filter(role=role).exclude(profile=profile.pk):
        _change_role(holder, ChainRole.PARTICIPANT, on)
    place = places.filter(profile=profile.pk).first()
    if place is None:
        return join_value_chain(
            actor=actor,
            value_chain=value_chain,
            profile=profile,
            role=role,
            valid_from=on,
            source=source,
            standing=standing,
        )
    present = _change_role(place, role, on)
    record(
        actor=actor,
        verb="appoint_chair_body",
        subject=value_chain,
        changes={"member": (profile, profile), "role": (place.role, role)},
    )
    _tell(profile.pk)
    return present


def _change_role(place: ChainMembership, role: str, on: date | None) -> ChainMembership:
    """From a known day the old role becomes history; otherwise it is corrected in its place."""
    if on is not None and place.valid_from is not None and on < place.valid_from:
        message = _("It takes part only since %(day)s.") % {"day": date_format(place.valid_from)}
        raise ValueChainRefused(message, {"on": message})
    if on is None or place.valid_from == on:
        ChainMembership.objects.filter(pk=place.pk).update(role=role)
        return ChainMembership.objects.get(pk=place.pk)
    ChainMembership.objects.filter(pk=place.pk).update(valid_until=on - timedelta(days=1))
    return ChainMembership.objects.create(
        value_chain_id=place.value_chain_id,
        profile_id=place.profile_id,
        role=role,
        valid_from=on,
        source=place.source,
        standing=place.standing,
    )


def _close(chain: ValueChain, on: date) -> None:
    if chain.valid_until is not None:
        raise ValueChainRefused(
            _("This value chain already ended on %(day)s.")
            % {"day": date_format(chain.valid_until)}
        )
    ValueChainRefused.unless_ordered(chain.valid_from, on)
    places = chain.members.filter(valid_until__isnull=True)
    if places.filter(valid_from__gt=on).exists():
        message = _("Somebody joined after that day: it cannot end before.")
        raise ValueChainRefused(message, {"valid_until": message})
    _tell_members(chain)
    places.update(valid_until=on)
    chain.valid_until = on
    chain.save(update_fields=["valid_until"])


def _demand_succession(before: ValueChain, after: ValueChain) -> None:
    if before.cluster_id != after.cluster_id:
        message = _("A value chain can only become another of the same cluster.")
    elif before.pk in _line_of(after) or before.pk == after.pk:
        message = _("A value chain cannot come from itself.")
    elif Succession.objects.filter(predecessor=before, successor=after).exists():
        message = _("This succession is already recorded.")
    elif after.valid_from is None and before.valid_until is None:
        message = _("Say when the new value chain starts, or when the old one ended.")
    elif after.valid_from and before.valid_from and after.valid_from <= before.valid_from:
        message = _("The new value chain starts before the one that it follows.")
    else:
        return
    raise ValueChainRefused(message, {"successor": message})


def _line_of(chain: ValueChain) -> set[int]:
    """All the value chains that came, directly or not, from this one."""
    links = list(
        Succession.objects.filter(predecessor__cluster=chain.cluster_id).values_list(
            "predecessor", "successor"
        )
    )
    found: set[int] = set()
    edge = {chain.pk}
    while edge:
        edge = {after for before, after in links if before in edge} - found
        found |= edge
    return found


def _demand_inside(chain: ValueChain, start: date | None, end: date | None) -> None:
    if start and chain.valid_from and start < chain.valid_from:
        message = _("The value chain exists only since %(day)s.") % {
            "day": date_format(chain.valid_from)
        }
        raise ValueChainRefused(message, {"valid_from": message})
    last = end or start
    if last and chain.valid_until and last > chain.valid_until:
        message = _("The value chain ended on %(day)s.") % {"day": date_format(chain.valid_until)}
        raise ValueChainRefused(message, {"valid_until" if end else "valid_from": message})


def _demand_member(cluster: Cluster, profile: Profile) -> None:
    bodies = [
        profile.pk,
        *Unit.objects.filter(pk=profile.pk).values_list("organisation", flat=True),
    ]
    if not Membership.objects.filter(cluster=cluster, profile__in=bodies).exists():
        message = _("Only members of %(cluster)s take part in its value chains.") % {
            "cluster": cluster.title
        }
        raise ValueChainRefused(message, {"profile": message})


def _office_appoints() -> str:
    return _("Only the office of the cluster appoints the chair.")


def _tell(profile_id: int) -> None:
    transaction.on_commit(
        partial(membership_changed.send, sender=ChainMembership, profile_id=profile_id)
    )


def _tell_members(chain: ValueChain) -> None:
    for profile_id in chain.members.values_list("profile", flat=True):
        _tell(profile_id)
