"""The demonstration's asks: made up and saying so, kept and judged through what people use."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories.clusters import ClusterFactory, NetworkFactory, ValueChainFactory
from tests.factories.organisations import OrganisationFactory, UnitFactory
from tests.searching import index_all
from trebbo.demo import asks, builder, personas
from trebbo.demo.marks import MARKS
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.models import AuditLine
from trebbo.partnering.introductions.choices import IntroductionState
from trebbo.partnering.introductions.models import (
    Ask,
    AskingPreference,
    AskShare,
    FairnessFloor,
    Feedback,
    Introduction,
    IntroductionStep,
    KeptApart,
    ShortlistEntry,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]
VERBS = {
    "run": "rerun_ask",
    "share": "share_ask",
    "move": "move_entry",
    "drop": "drop_entry",
    "add": "add_entry",
    "annotate": "annotate_entry",
    "close": "close_ask",
}
STEPS = {
    "draft": "draft_introduction",
    "send": "send_introduction",
    "consent": "consent_to_introduction",
    "accept": "accept_introduction",
    "decline": "decline_introduction",
    "meeting": "arrange_meeting",
    "met": "record_meeting",
    "outcome": "record_outcome",
}


def persona(key: str) -> Person:
    """The account of a persona."""
    return Person.objects.get(email=personas.BY_KEY[key].email)


def test_every_row_is_done_and_says_that_it_is_made_up(sign_in: SignIn) -> None:
    """All rows of the tables, by synthetic people; texts and notes begin with the mark."""
    builder.build()
    index_all()
    assert not asks.are_there()
    asks.bring_in()
    assert asks.are_there()
    _assert_all_rows_are_done()
    _assert_everything_is_marked()
    _assert_introductions_stand_in_all_states()
    _assert_needs_are_open(sign_in)
    _assert_the_pages_live(sign_in)


def _assert_all_rows_are_done() -> None:
    """Nothing was left out: the audit trail has a line for each step."""
    steps = list(builder.rows("ask_steps"))
    wanted = Counter(VERBS[row["do"]] for row in steps)
    assert set(wanted) == set(VERBS.values())
    done = AuditLine.objects.filter(verb__in=VERBS.values()).values_list("verb", flat=True)
    assert Counter(done) == wanted
    assert Ask.objects.count() == len(list(builder.rows("asks"))) == 20
    assert Ask.objects.filter(closed_at__isnull=False).count() == wanted["close_ask"]
    assert AskShare.objects.count() == wanted["share_ask"]
    assert Feedback.objects.count() == len(
        [row for row in steps if row["do"] in ("move", "drop", "add", "annotate")]
    )
    assert FairnessFloor.objects.count() == len(list(builder.rows("fairness_floors")))
    said = AskingPreference.objects.count() + KeptApart.objects.count()
    assert said == len(list(builder.rows("asking_preferences")))


def _assert_everything_is_marked() -> None:
    """The title too, as lists show nothing else; and whoever did something is made up."""
    kept = list(Ask.objects.select_related("owner"))
    assert {ask.language for ask in kept} == {"it", "en"}
    for ask in kept:
        mark = MARKS[ask.language]
        assert ask.text.startswith(mark)
        assert ask.title.startswith(mark)
        assert ask.owner is not None
        assert ask.owner.is_synthetic
    for entry in ShortlistEntry.objects.exclude(note="").select_related("ask"):
        assert entry.note.startswith(MARKS[entry.ask.language])
    for model in (AskingPreference, ShortlistEntry):
        assert not model.objects.filter(changed_by__is_synthetic=False).exists()


def _assert_needs_are_open(sign_in: SignIn) -> None:
    """What each circle reads of the needs that the table opens, teasers marked too."""
    opened = len(list(builder.rows("ask_circles")))
    assert AuditLine.objects.filter(verb="set_circle").count() == opened
    assert Client().get("/it/needs/").content.decode().count('<h2 class="h5"><a') == 3
    assert (
        sign_in(persona("region")).get("/it/needs/").content.decode().count('<h2 class="h5"><a')
        == opened
    )
    for ask in Ask.objects.exclude(teaser=""):
        assert ask.teaser.startswith(MARKS[ask.language])


def _assert_introductions_stand_in_all_states() -> None:
    """Each row of the table was done, time went by in between, and nobody real was asked."""
    steps = list(builder.rows("introductions"))
    wanted = Counter(STEPS[row["do"]] for row in steps)
    done = AuditLine.objects.filter(verb__in=STEPS.values()).values_list("verb", flat=True)
    assert Counter(done) == wanted
    stand = Counter(Introduction.objects.values_list("state", flat=True))
    assert set(stand) == set(IntroductionState) - {IntroductionState.WITHDRAWN}
    kinds = set(IntroductionStep.objects.values_list("kind", flat=True))
    assert {"nudged", "escalated", "expired", "outcome_asked"} <= kinds
    for one in Introduction.objects.select_related("contact"):
        assert one.contact_email.endswith(personas.DOMAIN)
        assert one.contact is None or one.contact.is_synthetic
        assert one.words.startswith(MARKS[one.contact_language])


def _assert_the_pages_live(sign_in: SignIn) -> None:
    """What a company keeps, what reaches the office, and what both set."""
    company = sign_in(persona("sme"))
    page = company.get("/it/asks/").content.decode()
    assert page.count("[Sintetica]") + page.count("[Synthetic]") >= 3
    assert "Finceramica" in company.get("/it/asks/preferences/greenbone-ortho/").content.decode()
    office = sign_in(persona("manager"))
    shared = Ask.objects.get(text__contains="rigenerazione ossea")
    page = office.get(f"/it/asks/{shared.pk}/").content.decode()
    assert "[Sintetica] Da sentire per prima." in page
    assert "30%" in office.get("/it/asks/floors/").content.decode()


def test_what_cannot_be_done_is_left_out() -> None:
    """In a demonstration that somebody emptied in part, without an index, the rest is kept."""
    network = NetworkFactory(slug=personas.NETWORK)
    health = ClusterFactory(slug=personas.HEALTH, network=network, code="HEALTH")
    ValueChainFactory(slug=personas.MEDTECH, cluster=health)
    UnitFactory(slug="ciri-sdv")
    OrganisationFactory(slug="greenbone-ortho")
    OrganisationFactory(slug="ior")
    personas.create_personas(actor=personas.create_agency(network_id=network.pk))
    asks.bring_in()
    there = {"", "ciri-sdv", "greenbone-ortho", "ior"}
    rows = [row for row in builder.rows("asks") if row["asker"] in there]
    assert Ask.objects.count() == len(rows)
    assert not Ask.objects.filter(ran_at__isnull=False).exists()
    assert not ShortlistEntry.objects.exists()
    assert AskShare.objects.exists()
