"""The shortlist of an ask: run again, move, drop, restore, add, annotate; each said is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.kept import demand_open, held_ask
from trebbo.partnering.introductions.choices import DropReason, EntryStanding, FeedbackKind
from trebbo.partnering.introductions.events import shortlist_changed
from trebbo.partnering.introductions.models import Ask, Feedback, ShortlistEntry
from trebbo.partnering.introductions.queries import Found
from trebbo.partnering.introductions.queries.kept import First, askers_of, first_found, question_of
from trebbo.partnering.introductions.queries.matched import values_of
from trebbo.partnering.introductions.queries.preferences import not_shown

LONGEST_NOTE = 2_000
LONGEST_RANKING = 60


class ShortlistRefused(Refusal):
    """The shortlist cannot be changed as asked."""


class ShortlistChanged(ShortlistRefused):
    """Somebody else changed the shortlist, or the ask, meanwhile."""

    status = 409


class NoteChanged(ShortlistChanged):
    """Somebody else wrote on the same entry meanwhile; `present` is what stands there now."""

    def __init__(self, present: str) -> None:
        super().__init__(_("Somebody else changed this note while you were writing."))
        self.present = present


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a run changed: who came in, and who no longer fits and left the list."""

    new: tuple[ShortlistEntry, ...]
    fell_out: tuple[Profile, ...]


def rerun_ask(*, actor: Viewer, ask_id: int) -> Rerun:
    """Answer the ask anew and bring its shortlist up to date with the first of the answer.

    What people kept, added, dropped or wrote stays; what they placed keeps its place, and the rest
    follows the ranking around it. A proposed body that no longer fits leaves, unless it has a note.
    Refuses as `queries.answer`, and where the ask was changed while it was being answered.
    """
    ask = Ask.objects.select_related("asker").filter(pk=ask_id).first()
    if ask is None or not policies.edit_shortlist.allows(actor, ask):
        raise NotAllowed(_("Only those who keep this ask, or with whom it is shared, may do this."))
    demand_open(ask)
    # Outside the transaction, so that nobody waits for the answer.
    return _take_over(actor, ask, first_found(ask, viewer=actor))


@transaction.atomic
def _take_over(actor: Viewer, seen: Ask, first: First) -> Rerun:
    ask = held_ask(actor, seen.pk, policies.edit_shortlist)
    if ask.version != seen.version:
        raise ShortlistChanged(_("The ask was changed while it was being answered: run it again."))
    entries = {entry.profile_id or 0: entry for entry in _entries(ask)}
    gone = [entry for pk, entry in entries.items() if _leaves(entry, first.found)]
    fell_out = [entry.profile for entry in gone if entry.profile]
    visible = _visible(actor, fell_out)
    ShortlistEntry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
    new = _ranked(actor, ask, entries, first.found)
    _renumber(_woven(_on_list(ask)))
    ask.ran_at, ask.ranking = actor.now, first.ranking[:LONGEST_RANKING]
    ask.save(update_fields=["ran_at", "ranking"])
    _finish(actor, ask, "rerun_ask", {})
    return Rerun(tuple(new), tuple(profile for profile in fell_out if profile.pk in visible))


@transaction.atomic
def move_entry(
    *,
    actor: Viewer,
    ask_id: int,
    entry_id: int,
    to: Literal["up", "down"] | int,
    version: int,
) -> ShortlistEntry:
    """Move a body one place up or down, or to a place counted from 1 (the last, beyond the end).

    `version` is the shortlist's that the person saw; refuses where it is old, and a dropped body.
    """
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    _demand_version(ask, version)
    entry = _listed(ask, entry_id)
    order = _on_list(ask)
    before = order.index(entry) + 1
    place = _place(to, before, len(order))
    if place == before:
        return entry
    order.remove(entry)
    order.insert(place - 1, entry)
    _renumber(order)
    said = _judged(actor, ask, entry, FeedbackKind.MOVED)
    said.from_position, said.to_position = before, place
    said.save()
    _stand(actor, entry, _by_hand(entry), position=place)
    _finish(actor, ask, "move_entry", {"position": (before, place)})
    return entry


@transaction.atomic
def drop_entry(*, actor: Viewer, ask_id: int, entry_id: int, reason: str) -> ShortlistEntry:
    """Take a body off the list, and say why; no later run brings it back.

    Refuses a reason that is not in the list, and a body that is dropped already.
    """
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    entry = _listed(ask, entry_id)
    if reason not in DropReason.values:
        raise _refused("reason", _("Say why: choose a reason from the list."))
    before = entry.position
    said = _judged(actor, ask, entry, FeedbackKind.DROPPED)
    said.reason, said.from_position = reason, before
    said.save()
    _stand(actor, entry, EntryStanding.DROPPED, position=before)
    _renumber(_on_list(ask))
    words = DropReason(reason).label
    _finish(actor, ask, "drop_entry", {"position": (before, None), "reason": (None, _Words(words))})
    return entry


