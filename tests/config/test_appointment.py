"""Tests of the command that gives a network its first person."""

import pytest

from tests.factories.accounts import acting
from tests.factories.clusters import NetworkFactory
from trebbo.config import appointment
from trebbo.ecosystem.accounts.models import Person

pytestmark = pytest.mark.django_db


def test_the_first_person_is_appointed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The second time the command says why not, and changes nothing."""
    network = NetworkFactory(slug="rete")
    call = ["prima@trebbo.example", "--name", "Prima Sintetica", "--network", "rete"]
    assert appointment.main(call) == 0
    assert "prima@trebbo.example" in capsys.readouterr().out
    assert acting(Person.objects.get()).agency_networks == {network.pk}
    assert appointment.main(["seconda@trebbo.example", *call[1:]]) == 1
    assert "This network has its agency already" in capsys.readouterr().err
    assert Person.objects.count() == 1


def test_unknown_networks_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The message lists those that exist."""
    NetworkFactory(slug="rete")
    call = ["x@trebbo.example", "--name", "X", "--network", "altra"]
    assert appointment.main(call) == 1
    assert "Networks: rete." in capsys.readouterr().err
