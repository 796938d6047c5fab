"""Which points count as being in the country."""

import pytest

from trebbo.ecosystem.organisations.country import in_the_country


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (44.4938, 11.3387),  # Bologna
        (44.8873, 11.0661),  # Mirandola
        (45.6495, 13.7768),  # Trieste
        (35.5022, 12.6092),  # Lampedusa
        (46.4983, 11.3548),  # Bolzano
        (44.0594, 12.5683),  # Rimini, on the shore
    ],
)
def test_places_in_italy(latitude: float, longitude: float) -> None:
    assert in_the_country(latitude, longitude)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (11.3387, 44.4938),  # Bologna, swapped
        (0.0, 0.0),
        (48.1351, 11.5820),  # Munich
        (43.7102, 7.2620),  # Nice
        (41.9192, 8.7386),  # Ajaccio
        (36.8065, 10.1815),  # Tunis
        (43.5, 14.9),  # the middle of the Adriatic
    ],
)
def test_places_elsewhere(latitude: float, longitude: float) -> None:
    assert not in_the_country(latitude, longitude)
