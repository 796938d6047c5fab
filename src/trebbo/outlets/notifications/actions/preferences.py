"""What mail people wish, said on their page or by the link in a mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel import audit, signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.outlets.notifications.actions.digests import compose_digest, drop_unwanted
from trebbo.outlets.notifications.actions.notices import cancel
from trebbo.outlets.notifications.actions.writing import ADDRESS, OPT_OUT, PERSON
from trebbo.outlets.notifications.choices import Frequency, MailState, Topic
from trebbo.outlets.notifications.models import MailPreference, OptOut, OutgoingMail

# A way out never closes; the limit only has to be said.
OPT_OUT_LASTS = timedelta(days=36_500)


class MailPreferenceRefused(Refusal):
    """The wish cannot be kept as it was said."""


@dataclass(frozen=True, slots=True)
class OptOutLink:
    """Whose mail a link stops: a person's, or that to an address without an account."""

    email: str
    person: Person | None
    is_done: bool


@transaction.atomic
def set_mail_preference(
    *, actor: Viewer, frequency: str, topics_off: Iterable[str] = ()
) -> MailPreference:
    """Say how often one wants mail and about what not, for oneself; the last word holds.

    Applies to what is held too: it goes out at once, waits on, or is dropped. Refuses a frequency
    or topic that there is not.
    """
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if person is None:
        raise NotAllowed(_("Sign in first."))
    if frequency not in Frequency.values:
        raise _refused("frequency", _("Choose how often from the list."))
    off = set(topics_off)
    if not off <= set(Topic.values):
        raise _refused("topics", _("Choose topics from the list."))
    return _say(actor, person, frequency, [topic for topic in Topic.values if topic in off])


def read_opt_out(*, actor: Viewer, token: str) -> OptOutLink:
    """Whose mail the link stops, and whether it is stopped already; changes nothing.

    Refuses a link altered, or of an account that is gone.
    """
    seconds = int(OPT_OUT_LASTS.total_seconds())
    kind, key = signed_links.read(OPT_OUT, token, max_age_seconds=seconds)
    if kind == ADDRESS:
        return OptOutLink(key, None, OptOut.objects.filter(email=key).exists())
    person = Person.objects.filter(pk=key).first() if kind == PERSON else None
    if person is None:
        raise MailPreferenceRefused(_("This account is closed: it receives no more messages."))
    never = MailPreference.objects.filter(person=person, frequency=Frequency.NEVER)
    return OptOutLink(person.email, person, never.exists())


@transaction.atomic
def stop_mail(*, actor: Viewer, token: str) -> OptOutLink:
    """Stop all mail to whom the link was written, signed in or not; twice is harmless."""
    link = read_opt_out(actor=actor, token=token)
    if link.person is not None:
        known = MailPreference.objects.filter(person=link.person).first()
        topics_off = known.topics_off if known else []
        _say(actor, link.person, Frequency.NEVER, topics_off, verb="stop_mail")
        return link
    row, is_new = OptOut.objects.get_or_create(email=link.email, defaults={"since": actor.now})
    _cancel_waiting(link.email)
    if is_new:
        audit.record(actor=actor, verb="stop_mail", subject=row)
    return link


def _say(
    actor: Viewer,
    person: Person,
    frequency: str,
    topics_off: list[str],
    verb: str = "set_mail_preference",
) -> MailPreference:
    said: dict[str, Any] = {"frequency": frequency, "topics_off": topics_off}
    known = MailPreference.objects.filter(person=person).first() or MailPreference(person=person)
    changes = {
        name: (getattr(known, name), value)
        for name, value in said.items()
        if getattr(known, name) != value
    }
    preference, _is_new = MailPreference.objects.update_or_create(
        person=person, defaults={**said, "changed_at": actor.now}
    )
    OptOut.objects.filter(email=person.email).delete()
    if changes:
        audit.record(actor=actor, verb=verb, subject=person, changes=_in_words(changes))
    _apply(actor, preference)
    return preference


def _apply(actor: Viewer, preference: MailPreference) -> None:
    """The wish holds for what is on its way too."""
    drop_unwanted(preference.person, preference)
    if preference.frequency == Frequency.NEVER:
        _cancel_waiting(preference.person.email)
    elif preference.frequency == Frequency.EACH:
        compose_digest(preference.person_id, now=actor.now)


def _cancel_waiting(email: str) -> None:
    cancel(OutgoingMail.objects.filter(to_email=email, state=MailState.WAITING))


def _in_words(changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    def told(name: str, value: Any) -> Any:
        if name == "frequency":
            return Frequency(value).label
        return [Topic(topic).label for topic in value]

    return {name: (told(name, old), told(name, new)) for name, (old, new) in changes.items()}


def _refused(field: str, words: str) -> MailPreferenceRefused:
    return MailPreferenceRefused(words, {field: words})
