"""The audit page and the health of the service, as they are opened."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.accounts import ClusterRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import OrganisationFactory, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.kernel.audit import record
from trebbo.kernel.models import AuditLine

SignIn = Callable[[Person], Client]


def _member(cluster: Cluster, name: str) -> Organisation:
    organisation: Organisation = OrganisationFactory(name=name)
    MembershipFactory(cluster=cluster, profile=organisation)
    return organisation


def _line(organisation: Organisation, verb: str = "edit_profile", days_ago: int = 0) -> AuditLine:
    actor = person(label="Ada Sintetica", now=timezone.now() - timedelta(days=days_ago))
    changes = {"website": ("", "https://example.org"), "version": (1, 2), "is_main": (False, True)}
    subject = Profile.objects.get(pk=organisation.pk)
    return record(actor=actor, verb=verb, subject=subject, changes=changes)


@pytest.fixture
def cluster() -> Cluster:
    """A cluster with an office."""
    found: Cluster = ClusterFactory()
    return found


@pytest.fixture
def office(cluster: Cluster, sign_in: SignIn) -> Client:
    """Somebody of the cluster's office, signed in."""
    return sign_in(ClusterRoleFactory(cluster=cluster).person)


@pytest.mark.django_db
def test_health(client: Client) -> None:
    """200 and ok while the database answers; no language in the address; not to be cached."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_health_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 when the database does not answer."""
    from django.db import OperationalError, connection

    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "database unreachable"


@pytest.mark.django_db
def test_only_offices_open_the_trail(client: Client, sign_in: SignIn) -> None:
    """A visitor is led to the sign-in, another person is refused."""
    visited = client.get("/it/audit/")
    assert (visited.status_code, visited["Location"].split("?")[1]) == (302, "next=/it/audit/")
    assert sign_in(PersonFactory()).get("/it/audit/").status_code == 403


@pytest.mark.django_db
def test_a_line_is_told_in_words(office: Client, cluster: Cluster) -> None:
    """Who, what, to whom with a link, old and new values; in the language of the page."""
    organisation = _member(cluster, "Prove <b>Srl</b>")
    _line(organisation)
    page = office.get("/en/audit/").content.decode()
    assert "Ada Sintetica</strong> changed the profile:" in page
    assert f'href="/en/organisations/{organisation.slug}/">Prove &lt;b&gt;Srl&lt;/b&gt;</a>' in page
    assert "2 values changed" in page
    assert "<del>—</del>" in page
    assert "<ins>https://example.org</ins>" in page
    assert "<del>no</del>" in page
    italian = office.get("/it/audit/").content.decode()
    assert "2 valori cambiati" in italian
    assert "Registro delle modifiche" in italian


@pytest.mark.django_db
def test_search(office: Client, cluster: Cluster) -> None:
    """By words of who and what, by verb, by day; the two days count."""
    old = _line(_member(cluster, "Alfa"), days_ago=10)
    new = _line(_member(cluster, "Beta"), verb="confirm_profile")

    def found(query: str) -> list[int]:
        page = office.get(f"/it/audit/?{query}")
        return [told.line.pk for told in page.context["lines"]]

    day = timezone.localdate(old.at).isoformat()
    assert found("") == [new.pk, old.pk]
    assert found("words=alf") == [old.pk]
    assert found("words=sintetica&verb=confirm_profile") == [new.pk]
    assert found(f"since={day}&until={day}") == [old.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["since=yesterday", "verb=nonsense", "page=-3", "words=%00x"])
def test_nonsense_in_the_address(office: Client, cluster: Cluster, query: str) -> None:
    """A wrong value is told beside its field; the page is there all the same."""
    _line(_member(cluster, "Alfa"))
    page = office.get(f"/it/audit/?{query}")
    assert page.status_code == 200
    assert bool(page.context["form"].errors) is not query.startswith("page")


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow(
    office: Client,
    cluster: Cluster,
    django_assert_num_queries: Callable[..., object],
    rows: int,
) -> None:
    """As many queries for three lines as for one."""
    for number in range(rows):
        _line(_member(cluster, f"Socio {number}"))
    with django_assert_num_queries(7):  # type: ignore[attr-defined]
        assert len(office.get("/it/audit/").context["lines"]) == rows
