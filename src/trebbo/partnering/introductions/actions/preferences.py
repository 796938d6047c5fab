"""How bodies wish to be shown in asks, who is kept apart from whom, and the offices' floors."""

from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.models import Cluster, Network
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.vocabularies.models import Province
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.choices import FloorGroup
from trebbo.partnering.introductions.events import preference_changed
from trebbo.partnering.introductions.models import (
    AskingPreference,
    FairnessFloor,
    IntroductionPreference,
    KeptApart,
)
from trebbo.partnering.introductions.queries.silence import own_silence

MOST_TOLD = 100


class PreferenceRefused(Refusal):
    """The wish cannot be kept as it was said."""


class FloorRefused(Refusal):
    """The floor cannot be set as asked."""


@transaction.atomic
def set_silent(*, actor: Viewer, profile_id: int, is_silent: bool) -> AskingPreference:
    """Say whether a profile is left out of all asks; the last word holds."""
    return _say(actor, profile_id, "set_silent", is_silent=is_silent)


@transaction.atomic
def set_no_capacity_until(
    *, actor: Viewer, profile_id: int, until: date | None
) -> AskingPreference:
    """Say until which day a profile has no capacity, or that it has (None); the last word holds.

    Refuses a day that is over.
    """
    if until is not None and until < actor.today:
        raise _refused("no_capacity_until", _("This day is over: choose today or a later one."))
    return _say(actor, profile_id, "set_no_capacity_until", no_capacity_until=until)


@transaction.atomic
def set_most_a_month(*, actor: Viewer, profile_id: int, most: int | None) -> AskingPreference:
    """Say how often a month a profile may be asked at most, or that it may always (None).

    Refuses what is not from 1 to 100: who wants never to be asked says so.
    """
    _demand_most(most)
    return _say(actor, profile_id, "set_most_a_month", most_a_month=most)


@transaction.atomic
def set_own_silence(
    *, actor: Viewer, is_silent: bool, most_a_month: int | None = None
) -> IntroductionPreference:
    """Say how the actor wishes to be asked in person: not at all, or at most so often a month."""
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if person is None:
        raise NotAllowed(_("Sign in first."))
    _demand_most(most_a_month)
    wished = {"is_silent": is_silent, "most_a_month": most_a_month}
    said = own_silence(viewer=actor) or IntroductionPreference(person=person)
    changes = {
        name: (getattr(said, name), value)
        for name, value in wished.items()
        if getattr(said, name) != value
    }
    for name, value in wished.items():
        setattr(said, name, value)
    said.changed_at = actor.now
    said.save()
    if changes:
        audit.record(actor=actor, verb="set_own_silence", subject=person, changes=changes)
    return said


@transaction.atomic
def stay_away_from(*, actor: Viewer, profile_id: int, stays_away: bool) -> None:
    """Say that the actor is not to be introduced to a body, or may be again.

    Refuses a body that the actor may not see, unless it is on their list already.
    """
    said = own_silence(viewer=actor) or set_own_silence(actor=actor, is_silent=False)
    other = Profile.objects.filter(pk=profile_id).first()
    on_list = said.not_for.filter(pk=profile_id).exists()
    if other is None or not (on_list or view_profile.allows(actor, other)):
        raise _refused("other", _("Choose a body from the list."))
    if on_list == stays_away:
        return
    if stays_away:
        said.not_for.add(other)
    else:
        said.not_for.remove(other)
    # The trail does not name the body: offices read it, and the list is the person's own.
    audit.record(actor=actor, verb="set_own_silence", subject=said.person)


@transaction.atomic
def keep_apart(*, actor: Viewer, profile_id: int, other_id: int) -> KeptApart:
    """Show neither of two bodies to the other in asks.

    Refuses a body that the actor may not see, the profile itself, and one kept apart already.
    """
    profile = _profile_to_speak_for(actor, profile_id)
    other = Profile.objects.filter(pk=other_id).first()
    if other is None or not view_profile.allows(actor, other):
        raise _refused("other", _("Choose a body from the list."))
    if other.pk == profile.pk:
        raise _refused("other", _("A body cannot be kept apart from itself."))
    pair, is_new = KeptApart.objects.get_or_create(
        profile=profile,
        other=other,
        defaults={"said_by_id": actor.person_id, "said_at": actor.now},
    )
    if not is_new:
        words = _("%(name)s is kept apart already.") % {"name": other.title}
        raise _refused("other", words)
    changes = {"kept_apart_from": (None, other)}
    audit.record(actor=actor, verb="keep_apart", subject=profile, changes=changes)
    _tell(profile)
    return pair


@transaction.atomic
def end_keep_apart(*, actor: Viewer, profile_id: int, other_id: int) -> bool:
    """Let two bodies be shown to each other again; whether they had been kept apart."""
    profile = _profile_to_speak_for(actor, profile_id)
    pairs = KeptApart.objects.select_related("other")
    pair = pairs.filter(profile=profile, other=other_id).first()
    if pair is None:
        return False
    pair.delete()
    changes = {"kept_apart_from": (pair.other, None)}
    audit.record(actor=actor, verb="end_keep_apart", subject=profile, changes=changes)
    _tell(profile)
    return True


