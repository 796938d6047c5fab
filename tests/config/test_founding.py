"""Founding a network from the command line."""

import pytest

from trebbo.config import founding
from trebbo.ecosystem.clusters.models import Network
from trebbo.ecosystem.vocabularies.models import Municipality

pytestmark = pytest.mark.django_db

NAMES = ["--name-it", "Rete di prova", "--name-en", "Test network"]


def test_founds_a_network_on_an_empty_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert founding.main(["prova", *NAMES]) == 0
    assert "Test network is founded" in capsys.readouterr().out
    assert Network.objects.get().territory.code == "ITH5"
    assert Municipality.objects.filter(name="Mirandola").exists()


def test_refuses_a_second_network_of_the_same_name(capsys: pytest.CaptureFixture[str]) -> None:
    founding.main(["prova", *NAMES])
    assert founding.main(["prova", *NAMES]) == 1
    assert capsys.readouterr().err
    assert Network.objects.count() == 1


def test_refuses_a_territory_that_nuts_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert founding.main(["prova", *NAMES, "--territory", "XX"]) == 1
    assert "no territory “XX”" in capsys.readouterr().err
    assert not Network.objects.exists()
