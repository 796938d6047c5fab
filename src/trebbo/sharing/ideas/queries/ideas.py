"""Reads ideas: those that the viewer may see, one with all that its page shows, and my own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext

from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.clusters.models import Cluster, ValueChain
from trebbo.ecosystem.clusters.policies import own_clusters
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile, view_profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.choices import (
    BY_OWNER,
    LEADS_TO,
    PUBLISHED,
    TAKES_ANSWERS,
    AnswerState,
    IdeaOutcome,
    IdeaState,
    StepKind,
)
from trebbo.sharing.ideas.models import (
    Answer,
    AttachedFile,
    Endorsement,
    Follow,
    Idea,
    IdeaReading,
    IdeaStep,
    IdeaTerms,
    ReadinessLevel,
    Reviewer,
    TermsAcceptance,
)
from trebbo.sharing.ideas.queries.talk import chains_to_endorse

LINE = (
    IdeaState.DRAFT,
    IdeaState.CHECKING,
    IdeaState.OPEN,
    IdeaState.FORMATION,
    IdeaState.SUBMITTED,
    IdeaState.FUNDED,
    IdeaState.RUNNING,
    IdeaState.CLOSED,
)
"""The states as a line; an idea that has answers is still open."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of ideas is narrowed by; blank means anything."""

    kind: str = ""
    state: str = ""
    words: str = ""
    cluster: str = ""
    body: str = ""
    trl_from: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of the line on an idea's page."""

    label: str
    is_over: bool
    is_present: bool


