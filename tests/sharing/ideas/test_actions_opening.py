"""Circles, readers by name, terms of confidentiality with their acceptance, and the log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.ideas import IdeaFactory
from tests.factories.organisations import NOW
from tests.sharing.ideas.market_place import (
    Market,
    at,
    days,
    email_of,
    keeps_secrets,
    now,
    trail,
)
from trebbo.ecosystem.clusters.actions import CircleRefused, Opening
from trebbo.kernel import audit
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import actions, policies
from trebbo.sharing.ideas.choices import ReadingOf
from trebbo.sharing.ideas.models import (
    Idea,
    IdeaReader,
    IdeaReading,
    IdeaTerms,
    TermsAcceptance,
)

pytestmark = pytest.mark.django_db


class Terms:
    """A public idea of a market, with terms in both languages."""

    def __init__(self, circle: str = "public") -> None:
        self.market = Market()
        self.idea = self.write(self.market.open(circle), "Riserbo", "Confidence")

    def write(self, idea: Idea, text_it: str = "", text_en: str = "") -> Idea:
        """Written by the keeper."""
        return actions.write_terms(
            actor=self.market.keeper,
            idea_id=idea.pk,
            version=now(idea).version,
            text_it=text_it,
            text_en=text_en,
        )

    def accept(self, viewer: Any = None, version: int = 1, **when: Any) -> TermsAcceptance:
        """By the laboratory, if by nobody else."""
        actor = replace(viewer or self.market.lab_person, **when)
        return actions.accept_terms(actor=actor, idea_id=self.idea.pk, terms_version=version)

    def read_by(self, viewer: Any) -> bool:
        """Whether somebody reads the idea now."""
        return policies.read_idea.allows(viewer, now(self.idea))


def test_a_circle_opens_and_a_narrower_one_holds_at_once() -> None:
    market = Market()
    idea = market.open("cluster")
    assert policies.read_idea.allows(market.lab_person, idea)
    narrowed = market.open_to(idea, "named", "public")
    assert not policies.read_idea.allows(market.lab_person, narrowed)
    assert policies.see_idea.allows(visitor(NOW), narrowed)
    assert (narrowed.cluster, narrowed.network, narrowed.value_chain) == (None, None, None)


def test_the_teaser_is_the_ideas_own_whatever_is_sent_along() -> None:
    market = Market()
    idea = market.write(teaser_it="", teaser_en="")
    opening = Opening("named", teaser="Altro", teaser_circle="public")
    given = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    with pytest.raises(CircleRefused) as caught:
        actions.open_idea(**given, opening=opening)
    assert set(caught.value.fields) == {"teaser"}
    idea = market.write()
    given = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    opened = actions.open_idea(**given, opening=replace(opening, teaser=""))
    assert (opened.teaser_circle, opened.teaser_it) == ("public", "Testoanteprima")


@pytest.mark.parametrize(
    ("opening", "field"),
    [
        (Opening("everybody"), "circle"),
        (Opening("public", teaser_circle="named"), "teaser_circle"),
        (Opening("network"), "network"),
        (Opening("cluster", cluster_id=2**40), "cluster"),
        (Opening("named", teaser_circle="chain"), "value_chain"),
    ],
    ids=str,
)
def test_a_circle_that_is_none_is_refused_and_nothing_is_written(
    opening: Opening, field: str
) -> None:
    market = Market()
    idea = market.write()
    with pytest.raises(CircleRefused) as caught:
        actions.open_idea(
            actor=market.keeper, idea_id=idea.pk, version=idea.version, opening=opening
        )
    assert set(caught.value.fields) == {"chain" if field == "value_chain" else field}
    assert (now(idea).circle, now(idea).version) == ("named", idea.version)


def test_nobody_opens_an_idea_to_a_circle_of_others() -> None:
    market = Market()
    idea = market.write()
    given = {"actor": market.keeper, "idea_id": idea.pk, "version": idea.version}
    with pytest.raises(CircleRefused):
        actions.open_idea(**given, opening=Opening("cluster", cluster_id=market.abroad.pk))
    Idea.objects.filter(pk=idea.pk).update(circle="cluster", cluster=market.abroad)
    kept = actions.open_idea(**given, opening=Opening("cluster", cluster_id=market.abroad.pk))
    assert kept.cluster == market.abroad


def test_the_trail_says_the_circles_and_never_the_words() -> None:
    market = Market()
    idea = market.write()
    market.open_to(idea, "named", "public")
    line = trail(idea)[-1]
    assert line.verb == "open_idea"
    assert [audit.in_page_language(value) for value in line.changes["teaser_circle"]] == [
        "Persone indicate per nome",
        "Chiunque",
    ]
    assert keeps_secrets(idea)


def test_a_reader_is_named_once_and_removed() -> None:
    market = Market()
    idea = market.open("named")
    rita = market.one(name="Rita")
    for email in (email_of(rita), f" {email_of(rita).upper()} "):
        reader = actions.name_idea_reader(actor=market.keeper, idea_id=idea.pk, email=email)
    assert policies.read_idea.allows(rita, idea)
    elsewhere = IdeaReader.objects.create(
        idea=IdeaFactory(), person_id=rita.person_id, named_at=NOW
    )
    remove = {"actor": market.keeper, "idea_id": idea.pk}
    assert not actions.remove_idea_reader(**remove, reader_id=elsewhere.pk)
    assert actions.remove_idea_reader(**remove, reader_id=reader.pk)
    assert not actions.remove_idea_reader(**remove, reader_id=reader.pk)
    assert not policies.read_idea.allows(rita, idea)
    verbs = [line.verb for line in trail(idea)][-2:]
    assert verbs == ["name_idea_reader", "remove_idea_reader"]


def test_unknown_and_closed_accounts_are_refused_in_the_same_words() -> None:
    market = Market()
    idea = market.open()
    told = set()
    for email in (PersonFactory(is_active=False).email, "nobody@trebbo.example", "nonsense", ""):
        with pytest.raises(actions.IdeaRefused) as caught:
            actions.name_idea_reader(actor=market.keeper, idea_id=idea.pk, email=email)
        told.add((caught.value.message, tuple(caught.value.fields)))
    [(_words, fields)] = told
    assert fields == ("email",)


def test_only_who_works_on_an_idea_says_who_reads_it() -> None:
    market = Market()
    idea = market.open("public")
    mail = email_of(market.firm_person)
    for viewer in (market.office, market.lab_person, market.one(), visitor(NOW)):
        given = {"actor": viewer, "idea_id": idea.pk}
        with pytest.raises(NotAllowed):
            actions.name_idea_reader(**given, email=mail)
        with pytest.raises(NotAllowed):
            actions.open_idea(**given, version=idea.version, opening=Opening("public"))
        with pytest.raises(NotAllowed):
            actions.write_terms(**given, version=idea.version, text_it="Riserbo")
    assert now(idea).version == idea.version


def test_terms_are_kept_with_text_version_moment_person_bodies_and_language() -> None:
    place = Terms()
    market = place.market
    both = replace(
        market.lab_person, mandates={**market.lab_person.mandates, **market.firm_person.mandates}
    )
    assert not place.read_by(both)
    acceptance = place.accept(both, now=days(1), language="en")
    assert (acceptance.text, acceptance.language, acceptance.at) == ("Confidence", "en", days(1))
    assert (acceptance.person_id, acceptance.label) == (market.lab_person.person_id, "Lia Lab")
    assert acceptance.bodies == "Impresa Beta; Laboratorio Alfa"
    assert acceptance.terms.version == 1
    assert place.read_by(both)
    assert trail(place.idea)[-1].changes == {"terms_version": [None, 1]}
    assert not place.read_by(market.firm_person)


def test_accepting_twice_is_once_and_keeps_the_first_moment() -> None:
    place = Terms()
    first = place.accept()
    again = place.accept(now=days(3), language="en")
    assert (again.pk, again.at, again.language) == (first.pk, NOW, "it")
    assert len([line for line in trail(place.idea) if line.verb == "accept_terms"]) == 1


def test_terms_in_one_language_are_kept_as_that_language_whatever_the_page() -> None:
    place = Terms()
    place.write(place.idea, "Solo italiano", "")
    acceptance = place.accept(version=2, language="en")
    assert (acceptance.text, acceptance.language) == ("Solo italiano", "it")


def test_changed_terms_ask_again_and_what_was_accepted_stays() -> None:
    place = Terms()
    place.accept()
    place.write(place.idea, "Più riserbo", "More confidence")
    assert not place.read_by(place.market.lab_person)
    with pytest.raises(actions.TermsChanged) as caught:
        place.accept(version=1)
    assert caught.value.status == 409
    assert TermsAcceptance.objects.get().text == "Riserbo"
    place.accept(version=2)
    assert place.read_by(place.market.lab_person)
    assert list(IdeaTerms.objects.order_by("version").values_list("version", "text_it")) == [
        (1, "Riserbo"),
        (2, "Più riserbo"),
    ]


def test_the_same_words_change_nothing() -> None:
    place = Terms()
    version, lines = now(place.idea).version, len(trail(place.idea))
    assert place.write(place.idea, " Riserbo\n", "Confidence").terms_version == 1
    without = place.market.open("named")
    assert place.write(without, " ", "\u200b").terms_version == 0
    assert (now(place.idea).version, len(trail(place.idea))) == (version, lines)
    assert now(without).version == without.version


def test_terms_taken_away_ask_nobody_and_new_ones_ask_everybody_anew() -> None:
    place = Terms()
    place.accept()
    assert place.write(place.idea).terms_version == 0
    assert place.read_by(place.market.firm_person)
    assert place.read_by(visitor(NOW))
    with pytest.raises(actions.TermsChanged):
        place.accept(version=0)
    assert place.write(place.idea, "Riserbo", "Confidence").terms_version == 2
    assert not place.read_by(place.market.lab_person)


def test_terms_are_accepted_by_who_is_in_the_circle_with_an_account() -> None:
    place = Terms("cluster")
    for viewer in (visitor(NOW), place.market.one(), place.market.member_of(place.market.sister)):
        with pytest.raises(NotAllowed):
            place.accept(viewer)
    place.market.close(place.idea, "withdrawn")
    with pytest.raises(NotAllowed):
        place.accept()
    assert not TermsAcceptance.objects.exists()


def test_terms_are_not_in_the_trail() -> None:
    place = Terms()
    place.accept()
    assert keeps_secrets(place.idea, "Riserbo", "Confidence")


def test_readings_are_counted_for_each_person_and_never_for_who_keeps_the_idea() -> None:
    market = Market()
    idea = market.open("public")
    lab = market.lab_person
    for viewer in (lab, at(lab, days(2)), market.keeper, visitor(NOW)):
        actions.note_idea_reading(actor=viewer, idea=idea)
    actions.note_idea_reading(actor=lab, idea=idea, what=ReadingOf.FILE)
    text, file = IdeaReading.objects.order_by("pk")
    assert (text.person_id, text.label, text.what) == (lab.person_id, "Lia Lab", "text")
    assert (text.first_at, text.last_at, text.times) == (NOW, NOW + timedelta(days=2), 2)
    assert (file.what, file.times) == ("file", 1)
