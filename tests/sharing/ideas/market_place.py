"""A market of ideas: a hospital's ward that seeks, who answers, and all around them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.dispatch import Signal

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    ValueChainFactory,
)
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.models import AuditLine
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.choices import IdeaState
from trebbo.sharing.ideas.models import Answer, Idea

YESTERDAY = NOW.date() - timedelta(days=1)
SINCE = date(2020, 1, 1)
WORDS = actions.IdeaWords(
    title_it="Titoloriservato",
    title_en="Confidentialtitle",
    text_it="Testoriservato: pH < 7 e T > 300.",
    text_en="Confidentialtext: pH < 7 and T > 300.",
    good_answer_it="Rispostaattesa",
    teaser_title_it="Titoloanteprima",
    teaser_it="Testoanteprima",
    reward_it="Premioriservato",
)
SECRETS = ("riservat", "onfidential", "anteprima", "attesa")
"""Bits of WORDS that the trail must never hold."""


def days(number: float) -> datetime:
    """So many days after the start."""
    return NOW + timedelta(days=number)


def at(viewer: Viewer, moment: datetime) -> Viewer:
    """The same viewer at another moment."""
    return replace(viewer, now=moment)


class Market:
    """A ward of a hospital, in a cluster with a value chain; a sister cluster; another network."""

    def __init__(self) -> None:
        self.network, self.other_network = NetworkFactory(), NetworkFactory()
        self.cluster = ClusterFactory(network=self.network)
        self.sister = ClusterFactory(network=self.network)
        self.abroad = ClusterFactory(network=self.other_network)
        self.chain = ValueChainFactory(cluster=self.cluster)
        self.hospital = OrganisationFactory(name="Ospedale")
        self.ward = UnitFactory(name="Reparto", organisation=self.hospital)
        self.lab = OrganisationFactory(name="Laboratorio Alfa")
        self.firm = OrganisationFactory(name="Impresa Beta")
        for body in (self.hospital, self.lab, self.firm):
            MembershipFactory(cluster=self.cluster, profile=body, valid_from=SINCE)
        self.keeper = self.acting_for(self.ward, name="Kira Keeper")
        self.lab_person = self.acting_for(self.lab, "representative", name="Lia Lab")
        self.firm_person = self.acting_for(self.firm, name="Fred Firm")
        self.office = self.one(name="Olga Office", clusters=self.roles(self.cluster, "manager"))
        ClusterRoleFactory(person_id=self.office.person_id, cluster=self.cluster, valid_from=SINCE)

    def one(self, *, name: str = "", **held: Any) -> Viewer:
        """A person with an account who holds this."""
        someone: Person = PersonFactory(**({"name": name} if name else {}))
        return person(person_id=someone.pk, label=str(someone), **held)

    @staticmethod
    def roles(where: Any, role: str) -> dict[int, frozenset[str]]:
        """A role in a cluster or network."""
        return {where.pk: frozenset({role})}

    def acting_for(self, body: Profile, role: str = "editor", **more: Any) -> Viewer:
        """A person who acts for a body."""
        someone = self.one(mandates=self.roles(body, role), **more)
        MandateFactory(person_id=someone.person_id, profile=body, role=role, valid_from=SINCE)
        return someone

    def member_of(self, cluster: Any, **given: Any) -> Viewer:
        """A person who acts for a member."""
        body = OrganisationFactory()
        MembershipFactory(cluster=cluster, profile=body, **{"valid_from": SINCE, **given})
        return self.acting_for(body)

    def in_chain(self, **given: Any) -> Viewer:
        """A person who acts for a member that takes part in the chain."""
        someone = self.member_of(self.cluster)
        ChainMembershipFactory(
            value_chain=self.chain,
            profile_id=next(iter(someone.mandates)),
            **{"valid_from": SINCE, **given},
        )
        return someone

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        return {
            "keeper": self.keeper,
            "colleague": self.acting_for(self.ward),
            "represents the owner": self.acting_for(self.hospital, "representative"),
            "editor of the owner": self.acting_for(self.hospital),
            "laboratory": self.lab_person,
            "another member": self.firm_person,
            "member until yesterday": self.member_of(self.cluster, valid_until=YESTERDAY),
            "in the chain": self.in_chain(),
            "in the chain until yesterday": self.in_chain(valid_until=YESTERDAY),
            "chair of the chain": self.one(
                clusters=self.roles(self.cluster, "chair"), chains=frozenset({self.chain.pk})
            ),
            "board": self.one(clusters=self.roles(self.cluster, "board")),
            "office": self.office,
            "agency": self.one(networks=self.roles(self.network, "agency")),
            "Region": self.one(networks=self.roles(self.network, "region")),
            "member of the sister cluster": self.member_of(self.sister),
            "office of the sister cluster": self.one(clusters=self.roles(self.sister, "manager")),
            "member abroad": self.member_of(self.abroad),
            "office abroad": self.one(clusters=self.roles(self.abroad, "manager")),
            "named": self.one(),
            "reviewer": self.one(),
            "reviewer who has not declared": self.one(),
            "reviewer in conflict": self.one(),
            "stranger": self.one(),
            "visitor": visitor(NOW),
            "installation": installation(NOW),
        }

    def write(self, kind: str = "challenge", **words: Any) -> Idea:
        """A draft of the ward."""
        return actions.write_idea(
            actor=self.keeper,
            kind=kind,
            body_id=self.ward.pk,
            broker_id=self.cluster.pk,
            words=replace(WORDS, **words),
        )

    def checking(self, **words: Any) -> Idea:
        """With the broker."""
        idea = self.write(**words)
        return actions.submit_idea(actor=self.keeper, idea_id=idea.pk, version=idea.version)

    def open(self, circle: str = "cluster", **words: Any) -> Idea:
        """Published, for a circle."""
        idea = self.open_to(self.checking(**words), circle)
        return actions.publish_idea(actor=self.office, idea_id=idea.pk, version=idea.version)

    def open_to(self, idea: Idea, circle: str, teaser_circle: str = "") -> Idea:
        """Opened to a circle of this market, by somebody who belongs to every one of them."""
        return actions.open_idea(
            actor=replace(self.keeper, chains=frozenset({self.chain.pk})),
            idea_id=idea.pk,
            version=idea.version,
            opening=Opening(
                circle,
                teaser_circle=teaser_circle,
                network_id=self.network.pk,
                cluster_id=self.cluster.pk,
                value_chain_id=self.chain.pk,
            ),
        )

    def answer(self, idea: Idea, actor: Viewer | None = None, **given: Any) -> Answer:
        """An answer, of the laboratory if of nobody else."""
        actor = actor or self.lab_person
        facts = {"body_id": next(iter(actor.mandates), 0), "text": "Lo sappiamo fare", **given}
        return actions.give_answer(actor=actor, idea_id=idea.pk, **facts)

    def advance(self, idea: Idea, state: str, **given: Any) -> Idea:
        """Taken further by its keeper."""
        return actions.advance_idea(
            actor=self.keeper, idea_id=idea.pk, version=now(idea).version, state=state, **given
        )

    def close(self, idea: Idea, outcome: str = "solved", actor: Viewer | None = None) -> Idea:
        """Closed by its keeper, with a reason."""
        return actions.close_idea(
            actor=actor or self.keeper,
            idea_id=idea.pk,
            version=now(idea).version,
            outcome=outcome,
            reason="Perché sì",
        )

    def expired(self) -> Idea:
        """Ended by time; by then it is 200 days later."""
        idea = self.open()
        actions.run_idea_clock(actor=installation(days(200)))
        return now(idea)

    def bring(self, state: str) -> Idea:
        """An idea in any state, by the way that people take."""
        ways: dict[str, Callable[[], Idea]] = {
            IdeaState.DRAFT: self.write,
            IdeaState.CHECKING: self.checking,
            IdeaState.OPEN: self.open,
            IdeaState.ANSWERED: lambda: self.answer(self.open()).idea,
            IdeaState.FORMATION: lambda: self.advance(self.open(), "formation"),
            IdeaState.SUBMITTED: lambda: self.advance(self.bring("formation"), "submitted"),
            IdeaState.FUNDED: lambda: self.advance(self.bring("submitted"), "funded"),
            IdeaState.RUNNING: lambda: self.advance(self.bring("funded"), "running"),
            IdeaState.CLOSED: lambda: self.close(self.open()),
            "withdrawn": lambda: self.close(self.open(), "withdrawn"),
            "expired": self.expired,
        }
        return now(ways[state]())

    def reviewer(self, idea: Idea, *, in_conflict: bool | None = False) -> Viewer:
        """A person who was named a reviewer, and declared."""
        someone = self.one()
        email = Person.objects.get(pk=someone.person_id).email
        actions.name_reviewer(actor=self.keeper, idea_id=idea.pk, email=email)
        if in_conflict is not None:
            actions.declare_conflict(
                actor=someone, idea_id=idea.pk, in_conflict=in_conflict, declaration="Nessuno"
            )
        return someone


@contextmanager
def hearing(*signals: Signal) -> Iterator[list[tuple[Signal, dict[str, Any]]]]:
    """What these signals said meanwhile."""
    heard: list[tuple[Signal, dict[str, Any]]] = []

    def listen(*, sender: object, signal: Signal, **facts: Any) -> None:
        heard.append((signal, facts))

    for signal in signals:
        signal.connect(listen)
    try:
        yield heard
    finally:
        for signal in signals:
            signal.disconnect(listen)


def trail(idea: Idea) -> list[AuditLine]:
    """What the audit trail says of it, the first first."""
    return list(audit.history_of(idea).order_by("pk"))


def keeps_secrets(idea: Idea, *more: str) -> bool:
    """Whether neither the trail nor anybody's name for the idea holds its words."""
    told = "\n".join(f"{one.subject_label} {one.changes}" for one in trail(idea)) + str(idea)
    return not any(secret in told for secret in (*SECRETS, *more))


def now(idea: Idea) -> Idea:
    """The idea as it is kept now."""
    return Idea.objects.get(pk=idea.pk)


def steps_of(idea: Idea) -> list[tuple[str, str]]:
    """What happened to an idea, and by whom."""
    return list(idea.steps.order_by("pk").values_list("kind", "label"))


def email_of(viewer: Viewer) -> str:
    """The address of a person of the market."""
    return Person.objects.get(pk=viewer.person_id).email


def full_marks(idea: Idea, points: int = 5) -> dict[int, int]:
    """A whole scorecard."""
    return dict.fromkeys(idea.criteria.values_list("pk", flat=True), points)