@dataclass(frozen=True)
class IdeaPage:
    """An idea with what the viewer may read of it and do with it; lists are read when asked for.

    Without `shows_text` only the teaser may be shown.
    """

    idea: Idea
    viewer: Viewer
    shows_text: bool
    may_edit: bool
    may_check: bool
    may_accept: bool
    answers_taken: bool
    is_followed: bool
    answers: int
    """How many answers there are, for those who read them all."""

    @property
    def works(self) -> bool:
        """Whether the viewer owns the idea or checks it."""
        return self.may_edit or self.may_check

    @property
    def names_owner(self) -> bool:
        """Whether the page says whose idea it is."""
        return self.shows_text or self.idea.names_owner

    @property
    def may_answer(self) -> bool:
        """Whether the viewer acts for a body that could still answer."""
        late = self.idea.deadline_at is not None and self.viewer.now > self.idea.deadline_at
        return self.answers_taken and not late

    @property
    def may_renew(self) -> bool:
        """Whether the idea can be renewed, by whoever may."""
        expired = self.idea.outcome == IdeaOutcome.EXPIRED
        return self.works and (expired or self.idea.state in TAKES_ANSWERS)

    @property
    def may_close(self) -> bool:
        """Whether the idea can be closed, by whoever may."""
        return self.works and IdeaState.CLOSED in LEADS_TO[IdeaState(self.idea.state)]

    @property
    def may_talk(self) -> bool:
        """Whether there is a discussion to take part in."""
        return self.shows_text and self.idea.state in PUBLISHED[:-1]

    @property
    def next_states(self) -> tuple[tuple[str, str], ...]:
        """Where its owner can take the idea by hand: values and labels."""
        leads = LEADS_TO[IdeaState(self.idea.state)] if self.may_edit else ()
        return tuple((state.value, str(state.label)) for state in leads if state in BY_OWNER)

    @cached_property
    def terms(self) -> IdeaTerms | None:
        """The terms that the viewer has to accept before the text."""
        if self.shows_text or not self.may_accept or not self.idea.terms_version:
            return None
        return IdeaTerms.objects.filter(idea=self.idea, version=self.idea.terms_version).first()

    @cached_property
    def steps(self) -> tuple[IdeaStep, ...]:
        """What happened, in order."""
        return tuple(self.idea.steps.all())

    @property
    def shown_steps(self) -> tuple[tuple[IdeaStep, str], ...]:
        """The steps that the viewer may know of, each with what it is called."""
        if not self.shows_text:
            return ()
        known = {*IdeaState.values, StepKind.ENDORSED, StepKind.OFFICIAL}
        shown, state = [], ""
        for step in self.steps:
            # Its only answer was taken back: it is not published a second time.
            again = (state, step.kind) == (StepKind.ANSWERED, StepKind.OPEN)
            state = step.kind if step.kind in IdeaState.values else state
            if self.works or step.kind in known:
                words = pgettext("idea step", "Open again") if again else step.get_kind_display()
                shown.append((step, words))
        return tuple(shown)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The line of its life; of a closed idea, only the phases that it went through are over."""
        state = IdeaState(self.idea.state)
        here = LINE.index(IdeaState.OPEN if state == IdeaState.ANSWERED else state)
        reached = {step.kind for step in self.steps}
        phases = []
        for place, one in enumerate(LINE):
            label = state.label if place == here else one.label
            passed = place < here and (state != IdeaState.CLOSED or one in reached)
            phases.append(Phase(str(label), passed, place == here))
        return tuple(phases)

    @cached_property
    def files(self) -> tuple[AttachedFile, ...]:
        """The files of the idea itself, without their bytes."""
        if not self.shows_text:
            return ()
        return tuple(self.idea.files.filter(answer__isnull=True).defer("content"))

    @cached_property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """The value chains that stand behind it."""
        return tuple(self.idea.endorsements.select_related("value_chain__cluster"))

    @cached_property
    def chains(self) -> tuple[ValueChain, ...]:
        """The value chains for which the viewer can endorse it."""
        runs_some = self.viewer.is_office or self.viewer.chains
        if not (self.shows_text and runs_some and self.idea.published_at):
            return ()
        return tuple(chains_to_endorse(viewer=self.viewer))

    @cached_property
    def review(self) -> Reviewer | None:
        """The viewer as a reviewer of its answers, if they were asked to."""
        if not self.viewer.signed_in or self.viewer.person_id == self.idea.keeper_id:
            return None
        return Reviewer.objects.filter(idea=self.idea, person=self.viewer.person_id).first()

    @cached_property
    def own_answers(self) -> tuple[Answer, ...]:
        """The answers that the viewer, or their bodies, gave."""
        if not self.viewer.signed_in:
            return ()
        rows = Answer.objects.filter(policies.edit_answer.condition(self.viewer), idea=self.idea)
        return tuple(rows.select_related("body"))

    @cached_property
    def team(self) -> tuple[Answer, ...]:
        """The accepted answers, for who works on the idea and for those in the team themselves."""
        in_it = any(one.state == AnswerState.ACCEPTED for one in self.own_answers)
        if not (in_it or (self.works and self.answers)):
            return ()
        rows = Answer.objects.filter(idea=self.idea, state=AnswerState.ACCEPTED)
        return tuple(rows.select_related("body", "role").order_by("decided_at", "pk"))

    @cached_property
    def levels(self) -> tuple[ReadinessLevel, ...]:
        """The scale of the cluster that checks it, for those who may set its level."""
        if not self.works:
            return ()
        rows = ReadinessLevel.objects.filter(cluster=self.idea.broker, is_gone=False)
        return tuple(rows.order_by("number"))


def visible_ideas(*, viewer: Viewer, wanted: Wanted) -> QuerySet[Any]:
    """Published ideas that the viewer may see, the newest first; `shows_text` as on their pages.

    Words are looked for in the teaser, and in title and text only of ideas that the viewer reads;
    an idea whose teaser names nobody is found by its body by its readers alone.
    """
    rows = Idea.objects.filter(state__in=PUBLISHED).select_related("body", "broker")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state == "answers":
        rows = rows.filter(state__in=TAKES_ANSWERS)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.body:
        named = Q(names_owner=True) | policies.read_idea.condition(viewer)
        rows = rows.filter(named, body__slug=wanted.body)
    if wanted.cluster:
        rows = rows.filter(broker__slug=wanted.cluster)
    if wanted.trl_from:
        rows = rows.filter(policies.read_idea.condition(viewer), trl__gte=wanted.trl_from)
    for word in wanted.words.split()[:10]:
        rows = rows.filter(_says(word, viewer))
    rows = _readable(rows, viewer).prefetch_related("fields")
    return rows.order_by("-published_at", "-pk")


def narrowed_to(wanted: Wanted, *, viewer: Viewer) -> str:
    """What the body or cluster is called by which a list is narrowed; as asked where unknown."""
    asked = [slug for slug in (wanted.body, wanted.cluster) if slug]
    if not asked:
        return ""
    found = view_profile.filter(viewer, Profile.objects.filter(slug__in=asked))
    names = {one.slug: one.title for one in found}
    return "; ".join(names.get(slug, slug) for slug in asked)


def idea_page(idea_id: int, *, viewer: Viewer) -> IdeaPage | None:
    """An idea with all that its page shows to this viewer; None where they may see nothing."""
    rows = Idea.objects.select_related(
        "body", "broker", "keeper", "readiness", "network", "cluster", "value_chain"
    )
    bodies = _bodies_left(viewer, OuterRef(OuterRef("pk"))).exclude(pk=OuterRef("body"))
    rows = _readable(rows.filter(pk=idea_id), viewer).annotate(
        may_edit=_flag(policies.edit_idea.condition(viewer)),
        may_check=_flag(policies.check_idea.condition(viewer)),
        may_accept=_flag(policies.accept_terms.condition(viewer)),
        may_answer=_flag(policies.answer_idea.condition(viewer) & Q(Exists(bodies))),
        is_followed=Exists(
            Follow.objects.filter(idea=OuterRef("pk"), person=viewer.person_id or 0)
        ),
        answer_count=count_answers(),
    )
    idea = rows.prefetch_related("fields", "partners_sought").first()
    if idea is None:
        return None
    found = vars(idea)
    return IdeaPage(
        idea=idea,
        viewer=viewer,
        shows_text=found["shows_text"],
        may_edit=found["may_edit"],
        may_check=found["may_check"],
        may_accept=found["may_accept"],
        answers_taken=found["may_answer"],
        is_followed=found["is_followed"],
        answers=found["answer_count"],
    )


def my_ideas(*, viewer: Viewer) -> QuerySet[Idea]:
    """The ideas on which the viewer works, those still going first."""
    rows = policies.edit_idea.filter(viewer, Idea.objects.select_related("body", "broker"))
    return rows.order_by(_closed_last(), "-changed_at", "-pk")


def my_answers(*, viewer: Viewer) -> QuerySet[Any]:
    """The answers that the viewer, or their bodies, gave, the newest first.

    Each with `sees_idea`: whether the viewer may still see the idea, if only its teaser.
    """
    rows = policies.edit_answer.filter(viewer, Answer.objects.select_related("idea", "body"))
    return rows.annotate(sees_idea=_sees_idea(viewer)).order_by("-changed_at", "-pk")


def my_reviews(*, viewer: Viewer) -> QuerySet[Any]:
    """The ideas whose answers the viewer is asked to review; `sees_idea` as on my answers."""
    rows = Reviewer.objects.filter(person=viewer.person_id or 0).select_related("idea")
    return rows.annotate(sees_idea=_sees_idea(viewer)).order_by("-named_at", "-pk")


def sees_idea(idea_id: int, *, viewer: Viewer) -> bool:
    """Whether the viewer may see an idea, if only its teaser."""
    return policies.see_idea.filter(viewer, Idea.objects.filter(pk=idea_id)).exists()


def ideas_to_check(*, viewer: Viewer) -> QuerySet[Idea]:
    """The ideas that wait for the viewer's office, the longest waiting first."""
    rows = Idea.objects.filter(state=IdeaState.CHECKING).select_related("body", "broker")
    return policies.check_idea.filter(viewer, rows).order_by("since", "pk")


