"""Who may read an ask: its circle and teaser, readers by name, and who had the text before them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.kept import (
    AskChanged,
    AskRefused,
    held_ask,
    tell_of_ask,
)
from trebbo.partnering.introductions.choices import Circle
from trebbo.partnering.introductions.models import Ask, AskReader, AskReading
from trebbo.partnering.introductions.policies.circles import circles_to_choose

LONGEST_TEASER = 300


@transaction.atomic
def set_circle(
    *,
    actor: Viewer,
    ask_id: int,
    version: int,
    circle: str,
    teaser: str = "",
    teaser_circle: str = "",
    network_id: int | None = None,
    cluster_id: int | None = None,
    value_chain_id: int | None = None,
) -> Ask:
    """Say who may read the text of an ask, and a teaser for a wider circle; it holds at once.

    The teaser's circle is that of the text where it is blank. Refuses a circle that there is not, a
    teaser for a narrower circle or without words, and a network, cluster or chain that is neither
    the actor's nor chosen already; raises `AskChanged` where somebody else saved the ask meanwhile.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
    if ask.version != version:
        raise AskChanged({}, ask.version)
    inner, outer = _circle("circle", circle), _circle("teaser_circle", teaser_circle or circle)
    words = one_line(teaser)
    if len(words) > LONGEST_TEASER:
        told = _("At most %(limit)s characters fit here.") % {"limit": LONGEST_TEASER}
        raise AskRefused(told, {"teaser": told})
    if not outer.is_as_wide_as(inner):
        told = _("The teaser is for a circle as wide as that of the text, or wider.")
        raise AskRefused(told, {"teaser_circle": told})
    if outer != inner and not words:
        told = _("Write the teaser that the wider circle is to read.")
        raise AskRefused(told, {"teaser": told})
    offered = circles_to_choose(actor, ask)
    circles = (inner, outer)
    meant = {
        "network": _one_of(offered.networks, network_id, Circle.NETWORK, circles),
        "cluster": _one_of(offered.clusters, cluster_id, Circle.CLUSTER, circles),
        "value_chain": _one_of(offered.chains, value_chain_id, Circle.CHAIN, circles),
    }
    old = (Circle(ask.circle).label, Circle(ask.teaser_circle).label)
    kept = {"circle": inner, "teaser_circle": outer, "teaser": words, **meant}
    for name, value in kept.items():
        setattr(ask, name, value)
    ask.version = ask.version + 1
    ask.changed_at = actor.now
    ask.save(update_fields=[*kept, "version", "changed_at"])
    changes = {"circle": (old[0], inner.label), "teaser_circle": (old[1], outer.label)}
    audit.record(actor=actor, verb="set_circle", subject=ask, changes=changes)
    tell_of_ask(ask)
    return ask


@transaction.atomic
def name_reader(*, actor: Viewer, ask_id: int, email: str) -> AskReader:
    """Let one more person with an account read the whole text.

    Refuses an address without an account, in the words for one that is none: nobody learns here
    who has one.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
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


def _circle(field: str, value: str) -> Circle:
    if value not in Circle.values:
        words = _("Choose a circle from the list.")
        raise AskRefused(words, {field: words})
    return Circle(value)


def _one_of(rows: Any, key: int | None, needed_by: Circle, circles: tuple[Circle, ...]) -> Any:
    """The network, cluster or chain that a circle means; None where no circle does."""
    if needed_by not in circles:
        return None
    found: Model | None = rows.filter(pk=key or 0).first()
    if found is None:
        words = _("Say which one: choose it from the list.")
        raise AskRefused(words, {needed_by.value: words})
    return found


def _record(actor: Viewer, verb: str, ask: Ask, changes: Mapping[str, tuple[Any, Any]]) -> None:
    audit.record(actor=actor, verb=verb, subject=ask, changes=changes)
