"""A table of competences: what fits is written, what does not is told, row by row."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import ClusterRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.organisations import ConceptFactory, OrganisationFactory, SchemeFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine
from trebbo.sharing.skills.actions import SkillsRefused
from trebbo.sharing.skills.importers import RowOutcome, import_competences, template
from trebbo.sharing.skills.models import Competence, OwnTerm

pytestmark = pytest.mark.django_db
HEAD = "profile,direction,concept,term_it,level,people\n"


@pytest.fixture
def office() -> Viewer:
    """The office of the cluster of a laboratory, which can also see a body that is not its own."""
    cluster = ClusterFactory()
    MembershipFactory(cluster=cluster, profile=OrganisationFactory(slug="lab"))
    MembershipFactory(profile=OrganisationFactory(slug="other"))
    ConceptFactory(code="23.5", label_it="ossa", label_en="bones")
    return manager_of(cluster)


def read(office: Viewer, text: str, *, write: bool = True) -> list[RowOutcome]:
    """What came of each row."""
    return import_competences(actor=office, data=text.encode(), write=write)


def test_what_fits_is_written_whatever_the_rest(office: Viewer) -> None:
    table = (
        "lab,offered,BONES,,3,12\nlab,Cercata,23.5,,esperto,\nlab,offered,,arte nostra,,\n"
        "\nnobody,offered,ossa,,,\nother,offered,ossa,,,\nlab,offered,ossa,,,\n"
        "lab,up,ossa,,,\nlab,offered,pietre,,,\nlab,sought,,arte,9,\nlab,sought,,arte,,many\n"
        "lab,sought,,arte,,0\nlab,sought,,,,\n"
    )
    outcomes = read(office, HEAD + table)
    assert [(one.line, one.fits) for one in outcomes] == [
        (2, True),
        (3, True),
        (4, True),
        *((line, False) for line in range(6, 15)),
    ]
    said = Competence.objects.order_by("pk")
    assert [(one.direction, one.level, one.people) for one in said] == [
        ("offered", 3, 12),
        ("sought", 3, None),
        ("offered", None, None),
    ]
    assert OwnTerm.objects.get().label_it == "arte nostra"
    assert {one.confirmed_at for one in said} == {None}


def test_checking_writes_nothing(office: Viewer) -> None:
    outcomes = read(office, f"{HEAD}lab,offered,ossa,,,\n", write=False)
    assert [one.fits for one in outcomes] == [True]
    assert not Competence.objects.exists()
    assert not AuditLine.objects.exists()


def test_tables_as_spreadsheets_write_them(office: Viewer) -> None:
    text = "\ufeffProfile;Direction;term_it\r\nlab;offerta;«qualità»; di troppo\r\n"
    assert [one.fits for one in read(office, text)] == [True]
    old = "profile\tdirection\tterm_it\nlab\tcercata\tqualità\n".encode("cp1252")
    (row,) = import_competences(actor=office, data=old, write=True)
    assert row.words == "qualità (Cercata)"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01binary",
        b"name,level\nlab,3\n",
        b"x" * 2_000_001,
        (HEAD + "lab,offered,ossa,,,\n" * 2_001).encode(),
        b'profile,direction\n"' + b"a" * 200_000 + b'",offered\n',
    ],
)
def test_what_is_no_table_is_refused_whole(office: Viewer, data: bytes) -> None:
    with pytest.raises(SkillsRefused):
        import_competences(actor=office, data=data, write=True)
    assert not Competence.objects.exists()


def test_a_label_of_two_vocabularies_means_the_usual_one(office: Viewer) -> None:
    ConceptFactory(scheme=SchemeFactory(code="esco_skills"), label_it="ossa")
    read(office, f"{HEAD}lab,offered,ossa,,,\n")
    concept = Competence.objects.get().concept
    assert concept is not None
    assert concept.scheme.code == "euroscivoc"


def test_the_page(office: Viewer, sign_in: Callable[[Person], Client]) -> None:
    role = ClusterRoleFactory()
    MembershipFactory(cluster=role.cluster, profile=OrganisationFactory(slug="mine"))
    client = sign_in(role.person)
    assert client.get("/en/skills/import/?template=1").content.decode() == template()

    def send(text: str, **more: str) -> str:
        file = SimpleUploadedFile("t.csv", text.encode())
        response = client.post("/en/skills/import/", {"file": file, **more})
        return " ".join(response.content.decode().split())

    assert "nothing was written" in send(f"{HEAD}mine,offered,bones,,,\n")
    assert not Competence.objects.exists()
    page = send(f"{HEAD}mine,offered,bones,,,\n<b>,offered,bones,,,\n", write="1")
    assert "<strong>1</strong> row fits" in page
    assert "&lt;b&gt;" in page
    assert Competence.objects.count() == 1
    assert "these are lacking" in send("a,b\n")
    assert client.post("/en/skills/import/", {}).status_code == 400
    assert sign_in(PersonFactory()).get("/en/skills/import/").status_code == 403
