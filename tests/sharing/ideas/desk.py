"""A hospital with a challenge, and people around it who sign in and open pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory, acting
from tests.factories.clusters import ClusterFactory, MembershipFactory, NetworkFactory
from tests.factories.organisations import OrganisationFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Answer, Idea

SECRET = "Segretissimo catetere ureterale"
TEASER = "Un ospedale cerca chi riveste dispositivi"


class Desk:
    """A member hospital, a laboratory, their cluster's office, and a stranger."""

    def __init__(self) -> None:
        self.network = NetworkFactory()
        self.cluster = ClusterFactory(network=self.network)
        self.hospital = OrganisationFactory(name="Ospedale di Prova")
        self.laboratory = OrganisationFactory(name="Laboratorio di Prova")
        self.hana, self.lia = PersonFactory(name="Hana Ospedale"), PersonFactory(name="Lia Labo")
        self.olga, self.stranger = PersonFactory(name="Olga Ufficio"), PersonFactory(name="Sam")
        self.rita = PersonFactory(name="Rita Revisora")
        MandateFactory(person=self.hana, profile=self.hospital)
        MandateFactory(person=self.lia, profile=self.laboratory)
        for body in (self.hospital, self.laboratory):
            MembershipFactory(cluster=self.cluster, profile=body)
        ClusterRoleFactory(person=self.olga, cluster=self.cluster)

    def draft(self, **words: Any) -> Idea:
        """A challenge of the hospital, not handed over yet."""
        given = {
            "title_it": f"{SECRET}: chi lo riveste?",
            "text_it": f"{SECRET} da rivestire con argento entro giugno.",
            "good_answer_it": "Prove in vitro documentate.",
            "teaser_title_it": "Rivestimenti cercasi",
            "teaser_it": TEASER,
            "partners": (("laboratorio di prova", "test house"),),
            "trl": 4,
            "deadline_at": timezone.now() + timedelta(days=30),
            **words,
        }
        return actions.write_idea(
            actor=self.as_(self.hana),
            kind="challenge",
            body_id=self.hospital.pk,
            broker_id=self.cluster.pk,
            words=actions.IdeaWords(**given),
        )

    def published(self, *, circle: str = "cluster", terms: str = "", **words: Any) -> Idea:
        """A challenge that its office published: text for the cluster, teaser for everybody."""
        idea = self.draft(**words)
        keeper = self.as_(self.hana)
        actions.open_idea(
            actor=keeper,
            idea_id=idea.pk,
            version=self.now(idea).version,
            opening=Opening(
                circle=circle, teaser=TEASER, teaser_circle="public", cluster_id=self.cluster.pk
            ),
        )
        if terms:
            version = self.now(idea).version
            actions.write_terms(actor=keeper, idea_id=idea.pk, version=version, text_it=terms)
        version = self.now(idea).version
        actions.submit_idea(actor=keeper, idea_id=idea.pk, version=version)
        version = self.now(idea).version
        actions.publish_idea(actor=self.as_(self.olga), idea_id=idea.pk, version=version)
        return self.now(idea)

    def answered(self, idea: Idea, text: str = "Abbiamo il rivestimento.") -> Answer:
        """The laboratory's answer to it."""
        actor = self.as_(self.lia)
        if idea.terms_version:
            actions.accept_terms(actor=actor, idea_id=idea.pk, terms_version=idea.terms_version)
        return actions.give_answer(
            actor=actor, idea_id=idea.pk, body_id=self.laboratory.pk, text=text
        )

    def as_(self, person: Person) -> Viewer:
        """Somebody at this moment."""
        return acting(person)

    def now(self, idea: Idea) -> Idea:
        """The idea as it is kept."""
        return Idea.objects.get(pk=idea.pk)
