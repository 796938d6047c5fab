"""The ask finds bodies by what of them can be used, as far as whoever finds them may know it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.utils import translation

from tests.factories.accounts import PersonFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from tests.factories.resources import ResourceFactory
from tests.searching import ask, index_all, names, reasons
from trebbo.sharing.resources import actions

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]


def test_found_by_its_resources_and_told_so_in_the_language_of_the_page() -> None:
    body = OrganisationFactory(name="Alfa")
    OrganisationFactory(name="Beta")
    ResourceFactory(
        profile=body,
        name_it="Microtomografo",
        name_en="Micro-CT scanner",
        measurements_it="porosità delle protesi",
        measurements_en="porosity of implants",
    )
    index_all(NOW)
    found = ask("microtomografo")
    assert names(found) == ["Alfa"]
    assert reasons(found) == [("attrezzature", "Microtomografo: porosità delle protesi")]
    with translation.override("en"):
        assert names(ask("porosity")) == ["Alfa"]


def test_what_is_for_fewer_or_withdrawn_finds_nobody() -> None:
    body = OrganisationFactory(visibility="public")
    ResourceFactory(profile=body, name_it="alfanite", visibility="network")
    ResourceFactory(profile=body, name_it="betanite", withdrawn_at=NOW)
    index_all(NOW)
    assert names(ask("alfanite")) == []
    assert names(ask("betanite")) == []


def test_what_was_withdrawn_finds_nobody_from_then_on(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    body = OrganisationFactory(name="Alfa")
    keeper = person(person_id=PersonFactory().pk, mandates={body.pk: frozenset({"editor"})})
    resource = ResourceFactory(profile=body, name_it="gammanite", kind="service")
    index_all(NOW)
    assert names(ask("gammanite")) == ["Alfa"]
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw_resource(actor=keeper, resource_id=resource.pk)
    assert names(ask("gammanite")) == []