def bodies_to_write_for(*, viewer: Viewer) -> QuerySet[Profile]:
    """The bodies for which the viewer can write an idea: their own first and foremost."""
    own = Profile.objects.filter(policies.acts_for(viewer, "pk"))
    if viewer.is_office:
        own = own | edit_profile.filter(viewer, Profile.objects.all())
    return own.order_by("sort_name", "pk").distinct()


def brokers_to_choose(*, viewer: Viewer) -> QuerySet[Cluster]:
    """The clusters whose office can check what the viewer writes."""
    return own_clusters(viewer).order_by("sort_name", "pk").distinct()


def bodies_to_answer_for(idea_id: int, *, viewer: Viewer) -> QuerySet[Profile]:
    """The bodies for which the viewer can still answer: not whose idea it is, nor who answered."""
    whose = Idea.objects.filter(pk=idea_id).values("body")
    rows = _bodies_left(viewer, idea_id).exclude(pk__in=whose)
    return rows.order_by("sort_name", "pk").distinct()


@dataclass(frozen=True, slots=True)
class IdeaReaders:
    """Who may read an idea, who accepted its terms, and who had it before them."""

    idea: Idea
    terms: IdeaTerms | None
    named: Sequence[Any]
    acceptances: QuerySet[TermsAcceptance]
    readings: QuerySet[IdeaReading]


