"""What the tests of the actions do again and again."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.organisations import agency_person
from trebbo.ecosystem.organisations import actions
from trebbo.ecosystem.organisations.models import Organisation
from trebbo.kernel.errors import Refusal

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
