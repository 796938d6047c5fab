"""Who reads the whole text of an ask is written down."""

from django.db import transaction
from django.db.models import F

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.models import Ask, AskReading


@transaction.atomic
def note_reading(*, actor: Viewer, ask: Ask, email: str = "", label: str = "") -> None:
    """Write down that somebody has the whole text before them; not who keeps the ask.

    Without an account it is an address, by which a link was sent.
    """
    person = Person.objects.filter(pk=actor.person_id or 0).first() if not email else None
    address = (person.email if person else email).strip().lower()
    if not address or (person is not None and person.pk == ask.owner_id):
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
