"""Searches of each test know its own words."""

from collections.abc import Iterator

import pytest

from trebbo.sharing.resources.gateway import forget_words


@pytest.fixture(autouse=True)
def _own_words() -> Iterator[None]:
    """Vocabularies that no other test has read."""
    forget_words()
    yield
    forget_words()
