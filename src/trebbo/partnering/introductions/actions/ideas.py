"""From an idea to people: the ask that looks for who could answer, and who answered introduced."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.accounts.queries import held_on
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.policies import demand_installation
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions.actions.kept import AskRefused, tell_of_ask
from trebbo.partnering.introductions.actions.shortlists import put_on_list
from trebbo.partnering.introductions.actions.steps import (
    By,
    IntroductionRefused,
    hold,
    move,
    record,
    withdraw_questions,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    CONTACTS_SHARED,
    OPEN,
    IntroductionState,
    StepKind,
)
from trebbo.partnering.introductions.models import Ask, AskShare, Introduction
from trebbo.sharing.ideas.choices import PUBLISHED, AnswerState, IdeaState
from trebbo.sharing.ideas.models import Answer, Idea
from trebbo.sharing.ideas.policies import check_idea, edit_idea

LONGEST_TITLE, LONGEST_NAME = 120, 150


@transaction.atomic
def ask_from_idea(*, actor: Viewer, idea_id: int) -> Ask:
    """Keep the ask of an idea, or give back the open one: its shortlist finds who could answer.

    For who may edit the idea, and for the office that checks it. The ask is put for the idea's
    body, with the idea's text as it is now, and kept by the actor; an office looks on behalf of who
    keeps the idea. It is open to nobody but those who work on the idea and the office that checked
    it. Refuses a closed idea, and one that was never published: whoever
    throws that away finds nothing of it anywhere.
    """
    idea = _held_idea(actor, idea_id)
    if idea.state not in PUBLISHED:
        raise AskRefused(_("The idea is not published yet."))
    if idea.state == IdeaState.CLOSED:
        raise AskRefused(_("This idea is closed: nobody is looked for any more."))
    return _ask_of(idea, actor)


@transaction.atomic
def introduce_answer(*, actor: Viewer, answer_id: int) -> Introduction:
    """Introduce who gave an accepted answer to who keeps the idea: each can reach the other now.

    For who may edit the idea, and for the office that checks it. Both sides have agreed: one by
    answering for this purpose, the other by accepting. Wishes not to be asked do not stop it, since
    nobody is asked: who answered put themselves forward. Doing it twice is once; what a broker had
    begun for the same body goes on from there. Refuses an answer that is not accepted, and one
    whose author no longer acts for the body: whoever does has agreed to nothing.
    """
    idea_id = Answer.objects.filter(pk=answer_id).values_list("idea", flat=True).first()
    idea = _held_idea(actor, idea_id or 0)
    rows = Answer.objects.select_for_update(of=("self",)).select_related("body", "author")
    answer = rows.get(pk=answer_id)
    if answer.state != AnswerState.ACCEPTED:
        raise IntroductionRefused(_("Only who gave an accepted answer can be introduced."))
    met = Introduction.objects.filter(
        ask__idea=idea, profile=answer.body, state__in=CONTACTS_SHARED
    ).order_by("pk")
    if present := met.last():
        return present
    contact = _author(answer, actor)
    ask = _ask_of(idea, actor)
    put_on_list(actor, ask, answer.body)
    introduction = _begun(ask, answer.body, contact, actor)
    move(
        introduction,
        IntroductionState.ACCEPTED,
        by=By.account(actor, introduction),
        verb="introduce_answer",
        contact=contact,
        contact_name=str(contact)[:LONGEST_NAME],
        contact_email=contact.email,
        contact_language=contact.language,
        asked_at=introduction.asked_at or actor.now,
        accepted_at=actor.now,
    )
    return introduction


@transaction.atomic
def close_asks_of_idea(*, actor: Viewer, idea_id: int) -> int:
    """End the asks of an idea that is closed, with the questions that nobody answered; how many."""
    demand_installation(actor)
    if not Idea.objects.filter(pk=idea_id, state=IdeaState.CLOSED).exists():
        return 0
    rows = Ask.objects.select_for_update(of=("self",))
    asks = list(rows.filter(idea=idea_id, closed_at__isnull=True).order_by("pk"))
    for ask in asks:
        ask.closed_at = actor.now
        ask.save(update_fields=["closed_at"])
        withdraw_questions(ask, actor)
        audit.record(actor=actor, verb="close_ask", subject=ask)
        tell_of_ask(ask)
    return len(asks)


def _held_idea(actor: Viewer, idea_id: int) -> Idea:
    """The idea, held so that two who look for people for it do so one after the other."""
    rows = Idea.objects.select_for_update(of=("self",)).select_related("body", "broker", "keeper")
    idea = rows.filter(pk=idea_id).first()
    if idea is None or not (edit_idea.allows(actor, idea) or check_idea.allows(actor, idea)):
        words = _("Only who works on this idea, and the office that checks it, may do this.")
        raise NotAllowed(words)
    return idea


def _ask_of(idea: Idea, actor: Viewer) -> Ask:
    """The ask of an idea that is held: the open one, else a new one; of a closed idea the last."""
    known = Ask.objects.select_for_update(of=("self",)).filter(idea=idea).order_by("-pk")
    is_closed = idea.state == IdeaState.CLOSED
    ask = (known if is_closed else known.filter(closed_at__isnull=True)).first()
    if ask is None:
        language = "it" if idea.text_it or not (idea.text_en or idea.title_en) else "en"
        with override(language):
            heading, text = idea.heading, _text_of(idea)
        ask = Ask.objects.create(
            idea=idea,
            text=text,
            title=one_line(heading)[:LONGEST_TITLE],
            language=language,
            asker=idea.body,
            owner_id=actor.person_id if edit_idea.allows(actor, idea) else idea.keeper_id,
            created_at=actor.now,
            changed_at=actor.now,
            closed_at=actor.now if is_closed else None,
        )
        audit.record(actor=actor, verb="keep_ask", subject=ask)
        audit.record(actor=actor, verb="ask_from_idea", subject=idea)
        tell_of_ask(ask)
    _share(ask, idea, actor)
    return ask


def _text_of(idea: Idea) -> str:
    """What there is to be found for: title, text, what a good answer looks like, roles."""
    roles = (partner.role for partner in idea.partners_sought.all())
    return "\n\n".join(filter(None, (idea.title, idea.text, idea.good_answer, "\n".join(roles))))


def _share(ask: Ask, idea: Idea, actor: Viewer) -> None:
    """Open the ask to the office that checked the idea."""
    share, is_new = AskShare.objects.get_or_create(
        ask=ask,
        cluster=idea.broker,
        defaults={"shared_by_id": actor.person_id, "shared_at": actor.now},
    )
    if is_new:
        changes = {"shared_with": (None, share.cluster)}
        audit.record(actor=actor, verb="share_ask", subject=ask, changes=changes)


def _author(answer: Answer, actor: Viewer) -> Person:
    """Who answered, as long as they act for the body; refuses where they do not."""
    person = answer.author
    if person is not None and person.is_active:
        held = Mandate.objects.filter(held_on(actor.today), person=person)
        over = Q(profile__as_organisation__units=answer.body_id, role=MandateRole.REPRESENTATIVE)
        if held.filter(Q(profile=answer.body_id) | over).exists():
            return person
    words = _("Who answered no longer acts for %(name)s: ask whoever does, from the ask.")
    raise IntroductionRefused(words % {"name": answer.body.title})


def _begun(ask: Ask, profile: Profile, contact: Person, actor: Viewer) -> Introduction:
    """The open introduction of a body for an ask, held; a new draft where there is none."""
    rows = Introduction.objects.filter(ask=ask, profile=profile, state__in=OPEN)
    present = rows.values_list("pk", flat=True).first()
    if present is not None and (held := hold(present)) is not None:
        return held
    introduction = Introduction.objects.create(
        ask=ask,
        profile=profile,
        profile_name=profile.title[:300],
        owner_id=actor.person_id,
        since=actor.now,
        created_at=actor.now,
        changed_at=actor.now,
    )
    by = By.account(actor, introduction)
    named = str(contact)[:LONGEST_NAME]
    record(introduction, "draft_introduction", by=by, contact=(None, named))
    write_step(introduction, StepKind.DRAFT, by=by)
    return introduction
