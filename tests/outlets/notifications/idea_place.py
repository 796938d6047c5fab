"""People around a confidential challenge, and what each is told of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.actions import About
from trebbo.outlets.notifications.models import Notice
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.choices import IdeaKind
from trebbo.sharing.ideas.models import Answer, Idea

SECRET = "SEGRETO"
TEASER = "Valvole che durano"
WORDS = actions.IdeaWords(
    title_it=f"{SECRET} titolo",
    title_en=f"{SECRET} title",
    text_it=f"{SECRET} testo",
    text_en=f"{SECRET} text",
    good_answer_it=f"{SECRET} risposta attesa",
    teaser_title_it=TEASER,
    teaser_it=f"{SECRET} anteprima",
    reward_it=f"{SECRET} premio",
)


def days(number: float) -> datetime:
    """So many days after the start."""
    return NOW + timedelta(days=number)


class IdeaPlace:
    """A hospital, a laboratory and a firm of one cluster, and its office.

    Ada keeps the challenge and Edo edits the hospital's page; Rita answers for the laboratory;
    Fred, of the firm, follows; Olga runs the office; Nino belongs to nothing.
    """

    def __init__(self, **words: Any) -> None:
        self.cluster = ClusterFactory()
        self.hospital, self.lab, self.firm = (self.member() for _one in range(3))
        self.ada = self.acting("Ada", self.hospital)
        self.edo = self.acting("Edo", self.hospital, role="editor")
        self.rita = self.acting("Rita", self.lab, language="en")
        self.fred = self.acting("Fred", self.firm)
        self.nino: Person = PersonFactory(name="Nino")
        self.olga: Person = PersonFactory(name="Olga")
        ClusterRoleFactory(person=self.olga, cluster=self.cluster, valid_from=date(2020, 1, 1))
        self.words = replace(WORDS, **words)
        self.idea: Idea = actions.write_idea(
            actor=self.as_(self.ada),
            kind=IdeaKind.CHALLENGE,
            body_id=self.hospital.pk,
            broker_id=self.cluster.pk,
            words=self.words,
        )
        self.open_to(Circle.CLUSTER, Circle.CLUSTER)

    def member(self) -> Profile:
        """A body of the cluster."""
        body: Profile = OrganisationFactory()
        MembershipFactory(cluster=self.cluster, profile=body, valid_from=date(2020, 1, 1))
        return body

    def acting(self, name: str, body: Profile, **facts: Any) -> Person:
        """Somebody who acts for a body."""
        language = facts.pop("language", "it")
        person: Person = PersonFactory(name=name, language=language)
        MandateFactory(person=person, profile=body, valid_from=date(2020, 1, 1), **facts)
        return person

    def as_(self, person: Person, now: datetime = NOW) -> Viewer:
        """The viewer that somebody is at a moment."""
        return viewer_for(person, now=now, language=person.language)

    @property
    def version(self) -> dict[str, Any]:
        """Which idea, in which version."""
        self.idea.refresh_from_db()
        return {"idea_id": self.idea.pk, "version": self.idea.version}

    def open_to(self, circle: Circle, teaser_circle: Circle) -> None:
        """Let others see it."""
        opening = Opening(
            circle,
            teaser_circle=teaser_circle,
            cluster_id=self.cluster.pk,
            network_id=self.cluster.network_id,
        )
        actions.open_idea(actor=self.as_(self.ada), opening=opening, **self.version)

    def submitted(self) -> Idea:
        """Handed to the office."""
        actions.submit_idea(actor=self.as_(self.ada), **self.version)
        return self.idea

    def published(self) -> Idea:
        """Checked by the office."""
        self.submitted()
        actions.publish_idea(actor=self.as_(self.olga), **self.version)
        self.idea.refresh_from_db()
        return self.idea

    def answered(self) -> Answer:
        """Published, answered by the laboratory, followed by Fred."""
        self.published()
        actions.follow_idea(actor=self.as_(self.fred), idea_id=self.idea.pk)
        return actions.give_answer(
            actor=self.as_(self.rita),
            idea_id=self.idea.pk,
            body_id=self.lab.pk,
            text=f"{SECRET} risposta",
        )

    def decided(self, answer: Answer, *, accept: bool, reply: str = "") -> Answer:
        """The owner's word on an answer."""
        answer.refresh_from_db()
        return actions.decide_answer(
            actor=self.as_(self.ada),
            answer_id=answer.pk,
            accept=accept,
            reply=reply,
            version=answer.version,
        )

    def advanced(self, state: str) -> None:
        """Taken further by its owner."""
        actions.advance_idea(actor=self.as_(self.ada), state=state, **self.version)

    def closed(self, outcome: str, by: Person | None = None) -> None:
        """Closed by its owner, or by somebody else."""
        actor = self.as_(by or self.ada)
        actions.close_idea(actor=actor, outcome=outcome, reason=f"{SECRET} motivo", **self.version)

    def commented(self, by: Person, *mentioned: Person) -> int:
        """Somebody said something; the comment's key."""
        comment = actions.post_comment(
            actor=self.as_(by),
            idea_id=self.idea.pk,
            text=f"{SECRET} commento",
            mention_ids=tuple(one.pk for one in mentioned),
        )
        return comment.pk

    def leave(self, body: Profile) -> None:
        """The body is no longer a member."""
        body.memberships.update(valid_until=date(2026, 6, 1))

    def tell(self, kind: str, now: datetime = NOW) -> dict[str, Notice]:
        """Tell of the last step of a kind; the notices about it by name."""
        step = self.idea.steps.filter(kind=kind).latest("pk")
        return told(About.STEP, step.pk, now)


def told(about: About, key: int, now: datetime = NOW) -> dict[str, Notice]:
    """Tell of what stands on a row; the notices about it by the names of their readers."""
    before = set(Notice.objects.values_list("pk", flat=True))
    mail.tell_of_idea(actor=installation(now), about=about, key=key, now=now)
    rows = Notice.objects.exclude(pk__in=before).select_related("person", "mail")
    return {str(notice.person and notice.person.name): notice for notice in rows}
