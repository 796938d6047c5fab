"""Who may read an idea: its circles, readers by name, terms of confidentiality, and the log."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.actions import Opening, checked_opening
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.text import language_shown
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.steps import held_idea, keep
from trebbo.sharing.ideas.actions.words import IdeaRefused, long_text, refused
from trebbo.sharing.ideas.choices import ReadingOf
from trebbo.sharing.ideas.models import (
    Idea,
    IdeaReader,
    IdeaReading,
    IdeaTerms,
    TermsAcceptance,
)

LONGEST_TERMS = 10_000


class TermsChanged(IdeaRefused):
    """The terms are no longer those that the person had before them."""

    status = 409


@transaction.atomic
def open_idea(*, actor: Viewer, idea_id: int, version: int, opening: Opening) -> Idea:
    """Say who may read the whole text of an idea, and who its teaser; it holds at once.

    The teaser's words are those of the idea (`change_idea`), whatever `opening` has. Refuses what
    `checked_opening` does.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    opening = replace(opening, teaser=idea.teaser)
    columns = checked_opening(actor=actor, opening=opening, chosen=idea)
    columns.pop("teaser")
    old = (Circle(idea.circle).label, Circle(idea.teaser_circle).label)
    keep(idea, actor, **columns)
    changes = {
        "circle": (old[0], columns["circle"].label),
        "teaser_circle": (old[1], columns["teaser_circle"].label),
    }
    audit.record(actor=actor, verb="open_idea", subject=idea, changes=changes)
    return idea


@transaction.atomic
def name_idea_reader(*, actor: Viewer, idea_id: int, email: str) -> IdeaReader:
    """Let one more person with an account read the whole text, once they accepted the terms.

    Refuses an address without an account, in the words for one that is none: nobody learns here
    who has one.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea)
    person = person_by(email, _("No reader can be named by this address."))
    reader, is_new = IdeaReader.objects.get_or_create(
        idea=idea, person=person, defaults={"named_at": actor.now}
    )
    if is_new:
        changes = {"reader": (None, str(person))}
        audit.record(actor=actor, verb="name_idea_reader", subject=idea, changes=changes)
    return reader


@transaction.atomic
def remove_idea_reader(*, actor: Viewer, idea_id: int, reader_id: int) -> bool:
    """Let a person no longer read the text; whether they could."""
    idea = held_idea(actor, idea_id, policies.edit_idea)
    reader = IdeaReader.objects.select_related("person").filter(pk=reader_id, idea=idea).first()
    if reader is None:
        return False
    reader.delete()
    changes = {"reader": (str(reader.person), None)}
    audit.record(actor=actor, verb="remove_idea_reader", subject=idea, changes=changes)
    return True


@transaction.atomic
def write_terms(
    *, actor: Viewer, idea_id: int, version: int, text_it: str = "", text_en: str = ""
) -> Idea:
    """Ask readers to accept terms before the text; blank texts ask for them no longer.

    New words are a new version: who accepted the old ones is asked again. The same words change
    nothing.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    words = {
        "text_it": long_text("text_it", text_it, limit=LONGEST_TERMS),
        "text_en": long_text("text_en", text_en, limit=LONGEST_TERMS),
    }
    present = IdeaTerms.objects.filter(idea=idea, version=idea.terms_version).first()
    kept = (present.text_it, present.text_en) if present else ("", "")
    if kept == tuple(words.values()):
        return idea
    old, new = idea.terms_version, 0
    if any(words.values()):
        newest = IdeaTerms.objects.filter(idea=idea).order_by("-version").first()
        new = newest.version + 1 if newest else 1
        IdeaTerms.objects.create(idea=idea, version=new, written_at=actor.now, **words)
    keep(idea, actor, terms_version=new)
    changes = {"terms_version": (old, new)}
    audit.record(actor=actor, verb="write_terms", subject=idea, changes=changes)
    return idea


@transaction.atomic
def accept_terms(*, actor: Viewer, idea_id: int, terms_version: int) -> TermsAcceptance:
    """Accept the present terms of an idea; kept with text, version, moment, person and bodies.

    `terms_version` is what the person had before them: where the terms changed meanwhile, raises
    TermsChanged, and nothing is accepted. Accepting twice is once.
    """
    idea = Idea.objects.select_for_update(of=("self",)).filter(pk=idea_id).first()
    if idea is None or not policies.accept_terms.allows(actor, idea):
        raise NotAllowed(_("You may not do this with this idea."))
    terms = IdeaTerms.objects.filter(idea=idea, version=idea.terms_version).first()
    if terms is None or terms.version != terms_version:
        raise TermsChanged(_("The terms changed meanwhile: read them again."))
    with override(actor.language):
        text = terms.text
    other = language_shown(terms.text_it, terms.text_en, actor.language)
    bodies = Profile.objects.filter(pk__in=list(actor.mandates)).order_by("sort_name")
    acceptance, is_new = TermsAcceptance.objects.get_or_create(
        terms=terms,
        person_id=actor.person_id or 0,
        defaults={
            "label": actor.label[:200],
            "bodies": "; ".join(body.title for body in bodies)[:1_000],
            "text": text,
            "language": other or actor.language[:2],
            "at": actor.now,
        },
    )
    if is_new:
        changes = {"terms_version": (None, terms.version)}
        audit.record(actor=actor, verb="accept_terms", subject=idea, changes=changes)
    return acceptance


def note_idea_reading(*, actor: Viewer, idea: Idea, what: ReadingOf = ReadingOf.TEXT) -> None:
    """Write down that a person had the text, or a file, before them; not who keeps the idea."""
    if not actor.signed_in or actor.person_id == idea.keeper_id:
        return
    rows = IdeaReading.objects.filter(idea=idea, what=what, person=actor.person_id or 0)
    again = {"last_at": actor.now, "times": F("times") + 1}
    if rows.update(**again):
        return
    _reading, is_new = IdeaReading.objects.get_or_create(
        idea=idea,
        what=what,
        person_id=actor.person_id or 0,
        defaults={"label": actor.label[:200], "first_at": actor.now, "last_at": actor.now},
    )
    if not is_new:
        rows.update(**again)  # they opened it twice at once


def person_by(email: str, words: str, *, field: str = "email") -> Person:
    """The person with an account at an address; refuses, in `words`, where there is none."""
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise refused(field, words)
    return person
