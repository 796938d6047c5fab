"""Tells offices the news that waits for them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.choices import ClusterRoleKind, NetworkRoleKind
from trebbo.ecosystem.accounts.models import ClusterRole, NetworkRole, Person
from trebbo.ecosystem.accounts.queries import held_on
from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.choices import Topic
from trebbo.outlets.notifications.models import Notice
from trebbo.partnering.introductions.models import Ask, AskShare


def tell_of_shares(*, actor: Viewer, ask_id: int, now: datetime) -> int:
    """Write to the offices with which an ask is shared, each once; how many were written to.

    What was not sent yet to an office from which it was taken back is withdrawn. The need itself
    stays on its page: mail is read by others too.
    """
    ask = Ask.objects.select_related("asker", "owner").filter(pk=ask_id).first()
    shares = list(AskShare.objects.filter(ask=ask_id).order_by("pk")) if ask else []
    _take_back(actor, ask_id, {share.pk for share in shares})
    told = 0
    for share in shares:
        for person in office_of(share, now):
            # Who shares it with their own office knows.
            if ask is not None and person.pk != share.shared_by_id:
                _tell(actor, ask, share, person, now)
                told += 1
    return told


def office_of(share: AskShare, now: datetime) -> QuerySet[Person]:
    """Who runs the cluster with which an ask is shared, or works for the agency of the network."""
    held = held_on(timezone.localtime(now).date())
    managers = ClusterRole.objects.filter(held, role=ClusterRoleKind.MANAGER)
    agency = NetworkRole.objects.filter(held, role=NetworkRoleKind.AGENCY)
    in_office = Q(cluster_roles__in=managers.filter(cluster=share.cluster_id)) | Q(
        network_roles__in=agency.filter(network=share.network_id)
    )
    return Person.objects.filter(in_office, is_active=True).distinct().order_by("pk")


def _fact(ask_id: int, share_id: int) -> str:
    return f"ask:{ask_id}:shared:{share_id}"


def _take_back(actor: Viewer, ask_id: int, present: Iterable[int]) -> None:
    known = Notice.objects.filter(fact__startswith=f"ask:{ask_id}:shared:")
    for fact in set(known.values_list("fact", flat=True)) - {_fact(ask_id, pk) for pk in present}:
        withdraw(actor=actor, fact=fact)


def _tell(actor: Viewer, ask: Ask, share: AskShare, person: Person, now: datetime) -> None:
    with translation.override(person.language):
        asker = ask.asker.title if ask.asker else str(ask.owner or "")
        facts = {"asker": asker, "office": str(share)}
        notify(
            actor=actor,
            to=Recipient.of(person),
            topic=Topic.INTRODUCTIONS,
            fact=_fact(ask.pk, share.pk),
            subject=_("%(asker)s shares an ask with you") % facts,
            text=_(
                "%(asker)s looks for who can help, and shares the ask with %(office)s. "
                "Its text and shortlist are on this page:"
            )
            % facts,
            url=ask.get_absolute_url(),
            now=now,
        )
