"""Who may read an ask is said by those who keep it; who had its text before them is written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.introductions import AskFactory, AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from trebbo.ecosystem.clusters.actions import CircleRefused, Opening
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.events import ask_kept
from trebbo.partnering.introductions.models import Ask, AskReader, AskReading
from trebbo.partnering.introductions.policies import read_teaser, read_text

pytestmark = pytest.mark.django_db


class Place:
    """An ask of a member of a cluster, shared with an office, and people around it."""

    def __init__(self) -> None:
        self.ada, self.rita = PersonFactory(name="Ada"), PersonFactory(name="Rita")
        self.network = NetworkFactory()
        self.cluster = ClusterFactory(network=self.network)
        self.chain = ValueChainFactory(cluster=self.cluster)
        self.firm, self.member = OrganisationFactory(), OrganisationFactory()
        for body in (self.firm, self.member):
            MembershipFactory(cluster=self.cluster, profile=body)
        self.asker = person(
            person_id=self.ada.pk, mandates={self.firm.pk: frozenset({"representative"})}
        )
        self.colleague = person(
            person_id=PersonFactory().pk, mandates={self.member.pk: frozenset({"editor"})}
        )
        self.office = manager_of(ClusterFactory())
        self.ask: Ask = AskFactory(owner=self.ada, asker=self.firm)
        AskShareFactory(ask=self.ask, cluster_id=next(iter(self.office.clusters)))

    def set(self, circle: str, actor: Viewer | None = None, **given: Any) -> Ask:
        """Say who may read it, as the version that is kept now."""
        version = given.pop("version", Ask.objects.get(pk=self.ask.pk).version)
        return actions.set_circle(
            actor=actor or self.asker,
            ask_id=self.ask.pk,
            version=version,
            opening=Opening(circle, **given),
        )

    def strangers(self) -> dict[str, Viewer]:
        """People who may not say who reads it."""
        return {
            "visitor": visitor(NOW),
            "installation": installation(NOW),
            "signed in, holding nothing": person(person_id=10**6),
            "another member": self.colleague,
            "broker": self.office,
            "office of the cluster": manager_of(self.cluster),
            "reader": person(person_id=self.rita.pk),
        }


def test_a_circle_is_opened_and_a_narrower_one_holds_at_once() -> None:
    place = Place()
    opened = place.set("cluster", cluster_id=place.cluster.pk)
    assert (opened.circle, opened.teaser_circle, opened.cluster) == (
        "cluster",
        "cluster",
        place.cluster,
    )
    assert read_text.allows(place.colleague, opened)
    narrowed = place.set("named")
    assert (narrowed.cluster, narrowed.circle) == (None, "named")
    assert not read_teaser.allows(place.colleague, narrowed)


def test_each_circle_keeps_what_it_means_and_nothing_else() -> None:
    place = Place()
    keys = {
        "network_id": place.network.pk,
        "cluster_id": place.cluster.pk,
        "value_chain_id": place.chain.pk,
    }
    chair = replace(place.asker, chains=frozenset({place.chain.pk}))
    kept = place.set("chain", chair, teaser="Valvole", teaser_circle="network", **keys)
    assert (kept.value_chain, kept.network, kept.cluster) == (place.chain, place.network, None)
    kept = place.set("public", **keys)
    assert (kept.value_chain, kept.network, kept.cluster) == (None, None, None)


def test_the_text_that_was_written_meanwhile_stays() -> None:
    place = Place()
    version = place.ask.version
    actions.change_ask(actor=place.asker, ask_id=place.ask.pk, version=version, text="Altro testo")
    with pytest.raises(actions.AskChanged) as caught:
        place.set("public", version=version)
    assert (caught.value.status, caught.value.version) == (409, version + 1)
    place.set("public")
    with pytest.raises(actions.AskChanged):
        actions.change_ask(
            actor=place.asker, ask_id=place.ask.pk, version=version + 1, text="Di nuovo"
        )
    place.ask.refresh_from_db()
    assert (place.ask.circle, place.ask.text) == ("public", "Altro testo")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"circle": "everybody"}, "circle"),
        ({"circle": ""}, "circle"),
        ({"circle": "named", "teaser_circle": "friends", "teaser": "T"}, "teaser_circle"),
        ({"circle": "public", "teaser_circle": "named", "teaser": "T"}, "teaser_circle"),
        ({"circle": "network", "teaser_circle": "cluster", "teaser": "T"}, "teaser_circle"),
        ({"circle": "named", "teaser_circle": "public", "teaser": " \n\t "}, "teaser"),
        ({"circle": "named", "teaser": "x" * 301}, "teaser"),
        ({"circle": "network"}, "network"),
        ({"circle": "cluster"}, "cluster"),
        ({"circle": "chain"}, "chain"),
        ({"circle": "cluster", "cluster_id": 2**40}, "cluster"),
        ({"circle": "named", "teaser_circle": "chain", "teaser": "T"}, "chain"),
    ],
    ids=str,
)
def test_a_circle_that_is_none_is_refused_and_nothing_is_written(
    given: dict[str, Any], field: str
) -> None:
    place = Place()
    with pytest.raises(CircleRefused) as caught:
        place.set(**given)
    assert set(caught.value.fields) == {field}
    place.ask.refresh_from_db()
    assert (place.ask.circle, place.ask.teaser, place.ask.version) == ("named", "", 1)
    assert not audit.history_of(place.ask).exists()


def test_a_teaser_of_three_hundred_characters_fits_and_stands_on_one_line() -> None:
    place = Place()
    kept = place.set("named", teaser="x" * 148 + "\n\x00 " + "è" * 151, teaser_circle="public")
    assert kept.teaser == "x" * 148 + " " + "è" * 151


def test_nobody_opens_an_ask_to_a_circle_of_others_but_keeps_one_that_a_colleague_chose() -> None:
    place = Place()
    abroad = ClusterFactory()
    with pytest.raises(CircleRefused) as caught:
        place.set("cluster", cluster_id=abroad.pk)
    assert set(caught.value.fields) == {"cluster"}
    Ask.objects.filter(pk=place.ask.pk).update(circle="cluster", cluster=abroad)
    kept = place.set("cluster", cluster_id=abroad.pk, teaser="Valvole", teaser_circle="public")
    assert (kept.cluster, kept.teaser) == (abroad, "Valvole")


def test_who_may_say_who_reads_an_ask() -> None:
    place = Place()
    reader = AskReader.objects.create(ask=place.ask, person=place.rita, named_at=NOW)
    for who, viewer in place.strangers().items():
        for act in (
            lambda viewer=viewer: place.set("public", viewer),
            lambda viewer=viewer: actions.name_reader(
                actor=viewer, ask_id=place.ask.pk, email=place.rita.email
            ),
            lambda viewer=viewer: actions.remove_reader(
                actor=viewer, ask_id=place.ask.pk, reader_id=reader.pk
            ),
        ):
            with pytest.raises(NotAllowed):
                act()
            assert place.ask.readers.count() == 1, who
    of_the_firm = person(person_id=10**6, mandates={place.firm.pk: frozenset({"editor"})})
    assert place.set("public", of_the_firm).circle == "public"


def test_a_closed_ask_is_opened_to_nobody_but_readers_are_removed() -> None:
    place = Place()
    reader = AskReader.objects.create(ask=place.ask, person=place.rita, named_at=NOW)
    actions.close_ask(actor=place.asker, ask_id=place.ask.pk)
    with pytest.raises(actions.AskRefused):
        place.set("public")
    with pytest.raises(actions.AskRefused):
        actions.name_reader(actor=place.asker, ask_id=place.ask.pk, email=PersonFactory().email)
    assert actions.remove_reader(actor=place.asker, ask_id=place.ask.pk, reader_id=reader.pk)


def test_the_trail_says_the_circles_and_never_the_teaser(
    django_capture_on_commit_callbacks: Any,
) -> None:
    place, told = Place(), []

    def listen(*, ask_id: int, **_more: Any) -> None:
        told.append(ask_id)

    ask_kept.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            place.set("named", teaser="Un segreto", teaser_circle="public")
    finally:
        ask_kept.disconnect(listen)
    [line] = audit.history_of(place.ask)
    assert line.verb == "set_circle"
    assert [audit.in_page_language(value) for value in line.changes["teaser_circle"]] == [
        "Persone indicate per nome",
        "Chiunque",
    ]
    assert "segreto" not in str(line.changes)
    assert told == [place.ask.pk]


def test_a_reader_is_named_once_and_removed() -> None:
    place = Place()
    rita = person(person_id=place.rita.pk)
    assert not read_text.allows(rita, place.ask)
    for email in (place.rita.email, f"  {place.rita.email.upper()} "):
        reader = actions.name_reader(actor=place.asker, ask_id=place.ask.pk, email=email)
    assert (reader.person, reader.named_by_id) == (place.rita, place.ada.pk)
    assert read_text.allows(rita, place.ask)
    assert actions.remove_reader(actor=place.asker, ask_id=place.ask.pk, reader_id=reader.pk)
    assert not read_text.allows(rita, place.ask)
    assert not actions.remove_reader(actor=place.asker, ask_id=place.ask.pk, reader_id=reader.pk)
    verbs = list(audit.history_of(place.ask).values_list("verb", flat=True))
    assert sorted(verbs) == ["name_reader", "remove_reader"]


def test_a_reader_of_another_ask_is_not_removed_here() -> None:
    place = Place()
    other = AskReader.objects.create(ask=AskFactory(), person=place.rita, named_at=NOW)
    assert not actions.remove_reader(actor=place.asker, ask_id=place.ask.pk, reader_id=other.pk)
    assert AskReader.objects.filter(pk=other.pk).exists()


def test_unknown_and_closed_accounts_and_nonsense_are_refused_in_the_same_words() -> None:
    place = Place()
    closed = PersonFactory(is_active=False)
    told = set()
    for email in (closed.email, "nobody@trebbo.example", "nonsense", ""):
        with pytest.raises(actions.AskRefused) as caught:
            actions.name_reader(actor=place.asker, ask_id=place.ask.pk, email=email)
        told.add((caught.value.message, tuple(caught.value.fields)))
    [(words, fields)] = told
    assert fields == ("email",)
    assert "account" not in words
    assert not AskReader.objects.exists()


def test_readings_are_counted_for_each_person_and_never_for_who_keeps_the_ask() -> None:
    place = Place()
    rita = person(person_id=place.rita.pk)
    later = replace(rita, now=NOW + timedelta(days=2))
    for viewer in (rita, later, place.asker, visitor(NOW)):
        actions.note_reading(actor=viewer, ask=place.ask)
    reading = AskReading.objects.get()
    assert (reading.person, reading.email, reading.label) == (
        place.rita,
        place.rita.email,
        "Rita",
    )
    assert (reading.first_at, reading.last_at, reading.times) == (NOW, later.now, 2)


def test_who_reads_by_a_mails_link_and_signed_in_is_one_reader() -> None:
    place = Place()
    by_link = {"email": f" {place.rita.email.upper()}", "label": "Rita Rossi"}
    actions.note_reading(actor=visitor(NOW), ask=place.ask, **by_link)
    actions.note_reading(actor=person(person_id=place.rita.pk), ask=place.ask)
    reading = AskReading.objects.get()
    assert (reading.email, reading.label, reading.times) == (place.rita.email, "Rita Rossi", 2)
    actions.note_reading(actor=visitor(NOW), ask=place.ask, email=place.ada.email.upper())
    actions.note_reading(actor=visitor(NOW), ask=place.ask, email="x@y.example", label="é" * 200)
    assert sorted(len(one.label) for one in AskReading.objects.all()) == [10, 150]


def test_an_ask_that_nobody_owns_has_readings_too() -> None:
    ask, rita = AskFactory(), PersonFactory()
    actions.note_reading(actor=person(person_id=rita.pk), ask=ask)
    assert AskReading.objects.get().person == rita
