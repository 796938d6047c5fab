"""That somebody of an office spoke with a member."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions.models import MemberContact

LONGEST_WORDS = 500


class ContactRefused(Refusal):
    """The contact cannot be noted as said."""


@transaction.atomic
def note_member_contact(
    *, actor: Viewer, profile_id: int, contact_date: date, words: str = ""
) -> MemberContact:
    """Note a call, a visit, a word after a meeting. Refuses a day that is to come.

    For offices that look after the member.
    """
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None or not actor.is_office or not edit_profile.allows(actor, profile):
        raise NotAllowed(_("Only the office that looks after this member may note a contact."))
    if contact_date > actor.today:
        told = _("This day is to come: note what has been.")
        raise ContactRefused(told, {"contact_date": told})
    contact = MemberContact.objects.create(
        profile=profile,
        contact_date=contact_date,
        words=one_line(words)[:LONGEST_WORDS],
        noted_by_id=actor.person_id,
        noted_at=actor.now,
    )
    audit.record(actor=actor, verb="note_contact", subject=profile)
    return contact
