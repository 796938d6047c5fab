"""Keeping an ask: the need and its wishes, whom it is shared with, and its end."""

import unicodedata
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Network
from trebbo.ecosystem.clusters.queries import visible_clusters
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.policies import Rule
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.steps import withdraw_questions
from trebbo.partnering.introductions.choices import LONGEST_NEED, AskLanguage, Facet
from trebbo.partnering.introductions.events import ask_kept, ask_shared
from trebbo.partnering.introductions.models import Ask, AskShare

ASK_FIELDS = ("text", "language", "wishes")
LONGEST_TITLE = 120
LONGEST_WISH = 300
MOST_VALUES = 50
KEPT_CONTROLS = "\n\t"


class AskRefused(Refusal):
    """The ask cannot be kept, changed, shared or closed as asked."""


class AskChanged(AskRefused):
    """Somebody else saved the ask meanwhile; `present` holds what is kept now."""

    status = 409

    def __init__(self, present: Mapping[str, Any], version: int) -> None:
        super().__init__(_("Somebody else changed this ask while you were writing."))
        self.present = dict(present)
        self.version = version


@transaction.atomic
def keep_ask(
    *,
    actor: Viewer,
    text: str,
    wishes: Mapping[str, Any] | None = None,
    language: str = "",
    asker_id: int | None = None,
) -> Ask:
    """Keep a need of up to LONGEST_NEED characters, perhaps on behalf of a body.

    `wishes` maps facets to lists of values, and names of extras to one value or several. Refuses
    visitors, an empty or too long need, and a body for which the actor may not ask.
    """
    if not policies.may_keep(actor):
        raise NotAllowed(_("Sign in to keep an ask."))
    asker = _asker(actor, asker_id)
    words = _need(text)
    ask = Ask.objects.create(
        text=words,
        title=title_of(words),
        language=_language(language),
        wishes=_wishes(wishes or {}),
        asker=asker,
        owner_id=actor.person_id,
        created_at=actor.now,
        changed_at=actor.now,
    )
    audit.record(actor=actor, verb="keep_ask", subject=ask)
    tell_of_ask(ask)
    return ask


@transaction.atomic
def change_ask(*, actor: Viewer, ask_id: int, version: int, **changes: Any) -> Ask:
    """Refine an ask in place: `ASK_FIELDS`, as far as given.

    `version` is the one that the person saw; where it is old, raises `AskChanged` with what is kept
    now, and writes nothing. Refuses as `keep_ask`, and an ask that is closed.
    """
    unknown = set(changes) - set(ASK_FIELDS)
    if unknown:
        raise TypeError(f"not a field of an ask: {sorted(unknown)}")
    held_ask(actor, ask_id, policies.edit_ask)
    kept = _tidied(changes)
    won = Ask.objects.filter(pk=ask_id, version=version).update(version=F("version") + 1)
    present = Ask.objects.get(pk=ask_id)
    if not won:
        raise AskChanged({name: getattr(present, name) for name in ASK_FIELDS}, present.version)
    if present.idea_id is not None:
        # Called by the idea's heading: its first words are not for all who read titles.
        kept.pop("title", None)
    for name, value in kept.items():
        setattr(present, name, value)
    present.changed_at = actor.now
    present.save(update_fields=[*kept, "changed_at"])
    audit.record(
        actor=actor,
        verb="change_ask",
        subject=present,
        changes={"version": (version, present.version)},
    )
    tell_of_ask(present)
    return present


