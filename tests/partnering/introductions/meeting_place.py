"""People who are introduced to each other, and the way from a draft to any state."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.introductions import AskFactory, AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.models import AnswerLink, Introduction


def days(number: float) -> datetime:
    """So many days after the start."""
    return NOW + timedelta(days=number)


def at(viewer: Viewer, moment: datetime) -> Viewer:
    """The same viewer later."""
    return replace(viewer, now=moment)


class Place:
    """An ask of a firm, shared with the office of a cluster, and a laboratory to be asked."""

    def __init__(self) -> None:
        self.cluster = ClusterFactory()
        self.firm, self.lab = OrganisationFactory(), OrganisationFactory()
        self.ada: Person = PersonFactory(name="Ada Asker", language="it")
        self.rita: Person = PersonFactory(name="Rita Researcher", language="en")
        MandateFactory(person=self.rita, profile=self.lab, role="representative")
        self.olga: Person = PersonFactory(name="Olga Office")
        ClusterRoleFactory(
            person=self.olga, cluster=self.cluster, role="manager", valid_from=date(2020, 1, 1)
        )
        self.asker = person(person_id=self.ada.pk, label="Ada Asker")
        self.contact = person(
            person_id=self.rita.pk,
            label="Rita Researcher",
            mandates={self.lab.pk: frozenset({"representative"})},
        )
        self.broker = replace(manager_of(self.cluster), person_id=self.olga.pk, label="Olga Office")
        self.ask = AskFactory(owner=self.ada, asker=self.firm, text="Cerco chi prova valvole")
        AskShareFactory(ask=self.ask, cluster=self.cluster)

    def draft(self, actor: Viewer | None = None, **facts: Any) -> Introduction:
        """Written by the broker, if nobody else."""
        return actions.draft_introduction(
            actor=actor or self.broker, ask_id=self.ask.pk, profile_id=self.lab.pk, **facts
        )

    def proposed(self, **facts: Any) -> Introduction:
        """Sent by the broker: who asks is to agree."""
        one = self.draft(**facts)
        return actions.send_introduction(
            actor=self.broker, introduction_id=one.pk, version=one.version
        )

    def asked(self, **facts: Any) -> Introduction:
        """Who asks agreed: the laboratory is asked."""
        one = self.proposed(**facts)
        return actions.consent_to_introduction(actor=self.asker, introduction_id=one.pk)

    def accepted(self, **facts: Any) -> Introduction:
        """Both agreed."""
        one = self.asked(**facts)
        return actions.accept_introduction(actor=visitor(NOW), token=token_of(one))


def tick(moment: datetime) -> actions.Ticks:
    """The clock at this moment."""
    return actions.run_clock(actor=installation(moment), limit=1_000)


def link_of(introduction: Introduction, purpose: str | None = None) -> AnswerLink:
    """The last link that was made for it."""
    links = AnswerLink.objects.filter(introduction=introduction)
    if purpose:
        links = links.filter(purpose=purpose)
    return links.latest("pk")


def token_of(introduction: Introduction, purpose: str | None = None) -> str:
    """What the mail with the last link carries."""
    link = link_of(introduction, purpose)
    return signed_links.sign(f"introduction.{link.purpose}", str(link.key))
