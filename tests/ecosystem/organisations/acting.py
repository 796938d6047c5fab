"""What the tests of the actions and pages do again and again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories.organisations import agency_person
from trebbo.ecosystem.organisations import actions
from trebbo.ecosystem.organisations.models import Organisation
from trebbo.kernel.errors import Refusal

SignIn = Callable[..., Client]

AGENCY = agency_person()
GOOD_VAT = "01234560371"


def register(**values: Any) -> Organisation:
    """An organisation added by the agency."""
    return actions.register_organisation(
        actor=AGENCY, **{"name": "Prova srl", "kind": "sme", **values}
    )


def refusal_of(act: Callable[[], object]) -> Refusal:
    """What the action said."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def english(name: str, *args: Any, part: str = "") -> str:
    """The English address of a page."""
    address = reverse(name, args=args).replace("/it/", "/en/", 1)
    return f"{address}?part={part}" if part else address


def text(response: HttpResponse) -> str:
    """The page with its spaces put together."""
    return " ".join(response.content.decode().split())


def identity(organisation: Organisation, **typed: str) -> dict[str, str]:
    """What the identity form sends."""
    return {
        "do": "save_identity",
        "version": str(organisation.version),
        "name": organisation.name,
        "visibility": "public",
        **typed,
    }
