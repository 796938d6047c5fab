"""Names of countries."""

import pytest
from django.utils import translation

from trebbo.kernel.countries import country_name


@pytest.mark.parametrize(
    ("code", "italian", "english"),
    [
        ("DE", "Germania", "Germany"),
        ("de", "Germania", "Germany"),
        ("EL", "Grecia", "Greece"),
        ("UK", "Regno Unito", "United Kingdom"),
        ("XK", "Kosovo", "Kosovo"),
        ("?!", "?!", "?!"),
        ("", "", ""),
    ],
)
def test_a_country_in_the_pages_language(code: str, italian: str, english: str) -> None:
    """Also as the Union writes it; a code that nobody knows stays as it is."""
    assert (country_name(code), country_name(code, "en-gb")) == (italian, english)
    with translation.override("en"):
        assert country_name(code) == english


def test_a_language_that_nobody_knows() -> None:
    """The code is better than an error."""
    assert country_name("DE", "zz") == "DE"