@transaction.atomic
def restore_entry(*, actor: Viewer, ask_id: int, entry_id: int) -> ShortlistEntry:
    """Put a dropped body back in its place, to be kept. Refuses one that is on the list."""
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    entry = _entry(ask, entry_id)
    if entry.standing != EntryStanding.DROPPED:
        raise ShortlistRefused(_("This body is on the list already."))
    order = _on_list(ask)
    place = min(entry.position, len(order) + 1)
    _stand(actor, entry, EntryStanding.KEPT, position=place)
    order.insert(place - 1, entry)
    _renumber(order)
    said = _judged(actor, ask, entry, FeedbackKind.KEPT)
    said.to_position = place
    said.save()
    _finish(actor, ask, "restore_entry", {"position": (None, place)})
    return entry


@transaction.atomic
def add_entry(*, actor: Viewer, ask_id: int, profile_id: int) -> ShortlistEntry:
    """Add a body at the end of the list.

    Refuses one that the actor may not see, the body that asks, one that is not shown in such asks,
    and one that is on the list or was dropped from it.
    """
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None or not view_profile.allows(actor, profile):
        raise _refused("profile", _("Choose a body from the list."))
    _demand_addable(actor, ask, profile)
    return put_on_list(actor, ask, profile)


@transaction.atomic
def annotate_entry(
    *, actor: Viewer, ask_id: int, entry_id: int, note: str, seen: str = ""
) -> ShortlistEntry:
    """Write a note of up to LONGEST_NOTE characters on a body; a blank one takes it away.

    `seen` is the note that the person saw; where another stands there now, raises `NoteChanged`.
    """
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    entry = _entry(ask, entry_id)
    words = _lines(note)
    if len(words) > LONGEST_NOTE:
        told = {"length": len(words), "limit": LONGEST_NOTE}
        raise _refused(
            "note", _("The note has %(length)s characters; at most %(limit)s fit.") % told
        )
    if words == entry.note:
        return entry
    if entry.note != _lines(seen):
        raise NoteChanged(entry.note)
    entry.note = words
    entry.changed_by_id = actor.person_id
    entry.save(update_fields=["note", "changed_by"])
    said = _judged(actor, ask, entry, FeedbackKind.NOTED)
    said.from_position = said.to_position = entry.position
    said.save()
    _finish(actor, ask, "annotate_entry", {"position": (entry.position, entry.position)})
    return entry


def put_on_list(actor: Viewer, ask: Ask, profile: Profile) -> ShortlistEntry:
    """Add a body to the list of an ask that is held, or put it back at the end.

    One that is on it keeps its place, and stays there from now on.
    """
    entry = ask.entries.filter(profile=profile).first() or ShortlistEntry(ask=ask, profile=profile)
    if entry.standing in (EntryStanding.KEPT, EntryStanding.ADDED):
        return entry
    is_on_list = entry.pk is not None and entry.standing != EntryStanding.DROPPED
    place = entry.position if is_on_list else len(_on_list(ask)) + 1
    entry.standing, entry.position = EntryStanding.ADDED, place
    entry.changed_by_id, entry.changed_at = actor.person_id, actor.now
    entry.save()
    said = _judged(actor, ask, entry, FeedbackKind.ADDED)
    said.to_position = place
    said.save()
    _finish(actor, ask, "add_entry", {"position": (None, place)})
    return entry


class _Words:
    """A label that the audit trail keeps in each language."""

    def __init__(self, label: object) -> None:
        self.label = label

    def __str__(self) -> str:
        return str(self.label)


def _entries(ask: Ask) -> list[ShortlistEntry]:
    return list(ask.entries.select_related("profile").order_by("position", "pk"))


def _on_list(ask: Ask) -> list[ShortlistEntry]:
    rows = ask.entries.exclude(standing=EntryStanding.DROPPED)
    return list(rows.order_by("position", "engine_rank", "pk"))


def _entry(ask: Ask, entry_id: int) -> ShortlistEntry:
    entry = ask.entries.filter(pk=entry_id).first()
    if entry is None:
        raise ShortlistChanged(_("This body is no longer on the list: somebody changed it."))
    return entry


def _listed(ask: Ask, entry_id: int) -> ShortlistEntry:
    """The entry, if it has not been dropped."""
    entry = _entry(ask, entry_id)
    if entry.standing == EntryStanding.DROPPED:
        raise ShortlistChanged(_("This body has been dropped from the list already."))
    return entry


def _demand_version(ask: Ask, version: int) -> None:
    if ask.shortlist_version != version:
        raise ShortlistChanged(
            _("Somebody changed the shortlist meanwhile. Look at it again, and then move.")
        )


def _place(to: Literal["up", "down"] | int, before: int, last: int) -> int:
    if to == "up":
        return max(1, before - 1)
    if to == "down":
        return min(last, before + 1)
    if to < 1:
        raise _refused("to", _("Write a place: 1 is the first."))
    return min(to, last)


