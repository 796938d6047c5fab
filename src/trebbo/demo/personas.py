"""Made-up people through whose eyes the demonstration can be looked at."""

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts.actions import (
    appoint_first_agency,
    grant_cluster_role,
    grant_mandate,
    grant_network_role,
    register_person,
)
from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.ecosystem.clusters.models import Cluster, Network, ValueChain
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, installation

NETWORK = "clust-er"
HEALTH = "clust-er-health"
MEDTECH = "clust-er-health-medtech"
DOMAIN = "trebbo.example"  # a name that RFC 2606 keeps out of use


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up person: what they are called, and what they hold, by slug and role."""

    key: str
    icon: str
    title: Promise
    summary: Promise
    name: str = ""
    mandates: tuple[tuple[str, MandateRole], ...] = field(default=())
    clusters: tuple[tuple[str, ClusterRoleKind], ...] = field(default=())
    networks: tuple[tuple[str, NetworkRoleKind], ...] = field(default=())
    chairs: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The address of the account; no message can ever reach it."""
        return f"{self.key}@{DOMAIN}" if self.name else ""


VISITOR = Persona(
    "visitor", "it-unlocked", _("Visitor"), _("Sees what everybody may see, without signing in.")
)
AGENCY = Persona(
    "agency",
    "it-pa",
    _("Agency that coordinates the network"),
    _("Sees all clusters, founds clusters, appoints people, reads the audit trail."),
    "Persona dimostrativa - agenzia",
    networks=((NETWORK, NetworkRoleKind.AGENCY),),
)
PERSONAS = (
    VISITOR,
    Persona(
        "manager",
        "it-settings",
        _("Manager of Clust-ER Health"),
        _("Looks after the cluster's page, its members and their profiles."),
        "Persona dimostrativa - responsabile Clust-ER Health",
        clusters=((HEALTH, ClusterRoleKind.MANAGER),),
    ),
    Persona(
        "laboratory",
        "it-tool",
        _("Technician of a laboratory"),
        _("Edits and confirms the profile of CIRI SDV, a laboratory of the University of Bologna."),
        "Persona dimostrativa - tecnico di laboratorio",
        mandates=(("ciri-sdv", MandateRole.EDITOR),),
    ),
    Persona(
        "sme",
        "it-card",
        _("Small or medium enterprise"),
        _("Represents GreenBone Ortho: edits, confirms and invites colleagues."),
        "Persona dimostrativa - PMI",
        mandates=(("greenbone-ortho", MandateRole.REPRESENTATIVE),),
    ),
    Persona(
        "hospital",
        "it-plus-circle",
        _("Research hospital (IRCCS)"),
        _("Represents the Rizzoli Orthopaedic Institute and the laboratories that belong to it."),
        "Persona dimostrativa - IRCCS",
        mandates=(("ior", MandateRole.REPRESENTATIVE),),
    ),
    AGENCY,
    Persona(
        "region",
        "it-horn",
        _("Region"),
        _("Reads the network as the authority that recognises and funds it."),
        "Persona dimostrativa - Regione",
        networks=((NETWORK, NetworkRoleKind.REGION),),
    ),
    Persona(
        "board",
        "it-user",
        _("Board member of Clust-ER Health"),
        _("Sits on the cluster's board: sees what the network shares, edits nothing."),
        "Persona dimostrativa - consiglio direttivo",
        clusters=((HEALTH, ClusterRoleKind.BOARD),),
    ),
    Persona(
        "chair",
        "it-link",
        _("Chair of a value chain of Clust-ER Health"),
        _("Chairs MedTech: says who takes part, and which ideas the chain stands behind."),
        "Persona dimostrativa - presidenza di value chain",
        chairs=(MEDTECH,),
    ),
)
BY_KEY = {persona.key: persona for persona in PERSONAS}
BY_EMAIL = {persona.email: persona for persona in PERSONAS if persona.email}


def create_agency(*, network_id: int, now: datetime | None = None) -> Viewer:
    """Make the network's first person, the persona of the agency, and give back its viewer.

    Everything else in the demonstration is done in this person's name. Doing it twice is harmless.
    """
    person = Person.objects.filter(email=AGENCY.email).first()
    if person is None:
        person = appoint_first_agency(
            actor=installation(now),
            network_id=network_id,
            email=AGENCY.email,
            name=AGENCY.name,
            is_synthetic=True,
        )
    return viewer_for(person, now=now or timezone.now(), language="it")


def create_personas(*, actor: Viewer) -> dict[str, Person]:
    """Open the accounts of all personas and give them what they hold; twice is harmless.

    `actor` is the agency; the profiles, clusters and the network they hold must be there.
    """
    people = {}
    for persona in PERSONAS:
        if persona.name:
            people[persona.key] = _create(actor, persona)
    return people


def persona_viewer(key: str, *, now: datetime) -> Viewer:
    """A persona with what it holds at a moment; its account must be there."""
    return viewer_for(Person.objects.get(email=BY_KEY[key].email), now=now, language="it")


def persona_context(request: HttpRequest) -> dict[str, object]:
    """The present persona's key, and its title in the page's language, for banner and choice."""
    email = getattr(getattr(request, "user", None), "email", "")
    persona = BY_EMAIL.get(email, None if email else VISITOR)
    named = persona is not None and persona is not VISITOR
    return {
        "persona_key": persona.key if persona else "",
        "persona_title": persona.title if persona and named else "",
    }


def _create(actor: Viewer, persona: Persona) -> Person:
    person = Person.objects.filter(email=persona.email).first() or register_person(
        actor=actor, email=persona.email, name=persona.name, is_synthetic=True
    )
    for slug, role in persona.mandates:
        profile = Profile.objects.get(slug=slug)
        grant_mandate(actor=actor, person_id=person.pk, profile_id=profile.pk, role=role)
    for slug, kind in persona.clusters:
        cluster = Cluster.objects.get(slug=slug)
        grant_cluster_role(actor=actor, person_id=person.pk, cluster_id=cluster.pk, role=kind)
    for slug in persona.chairs:
        chain = ValueChain.objects.get(slug=slug)
        grant_cluster_role(
            actor=actor,
            person_id=person.pk,
            cluster_id=chain.cluster_id,
            role=ClusterRoleKind.CHAIR,
            value_chain_id=chain.pk,
        )
    for slug, part in persona.networks:
        network = Network.objects.get(slug=slug)
        grant_network_role(actor=actor, person_id=person.pk, network_id=network.pk, role=part)
    return person
