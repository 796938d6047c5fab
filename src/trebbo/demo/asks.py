"""The asks and introductions of the demonstration: made up, by the personas and through actions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from trebbo.demo import personas
from trebbo.demo.builder import Row, leave_out_if_refused, rows
from trebbo.demo.marks import marked
from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.clusters.models import Cluster, Network
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import EntryStanding, LinkPurpose
from trebbo.partnering.introductions.models import Ask, Introduction, ShortlistEntry
from trebbo.partnering.introductions.queries import Question
from trebbo.partnering.introductions.queries.kept import wishes_of

BY_LINK = ""
"""A row without a persona: somebody answers by the link in their mail, without an account."""
KEPT_BEFORE = timedelta(days=150)
"""How long ago the asks were kept: before all that happened to them."""
MOST_TICKS = 1_000


def are_there() -> bool:
    """Whether anybody keeps an ask: one of these, or of whoever looked around since."""
    return Ask.objects.exists()


@transaction.atomic
def bring_in(now: datetime | None = None) -> None:
    """Let the personas say their preferences, keep their asks, and work on the shortlists.

    The search index has to be there. A row that cannot be done is left out.
    """
    filler = _Filler(now or timezone.now())
    steps: tuple[tuple[str, Callable[[Row], None]], ...] = (
        ("fairness_floors", filler.set_floor),
        ("asking_preferences", filler.prefer),
        ("asks", filler.keep),
        ("ask_steps", filler.go_on),
        ("ask_circles", filler.open_to),
        ("introductions", filler.introduce),
    )
    for table, write in steps:
        for row in rows(table):
            leave_out_if_refused(write, row)
    actions.run_clock(actor=installation(filler.now), limit=MOST_TICKS)


class _Filler:
    """Writes the tables of the asks one after the other, each row as the persona it names."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.asks: dict[str, Ask] = {}
        self.viewers: dict[str, Viewer] = {}

    def set_floor(self, row: Row) -> None:
        """An office sets a least share."""
        cluster_id, network_id = _office(row)
        actions.set_floor(
            actor=self._actor(row),
            group=row["group"],
            share=int(row["share"]),
            cluster_id=cluster_id,
            network_id=network_id,
        )

    def prefer(self, row: Row) -> None:
        """Somebody says how a body wishes to be shown in asks."""
        actor, profile_id = self._actor(row), _profile(row["profile"])
        if row["kept_apart_from"]:
            other_id = _profile(row["kept_apart_from"])
            actions.keep_apart(actor=actor, profile_id=profile_id, other_id=other_id)
        else:
            until = actor.today + timedelta(days=int(row["no_capacity_days"]))
            actions.set_no_capacity_until(actor=actor, profile_id=profile_id, until=until)

    def keep(self, row: Row) -> None:
        """Somebody keeps an ask."""
        self.asks[row["key"]] = actions.keep_ask(
            actor=replace(self._actor(row), now=self.now - KEPT_BEFORE),
            text=marked(row["text"], row["language"]),
            wishes=wishes_of(Question.from_address(QueryDict(row["wishes"]))),
            language=row["language"],
            asker_id=_profile(row["asker"]) if row["asker"] else None,
        )

    def go_on(self, row: Row) -> None:
        """Somebody runs an ask, shares it, works on its shortlist, or closes it."""
        ask, actor = self.asks[row["ask"]], self._actor(row)
        match row["do"]:
            case "run":
                actions.rerun_ask(actor=actor, ask_id=ask.pk)
            case "share":
                cluster_id, network_id = _office(row)
                actions.share_ask(
                    actor=actor, ask_id=ask.pk, cluster_id=cluster_id, network_id=network_id
                )
            case "move":
                ask.refresh_from_db()
                actions.move_entry(
                    actor=actor,
                    ask_id=ask.pk,
                    entry_id=_entry(ask, row).pk,
                    to=int(row["to"]),
                    version=ask.shortlist_version,
                )
            case "drop":
                actions.drop_entry(
                    actor=actor,
                    ask_id=ask.pk,
                    entry_id=_entry(ask, row).pk,
                    reason=row["reason"],
                )
            case "add":
                actions.add_entry(actor=actor, ask_id=ask.pk, profile_id=_profile(row["profile"]))
            case "annotate":
                actions.annotate_entry(
                    actor=actor,
                    ask_id=ask.pk,
                    entry_id=_entry(ask, row).pk,
                    note=marked(row["note"], ask.language),
                )
            case "close":
                actions.close_ask(actor=actor, ask_id=ask.pk)

    def open_to(self, row: Row) -> None:
        """Somebody says who may read an ask: their own cluster or network, or everybody."""
        ask, actor = self.asks[row["ask"]], self._actor(row)
        ask.refresh_from_db()
        actions.set_circle(
            actor=actor,
            ask_id=ask.pk,
            version=ask.version,
            opening=Opening(
                circle=row["circle"],
                teaser=marked(row["teaser"], ask.language),
                teaser_circle=row["teaser_circle"],
                network_id=Network.objects.get(slug=personas.NETWORK).pk,
                cluster_id=Cluster.objects.get(slug=personas.HEALTH).pk,
            ),
        )

    def introduce(self, row: Row) -> None:
        """Somebody takes an introduction further, so many days ago; until then time goes by."""
        moment = self.now - timedelta(days=int(row["days_ago"]))
        actions.run_clock(actor=installation(moment), limit=MOST_TICKS)
        ask, profile_id = self.asks[row["ask"]], _profile(row["profile"])
        if row["do"] == "draft":
            actions.draft_introduction(
                actor=replace(self._actor(row), now=moment),
                ask_id=ask.pk,
                profile_id=profile_id,
                words=marked(row["words"], row["language"]),
                contact_name=row["contact_name"],
                contact_email=row["contact_email"],
                contact_language=row["language"],
            )
            return
        one = Introduction.objects.get(ask=ask, profile=profile_id)
        key: dict[str, Any]
        if row["persona"] == BY_LINK:
            key = {"actor": visitor(moment), "token": _token(one)}
        else:
            key = {"actor": replace(self._actor(row), now=moment), "introduction_id": one.pk}
        words = marked(row["words"], one.contact_language)
        match row["do"]:
            case "send":
                actions.send_introduction(**key, version=one.version)
            case "consent":
                actions.consent_to_introduction(**key)
            case "accept":
                actions.accept_introduction(**key)
            case "decline":
                actions.decline_introduction(**key, reason=row["choice"], words=words)
            case "meeting":
                day = self.now + timedelta(days=int(row["choice"]))
                actions.arrange_meeting(**key, at=day, place=row["words"])
            case "met":
                actions.record_meeting(**key)
            case "outcome":
                actions.record_outcome(**key, outcome=row["choice"], words=words)

    def _actor(self, row: Row) -> Viewer:
        key = row["persona"]
        if key not in self.viewers:
            self.viewers[key] = persona_viewer(key, now=self.now)
        return self.viewers[key]


def _token(introduction: Introduction) -> str:
    """What the mail to who is asked carries."""
    link = introduction.links.filter(purpose=LinkPurpose.ANSWER).latest("pk")
    return signed_links.sign(f"introduction.{link.purpose}", str(link.key))


def _profile(slug: str) -> int:
    return Profile.objects.get(slug=slug).pk


def _office(row: Row) -> tuple[int | None, int | None]:
    """The cluster or the network that a row names."""
    if row["cluster"]:
        return Cluster.objects.get(code=row["cluster"]).pk, None
    return None, Network.objects.get(slug=row["network"]).pk


def _entry(ask: Ask, row: Row) -> ShortlistEntry:
    """The body in a place of the shortlist: who stands there may change with the ranking."""
    entries = ask.entries.exclude(standing=EntryStanding.DROPPED)
    return entries.get(position=int(row["place"]))
