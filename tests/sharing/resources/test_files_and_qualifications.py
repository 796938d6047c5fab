"""Pictures say what they show and are pictures; qualifications expire after their months."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.factories.accounts import PersonFactory
from tests.factories.organisations import person
from tests.factories.resources import ResourceFactory
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.actions.files import MOST_FILES
from trebbo.sharing.resources.models import QualifiedPerson, Resource, ResourceFile

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@pytest.fixture
def resource() -> Resource:
    """An instrument."""
    return ResourceFactory()


@pytest.fixture
def keeper(resource: Resource) -> Viewer:
    """Who looks after it."""
    return person(
        person_id=PersonFactory().pk, mandates={resource.profile_id: frozenset({"editor"})}
    )


def picture() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(out, "PNG")
    return out.getvalue()


def add(keeper: Viewer, resource: Resource, content: bytes, **given: Any) -> ResourceFile:
    """A picture with words, if nothing else is said."""
    facts = {"kind": "picture", "text_it": "Lo strumento", **given}
    upload = SimpleUploadedFile(facts.pop("name", "foto.png"), content)
    return actions.add_resource_file(actor=keeper, resource_id=resource.pk, upload=upload, **facts)


def test_a_picture_is_kept_with_its_size_and_words(keeper: Viewer, resource: Resource) -> None:
    file = add(keeper, resource, picture())
    assert (file.width, file.height, file.content_type) == (30, 20, "image/png")
    assert file.text == "Lo strumento"


@pytest.mark.parametrize(
    ("content", "given", "field"),
    [
        (picture(), {"text_it": " "}, "text_it"),
        (picture(), {"kind": "film"}, "kind"),
        (b"MZ\x90\x00", {}, "file"),
        (PDF, {}, "file"),
        (b"MZ\x90\x00", {"kind": "document", "name": "manuale.pdf"}, "file"),
        (PDF, {"kind": "document", "name": "manuale.exe"}, "file"),
    ],
)
def test_a_file_that_is_none_of_its_kind_is_refused(
    keeper: Viewer, resource: Resource, content: bytes, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as caught:
        add(keeper, resource, content, **given)
    assert set(caught.value.fields) == {field}
    assert not ResourceFile.objects.exists()


def test_only_so_many_fit_and_one_goes_again(keeper: Viewer, resource: Resource) -> None:
    for _ in range(MOST_FILES["picture"]):
        file = add(keeper, resource, picture())
    with pytest.raises(Refusal):
        add(keeper, resource, picture())
    add(keeper, resource, PDF, kind="document", name="manuale.pdf", text_it="")
    assert actions.remove_resource_file(actor=keeper, file_id=file.pk)
    assert not actions.remove_resource_file(actor=keeper, file_id=file.pk)
    add(keeper, resource, picture())


def test_a_stranger_adds_and_removes_nothing(keeper: Viewer, resource: Resource) -> None:
    file, stranger = add(keeper, resource, picture()), person(person_id=PersonFactory().pk)
    with pytest.raises(NotAllowed):
        add(stranger, resource, picture())
    with pytest.raises(NotAllowed):
        actions.remove_resource_file(actor=stranger, file_id=file.pk)


def qualify(keeper: Viewer, resource: Resource, **given: Any) -> QualifiedPerson:
    """Somebody trained for two years since the 31st of a month."""
    training = actions.add_qualification(
        actor=keeper, profile_id=resource.profile_id, name_it="Laser", months=given.pop("months", 1)
    )
    facts = {"email": PersonFactory().email, "since": date(2024, 1, 31), **given}
    return actions.qualify_person(actor=keeper, qualification_id=training.pk, **facts)


def test_a_qualification_ends_after_its_months(keeper: Viewer, resource: Resource) -> None:
    assert qualify(keeper, resource, months=1).until == date(2024, 2, 29)
    assert qualify(keeper, resource, months=24).until == date(2026, 1, 31)
    assert qualify(keeper, resource, months=None).until is None


def test_said_again_it_is_renewed(keeper: Viewer, resource: Resource) -> None:
    first = qualify(keeper, resource)
    again = actions.qualify_person(
        actor=keeper,
        qualification_id=first.qualification_id,
        email=f" {first.person.email.upper()} ",
        since=date(2024, 6, 1),
    )
    assert again.pk == first.pk
    assert again.until == date(2024, 7, 1)
    assert actions.disqualify_person(actor=keeper, qualified_id=again.pk)
    assert not actions.disqualify_person(actor=keeper, qualified_id=again.pk)


def test_a_qualification_that_cannot_be_is_refused(keeper: Viewer, resource: Resource) -> None:
    for given, field in (
        ({"email": "nobody@example.it"}, "email"),
        ({"email": ""}, "email"),
        ({"since": keeper.today + timedelta(days=1)}, "since"),
        ({"until": date(2023, 1, 1)}, "until"),
        ({"months": 0}, "months"),
    ):
        with pytest.raises(Refusal) as caught:
            qualify(keeper, resource, **given)
        assert set(caught.value.fields) == {field}
    with pytest.raises(Refusal):
        actions.add_qualification(actor=keeper, profile_id=resource.profile_id, name_it=" ")


def test_a_stranger_qualifies_nobody(keeper: Viewer, resource: Resource) -> None:
    held, stranger = qualify(keeper, resource), person(person_id=PersonFactory().pk)
    with pytest.raises(NotAllowed):
        qualify(stranger, resource)
    with pytest.raises(NotAllowed):
        actions.disqualify_person(actor=stranger, qualified_id=held.pk)
