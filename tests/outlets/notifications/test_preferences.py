"""Whose mail one decides about: one's own, or by a link the one to whom it was written."""

import pytest

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from tests.factories.clusters import NetworkFactory
from tests.factories.notifications import OutgoingMailFactory, tell
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel import signed_links
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine
from trebbo.outlets.notifications.actions import (
    MailPreferenceRefused,
    MailRefused,
    mark_arrived,
    read_opt_out,
    record_bounce,
    send_again,
    set_mail_preference,
    stop_mail,
)
from trebbo.outlets.notifications.actions.writing import OPT_OUT
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import MailPreference, OptOut, OutgoingMail
from trebbo.outlets.notifications.policies import manage_mail
from trebbo.outlets.notifications.queries import mails, my_preference, standings

pytestmark = pytest.mark.django_db
KINDS = ("person", "representative", "board", "manager", "region", "agency of one", "agency of all")


def somebody(kind: str) -> Person:
    """A person of this kind, in an installation with two networks."""
    person: Person = PersonFactory()
    if kind == "representative":
        MandateFactory(person=person)
    elif kind in {"manager", "board"}:
        ClusterRoleFactory(person=person, role=kind)
    elif kind in {"region", "agency of one"}:
        role = "region" if kind == "region" else "agency"
        NetworkRoleFactory(person=person, role=role, network=NetworkFactory())
        NetworkFactory()
    elif kind == "agency of all":
        for network in (NetworkFactory(), NetworkFactory()):
            NetworkRoleFactory(person=person, network=network)
    return person


def link_in(mail: OutgoingMail) -> str:
    """The token of the way out."""
    address: str = mail.headers["List-Unsubscribe"]
    return address.strip("<>").rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_chooses_for_themselves(kind: str) -> None:
    """The choice is kept, read back, and one line of the trail tells it; nobody else's changes."""
    person, other = somebody(kind), PersonFactory()
    viewer = acting(person)
    assert my_preference(viewer=viewer).frequency == Frequency.EACH
    for _time in range(2):
        set_mail_preference(actor=viewer, frequency=Frequency.WEEKLY, topics_off=["news"])
    known = my_preference(viewer=viewer)
    assert (known.frequency, known.topics_off) == (Frequency.WEEKLY, [Topic.NEWS])
    line = AuditLine.objects.get(verb="set_mail_preference")
    assert line.subject_id == person.pk
    assert line.changes["frequency"][1]["en"] == "One message a week, with all news"
    assert not MailPreference.objects.filter(person=other).exists()


def test_a_visitor_chooses_nothing() -> None:
    """There is nobody whose mail it could be."""
    with pytest.raises(NotAllowed):
        set_mail_preference(actor=visitor(), frequency=Frequency.NEVER)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": "each", "topics_off": ["weather"]}, "topics"),
    ],
)
def test_a_wish_that_there_is_not(said: dict[str, object], field: str) -> None:
    """It is refused beside its field, and nothing changes."""
    with pytest.raises(MailPreferenceRefused) as refused:
        set_mail_preference(actor=acting(PersonFactory()), **said)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not MailPreference.objects.exists()


def test_the_way_out_of_a_person() -> None:
    """Without signing in; topics stay as they were; what waits is cancelled; twice is harmless."""
    person = PersonFactory()
    set_mail_preference(actor=acting(person), frequency="each", topics_off=["news"])
    notice = tell(person)
    assert notice.mail is not None
    token = link_in(notice.mail)
    assert not read_opt_out(actor=visitor(), token=token).is_done
    for _time in range(2):
        stop_mail(actor=visitor(), token=token)
    assert read_opt_out(actor=visitor(), token=token).is_done
    known = MailPreference.objects.get(person=person)
    assert (known.frequency, known.topics_off) == (Frequency.NEVER, [Topic.NEWS])
    assert OutgoingMail.objects.get().state == MailState.CANCELLED
    assert AuditLine.objects.filter(verb="stop_mail").count() == 1