@transaction.atomic
def close_ask(*, actor: Viewer, ask_id: int) -> Ask:
    """End an ask: it can still be read, and no longer changed. Refuses one that is closed.

    Introductions that nobody has answered yet are withdrawn; what was accepted goes on.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
    ask.closed_at = actor.now
    ask.save(update_fields=["closed_at"])
    withdraw_questions(ask, actor)
    audit.record(actor=actor, verb="close_ask", subject=ask)
    tell_of_ask(ask)
    return ask


@transaction.atomic
def share_ask(
    *, actor: Viewer, ask_id: int, cluster_id: int | None = None, network_id: int | None = None
) -> AskShare:
    """Open an ask to the office of a cluster or to the agency of a network.

    Refuses a cluster that the actor may not see, and a broker who has it already.
    """
    ask = held_ask(actor, ask_id, policies.edit_ask)
    cluster = visible_clusters(viewer=actor).filter(pk=cluster_id or 0).first()
    network = Network.objects.filter(pk=network_id or 0).first()
    if (cluster is None) == (network is None):
        raise _refused("broker", _("Choose a cluster or a network from the list."))
    if ask.shares.filter(cluster=cluster, network=network).exists():
        words = _("The ask is already shared with %(name)s.") % {"name": cluster or network}
        raise _refused("broker", words)
    share = AskShare.objects.create(
        ask=ask,
        cluster=cluster,
        network=network,
        shared_by_id=actor.person_id,
        shared_at=actor.now,
    )
    _record_share(actor, "share_ask", share, old=None, new=cluster or network)
    return share


@transaction.atomic
def unshare_ask(*, actor: Viewer, ask_id: int, share_id: int) -> bool:
    """Close an ask to a broker again, also after its end; whether it was open to that broker."""
    held_ask(actor, ask_id, policies.edit_ask, open_only=False)
    rows = AskShare.objects.select_related("ask", "cluster", "network")
    share = rows.filter(pk=share_id, ask=ask_id).first()
    if share is None:
        return False
    _record_share(actor, "unshare_ask", share, old=share.cluster or share.network, new=None)
    share.delete()
    return True


def held_ask(actor: Viewer, ask_id: int, rule: Rule[Ask], *, open_only: bool = True) -> Ask:
    """The ask, held so that two who change it do so one after the other; refuses as `rule` says.

    Refuses a closed one too, unless `open_only` is false.
    """
    ask = Ask.objects.select_for_update(of=("self",)).filter(pk=ask_id).first()
    if ask is None or not rule.allows(actor, ask):
        raise NotAllowed(_("Only those who keep this ask, or with whom it is shared, may do this."))
    if open_only:
        demand_open(ask)
    return ask


def demand_open(ask: Ask) -> None:
    """Refuse an ask that is closed."""
    if ask.closed_at is not None:
        raise AskRefused(_("This ask is closed: it can be read, and no longer changed."))


def title_of(text: str) -> str:
    """The first words of a need, as its title."""
    words = one_line(text[: LONGEST_TITLE * 10])
    if len(words) <= LONGEST_TITLE:
        return words
    head, _space, _rest = words[:LONGEST_TITLE].rpartition(" ")
    return f"{(head or words)[: LONGEST_TITLE - 1]}…"


def _tidied(changes: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if "text" in changes:
        kept["text"] = _need(changes["text"])
        kept["title"] = title_of(kept["text"])
    if "language" in changes:
        kept["language"] = _language(changes["language"])
    if "wishes" in changes:
        kept["wishes"] = _wishes(changes["wishes"])
    return kept


def _need(text: str) -> str:
    """The need with its line breaks, without other control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(c for c in lines if c in KEPT_CONTROLS or unicodedata.category(c) != "Cc")
    words = words.strip()
    if not one_line(words[:1_000]):
        raise _refused("text", _("Write what you need, in a few words at least."))
    if len(words) > LONGEST_NEED:
        told = {"length": number_format(len(words)), "limit": number_format(LONGEST_NEED)}
        raise _refused(
            "text",
            _("The need has %(length)s characters; at most %(limit)s fit.") % told,
        )
    return words


def _language(language: str) -> str:
    if language and language not in AskLanguage.values:
        raise _refused("language", _("Choose a language from the list."))
    return language


def _wishes(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The wishes that say something: facets with their values once each, and extras."""
    kept: dict[str, Any] = {}
    for name, value in wishes.items():
        if isinstance(value, list | tuple):
            value = list(dict.fromkeys(str(one) for one in value if one))  # noqa: PLW2901
        _demand_wish(name, value)
        if value not in ("", None, []):
            kept[name] = value
    return kept


def _demand_wish(name: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    known = isinstance(value, list) or name not in Facet.values
    plain = all(isinstance(one, str | int | float | None) for one in values)
    short = len(values) <= MOST_VALUES and all(len(str(one)) <= LONGEST_WISH for one in values)
    if not (known and plain and short):
        raise _refused("wishes", _("Some of the wishes are not known."))


def _asker(actor: Viewer, asker_id: int | None) -> Profile | None:
    if asker_id is None:
        return None
    asker = Profile.objects.filter(pk=asker_id).first()
    if asker is None or not policies.may_ask_for(actor, asker):
        raise _refused("asker", _("You may ask on behalf of bodies that you look after only."))
    return asker


def _refused(field: str, words: str) -> AskRefused:
    return AskRefused(words, {field: words})


def _record_share(actor: Viewer, verb: str, share: AskShare, *, old: Any, new: Any) -> None:
    changes = {"shared_with": (old, new)}
    audit.record(actor=actor, verb=verb, subject=share.ask, changes=changes)
    transaction.on_commit(partial(ask_shared.send, sender=AskShare, ask_id=share.ask_id))


def tell_of_ask(ask: Ask) -> None:
    """Send the news that an ask changed, once it is sure."""
    transaction.on_commit(partial(ask_kept.send, sender=Ask, ask_id=ask.pk))
