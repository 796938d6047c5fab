"""The ideas of the demonstration: made up, written, answered and scored by the personas."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from trebbo.demo import personas
from trebbo.demo.builder import Row, leave_out_if_refused, rows
from trebbo.demo.marks import marked
from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.clusters.models import Cluster, Network, ValueChain
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer, installation
from trebbo.partnering.introductions.actions import ask_from_idea, introduce_answer
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.actions import IdeaWords
from trebbo.sharing.ideas.models import Answer, Idea, ReadinessLevel

MARKED = ("title", "text", "good_answer", "teaser_title", "teaser", "reward")
SEPARATOR = "|"


def are_there() -> bool:
    """Whether there is any idea: one of these, or of whoever looked around since."""
    return Idea.objects.exists()


@transaction.atomic
def bring_in(now: datetime | None = None) -> None:
    """Let the personas write their ideas, and do with them what people do, day by day.

    The search index has to be there. A row that cannot be done is left out.
    """
    moment = now or timezone.now()
    leave_out_if_refused(_complete_personas, moment)
    filler = _Filler(moment)
    steps: tuple[tuple[str, Callable[[Row], None]], ...] = (
        ("ideas", filler.write),
        ("idea_steps", filler.go_on),
    )
    leave_out_if_refused(filler.define_scale)
    for table, write in steps:
        for row in rows(table):
            leave_out_if_refused(write, row)
    actions.run_idea_clock(actor=installation(moment))


def _complete_personas(now: datetime) -> None:
    personas.create_personas(actor=persona_viewer(personas.AGENCY.key, now=now))


class _Filler:
    """Writes the tables of the ideas one after the other, each row as the persona it names."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.ideas: dict[str, int] = {}
        self.viewers: dict[str, Viewer] = {}
        self.deeds: dict[str, Callable[[Row, Viewer, Idea], object]] = {
            "submit": lambda _row, actor, idea: actions.submit_idea(**_about(actor, idea)),
            "publish": lambda _row, actor, idea: actions.publish_idea(**_about(actor, idea)),
            "return": self._return,
            "advance": self._advance,
            "close": self._close,
            "readiness": self._readiness,
            "official": self._official,
            "endorse": self._endorse,
            "reader": self._reader,
            "reviewer": self._reviewer,
            "declare": self._declare,
            "terms": self._terms,
            "read": lambda _row, actor, idea: actions.note_idea_reading(actor=actor, idea=idea),
            "follow": lambda _row, actor, idea: actions.follow_idea(actor=actor, idea_id=idea.pk),
            "comment": self._comment,
            "answer": self._answer,
            "withdraw": self._withdraw,
            "accept": self._decide,
            "decline": self._decide,
            "score": self._score,
            "find": lambda _row, actor, idea: ask_from_idea(actor=actor, idea_id=idea.pk),
            "introduce": self._introduce,
        }

    def define_scale(self) -> None:
        """The office of a cluster defines a scale of readiness; its real one is not public."""
        wanted = list(rows("readiness_levels"))
        for code in dict.fromkeys(row["cluster"] for row in wanted):
            levels = actions.define_readiness(
                actor=self._actor("manager", self.now),
                cluster_id=Cluster.objects.get(code=code).pk,
                levels={
                    int(row["number"]): (row["label_it"], row["label_en"])
                    for row in wanted
                    if row["cluster"] == code
                },
            )
            keys = [level.pk for level in levels]
            ReadinessLevel.objects.filter(pk__in=keys).update(is_synthetic=True)

    def write(self, row: Row) -> None:
        """Somebody writes an idea, says who may read it, and asks for terms."""
        actor = self._actor(row["persona"], self._moment(row))
        idea = actions.write_idea(
            actor=actor,
            kind=row["kind"],
            body_id=Profile.objects.get(slug=row["body"]).pk,
            broker_id=Cluster.objects.get(code=row["broker"]).pk,
            words=self._words(row),
        )
        Idea.objects.filter(pk=idea.pk).update(is_synthetic=True)
        chain = ValueChain.objects.filter(slug=row["chain"]).first()
        actions.open_idea(
            actor=actor,
            idea_id=idea.pk,
            version=idea.version,
            opening=Opening(
                circle=row["circle"],
                teaser=marked(row["teaser_it"]),
                teaser_circle=row["teaser_circle"],
                network_id=Network.objects.get(slug=personas.NETWORK).pk,
                cluster_id=idea.broker_id,
                value_chain_id=chain.pk if chain else None,
            ),
        )
        if row["terms_it"]:
            actions.write_terms(
                **_about(actor, _fresh(idea.pk)),
                text_it=marked(row["terms_it"]),
                text_en=marked(row["terms_en"], "en"),
            )
        self.ideas[row["key"]] = idea.pk  # at the end: an idea that was refused is taken back

    def go_on(self, row: Row) -> None:
        """Somebody does something with an idea, so many days ago; until then time goes by."""
        moment = self._moment(row)
        actions.run_idea_clock(actor=installation(moment))
        idea = _fresh(self.ideas[row["idea"]])
        self.deeds[row["do"]](row, self._actor(row["persona"], moment), idea)

    def _words(self, row: Row) -> IdeaWords:
        texts = {
            f"{name}_{language}": marked(row[f"{name}_{language}"], language)
            for name in MARKED
            for language in ("it", "en")
        }
        codes = filter(None, row["fields"].split(SEPARATOR))
        fields = Concept.objects.filter(scheme__code="euroscivoc", code__in=list(codes))
        days = row["deadline_days"]
        return IdeaWords(
            **texts,
            names_owner=bool(row["names_owner"]),
            budget=Decimal(row["budget"]) if row["budget"] else None,
            funding_sought=Decimal(row["funding_sought"]) if row["funding_sought"] else None,
            trl=int(row["trl"]) if row["trl"] else None,
            deadline_at=self.now + timedelta(days=int(days)) if days else None,
            field_ids=tuple(fields.values_list("pk", flat=True)),
            partners=tuple(
                zip(
                    row["partners_it"].split(SEPARATOR),
                    row["partners_en"].split(SEPARATOR),
                    strict=True,
                )
            ),
        )

    def _return(self, row: Row, actor: Viewer, idea: Idea) -> None:
        actions.return_idea(**_about(actor, idea), note=marked(row["words"]))

    def _advance(self, row: Row, actor: Viewer, idea: Idea) -> None:
        note = marked(row["words"])
        actions.advance_idea(**_about(actor, idea), state=row["choice"], note=note)

    def _close(self, row: Row, actor: Viewer, idea: Idea) -> None:
        reason = marked(row["words"])
        actions.close_idea(**_about(actor, idea), outcome=row["choice"], reason=reason)

    def _readiness(self, row: Row, actor: Viewer, idea: Idea) -> None:
        level = ReadinessLevel.objects.get(cluster=idea.broker_id, number=int(row["choice"]))
        note = marked(row["words"])
        actions.set_readiness(**_about(actor, idea), level_id=level.pk, note=note)

    def _official(self, row: Row, actor: Viewer, idea: Idea) -> None:
        actions.answer_officially(**_about(actor, idea), text=marked(row["words"]))

    def _endorse(self, row: Row, actor: Viewer, idea: Idea) -> None:
        chain = ValueChain.objects.get(slug=row["choice"])
        note = marked(row["words"])
        actions.endorse_idea(actor=actor, idea_id=idea.pk, value_chain_id=chain.pk, note=note)

    def _reader(self, row: Row, actor: Viewer, idea: Idea) -> None:
        email = personas.BY_KEY[row["choice"]].email
        actions.name_idea_reader(actor=actor, idea_id=idea.pk, email=email)

    def _reviewer(self, row: Row, actor: Viewer, idea: Idea) -> None:
        email = personas.BY_KEY[row["choice"]].email
        actions.name_reviewer(actor=actor, idea_id=idea.pk, email=email)

    def _declare(self, row: Row, actor: Viewer, idea: Idea) -> None:
        actions.declare_conflict(
            actor=actor,
            idea_id=idea.pk,
            in_conflict=row["choice"] == "yes",
            declaration=marked(row["words"]),
        )

    def _terms(self, _row: Row, actor: Viewer, idea: Idea) -> None:
        actions.accept_terms(actor=actor, idea_id=idea.pk, terms_version=idea.terms_version)

    def _comment(self, row: Row, actor: Viewer, idea: Idea) -> None:
        said = list(idea.comments.values_list("pk", flat=True))
        quoted = said[int(row["choice"]) - 1] if row["choice"] else None
        words = marked(row["words"])
        actions.post_comment(actor=actor, idea_id=idea.pk, text=words, quotes_id=quoted)

    def _answer(self, row: Row, actor: Viewer, idea: Idea) -> None:
        roles = list(idea.partners_sought.values_list("pk", flat=True))
        answer = actions.give_answer(
            actor=actor,
            idea_id=idea.pk,
            body_id=Profile.objects.get(slug=row["body"]).pk,
            text=marked(row["words"]),
            role_id=roles[int(row["choice"]) - 1] if row["choice"] else None,
        )
        Answer.objects.filter(pk=answer.pk).update(is_synthetic=True)

    def _withdraw(self, row: Row, actor: Viewer, idea: Idea) -> None:
        actions.withdraw_answer(actor=actor, answer_id=_answer_of(row, idea).pk)

    def _decide(self, row: Row, actor: Viewer, idea: Idea) -> None:
        answer = _answer_of(row, idea)
        actions.decide_answer(
            actor=actor,
            answer_id=answer.pk,
            accept=row["do"] == "accept",
            reply=marked(row["words"]),
            version=answer.version,
        )

    def _score(self, row: Row, actor: Viewer, idea: Idea) -> None:
        criteria = idea.criteria.values_list("pk", flat=True)
        given = map(int, row["choice"].split(SEPARATOR))
        points = dict(zip(criteria, given, strict=True))
        actions.score_answer(actor=actor, answer_id=_answer_of(row, idea).pk, points=points)

    def _introduce(self, row: Row, actor: Viewer, idea: Idea) -> None:
        introduce_answer(actor=actor, answer_id=_answer_of(row, idea).pk)

    def _moment(self, row: Row) -> datetime:
        return self.now - timedelta(days=int(row["days_ago"]))

    def _actor(self, key: str, moment: datetime) -> Viewer:
        if key not in self.viewers:
            self.viewers[key] = persona_viewer(key, now=self.now)
        return replace(self.viewers[key], now=moment)


def _about(actor: Viewer, idea: Idea) -> dict[str, Any]:
    """Who does it to which idea, in the version it has now."""
    return {"actor": actor, "idea_id": idea.pk, "version": idea.version}


def _fresh(idea_id: int) -> Idea:
    return Idea.objects.get(pk=idea_id)


def _answer_of(row: Row, idea: Idea) -> Answer:
    return Answer.objects.get(idea=idea, body__slug=row["body"])