def readers_of_idea(idea_id: int, *, viewer: Viewer) -> IdeaReaders | None:
    """Who may read an idea and who did, for those who work on it; else None."""
    rows = Idea.objects.select_related("network", "cluster", "value_chain")
    idea = policies.edit_idea.filter(viewer, rows).filter(pk=idea_id).first()
    if idea is None:
        return None
    return IdeaReaders(
        idea=idea,
        terms=IdeaTerms.objects.filter(idea=idea, version=idea.terms_version).first(),
        named=tuple(idea.readers.select_related("person").order_by("named_at", "pk")),
        acceptances=TermsAcceptance.objects.filter(terms__idea=idea)
        .select_related("terms")
        .order_by("-at", "pk"),
        readings=IdeaReading.objects.filter(idea=idea).order_by("-last_at", "pk"),
    )


def circle_words(idea: Idea, circle: str) -> str:
    """A circle in words, with the network, cluster or value chain that it means."""
    meant = {
        Circle.NETWORK: idea.network,
        Circle.CLUSTER: idea.cluster,
        Circle.CHAIN: idea.value_chain,
    }
    found = meant.get(Circle(circle))
    label = str(Circle(circle).label)
    return f"{label}: {found}" if found else label


def _readable(rows: QuerySet[Idea], viewer: Viewer) -> QuerySet[Any]:
    shown = _flag(policies.read_idea.condition(viewer))
    return policies.see_idea.filter(viewer, rows).annotate(shows_text=shown)


def _bodies_left(viewer: Viewer, idea: Any) -> QuerySet[Profile]:
    """The viewer's bodies that have not answered an idea, or took their answer back."""
    given = Answer.objects.filter(idea=idea, body=OuterRef("pk"))
    given = given.exclude(state=AnswerState.WITHDRAWN)
    return Profile.objects.filter(policies.acts_for(viewer, "pk")).filter(~Exists(given))


def _sees_idea(viewer: Viewer) -> Case:
    seen = policies.see_idea.filter(viewer, Idea.objects.all())
    return _flag(Q(idea__in=seen.values("pk")))


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False)


def _says(word: str, viewer: Viewer) -> Q:
    def among(*names: str) -> Q:
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__icontains": word})
        return found

    teaser = among("teaser_title_it", "teaser_title_en", "teaser_it", "teaser_en")
    text = among("title_it", "title_en", "text_it", "text_en")
    return teaser | (policies.read_idea.condition(viewer) & text)


def _closed_last() -> Case:
    return Case(When(state=IdeaState.CLOSED, then=1), default=0)


def count_answers() -> Coalesce:
    """How many answers an idea has that were not taken back, to annotate rows with."""
    given = Answer.objects.exclude(state=AnswerState.WITHDRAWN).filter(idea=OuterRef("pk"))
    counted = given.order_by().values("idea").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
