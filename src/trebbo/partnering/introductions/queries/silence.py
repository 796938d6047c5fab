"""Reads whether a body or a person may be asked now, and why not: the right to silence."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.models import (
    Ask,
    AskingPreference,
    Introduction,
    IntroductionPreference,
)
from trebbo.partnering.introductions.queries.preferences import rows_not_shown

MONTH = timedelta(days=30)


def why_not_asked(ask: Ask, profile: Profile, *, viewer: Viewer) -> str:
    """Why a body may not be asked for this ask now, in words; blank where it may.

    Only offices read that bodies are kept apart: others read no more than that it wishes not to be
    asked.
    """
    name = {"name": profile.title}
    silent = _("%(name)s wishes not to be asked.") % name
    said = AskingPreference.objects.filter(profile=profile).first()
    if said and said.is_silent:
        return silent
    askers = [ask.asker_id] if ask.asker_id else []
    if rows_not_shown(askers).filter(pk=profile.pk).exists():
        apart = _("%(name)s is kept apart from who asks.") % name
        return apart if viewer.is_office else silent
    until = said.no_capacity_until if said else None
    if until and until >= viewer.today:
        words = _("%(name)s has no capacity until %(day)s.")
        return words % {**name, "day": date_format(until)}
    if said and said.most_a_month is not None:
        asked = Introduction.objects.filter(profile=profile)
        return _limit(asked, said.most_a_month, profile.title, viewer)
    return ""


def why_person_not_asked(ask: Ask, person: Person, *, viewer: Viewer) -> str:
    """Why a person may not be asked for this ask now, in words; blank where they may.

    Who has not signed in reads no more than that somebody else is to be named: they learn neither
    who has an account nor what was said in it.
    """
    words = _why_person(ask, person, viewer)
    return (
        words if viewer.signed_in or not words else _("Name somebody else: they cannot be asked.")
    )


def own_silence(*, viewer: Viewer) -> IntroductionPreference | None:
    """How the viewer wishes to be asked in person; None where they never said."""
    return IntroductionPreference.objects.filter(person=viewer.person_id or 0).first()


def _why_person(ask: Ask, person: Person, viewer: Viewer) -> str:
    if not person.is_active:
        return _("This person's account is closed: choose somebody else.")
    said = IntroductionPreference.objects.filter(person=person).first()
    if said is None:
        return ""
    owner = Unit.objects.filter(pk=ask.asker_id or 0).values("organisation")
    away = said.not_for.filter(Q(pk=ask.asker_id or 0) | Q(pk__in=owner))
    if said.is_silent or away.exists():
        return _("%(name)s wishes not to be asked.") % {"name": person}
    if said.most_a_month is not None:
        asked = Introduction.objects.filter(contact=person)
        return _limit(asked, said.most_a_month, str(person), viewer)
    return ""


def _limit(asked: QuerySet[Introduction], most: int, name: str, viewer: Viewer) -> str:
    lately = asked.filter(asked_at__gt=viewer.now - MONTH).count()
    if lately < most:
        return ""
    return ngettext(
        "%(name)s wishes to be asked at most once a month.",
        "%(name)s wishes to be asked at most %(most)s times a month.",
        most,
    ) % {"name": name, "most": most}