def _demand_addable(actor: Viewer, ask: Ask, profile: Profile) -> None:
    name = {"name": profile.title}
    known = ask.entries.filter(profile=profile).first()
    if profile.pk == ask.asker_id:
        words = _("%(name)s is the body that asks.") % name
    elif known and known.standing == EntryStanding.DROPPED:
        words = _("%(name)s was dropped from this list: put it back instead.") % name
    elif known:
        words = _("%(name)s is on the list already.") % name
    elif profile.pk in not_shown(askers_of(ask, actor), viewer=actor):
        words = _("%(name)s is not shown in asks such as this one.") % name
    else:
        return
    raise _refused("profile", words)


def _leaves(entry: ShortlistEntry, found: Iterable[Found]) -> bool:
    """Whether nobody has said anything of the body, and it no longer fits."""
    if entry.standing != EntryStanding.PROPOSED or entry.note:
        return False
    return all(one.profile.pk != entry.profile_id for one in found)


def _ranked(
    actor: Viewer, ask: Ask, known: Mapping[int, ShortlistEntry], found: Iterable[Found]
) -> list[ShortlistEntry]:
    """Write what the ranking says of each body; those that were not on the list, or dropped."""
    ask.entries.update(engine_rank=None, score=None)
    again, new = [], []
    for rank, one in enumerate(found, start=1):
        entry = known.get(one.profile.pk)
        if entry:
            again.append(entry)
        else:
            entry = ShortlistEntry(ask=ask, profile=one.profile, position=0, changed_at=actor.now)
            new.append(entry)
        entry.engine_rank, entry.score = rank, one.score
    ShortlistEntry.objects.bulk_update(again, ["engine_rank", "score"])
    return ShortlistEntry.objects.bulk_create(new)


def _woven(entries: Iterable[ShortlistEntry]) -> list[ShortlistEntry]:
    """The order after a run: what people placed keeps its place, the rest follows the ranking."""
    rows = list(entries)
    placed = {row.position: row for row in rows if row.standing != EntryStanding.PROPOSED}
    free = sorted(
        (row for row in rows if row.standing == EntryStanding.PROPOSED),
        key=lambda row: (row.engine_rank is None, row.engine_rank or 0, row.position),
    )
    order: list[ShortlistEntry] = []
    while placed or free:
        fixed = placed.pop(len(order) + 1, None)
        if fixed is None and not free:
            fixed = placed.pop(min(placed))
        order.append(fixed or free.pop(0))
    return order


def _renumber(order: Sequence[ShortlistEntry]) -> None:
    moved = []
    for place, entry in enumerate(order, start=1):
        if entry.position != place:
            entry.position = place
            moved.append(entry)
    ShortlistEntry.objects.bulk_update(moved, ["position"])


def _by_hand(entry: ShortlistEntry) -> str:
    """How a body stands that a person placed."""
    added = entry.standing == EntryStanding.ADDED
    return EntryStanding.ADDED if added else EntryStanding.KEPT


def _stand(actor: Viewer, entry: ShortlistEntry, standing: str, *, position: int) -> None:
    entry.standing, entry.position = standing, position
    entry.changed_by_id, entry.changed_at = actor.person_id, actor.now
    entry.save(update_fields=["standing", "position", "changed_by", "changed_at"])


def _judged(actor: Viewer, ask: Ask, entry: ShortlistEntry, kind: str) -> Feedback:
    """What a person thought of a body, not yet written, with what the ranking knew then."""
    return Feedback(
        ask=ask,
        profile_id=entry.profile_id,
        body_id=entry.body_id,
        kind=kind,
        features={
            "engine_rank": entry.engine_rank,
            "score": entry.score,
            "ranking": ask.ranking,
            "ask_version": ask.version,
            "values": _values(actor, ask, entry),
        },
        said_by_id=actor.person_id,
        said_at=actor.now,
    )


def _values(actor: Viewer, ask: Ask, entry: ShortlistEntry) -> dict[str, float]:
    if entry.profile_id is None:
        return {}
    question = question_of(ask)
    return values_of(question, entry.profile_id, viewer=actor) if question.text else {}


def _visible(actor: Viewer, profiles: Iterable[Profile]) -> set[int]:
    rows = Profile.objects.filter(pk__in=[profile.pk for profile in profiles])
    return set(view_profile.filter(actor, rows).values_list("pk", flat=True))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _refused(field: str, words: str) -> ShortlistRefused:
    return ShortlistRefused(words, {field: words})


def _finish(actor: Viewer, ask: Ask, verb: str, changes: dict[str, tuple[Any, Any]]) -> None:
    """The next version of the shortlist, the audit line and the news."""
    ask.shortlist_version += 1
    ask.save(update_fields=["shortlist_version"])
    audit.record(actor=actor, verb=verb, subject=ask, changes=changes)
    transaction.on_commit(partial(shortlist_changed.send, sender=Ask, ask_id=ask.pk))
