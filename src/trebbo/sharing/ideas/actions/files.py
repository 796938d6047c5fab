"""Files of ideas and answers: small, of a known kind, and what they say they are."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.uploads import (
    LARGEST_FILE,
    Upload,
    UploadRefused,
    UploadTooLarge,
    checked_document,
)
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.answers import demand_can_change
from trebbo.sharing.ideas.actions.words import IdeaRefused, refused
from trebbo.sharing.ideas.choices import IdeaState
from trebbo.sharing.ideas.models import Answer, AttachedFile, Idea

__all__ = ["LARGEST_FILE", "MOST_FILES", "FileTooLarge", "attach_file", "remove_file"]

MOST_FILES = 10


class FileTooLarge(IdeaRefused):
    """The file is larger than may be attached."""

    status = 413


@transaction.atomic
def attach_file(
    *, actor: Viewer, idea_id: int, upload: "UploadedFile[Any]", answer_id: int | None = None
) -> AttachedFile:
    """Attach a file of at most LARGEST_FILE bytes to an idea, or to an answer to it.

    Refuses a kind that is not known, content that is not what the name says, and a document that
    still holds tracked changes or comments: others would read what was deleted. Files of an answer
    change as long as its words do. The trail has a file's number: its name can say too much.
    """
    idea = Idea.objects.select_for_update(of=("self",)).filter(pk=idea_id).first()
    answer = Answer.objects.filter(pk=answer_id, idea=idea_id).first() if answer_id else None
    if idea is None or not _may_attach(actor, idea, answer, answer_id):
        raise NotAllowed(_("You may not attach a file here."))
    _demand_can_change(actor, idea, answer)
    if AttachedFile.objects.filter(idea=idea, answer=answer).count() >= MOST_FILES:
        told = _("At most %(limit)s files fit here.") % {"limit": MOST_FILES}
        raise refused("file", told)
    passed = _checked(upload)
    file = AttachedFile.objects.create(
        idea=idea,
        answer=answer,
        name=passed.name,
        content_type=passed.content_type,
        size=len(passed.content),
        content=passed.content,
        attached_by_id=actor.person_id,
        attached_at=actor.now,
    )
    audit.record(actor=actor, verb="attach_file", subject=idea, changes={"file": (None, file.pk)})
    return file


@transaction.atomic
def remove_file(*, actor: Viewer, file_id: int) -> bool:
    """Take a file away: who may attach one there may; whether it was there.

    From an idea it may be taken at any time, also once it is closed.
    """
    rows = AttachedFile.objects.defer("content").select_related("idea", "answer")
    file = rows.filter(pk=file_id).first()
    if file is None:
        return False
    if not _may_attach(actor, file.idea, file.answer, file.answer_id):
        raise NotAllowed(_("You may not do this with this file."))
    if file.answer is not None:
        _demand_can_change(actor, file.idea, file.answer)
    changes = {"file": (file.pk, None)}
    file.delete()
    audit.record(actor=actor, verb="remove_file", subject=file.idea, changes=changes)
    return True


def _may_attach(actor: Viewer, idea: Idea, answer: Answer | None, answer_id: int | None) -> bool:
    if answer_id is None:
        return policies.edit_idea.allows(actor, idea)
    return answer is not None and policies.edit_answer.allows(actor, answer)


def _demand_can_change(actor: Viewer, idea: Idea, answer: Answer | None) -> None:
    """Refuse a file of an answer where the answer itself can no longer be changed."""
    if answer is not None:
        demand_can_change(actor, idea, answer)
    elif idea.state == IdeaState.CLOSED:
        raise IdeaRefused(_("This idea is closed: it can be read, and no longer changed."))


def _checked(upload: "UploadedFile[Any]") -> Upload:
    try:
        return checked_document(upload)
    except UploadTooLarge as refusal:
        raise FileTooLarge(refusal.message, refusal.fields) from refusal
    except UploadRefused as refusal:
        raise IdeaRefused(refusal.message, refusal.fields) from refusal
