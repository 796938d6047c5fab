"""Who may have the index built."""

import pytest

from tests.factories.organisations import NOW, agency_person, person
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions.actions import (
    gather_news,
    rebuild_index,
    refresh_evidence,
    refresh_index,
)

pytestmark = pytest.mark.django_db

OTHERS = {
    "visitor": visitor(NOW),
    "region": person(networks={1: frozenset({"region"})}),
    "manager": person(clusters={1: frozenset({"manager"})}),
    "representative": person(mandates={1: frozenset({"representative"})}),
}


@pytest.mark.parametrize("viewer", [installation(NOW), agency_person()], ids=["itself", "agency"])
def test_the_installation_and_the_agency_may(viewer: Viewer) -> None:
    """They build, refresh and put off."""
    assert rebuild_index(actor=viewer) == 0
    refresh_index(actor=viewer, profile_ids=[])
    refresh_evidence(actor=viewer, profile_ids=[])
    with gather_news(actor=viewer) as gathered:
        assert gathered == set()


@pytest.mark.parametrize("viewer", OTHERS.values(), ids=OTHERS.keys())
def test_others_may_not(viewer: Viewer) -> None:
    """Nobody else, whatever they hold."""
    with pytest.raises(NotAllowed):
        rebuild_index(actor=viewer)
    with pytest.raises(NotAllowed):
        refresh_index(actor=viewer, profile_ids=[])
    with pytest.raises(NotAllowed):
        refresh_evidence(actor=viewer, profile_ids=[])
    with pytest.raises(NotAllowed), gather_news(actor=viewer):
        pass