@transaction.atomic
def set_floor(
    *,
    actor: Viewer,
    group: str,
    share: int,
    value: str = "",
    cluster_id: int | None = None,
    network_id: int | None = None,
) -> FairnessFloor:
    """Set the least share (percent) of the first ten places for a group, or change it.

    `value` is the code of the province, where the group is one. Refuses anybody but the office of
    the cluster or the agency of the network, an unknown group or province, and a share outside
    0–100.
    """
    floor = FairnessFloor(
        cluster=Cluster.objects.filter(pk=cluster_id or 0).first(),
        network=Network.objects.filter(pk=network_id or 0).first(),
        group=group,
        value=value if group == FloorGroup.PROVINCE else "",
        share=share,
    )
    _demand_floor(actor, floor)
    present = _floors_like(floor).select_for_update(of=("self",)).first()
    old = _told(present) if present else None
    if present is None:
        present = floor
    present.share = share
    present.save()
    _record_floor(actor, "set_floor", present, (old, present))
    return present


@transaction.atomic
def remove_floor(*, actor: Viewer, floor_id: int) -> bool:
    """Take a floor away; whether it was there. Refuses as `set_floor`."""
    rows = FairnessFloor.objects.select_related("cluster", "network")
    floor = rows.filter(pk=floor_id).first()
    if floor is None:
        return False
    policies.set_floor.demand(actor, floor, _its_office())
    _record_floor(actor, "remove_floor", floor, (floor, None))
    floor.delete()
    return True


def _demand_most(most: int | None) -> None:
    if most is not None and not 1 <= most <= MOST_TOLD:
        words = _("A whole number from 1 to %(limit)s, or nothing.") % {"limit": MOST_TOLD}
        raise _refused("most_a_month", words)


def _profile_to_speak_for(actor: Viewer, profile_id: int) -> Profile:
    """The profile, held so that two who speak at once do so one after the other."""
    profile = Profile.objects.select_for_update(of=("self",)).filter(pk=profile_id).first()
    if profile is None or not policies.set_preferences.allows(actor, profile):
        raise NotAllowed(_("You do not look after this profile, so you cannot speak for it."))
    return profile


def _say(actor: Viewer, profile_id: int, verb: str, **said: Any) -> AskingPreference:
    profile = _profile_to_speak_for(actor, profile_id)
    row = AskingPreference.objects.filter(profile=profile).first()
    row = row or AskingPreference(profile=profile)
    changes = {name: (getattr(row, name), value) for name, value in said.items()}
    if row.pk and all(old == new for old, new in changes.values()):
        return row
    for name, value in said.items():
        setattr(row, name, value)
    row.changed_by_id, row.changed_at = actor.person_id, actor.now
    row.save()
    audit.record(actor=actor, verb=verb, subject=profile, changes=changes)
    _tell(profile)
    return row


def _demand_floor(actor: Viewer, floor: FairnessFloor) -> None:
    if (floor.cluster is None) == (floor.network is None):
        raise _floor_refused("office", _("Choose a cluster or a network from the list."))
    policies.set_floor.demand(actor, floor, _its_office())
    if floor.group not in FloorGroup.values:
        raise _floor_refused("group", _("Choose a group from the list."))
    if not 0 <= floor.share <= 100:
        raise _floor_refused("share", _("A whole number from 0 to 100."))
    known = floor.group != FloorGroup.PROVINCE or Province.objects.filter(code=floor.value).exists()
    if not known:
        raise _floor_refused("value", _("Choose a province from the list."))


def _floors_like(floor: FairnessFloor) -> QuerySet[FairnessFloor]:
    rows = FairnessFloor.objects.filter(group=floor.group, value=floor.value)
    return rows.filter(cluster=floor.cluster, network=floor.network)


def _told(floor: FairnessFloor) -> FairnessFloor:
    """The floor as it is now: its words are read in each language when the trail is written."""
    return FairnessFloor(group=floor.group, value=floor.value, share=floor.share)


def _record_floor(actor: Viewer, verb: str, floor: FairnessFloor, change: tuple[Any, Any]) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        subject=floor.cluster or floor.network or floor,
        changes={"least_share": change},
    )


def _its_office() -> str:
    return _("Only the office of the cluster, or the agency of the network, sets its floors.")


def _refused(field: str, words: str) -> PreferenceRefused:
    return PreferenceRefused(words, {field: words})


def _floor_refused(field: str, words: str) -> FloorRefused:
    return FloorRefused(words, {field: words})


def _tell(profile: Profile) -> None:
    news = partial(preference_changed.send, sender=AskingPreference, profile_id=profile.pk)
    transaction.on_commit(news)
