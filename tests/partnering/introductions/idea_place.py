"""A hospital's challenge, the office that checks it, and a laboratory that answers."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas.models import Answer, Idea

SECRET = "SEGRETO-protesi"


class IdeaPlace:
    """A challenge that is open to nobody by circle, with one accepted answer."""

    def __init__(self, **columns: Any) -> None:
        self.cluster = ClusterFactory()
        self.hospital = OrganisationFactory(name="Ospedale Uno")
        self.university = OrganisationFactory(name="Università Due")
        self.lab = UnitFactory(name="Laboratorio Tre", organisation=self.university)
        self.anna: Person = PersonFactory(name="Anna Ospedale", language="it")
        self.bea: Person = PersonFactory(name="Bea Ospedale", language="it")
        self.luca: Person = PersonFactory(name="Luca Laboratorio", language="en")
        self.olga: Person = PersonFactory(name="Olga Ufficio", language="it")
        since = {"valid_from": date(2020, 1, 1)}
        for one in (self.anna, self.bea):
            MandateFactory(person=one, profile=self.hospital, role="editor", **since)
        self.mandate = MandateFactory(person=self.luca, profile=self.lab, role="editor", **since)
        ClusterRoleFactory(person=self.olga, cluster=self.cluster, role="manager", **since)
        self.keeper = self._acting(self.anna, self.hospital.pk)
        self.colleague = self._acting(self.bea, self.hospital.pk)
        self.author = self._acting(self.luca, self.lab.pk)
        self.office = replace(
            manager_of(self.cluster), person_id=self.olga.pk, label="Olga Ufficio"
        )
        self.idea = Idea.objects.create(
            **{
                "kind": "challenge",
                "state": "answered",
                "body": self.hospital,
                "keeper": self.anna,
                "broker": self.cluster,
                "title_it": f"Titolo {SECRET}",
                "text_it": f"Cerchiamo {SECRET} per valvole cardiache",
                "teaser_title_it": "Una sfida sulle valvole",
                "since": NOW,
                "created_at": NOW,
                "changed_at": NOW,
                **columns,
            }
        )
        self.answer = self.answered(self.lab, self.luca)

    def answered(self, body: Any, author: Person, state: str = "accepted") -> Answer:
        """An answer of a body in this state."""
        return Answer.objects.create(
            idea=self.idea,
            body=body,
            author=author,
            text=f"Risposta {SECRET}",
            state=state,
            given_at=NOW,
            changed_at=NOW,
        )

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        return {
            "keeper": self.keeper,
            "colleague": self.colleague,
            "author of the answer": self.author,
            "office that checks it": self.office,
            "office of another cluster": manager_of(ClusterFactory()),
            "signed in, holding nothing": person(person_id=PersonFactory().pk),
            "visitor": Viewer(now=NOW),
        }

    def _acting(self, who: Person, profile_id: int) -> Viewer:
        held = {profile_id: frozenset({"editor"})}
        return person(person_id=who.pk, label=str(who), mandates=held)