def test_the_way_out_of_an_address() -> None:
    """Without an account; whoever opens one later, and chooses, is written to again."""
    notice = tell("out@trebbo.example")
    assert notice.mail is not None
    token = link_in(notice.mail)
    for _time in range(2):
        assert stop_mail(actor=visitor(), token=token).email == "out@trebbo.example"
    assert AuditLine.objects.filter(verb="stop_mail").count() == 1
    assert tell("out@trebbo.example", fact="b:1").state == NoticeState.UNWANTED
    person = PersonFactory(email="out@trebbo.example")
    assert tell(person, fact="c:1").state == NoticeState.UNWANTED
    set_mail_preference(actor=acting(person), frequency="each")
    assert tell(person, fact="d:1").state == NoticeState.MAILED
    assert not OptOut.objects.exists()


def test_a_link_that_is_none() -> None:
    """Altered, made for something else, or of an account that is gone."""
    gone = signed_links.sign(OPT_OUT, ["person", 999_999])
    other = signed_links.sign("invitation", ["person", PersonFactory().pk])
    for token in ("nonsense", other, gone):
        with pytest.raises(Refusal):
            stop_mail(actor=visitor(), token=token)
    assert not MailPreference.objects.exists()


@pytest.mark.parametrize("kind", ["visitor", *KINDS])
def test_who_sees_mails_and_decides_about_them(kind: str) -> None:
    """Only the agency of all networks; offices see numbers; the rule's two faces agree."""
    viewer = visitor() if kind == "visitor" else acting(somebody(kind))
    mail = OutgoingMailFactory(state=MailState.UNCERTAIN)
    allowed = kind == "agency of all"
    assert manage_mail.allows(viewer, mail) is allowed
    assert list(mails(viewer=viewer)) == ([mail] if allowed else [])
    counted = {one.state: one.count for one in standings(viewer=viewer)}
    offices = {"manager", "agency of one", "agency of all"}
    assert counted.get(MailState.UNCERTAIN) == (1 if kind in offices else None)
    if allowed:
        return
    with pytest.raises(NotAllowed):
        send_again(actor=viewer, mail_id=mail.pk)
    with pytest.raises(NotAllowed):
        mark_arrived(actor=viewer, mail_id=mail.pk)
    for message_id in (mail.message_id, "<unknown@x>"):
        with pytest.raises(NotAllowed):
            record_bounce(actor=viewer, message_id=message_id, words="")
    mail.refresh_from_db()
    assert mail.state == MailState.UNCERTAIN


@pytest.mark.parametrize("state", MailState.values)
def test_what_can_be_done_in_each_state(state: str) -> None:
    """Sending again only what is stuck, “it arrived” only what is uncertain; else it is refused."""
    agency = acting(somebody("agency of all"))
    claim = {"lease": "5f6ff0b6-2c05-4a70-8d2d-7c4b1f7f3f51", "leased_until": agency.now}

    def stuck() -> OutgoingMail:
        held = claim if state == MailState.HANDING_OVER else {}
        mail: OutgoingMail = OutgoingMailFactory(state=state, sent_at=agency.now, tries=3, **held)
        return mail

    for act, allowed, becomes in (
        (send_again, {"uncertain", "refused", "bounced"}, MailState.WAITING),
        (mark_arrived, {"uncertain"}, MailState.SENT),
    ):
        mail = stuck()
        if state in allowed:
            assert act(actor=agency, mail_id=mail.pk).state == becomes
            assert AuditLine.objects.filter(verb=act.__name__, subject_id=mail.pk).count() == 1
            with pytest.raises(MailRefused):
                act(actor=agency, mail_id=mail.pk)
        else:
            with pytest.raises(MailRefused):
                act(actor=agency, mail_id=mail.pk)
    with pytest.raises(MailRefused):
        send_again(actor=agency, mail_id=0)


def test_a_mail_that_came_back() -> None:
    """The installation notes it, with the server's words; twice is harmless."""
    mail = OutgoingMailFactory(state=MailState.SENT, sent_at=installation().now)
    for _time in range(2):
        record_bounce(actor=installation(), message_id=mail.message_id, words="5.1.1 unknown")
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (MailState.BOUNCED, "5.1.1 unknown")
    with pytest.raises(MailRefused):
        record_bounce(actor=installation(), message_id="<other@x>", words="")
    with pytest.raises(MailRefused):
        record_bounce(actor=installation(), message_id=OutgoingMailFactory().message_id, words="")
