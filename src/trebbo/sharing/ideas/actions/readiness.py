"""How ready a project is: a cluster's own scale, and an idea's level on it."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.steps import held_idea, keep, write_step
from trebbo.sharing.ideas.actions.words import line, refused
from trebbo.sharing.ideas.choices import StepKind
from trebbo.sharing.ideas.models import Idea, ReadinessLevel

HIGHEST_LEVEL = 20


@transaction.atomic
def define_readiness(
    *, actor: Viewer, cluster_id: int, levels: Mapping[int, tuple[str, str]]
) -> list[ReadinessLevel]:
    """Define a cluster's scale: number to label in Italian and in English; whole, not in part.

    A level that the scale no longer has stays for the ideas that were at it, marked as gone.
    """
    cluster = Cluster.objects.filter(pk=cluster_id).first()
    if cluster is None or not manage_cluster.allows(actor, cluster):
        raise NotAllowed(_("Only the office of the cluster may define its scale."))
    cleaned = {
        number: tuple(line("levels", label, limit=200) for label in labels)
        for number, labels in levels.items()
    }
    for number, labels in cleaned.items():
        if not 0 <= number <= HIGHEST_LEVEL:
            told = _("Levels go from 0 to %(most)s.") % {"most": HIGHEST_LEVEL}
            raise refused("levels", told)
        if not any(labels):
            raise refused("levels", _("Each level has a name, in Italian or in English."))
    ReadinessLevel.objects.filter(cluster=cluster).exclude(number__in=levels).update(is_gone=True)
    kept = [
        ReadinessLevel.objects.update_or_create(
            cluster=cluster,
            number=number,
            defaults={
                "label_it": italian,
                "label_en": english,
                "is_gone": False,
            },
        )[0]
        for number, (italian, english) in sorted(cleaned.items())
    ]
    audit.record(actor=actor, verb="define_readiness", subject=cluster)
    return kept


@transaction.atomic
def set_readiness(
    *, actor: Viewer, idea_id: int, version: int, level_id: int | None, note: str = ""
) -> Idea:
    """Say how ready an idea is, on the scale of the cluster that checks it; dated, with a note.

    Its owner may, and the broker. None takes the level away.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea, version=version)
    level = None
    if level_id is not None:
        offered = ReadinessLevel.objects.filter(cluster=idea.broker, is_gone=False)
        level = offered.filter(pk=level_id).first()
        if level is None:
            raise refused("level", _("Choose from the list."))
    old = idea.readiness
    keep(idea, actor, readiness=level)
    changes = {"readiness": (old, level)}
    audit.record(actor=actor, verb="set_readiness", subject=idea, changes=changes)
    words = line("note", note, limit=500)
    said = f"{level.number if level else '–'}{': ' if words else ''}{words}"
    write_step(idea, StepKind.READINESS, actor, note=said)
    return idea
