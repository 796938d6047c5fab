"""Training on offer to people: offered, changed, ended."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Standing, Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import tidied
from trebbo.sharing.skills.actions.wording import (
    SkillsRefused,
    demand_day,
    line,
    link,
    number,
    one_of,
    period,
    refused,
    text,
)
from trebbo.sharing.skills.choices import VOCABULARIES, TrainingKind
from trebbo.sharing.skills.events import training_changed
from trebbo.sharing.skills.models import TrainingOffer
from trebbo.sharing.skills.policies import state_skills

MOST_FIELDS = 12
LONGEST_TITLE = 300
RULES: Mapping[str, Callable[[Any], Any]] = {
    "kind": lambda typed: one_of("kind", typed, TrainingKind.values),
    "title_it": lambda typed: line("title_it", typed, LONGEST_TITLE),
    "title_en": lambda typed: line("title_en", typed, LONGEST_TITLE),
    "description_it": lambda typed: text("description_it", typed),
    "description_en": lambda typed: text("description_en", typed),
    "hours": lambda typed: number("hours", typed),
    "places": lambda typed: number("places", typed),
    "apply_by": lambda typed: typed,
    "valid_from": lambda typed: typed,
    "valid_until": lambda typed: typed,
    "address": lambda typed: link("address", typed),
    "visibility": lambda typed: one_of("visibility", typed, Visibility.values),
}


class TrainingChanged(SkillsRefused):
    """Somebody else saved the offer meanwhile; nothing was written. `present` is what is kept."""

    status = 409

    def __init__(self, offer: TrainingOffer) -> None:
        super().__init__(
            _(
                "While you were writing, somebody else changed this offer. "
                "Nothing is lost: compare and choose."
            )
        )
        self.version = offer.version
        self.present = present_offer(offer)


@transaction.atomic
def offer_training(
    *,
    actor: Viewer,
    profile_id: int,
    field_ids: Iterable[int] = (),
    source: str = "",
    standing: str = Standing.VERIFIED,
    **said: Any,
) -> TrainingOffer:
    """Offer a course, master, seminar or work-based place to people; `said` are `RULES`.

    Refuses one without a title or kind, days in a wrong order, and fields of no vocabulary.
    """
    profile = _demand(actor, profile_id)
    values = tidied({"kind": "", **said}, RULES, SkillsRefused)
    offer = TrainingOffer(profile=profile, created_at=actor.now, changed_at=actor.now)
    offer.source, offer.standing = line("source", source, 1000), Standing(standing)
    _set(offer, values)
    _demand_whole(offer)
    fields = _fields(field_ids)
    offer.save()
    offer.fields.set(fields)
    told = {"training": ("", offer)}
    audit.record(actor=actor, verb="offer_training", subject=profile, changes=told)
    _announce(profile.pk)
    return offer


@transaction.atomic
def change_training(
    *,
    actor: Viewer,
    training_id: int,
    version: int,
    field_ids: Iterable[int] | None = None,
    **changes: Any,
) -> TrainingOffer:
    """Change an offer that the person read in `version`; refuses as `offer_training`.

    Raises `TrainingChanged` where somebody else was faster.
    """
    before = _held(actor, training_id)
    values = tidied(changes, RULES, SkillsRefused)
    fields = None if field_ids is None else _fields(field_ids, before)
    if before.version != version:
        raise TrainingChanged(before)
    offer = copy(before)
    told: dict[str, Any] = {**_set(offer, values), "training": (before, offer)}
    offer.version += 1
    _demand_whole(offer)
    offer.changed_at = actor.now
    offer.save()
    if fields is not None:
        offer.fields.set(fields)
    profile = Profile.objects.get(pk=offer.profile_id)
    audit.record(actor=actor, verb="change_training", subject=profile, changes=told)
    _announce(profile.pk)
    return offer


@transaction.atomic
def end_training(
    *, actor: Viewer, training_id: int, last_day: date | None = None, mistake: bool = False
) -> None:
    """Say until when training was offered (yesterday by default); it stays in the history.

    An offer made by `mistake` today is removed instead. Refuses a last day before the first one.
    """
    offer = _held(actor, training_id)
    profile = Profile.objects.get(pk=offer.profile_id)
    if mistake:
        if Viewer(now=offer.created_at).today != actor.today:
            raise SkillsRefused(_("It has stood since an earlier day: end it instead."))
        told: dict[str, Any] = {"training": (str(offer), "")}
        offer.delete()
        audit.record(actor=actor, verb="remove_training", subject=profile, changes=told)
    else:
        day = last_day or actor.today - timedelta(days=1)
        demand_day("last_day", day)
        if offer.valid_from and day < offer.valid_from:
            words = _("It began on a later day than this: choose another last day.")
            raise refused("last_day", words)
        told = {"training": (offer, offer), "valid_until": (offer.valid_until, day)}
        offer.valid_until = day
        offer.version += 1
        offer.changed_at = actor.now
        offer.save(update_fields=["valid_until", "version", "changed_at"])
        audit.record(actor=actor, verb="end_training", subject=profile, changes=told)
    _announce(profile.pk)


def present_offer(offer: TrainingOffer) -> dict[str, Any]:
    """What is kept of an offer, under the names of the arguments of `change_training`."""
    keys = tuple(offer.fields.order_by("pk").values_list("pk", flat=True))
    return {**{name: getattr(offer, name) for name in RULES}, "field_ids": keys}


def _demand(actor: Viewer, profile_id: int) -> Profile:
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise SkillsRefused(_("This profile is no longer in the registry."))
    words = _("You do not look after this profile, so you cannot offer training for it.")
    state_skills.demand(actor, profile, words)
    return profile


def _held(actor: Viewer, training_id: int) -> TrainingOffer:
    held = TrainingOffer.objects.select_for_update(no_key=True)
    offer = held.filter(pk=training_id).first()
    if offer is None:
        raise SkillsRefused(_("This offer is no longer there: somebody removed it."))
    _demand(actor, offer.profile_id)
    return offer


def _demand_whole(offer: TrainingOffer) -> None:
    if not (offer.title_it or offer.title_en):
        raise refused("title_it", _("Write a title, in one language at least."))
    period(offer.valid_from, offer.valid_until)
    demand_day("apply_by", offer.apply_by)
    if offer.apply_by and offer.valid_until and offer.apply_by > offer.valid_until:
        raise refused("apply_by", _("One cannot apply after it has ended: check the dates."))


def _set(offer: TrainingOffer, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    changes = {}
    for name, new in values.items():
        old = getattr(offer, name)
        if old != new:
            changes["shown_to" if name == "visibility" else name] = (old, new)
            setattr(offer, name, new)
    return changes


def _fields(keys: Iterable[int], before: TrainingOffer | None = None) -> list[Concept]:
    wanted = set(keys)
    if len(wanted) > MOST_FIELDS:
        raise refused("fields", _("Choose at most %(limit)s.") % {"limit": MOST_FIELDS})
    known = set(before.fields.values_list("pk", flat=True)) if before else set()
    rows = Concept.objects.filter(pk__in=wanted, scheme__code__in=VOCABULARIES)
    found = [one for one in rows if not one.is_gone or one.pk in known]
    if len(found) != len(wanted):
        raise refused("fields", _("Choose the fields from the list."))
    return found


def _announce(profile_id: int) -> None:
    send = partial(training_changed.send, sender=TrainingOffer, profile_id=profile_id)
    transaction.on_commit(send)
