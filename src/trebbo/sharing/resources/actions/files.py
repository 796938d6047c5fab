"""Pictures and documents of a resource: checked, kept, taken away."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.uploads import checked_document, checked_picture
from trebbo.sharing.resources.actions.catalogue import held_resource
from trebbo.sharing.resources.actions.values import one_of
from trebbo.sharing.resources.actions.wording import line, refused
from trebbo.sharing.resources.choices import FileKind
from trebbo.sharing.resources.models import ResourceFile

MOST_FILES = {FileKind.PICTURE: 8, FileKind.DOCUMENT: 12}
LONGEST_WORDS = 300


@transaction.atomic
def add_resource_file(
    *,
    actor: Viewer,
    resource_id: int,
    kind: str,
    upload: "UploadedFile[Any]",
    text_it: str = "",
    text_en: str = "",
) -> ResourceFile:
    """Add a picture or document; a picture says in words what it shows, in one language at least.

    Pictures are written anew, small and upright. Refuses what `kernel.uploads` refuses, and more
    than MOST_FILES of a kind.
    """
    resource = held_resource(actor, resource_id)
    chosen = FileKind(one_of("kind", kind, FileKind.values))
    words = line("text_it", text_it, LONGEST_WORDS), line("text_en", text_en, LONGEST_WORDS)
    if chosen == FileKind.PICTURE and not any(words):
        told = _("Say what the picture shows, for people who do not see it.")
        raise refused("text_it", told)
    if resource.files.filter(kind=chosen).count() >= MOST_FILES[chosen]:
        told = _("At most %(limit)s files fit here.") % {"limit": MOST_FILES[chosen]}
        raise refused("file", told)
    passed = (checked_picture if chosen == FileKind.PICTURE else checked_document)(upload)
    file = ResourceFile.objects.create(
        resource=resource,
        kind=chosen,
        name=passed.name,
        content_type=passed.content_type,
        size=len(passed.content),
        content=passed.content,
        text_it=words[0],
        text_en=words[1],
        width=passed.width,
        height=passed.height,
        added_at=actor.now,
    )
    told_of = {"file": ("", file.name)}
    audit.record(actor=actor, verb="add_resource_file", subject=resource, changes=told_of)
    return file


@transaction.atomic
def remove_resource_file(*, actor: Viewer, file_id: int) -> bool:
    """Take a file away; whether it was there."""
    file = ResourceFile.objects.defer("content").filter(pk=file_id).first()
    if file is None:
        return False
    resource = held_resource(actor, file.resource_id)
    told_of = {"file": (file.name, "")}
    file.delete()
    audit.record(actor=actor, verb="remove_resource_file", subject=resource, changes=told_of)
    return True
