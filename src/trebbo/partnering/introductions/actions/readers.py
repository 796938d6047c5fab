"""Who may read an ask: its circle and teaser, readers by name, and who had the text before them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.actions import Opening, checked_opening
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.kept import (
    AskChanged,
    AskRefused,
    held_ask,
    tell_of_ask,
)
from trebbo.partnering.introductions.models import Ask, AskReader, AskReading


@transaction.atomic
def set_circle(*, actor: Viewer, ask_id: int, version: int, opening: Opening) -> Ask:
    """Say who may read the text of an ask, and a teaser for a wider circle; it holds at once.

    Refuses what `checked_opening` does, and the ask of an idea; raises `AskChanged` where somebody
    else saved the ask meanwhile.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
    _demand_its_own(ask)
    if ask.version != version:
        raise AskChanged({}, ask.version)
    kept = checked_opening(actor=actor, opening=opening, chosen=ask)
    old = (Circle(ask.circle).label, Circle(ask.teaser_circle).label)
    for name, value in kept.items():
        setattr(ask, name, value)
    ask.version = ask.version + 1
    ask.changed_at = actor.now
    ask.save(update_fields=[*kept, "version", "changed_at"])
    changes = {
        "circle": (old[0], kept["circle"].label),
        "teaser_circle": (old[1], kept["teaser_circle"].label),
    }
    audit.record(actor=actor, verb="set_circle", subject=ask, changes=changes)
    tell_of_ask(ask)
    return ask


@transaction.atomic
def name_reader(*, actor: Viewer, ask_id: int, email: str) -> AskReader:
    """Let one more person with an account read the whole text.

    Refuses an address without an account, in the words for one that is none: nobody learns here
    who has one. Refuses the ask of an idea.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
    _demand_its_own(ask)
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        words = _("No reader can be named by this address.")
        raise AskRefused(words, {"email": words})
    reader, is_new = AskReader.objects.get_or_create(
        ask=ask,
        person=person,
        defaults={"named_by_id": actor.person_id, "named_at": actor.now},
    )
    if is_new:
        _record(actor, "name_reader", ask, {"reader": (None, str(person))})
    return reader


@transaction.atomic
def remove_reader(*, actor: Viewer, ask_id: int, reader_id: int) -> bool:
    """Let a person no longer read the text, also after the ask's end; whether they could."""
    ask = held_ask(actor, ask_id, policies.edit_ask, open_only=False)
    reader = AskReader.objects.select_related("person").filter(pk=reader_id, ask=ask).first()
    if reader is None:
        return False
    reader.delete()
    _record(actor, "remove_reader", ask, {"reader": (str(reader.person), None)})
    return True


@transaction.atomic
def note_reading(*, actor: Viewer, ask: Ask, email: str = "", label: str = "") -> None:
    """Write down that somebody has the whole text before them; not who keeps the ask.

    Without an account it is an address, by which a link was sent.
    """
    person = Person.objects.filter(pk=actor.person_id or 0).first() if not email else None
    address = (person.email if person else email).strip().lower()
    keeps_it = ask.owner is not None and ask.owner.email == address
    if not address or keeps_it:
        return
    reading, is_new = AskReading.objects.get_or_create(
        ask=ask,
        email=address,
        defaults={
            "person": person,
            "label": (label or str(person or address))[:150],
            "first_at": actor.now,
            "last_at": actor.now,
        },
    )
    if not is_new:
        AskReading.objects.filter(pk=reading.pk).update(last_at=actor.now, times=F("times") + 1)


def _demand_its_own(ask: Ask) -> None:
    """Refuse the ask of an idea: its text is for the circle of the idea, and no wider."""
    if ask.idea_id is not None:
        raise AskRefused(_("Who may read this is said on the page of the idea."))


def _record(actor: Viewer, verb: str, ask: Ask, changes: Mapping[str, tuple[Any, Any]]) -> None:
    audit.record(actor=actor, verb=verb, subject=ask, changes=changes)
