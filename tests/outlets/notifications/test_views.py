"""The pages about mail, as each kind of person opens them."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory, PersonFactory
from tests.factories.clusters import NetworkFactory
from tests.factories.notifications import OutgoingMailFactory, tell
from tests.outlets.notifications.test_bounces import REPORT, WHOLE
from trebbo.ecosystem.accounts.models import Person
from trebbo.outlets.notifications.choices import Frequency, MailState, Topic
from trebbo.outlets.notifications.models import MailPreference, OptOut, OutgoingMail

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.fixture
def agency(sign_in: SignIn) -> Client:
    """Somebody of the agency of all networks, signed in."""
    return sign_in(NetworkRoleFactory(network=NetworkFactory()).person)


def way_out(email: str = "out@trebbo.example") -> str:
    """The path of the way out in a mail to this address."""
    notice = tell(email)
    assert notice.mail is not None
    address: str = notice.mail.headers["List-Unsubscribe"]
    return address.strip("<>").removeprefix("http://localhost:8000")


# --- One's own mail


def test_my_mail(client: Client, sign_in: SignIn) -> None:
    """A visitor signs in first; what is chosen is kept and shown again."""
    assert client.get("/it/account/mail/").status_code == 302
    person = PersonFactory()
    mine = sign_in(person)
    shown = mine.get("/it/account/mail/").context["form"]
    assert (shown["frequency"].value(), len(shown["topics"].value())) == ("each", len(Topic.values))
    kept = mine.post(
        "/it/account/mail/",
        {"frequency": "daily", "topics": ["introductions", "news"]},
        follow=True,
    )
    assert "La tua scelta è salvata" in kept.content.decode()
    preference = MailPreference.objects.get(person=person)
    assert preference.frequency == Frequency.DAILY
    off = ["reminders", "outcomes", "profiles", "ideas", "followed", "bookings", "use"]
    assert preference.topics_off == off
    assert kept.context["form"]["topics"].value() == ["introductions", "news"]


def test_a_frequency_that_there_is_not(sign_in: SignIn) -> None:
    """It is told beside the field."""
    page = sign_in(PersonFactory()).post("/it/account/mail/", {"frequency": "hourly"})
    assert "frequency" in page.context["form"].errors
    assert not MailPreference.objects.exists()


# --- The way out


def test_a_look_at_the_link_changes_nothing(client: Client) -> None:
    """Programs that look at every link of a mail (GET, HEAD) stop nothing."""
    address = way_out()
    for _time in range(3):
        page = client.get(address)
        assert page.status_code == client.head(address).status_code == 200
    assert "Ferma tutti i messaggi</button>" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert not OptOut.objects.exists()
    assert OutgoingMail.objects.get().state == MailState.WAITING


def test_one_press_stops_all(client: Client) -> None:
    """Without an account, a cookie or a token against forgery; the page says so ever after."""
    address = way_out()
    strict = Client(enforce_csrf_checks=True)
    pressed = strict.post(address)
    assert pressed.status_code == 200
    assert "non invia più messaggi a out@trebbo.example" in pressed.content.decode()
    assert OptOut.objects.get().email == "out@trebbo.example"
    assert "Ferma tutti i messaggi</button>" not in client.get(address).content.decode()


def test_a_mail_program_presses(client: Client) -> None:
    """As RFC 8058 has it: the form in the body, no redirection."""
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(way_out(), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert OptOut.objects.count() == 1


def test_a_link_cut_short(client: Client) -> None:
    """It says so in words."""
    for answer in (client.get("/en/mail/stop/abc/"), client.post("/en/mail/stop/abc/")):
        assert answer.status_code == 400
        assert "This link is not valid" in answer.content.decode()


# --- The offices' page


def test_who_opens_the_mail(client: Client, sign_in: SignIn) -> None:
    """A visitor signs in, a person is refused, an office sees numbers and nobody's address."""
    OutgoingMailFactory(to_email="secret@trebbo.example", subject="Riservato")
    assert client.get("/it/mail/").status_code == 302
    assert sign_in(PersonFactory()).get("/it/mail/").status_code == 403
    manager = sign_in(ClusterRoleFactory().person)
    page = manager.get("/it/mail/").content.decode()
    assert "In attesa: 1" in page
    assert "secret@" not in page
    assert "Riservato" not in page
    for path in ("/it/mail/1/send-again/", "/it/mail/1/arrived/"):
        assert manager.post(path).status_code == 403
        assert manager.get(path).status_code == 405


