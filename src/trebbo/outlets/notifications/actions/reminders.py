"""Reminds people of profiles that nobody has confirmed, and takes their confirmation by mail."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.accounts.queries import held_on, viewer_for
from trebbo.ecosystem.organisations.actions import confirm_profile
from trebbo.ecosystem.organisations.choices import Freshness
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.choices import Topic
from trebbo.outlets.notifications.models import Notice

CONFIRM = "profile.confirm"
LINK_LASTS = timedelta(days=60)
LATE_BY = timedelta(days=7)
"""A reminder that could not be written on its day is written up to this much later."""


class ConfirmationRefused(Refusal):
    """The profile cannot be confirmed by this link."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirms which profile by a link, and whether that was done since it was written."""

    person: Person
    profile: Profile
    is_done: bool


def remind_of_profiles(*, actor: Viewer, now: datetime) -> int:
    """Write to those who act for a profile on the day its confirmation ends, and when it is stale.

    Each of the two is told once; how many notices stand for profiles reminded of today.
    """
    day = timezone.localtime(now).date()
    profiles = {profile.pk: profile for profile in Profile.objects.filter(_overdue(day))}
    facts = {key: _fact_on(profile, day) for key, profile in profiles.items()}
    known = Notice.objects.filter(fact__in=facts.values())
    told = set(known.values_list("fact", "person"))
    people = _acting_for(profiles, day)
    for key, profile in profiles.items():
        for person in people[key]:
            if (facts[key], person.pk) not in told:
                _remind(actor, person, profile, facts[key], now)
    return sum(map(len, people.values()))


def read_confirmation(*, actor: Viewer, token: str) -> Confirmation:
    """What a link confirms; changes nothing. Refuses one altered, too old, or of who is gone."""
    seconds = int(LINK_LASTS.total_seconds())
    person_id, profile_id, due = signed_links.read(CONFIRM, token, max_age_seconds=seconds)
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    profile = Profile.objects.filter(pk=profile_id).first()
    if person is None or profile is None:
        raise ConfirmationRefused(_("The profile, or the account, is no longer there."))
    is_done = profile.due_date is None or profile.due_date.isoformat() != due
    return Confirmation(person, profile, is_done)


def confirm_by_mail(*, actor: Viewer, token: str) -> Confirmation:
    """Confirm the profile as the person to whom the link was written; a second time does nothing.

    Refuses as `read_confirmation`, and who may no longer edit the profile.
    """
    link = read_confirmation(actor=actor, token=token)
    if not link.is_done:
        person = viewer_for(link.person, now=actor.now, language=actor.language)
        confirm_profile(actor=person, profile_id=link.profile.pk)
    return Confirmation(link.person, link.profile, is_done=True)


def withdraw_reminders(*, actor: Viewer, profile_id: int) -> int:
    """Take back what is not sent yet where the profile is confirmed now; how many notices."""
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None or profile.freshness_on(actor.today) != Freshness.CONFIRMED:
        return 0
    return withdraw(actor=actor, fact=_fact(profile_id))


def _fact(profile_id: int) -> str:
    return f"profile:{profile_id}:unconfirmed"


def _fact_on(profile: Profile, day: date) -> str:
    due = profile.due_date.isoformat() if profile.due_date else ""
    return f"{_fact(profile.pk)}:{due}:{profile.freshness_on(day).value}"


def _overdue(day: date) -> Q:
    """Whose confirmation ended lately, or whose days of grace did."""
    stale_on = day - timedelta(days=settings.CONFIRMATION_GRACE_DAYS)
    ended = Q(due_date__lt=day, due_date__gte=day - LATE_BY)
    return ended | Q(due_date__lt=stale_on, due_date__gte=stale_on - LATE_BY)


def _acting_for(profiles: Iterable[int], day: date) -> dict[int, list[Person]]:
    rows = Mandate.objects.filter(held_on(day), profile__in=list(profiles), person__is_active=True)
    people: dict[int, list[Person]] = defaultdict(list)
    for mandate in rows.select_related("person").order_by("pk"):
        people[mandate.profile_id].append(mandate.person)
    return people


def _remind(actor: Viewer, person: Person, profile: Profile, fact: str, now: datetime) -> None:
    freshness = profile.freshness_on(timezone.localtime(now).date())
    due = profile.due_date.isoformat() if profile.due_date else ""
    token = signed_links.sign(CONFIRM, [person.pk, profile.pk, due])
    with translation.override(person.language):
        subject, text = _words(profile, freshness)
        notify(
            actor=actor,
            to=Recipient.of(person),
            topic=Topic.PROFILES,
            fact=fact,
            subject=subject,
            text=text,
            url=reverse("confirm_by_mail", args=[token]),
            now=now,
        )


def _words(profile: Profile, freshness: Freshness) -> tuple[str, str]:
    facts = {
        "name": profile.title,
        "day": date_format(profile.due_date) if profile.due_date else "",
    }
    press = _("If all of it is still true, one press is enough, without signing in:")
    if freshness == Freshness.STALE:
        subject = _("%(name)s counts as out of date")
        text = _(
            "Nobody has confirmed the page of %(name)s since its confirmation ended on %(day)s. "
            "It is marked as out of date, and comes later in answers."
        )
    else:
        subject = _("Is the page of %(name)s still true?")
        text = _("The confirmation of the page of %(name)s ended on %(day)s.")
    return subject % facts, f"{text % facts}\n\n{press}"
