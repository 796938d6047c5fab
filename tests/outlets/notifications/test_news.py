"""News for offices: asks that are shared with them."""

import pytest

from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, NetworkFactory
from tests.factories.introductions import AskFactory, AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.ecosystem.accounts.choices import ClusterRoleKind
from trebbo.kernel.access import installation
from trebbo.outlets.notifications.actions import tell_of_shares
from trebbo.outlets.notifications.choices import MailState
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.partnering.introductions.models import Ask

pytestmark = pytest.mark.django_db


def tell(ask: Ask) -> int:
    """Tell the offices with which an ask is shared now."""
    return tell_of_shares(actor=installation(NOW), ask_id=ask.pk, now=NOW)


def test_the_office_is_told_once_and_without_the_need() -> None:
    """Managers of the cluster and the agency, nobody else; mail is read by others too."""
    cluster, network = ClusterFactory(), NetworkFactory()
    manager = ClusterRoleFactory(cluster=cluster).person
    ClusterRoleFactory(cluster=cluster, role=ClusterRoleKind.BOARD)
    ClusterRoleFactory()
    agency = NetworkRoleFactory(network=network).person
    ask = AskFactory(text="valvole segrete", asker=OrganisationFactory(name="Tecno"))
    AskShareFactory(ask=ask, cluster=cluster)
    AskShareFactory(ask=ask, cluster=None, network=network)
    assert tell(ask) == 2
    tell(ask)
    assert {mail.to_email for mail in OutgoingMail.objects.all()} == {manager.email, agency.email}
    assert OutgoingMail.objects.count() == 2
    mail = OutgoingMail.objects.get(to_email=manager.email)
    assert "Tecno" in mail.subject
    assert f"/asks/{ask.pk}/" in mail.text
    assert "segrete" not in mail.subject + mail.text + mail.html


def test_who_shares_it_with_their_own_office_knows() -> None:
    manager = ClusterRoleFactory()
    ask = AskFactory(owner=manager.person)
    AskShareFactory(ask=ask, cluster=manager.cluster, shared_by=manager.person)
    assert tell(ask) == 0


def test_what_is_taken_back_is_not_sent() -> None:
    """The mail that waits is cancelled; sharing it again is new."""
    role = ClusterRoleFactory()
    ask = AskFactory(owner=PersonFactory())
    share = AskShareFactory(ask=ask, cluster=role.cluster)
    tell(ask)
    share.delete()
    assert tell(ask) == 0
    assert OutgoingMail.objects.get().state == MailState.CANCELLED
    AskShareFactory(ask=ask, cluster=role.cluster)
    tell(ask)
    assert Notice.objects.count() == 2