def test_the_agency_decides(agency: Client) -> None:
    """It sees what is stuck, with the server's words, and what to do next."""
    doubted = OutgoingMailFactory(state=MailState.UNCERTAIN)
    refused = OutgoingMailFactory(state=MailState.REFUSED, last_error="550 <b>no</b>", tries=2)
    OutgoingMailFactory(state=MailState.SENT, sent_at=timezone.now(), subject="Già inviato")
    page = agency.get("/it/mail/").content.decode()
    assert doubted.to_email in page
    assert "550 &lt;b&gt;no&lt;/b&gt;" in page
    assert "2 tentativi" in page
    assert "Già inviato" not in page
    assert "Già inviato" in agency.get("/it/mail/?state=sent").content.decode()
    assert agency.get("/it/mail/?state=nonsense&page=-3").status_code == 200
    assert agency.post(f"/it/mail/{doubted.pk}/arrived/").status_code == 302
    assert agency.post(f"/it/mail/{refused.pk}/send-again/").status_code == 302
    doubted.refresh_from_db()
    refused.refresh_from_db()
    assert (doubted.state, refused.state) == (MailState.SENT, MailState.WAITING)
    assert agency.post(f"/it/mail/{doubted.pk}/arrived/").status_code == 400


def test_a_report_of_a_mail_that_came_back(agency: Client) -> None:
    """Uploaded, it marks the mail; of another mail, or none at all, it is told beside the field."""
    mail = OutgoingMailFactory(
        state=MailState.SENT, sent_at=timezone.now(), message_id="<abc@trebbo.example>"
    )

    def upload(content: bytes) -> str:
        report = SimpleUploadedFile("report.eml", content)
        return agency.post("/it/mail/", {"report": report}, follow=True).content.decode()

    assert "È annotato che il messaggio è tornato" in upload(REPORT % (b"failed", WHOLE))
    mail.refresh_from_db()
    assert (mail.state, mail.last_error[:5]) == (MailState.BOUNCED, "5.1.1")
    assert "non contiene un avviso" in upload(b"Hello")
    other = WHOLE.replace(b"<abc@", b"<other@")
    assert "non è partito da qui" in upload(REPORT % (b"failed", other))


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow(
    agency: Client, django_assert_num_queries: Callable[..., object], rows: int
) -> None:
    """As many queries for three mails as for one."""
    for _number in range(rows):
        OutgoingMailFactory(state=MailState.UNCERTAIN)
    with django_assert_num_queries(9):  # type: ignore[attr-defined]
        assert len(agency.get("/it/mail/").context["page"]) == rows
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        assert len(agency.get("/it/mailbox/").context["page"]) == rows


# --- The demonstration's mailbox


def test_the_mailbox(client: Client) -> None:
    """Everybody looks in; its links lead to where it is looked at; words stay words."""
    notice = tell("out@trebbo.example", subject="<i>Novità</i>", text="Parole & <b>segni</b>")
    assert notice.mail is not None
    listed = client.get("/it/mailbox/").content.decode()
    assert "&lt;i&gt;Novità&lt;/i&gt;" in listed
    message = client.get(f"/it/mailbox/{notice.mail.pk}/").content.decode()
    assert "Questa è una dimostrazione" in message
    assert "Parole &amp; &lt;b&gt;segni&lt;/b&gt;" in message
    assert 'href="http://testserver/it/account/"' in message
    assert client.get("/it/mailbox/999999/").status_code == 404


def test_the_formatted_part_can_do_nothing(client: Client) -> None:
    """It runs nothing, fetches nothing, and only this site may frame it."""
    notice = tell("out@trebbo.example")
    assert notice.mail is not None
    answer = client.get(f"/it/mailbox/{notice.mail.pk}/formatted/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in answer.content.decode()


def test_there_is_no_mailbox_outside_the_demonstration(client: Client) -> None:
    """Not even where its addresses are there."""
    mail = OutgoingMailFactory()
    with override_settings(DEMO=False):
        for path in ("", f"{mail.pk}/", f"{mail.pk}/formatted/"):
            assert client.get(f"/it/mailbox/{path}").status_code == 404


# --- The ways that lead there


def test_who_finds_which_way_to_the_mail(client: Client, sign_in: SignIn) -> None:
    """Offices in the navigation, everybody with an account on its page."""
    assert 'href="/it/mailbox/"' in client.get("/it/").content.decode()
    page = sign_in(PersonFactory()).get("/it/account/").content.decode()
    assert '<a href="/it/account/mail/">La mia posta</a>' in page
    assert 'href="/it/mail/"' not in page
    office = sign_in(ClusterRoleFactory().person).get("/en/account/").content.decode()
    assert 'href="/en/mail/"' in office
    assert '<a href="/en/account/mail/">My mail</a>' in office
