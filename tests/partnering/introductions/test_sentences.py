"""With a sentence model, a need in one language meets works in the other, without a dictionary."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.factories.evidence import FundedProjectFactory, ParticipationFactory
from tests.factories.organisations import NOW, OrganisationFactory
from tests.searching import index_all
from tests.sentence_models import TWINS, saved
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.queries import Question, answer

__all__ = ["saved"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def works() -> None:
    """Six bodies, each with a project on one thing, in English."""
    for english in TWINS.values():
        project = FundedProjectFactory(
            title=english, objective=english, signature_date=date(2024, 1, 1)
        )
        ParticipationFactory(project=project, profile=OrganisationFactory(name=english.title()))


@pytest.mark.parametrize("italian", ["acqua pulita", "latte fresco", "ponte antico"])
def test_asked_in_italian_found_in_english(
    works: None, settings: Any, saved: Path, italian: str
) -> None:
    """Only where a model is set, and it read the works: these share no stem with the English."""
    index_all(NOW)
    assert answer(Question(italian), viewer=visitor(NOW)).found == ()
    settings.SENTENCE_MODEL = str(saved)
    gateway.forget_matching()
    index_all(NOW)
    found = answer(Question(italian), viewer=visitor(NOW)).found
    assert [one.profile.name for one in found] == [TWINS[italian].title()]
