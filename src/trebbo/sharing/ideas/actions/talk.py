"""The discussion of an idea with quotes and mentions, following, and endorsement by a chain."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.policies import manage_value_chain
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.steps import held_idea, write_step
from trebbo.sharing.ideas.actions.words import IdeaRefused, line, long_text, refused
from trebbo.sharing.ideas.choices import PUBLISHED, IdeaState, StepKind
from trebbo.sharing.ideas.events import comment_posted
from trebbo.sharing.ideas.models import Comment, Endorsement, Follow, Idea
from trebbo.sharing.ideas.queries.talk import chains_to_endorse, people_to_mention

LONGEST_COMMENT, LONGEST_NOTE = 4_000, 500


@transaction.atomic
def post_comment(
    *,
    actor: Viewer,
    idea_id: int,
    text: str,
    quotes_id: int | None = None,
    mention_ids: tuple[int, ...] = (),
) -> Comment:
    """Say something in the discussion; perhaps quoting another comment, and mentioning people.

    Only people who take part can be mentioned: nobody learns of an idea by a mention. Who speaks
    follows the idea from then on.
    """
    idea = _readable(actor, idea_id)
    if idea.state not in PUBLISHED or idea.state == IdeaState.CLOSED:
        raise IdeaRefused(_("This idea is not open for discussion."))
    words = long_text("text", text, limit=LONGEST_COMMENT)
    if not words:
        raise refused("text", _("Write what you want to say."))
    comment = Comment.objects.create(
        idea=idea,
        author_id=actor.person_id,
        label=actor.label[:200],
        text=words,
        quotes=Comment.objects.filter(idea=idea, hidden_at=None, pk=quotes_id or 0).first(),
        at=actor.now,
    )
    offered = people_to_mention(idea, viewer=actor)
    comment.mentions.set(Person.objects.filter(pk__in=offered, id__in=mention_ids))
    follow_idea(actor=actor, idea_id=idea.pk)
    audit.record(actor=actor, verb="post_comment", subject=idea)
    transaction.on_commit(partial(comment_posted.send, sender=None, comment_id=comment.pk))
    return comment


@transaction.atomic
def hide_comment(*, actor: Viewer, comment_id: int) -> bool:
    """Take a comment out of the discussion: its author may, and the broker; whether it was in."""
    rows = Comment.objects.select_related("idea").filter(pk=comment_id, hidden_at=None)
    comment = rows.first()
    if comment is None:
        return False
    wrote_it = actor.signed_in and comment.author_id == actor.person_id
    if not wrote_it and not policies.check_idea.allows(actor, comment.idea):
        raise NotAllowed(_("You may not do this with this comment."))
    comment.hidden_at = actor.now
    comment.save(update_fields=["hidden_at"])
    audit.record(actor=actor, verb="hide_comment", subject=comment.idea)
    return True


@transaction.atomic
def follow_idea(*, actor: Viewer, idea_id: int) -> Follow:
    """Hear from now on what happens to an idea that the actor may see."""
    idea = Idea.objects.filter(pk=idea_id).first()
    if not actor.signed_in or idea is None or not policies.see_idea.allows(actor, idea):
        raise NotAllowed(_("You may not do this with this idea."))
    follow, _is_new = Follow.objects.get_or_create(
        idea=idea, person_id=actor.person_id or 0, defaults={"since": actor.now}
    )
    return follow


@transaction.atomic
def unfollow_idea(*, actor: Viewer, idea_id: int) -> bool:
    """Hear no longer what happens to an idea; whether one did."""
    gone, _by_model = Follow.objects.filter(idea=idea_id, person=actor.person_id or 0).delete()
    return bool(gone)


@transaction.atomic
def endorse_idea(
    *, actor: Viewer, idea_id: int, value_chain_id: int, note: str = ""
) -> Endorsement:
    """A value chain stands behind an idea: who runs the chain says so. Saying it twice is once."""
    idea = held_idea(actor, idea_id, policies.read_idea)
    chain = chains_to_endorse(viewer=actor).filter(pk=value_chain_id).first()
    if chain is None:
        raise refused("value_chain", _("Choose a value chain that you run."))
    if idea.state not in PUBLISHED:
        raise IdeaRefused(_("The idea is not published yet."))
    words = line("note", note, limit=LONGEST_NOTE)
    endorsement, is_new = Endorsement.objects.get_or_create(
        idea=idea,
        value_chain=chain,
        defaults={"by_id": actor.person_id, "note": words, "at": actor.now},
    )
    if is_new:
        audit.record(actor=actor, verb="endorse_idea", subject=idea)
        write_step(idea, StepKind.ENDORSED, actor, note=words, label=str(chain))
    return endorsement


@transaction.atomic
def withdraw_endorsement(*, actor: Viewer, endorsement_id: int) -> bool:
    """A value chain no longer stands behind an idea; whether it did."""
    rows = Endorsement.objects.select_related("idea", "value_chain__cluster")
    endorsement = rows.filter(pk=endorsement_id).first()
    if endorsement is None:
        return False
    if not manage_value_chain.allows(actor, endorsement.value_chain):
        raise NotAllowed(_("You may not do this with this idea."))
    endorsement.delete()
    audit.record(actor=actor, verb="withdraw_endorsement", subject=endorsement.idea)
    return True


def _readable(actor: Viewer, idea_id: int) -> Idea:
    idea = Idea.objects.filter(pk=idea_id).first()
    if not actor.signed_in or idea is None or not policies.read_idea.allows(actor, idea):
        raise NotAllowed(_("You may not do this with this idea."))
    return idea
