"""Writes the Italian labels that a vocabulary lacks, so that new editions leave them alone."""

from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import policies
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import Concept, Scheme
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.text import SHORT_LIMIT, one_line


class LabelRefused(Refusal):
    """A label cannot be written; `fields` says which, by the concept's number."""


@transaction.atomic
def keep_labels(
    *, actor: Viewer, labels: Mapping[int, str], seen: Mapping[int, str] | None = None
) -> int:
    """Write the Italian labels of concepts, by their id; all of them or none. How many changed.

    A blank gives the label back to the edition. `seen` are the labels that the person had before
    the eyes: one that somebody changed meanwhile refuses all, with what the other wrote. Refuses
    anybody but an office.
    """
    _demand(actor)
    concepts = Concept.objects.select_for_update(of=("self",)).select_related("scheme")
    found = concepts.in_bulk(list(labels))
    refused: dict[str, str] = {}
    changed = []
    for key, typed in labels.items():
        concept, label = found.get(key), one_line(typed)
        if concept is None:
            refused[str(key)] = _("This concept is no longer there.")
        elif len(label) > SHORT_LIMIT:
            refused[str(key)] = _("At most %(most)d characters.") % {"most": SHORT_LIMIT}
        elif not label and not (concept.label_it_published or concept.label_en):
            refused[str(key)] = _("A concept needs a label.")
        elif label == concept.label_it_kept:
            continue
        elif seen is not None and seen.get(key, "") != concept.label_it:
            refused[str(key)] = _("Meanwhile somebody wrote “%(label)s”.") % {
                "label": concept.label_it
            }
        else:
            changed.append((concept, label))
    if refused:
        raise LabelRefused(_("Nothing was saved yet: look at the labels marked below."), refused)
    for concept, label in changed:
        before = concept.label_it
        concept.label_it_kept = label
        concept.label_it_kept_over = concept.label_it_published if label else ""
        concept.label_it = label or concept.label_it_published
        _save(actor, concept, before, "keep_label")
    if changed:
        transaction.on_commit(partial(vocabularies_loaded.send, sender=Scheme))
    return len(changed)


@transaction.atomic
def choose_label(*, actor: Viewer, concept_id: int, label: str) -> Concept:
    """Settle which Italian label a concept has: the one kept here, or the publisher's.

    Refuses anybody but an office, and a label that is neither of the two.
    """
    _demand(actor)
    concepts = Concept.objects.select_for_update(of=("self",)).select_related("scheme")
    concept = concepts.filter(pk=concept_id).first()
    if concept is None or label not in {concept.label_it_kept, concept.label_it_published}:
        raise LabelRefused(_("The labels have changed meanwhile: look again."))
    before = concept.label_it
    if label == concept.label_it_kept:
        concept.label_it_kept_over = concept.label_it_published
    else:
        concept.label_it_kept = concept.label_it_kept_over = ""
    concept.label_it = label
    _save(actor, concept, before, "choose_label")
    transaction.on_commit(partial(vocabularies_loaded.send, sender=Scheme))
    return concept


def _demand(actor: Viewer) -> None:
    if not policies.keep_labels(actor):
        raise NotAllowed(_("Only an office may write the labels of a vocabulary."))


def _save(actor: Viewer, concept: Concept, before: str, verb: str) -> None:
    concept.save(update_fields=["label_it", "label_it_kept", "label_it_kept_over"])
    changes = {"label_it": (before, concept.label_it)}
    if verb == "keep_label":
        audit.record(actor=actor, verb="keep_label", subject=concept, changes=changes)
    else:
        audit.record(actor=actor, verb="choose_label", subject=concept, changes=changes)
