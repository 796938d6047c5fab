"""Makes mails, preferences, and what a notice says."""

from datetime import datetime
from typing import Any

import factory
from django.utils import timezone

from tests.factories.accounts import PersonFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import installation
from trebbo.outlets.notifications.actions import Recipient, notify
from trebbo.outlets.notifications.choices import Frequency, Topic
from trebbo.outlets.notifications.models import MailPreference, Notice, OutgoingMail


class OutgoingMailFactory(factory.django.DjangoModelFactory[OutgoingMail]):
    """A mail that is due."""

    class Meta:
        model = OutgoingMail

    to_email = factory.Sequence(lambda n: f"reader{n}@trebbo.example")
    subject = factory.Sequence(lambda n: f"Novità {n}")
    text = "Buongiorno,\n.\nè arrivata una novità.\n"
    html = "<p>Buongiorno</p>"
    message_id = factory.Sequence(lambda n: f"<mail{n}@trebbo.example>")
    created_at = factory.LazyFunction(timezone.now)
    next_try_at = factory.LazyFunction(timezone.now)


class MailPreferenceFactory(factory.django.DjangoModelFactory[MailPreference]):
    """A person who wants one mail a day."""

    class Meta:
        model = MailPreference

    person = factory.SubFactory(PersonFactory)
    frequency = Frequency.DAILY
    changed_at = factory.LazyFunction(timezone.now)


def tell(
    to: Person | str, fact: str = "introduction:1:asked", now: datetime | None = None, **more: Any
) -> Notice:
    """Tell a person, or an address, a fact."""
    recipient = Recipient.of(to) if isinstance(to, Person) else Recipient(to, "Ada Sintetica")
    said = {
        "topic": Topic.INTRODUCTIONS,
        "subject": f"Notizia {fact}",
        "text": f"Parole di {fact}.",
        "url": "/it/account/",
        **more,
    }
    now = now or timezone.now()
    return notify(actor=installation(now), to=recipient, fact=fact, now=now, **said)
