"""Adds to the registry a body known only from open data."""

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.identifying import give_identifiers
from trebbo.ecosystem.evidence.choices import PUBLISHERS, SETTLED, Dataset, LinkState
from trebbo.ecosystem.evidence.models import Body, Link
from trebbo.ecosystem.organisations.actions import register_organisation
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal


class BodyRefused(Refusal):
    """The body cannot be added: it is in the registry already."""

    status = 409


@transaction.atomic
def register_body(
    *,
    actor: Viewer,
    body_id: int,
    name: str,
    kind: str,
    municipality_id: str | None = None,
    website: str = "",
    vat_number: str = "",
    tax_code: str = "",
    acronym: str = "",
) -> Organisation:
    """Add the body as an organisation, with its identifier and its funded projects.

    For the offices of clusters and the agency. Refuses a body that is a profile already, and
    whatever `register_organisation` refuses: taken or wrong numbers, a blank name.
    """
    body = Body.objects.select_for_update().get(pk=body_id)
    settled = Link.objects.filter(
        body=body, state__in=(*SETTLED, LinkState.SPLIT), profile__isnull=False
    )
    known = settled.select_related("profile").first()
    if known is not None:
        raise BodyRefused(
            _("It is in the registry already, as “%(name)s”.") % {"name": known.profile}
        )
    publisher = PUBLISHERS[Dataset(body.last_import.dataset)]
    organisation = register_organisation(
        actor=actor,
        name=name,
        kind=kind,
        municipality_id=municipality_id,
        website=website,
        vat_number=vat_number,
        tax_code=tax_code,
        acronym=acronym,
        source=f"{publisher.name}, {body.scheme.upper()} {body.key}",
    )
    link = Link.objects.update_or_create(
        body=body,
        profile_id=organisation.pk,
        defaults={
            "state": LinkState.ACCEPTED,
            "probability": 1.0,
            "reasons": [],
            "found_at": actor.now,
            "decided_by_id": actor.person_id,
            "decided_at": actor.now,
        },
    )[0]
    give_identifiers(actor=actor, links=[link])
    audit.record(
        actor=actor,
        verb="register_body",
        subject=Profile.objects.get(pk=organisation.pk),
        changes={"body": ("", f"{body.name} ({body.scheme.upper()} {body.key})")},
    )
    attribute(actor=actor, body_ids=[body.pk])
    return organisation
