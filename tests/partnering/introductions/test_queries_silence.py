"""The right to silence: of bodies and of people, and what is said to those who would ask them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import translation

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.introductions import (
    AskFactory,
    IntroductionFactory,
    KeptApartFactory,
    PreferenceFactory,
)
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from tests.partnering.introductions.meeting_place import Place, at, days, token_of
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.models import (
    AskingPreference,
    Introduction,
    IntroductionPreference,
)
from trebbo.partnering.introductions.queries.silence import (
    own_silence,
    why_not_asked,
    why_person_not_asked,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def refusal_of(act: Callable[[], object]) -> Refusal:
    """What the action said."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def send(place: Place, actor: Viewer | None = None) -> Introduction:
    """A draft of the actor, sent by the actor."""
    who = actor or place.broker
    one = place.draft(who)
    return actions.send_introduction(actor=who, introduction_id=one.pk, version=one.version)


def test_who_said_nothing_may_be_asked() -> None:
    place = Place()
    assert why_not_asked(place.ask, place.lab, viewer=place.broker) == ""
    assert why_person_not_asked(place.ask, place.rita, viewer=place.broker) == ""
    PreferenceFactory(profile=place.lab, is_silent=False)
    IntroductionPreference.objects.create(person=place.rita, changed_at=NOW)
    assert why_not_asked(place.ask, place.lab, viewer=place.broker) == ""
    assert why_person_not_asked(place.ask, place.rita, viewer=place.broker) == ""


def test_a_silent_body_is_not_asked_in_both_languages() -> None:
    place = Place()
    PreferenceFactory(profile=place.lab)
    told = set()
    for language in ("it", "en"):
        with translation.override(language):
            told.add(why_not_asked(place.ask, place.lab, viewer=place.broker))
    name = place.lab.title
    assert told == {f"{name} wishes not to be asked.", f"{name} preferisce non ricevere richieste."}


@pytest.mark.parametrize(("until", "asks"), [(-1, True), (0, False), (30, False)])
def test_a_body_without_capacity_is_asked_from_the_day_after(until: int, asks: bool) -> None:
    place = Place()
    day = TODAY + timedelta(days=until)
    PreferenceFactory(profile=place.lab, is_silent=False, no_capacity_until=day)
    words = why_not_asked(place.ask, place.lab, viewer=place.broker)
    assert (words == "") is asks
    assert asks or str(day.day) in words


def test_only_offices_read_that_bodies_are_kept_apart() -> None:
    place = Place()
    silent = OrganisationFactory(name="Silente")
    PreferenceFactory(profile=silent)
    KeptApartFactory(profile=place.lab, other=place.firm)
    as_silent = why_not_asked(place.ask, silent, viewer=place.asker)
    read = why_not_asked(place.ask, place.lab, viewer=place.asker)
    assert read.replace(place.lab.title, "") == as_silent.replace(silent.title, "")
    for viewer in (visitor(NOW), place.contact):
        assert why_not_asked(place.ask, place.lab, viewer=viewer) == read
    assert why_not_asked(place.ask, place.lab, viewer=place.broker) not in ("", read)


def kept_apart_from(lab: Profile, firm: Profile) -> None:
    """The body that would be asked said so."""
    KeptApartFactory(profile=lab, other=firm)


def kept_apart_by(lab: Profile, firm: Profile) -> None:
    """The body that asks said so."""
    KeptApartFactory(profile=firm, other=lab)


@pytest.mark.parametrize("said", [kept_apart_from, kept_apart_by])
def test_bodies_kept_apart_are_so_with_their_units_and_whoever_said_it(
    said: Callable[[Profile, Profile], None],
) -> None:
    place = Place()
    unit, asking_unit = UnitFactory(organisation=place.lab), UnitFactory(organisation=place.firm)
    said(place.lab, place.firm)
    for asker in (place.firm, asking_unit):
        ask = AskFactory(asker=asker)
        for profile in (place.lab, unit):
            assert why_not_asked(ask, profile, viewer=place.broker) != ""
    for ask in (AskFactory(asker=OrganisationFactory()), AskFactory(asker=None)):
        assert why_not_asked(ask, place.lab, viewer=place.broker) == ""


def test_a_limit_counts_who_was_asked_in_the_last_thirty_days() -> None:
    place = Place()
    PreferenceFactory(profile=place.lab, is_silent=False, most_a_month=2)
    IntroductionPreference.objects.create(person=place.rita, most_a_month=2, changed_at=NOW)
    to = {"profile": place.lab, "contact": place.rita, "state": "asked"}
    IntroductionFactory(**to, asked_at=days(-31))
    IntroductionFactory(**to, asked_at=days(-30))
    IntroductionFactory(**{**to, "state": "proposed"})
    IntroductionFactory(state="asked", asked_at=NOW)
    IntroductionFactory(**{**to, "state": "expired"}, asked_at=days(-29.9))
    asked = (
        lambda moment: why_not_asked(place.ask, place.lab, viewer=at(place.broker, moment)),
        lambda moment: why_person_not_asked(place.ask, place.rita, viewer=at(place.broker, moment)),
    )
    assert [ask(NOW) for ask in asked] == ["", ""]
    IntroductionFactory(**{**to, "state": "withdrawn"}, asked_at=days(-1))
    assert all("2" in ask(NOW) for ask in asked)
    assert [ask(days(0.2)) for ask in asked] == ["", ""]


def test_a_limit_of_one_and_of_several_reads_well() -> None:
    place = Place()
    said = PreferenceFactory(profile=place.lab, is_silent=False, most_a_month=1)
    IntroductionFactory(profile=place.lab, state="asked", asked_at=NOW)
    with translation.override("en"):
        words = why_not_asked(place.ask, place.lab, viewer=place.broker)
        assert words.endswith("wishes to be asked at most once a month.")
        IntroductionFactory(profile=place.lab, state="asked", asked_at=NOW)
        AskingPreference.objects.filter(pk=said.pk).update(most_a_month=2)
        words = why_not_asked(place.ask, place.lab, viewer=place.broker)
        assert words.endswith("wishes to be asked at most 2 times a month.")


def test_a_person_is_not_introduced_to_whom_they_do_not_want() -> None:
    place = Place()
    actions.stay_away_from(actor=place.contact, profile_id=place.firm.pk, stays_away=True)
    away = why_person_not_asked(place.ask, place.rita, viewer=place.broker)
    for ask in (AskFactory(asker=OrganisationFactory()), AskFactory(asker=None)):
        assert why_person_not_asked(ask, place.rita, viewer=place.broker) == ""
    actions.set_own_silence(actor=place.contact, is_silent=True)
    silent = why_person_not_asked(AskFactory(), place.rita, viewer=place.broker)
    assert away == silent != ""


def test_who_stays_away_from_a_body_stays_away_from_its_units() -> None:
    place = Place()
    actions.stay_away_from(actor=place.contact, profile_id=place.firm.pk, stays_away=True)
    ask = AskFactory(asker=UnitFactory(organisation=place.firm))
    assert why_person_not_asked(ask, place.rita, viewer=place.broker) != ""


def test_by_a_link_nobody_learns_who_has_an_account_and_what_they_said() -> None:
    place = Place()
    silent = PersonFactory()
    IntroductionPreference.objects.create(person=silent, is_silent=True, changed_at=NOW)
    gone = PersonFactory(is_active=False)
    told = {why_person_not_asked(place.ask, one, viewer=visitor(NOW)) for one in (silent, gone)}
    assert len(told) == 1
    assert silent.name not in told.pop()
    one = place.asked()
    with pytest.raises(Refusal):
        actions.pass_on_introduction(
            actor=visitor(NOW), token=token_of(one), name="B", email=silent.email
        )


def test_a_person_whose_account_is_closed_is_not_asked() -> None:
    place = Place()
    gone = PersonFactory(is_active=False)
    assert why_person_not_asked(place.ask, gone, viewer=place.broker) != ""


def test_an_introduction_to_the_silent_is_not_sent_and_stays_a_draft() -> None:
    place = Place()
    said = PreferenceFactory(profile=place.lab)
    one = place.draft()
    refusal = refusal_of(
        lambda: actions.send_introduction(
            actor=place.broker, introduction_id=one.pk, version=one.version
        )
    )
    assert refusal.message == f"{place.lab.title} preferisce non ricevere richieste."
    said.delete()
    actions.set_own_silence(actor=place.contact, is_silent=True)
    refusal = refusal_of(
        lambda: actions.send_introduction(
            actor=place.broker, introduction_id=one.pk, version=one.version
        )
    )
    assert set(refusal.fields) == {"contact"}
    one.refresh_from_db()
    assert (one.state, one.links.count()) == ("draft", 0)


def test_who_asks_does_not_learn_that_they_are_kept_apart_and_the_broker_does() -> None:
    place = Place()
    KeptApartFactory(profile=place.lab, other=place.firm)
    by_asker = refusal_of(lambda: send(place, place.asker)).message
    Introduction.objects.all().delete()
    assert by_asker == f"{place.lab.title} preferisce non ricevere richieste."
    assert refusal_of(lambda: send(place)).message != by_asker


def test_silence_that_begins_before_the_consent_still_holds() -> None:
    place = Place()
    one = place.proposed()
    KeptApartFactory(profile=place.lab, other=place.firm)
    silent = f"{place.lab.title} preferisce non ricevere richieste."
    by_link = {"actor": visitor(NOW), "token": token_of(one)}
    assert refusal_of(lambda: actions.consent_to_introduction(**by_link)).message == silent
    by_account = {"actor": place.asker, "introduction_id": one.pk}
    assert refusal_of(lambda: actions.consent_to_introduction(**by_account)).message == silent
    one.refresh_from_db()
    assert (one.state, one.asked_at) == ("proposed", None)


def test_the_second_of_two_that_would_pass_the_limit_is_refused() -> None:
    place = Place()
    actions.set_most_a_month(actor=place.contact, profile_id=place.lab.pk, most=1)
    place.asked()
    other = AskFactory(owner=place.ada, asker=place.firm)
    one = actions.draft_introduction(actor=place.asker, ask_id=other.pk, profile_id=place.lab.pk)
    later = at(place.asker, days(31))
    for actor, state in ((place.asker, "draft"), (later, "asked")):
        with suppress(Refusal):
            actions.send_introduction(actor=actor, introduction_id=one.pk, version=one.version)
        one.refresh_from_db()
        assert one.state == state


def test_an_introduction_is_not_passed_on_to_who_is_silent() -> None:
    place = Place()
    bruno = MandateFactory(profile=place.lab).person
    actions.set_own_silence(actor=person(person_id=bruno.pk), is_silent=True)
    one = place.asked()
    to = {"name": "Bruno", "email": bruno.email, "language": "it"}
    refusal = refusal_of(
        lambda: actions.pass_on_introduction(actor=visitor(NOW), token=token_of(one), **to)
    )
    assert set(refusal.fields) == {"contact"}
    one.refresh_from_db()
    assert one.contact == place.rita
    actions.set_own_silence(actor=person(person_id=bruno.pk), is_silent=False)
    actions.pass_on_introduction(actor=visitor(NOW), token=token_of(one), **to)
    one.refresh_from_db()
    assert one.contact == bruno


def test_a_body_says_how_often_it_is_asked_and_nobody_else_does() -> None:
    place = Place()
    for most in (1, 100, None):
        said = actions.set_most_a_month(actor=place.contact, profile_id=place.lab.pk, most=most)
        assert said.most_a_month == most
    for most in (0, -1, 101):
        refusal = refusal_of(
            lambda most=most: actions.set_most_a_month(
                actor=place.contact, profile_id=place.lab.pk, most=most
            )
        )
        assert set(refusal.fields) == {"most_a_month"}
    for stranger in (visitor(NOW), person(person_id=10**6), place.asker, place.broker):
        with pytest.raises(NotAllowed):
            actions.set_most_a_month(actor=stranger, profile_id=place.lab.pk, most=5)
    verbs = audit.history_of(place.lab.profile_ptr).filter(verb="set_most_a_month")
    assert [line.changes["most_a_month"] for line in verbs.order_by("pk")] == [
        [None, 1],
        [1, 100],
        [100, None],
    ]


def test_a_person_speaks_for_themselves_alone_and_the_trail_says_what_changed() -> None:
    place = Place()
    with pytest.raises(NotAllowed):
        actions.set_own_silence(actor=visitor(NOW), is_silent=True)
    with pytest.raises(NotAllowed):
        actions.stay_away_from(actor=visitor(NOW), profile_id=place.firm.pk, stays_away=True)
    for is_silent, most in ((True, 3), (True, 3), (False, 3), (False, None)):
        actions.set_own_silence(actor=place.contact, is_silent=is_silent, most_a_month=most)
    assert IntroductionPreference.objects.get().person == place.rita
    assert own_silence(viewer=place.asker) is None
    assert own_silence(viewer=visitor(NOW)) is None
    lines = audit.history_of(place.rita).filter(verb="set_own_silence").order_by("pk")
    assert [line.changes for line in lines] == [
        {"is_silent": [False, True], "most_a_month": [None, 3]},
        {"is_silent": [True, False]},
        {"most_a_month": [3, None]},
    ]
    refusal = refusal_of(
        lambda: actions.set_own_silence(actor=place.contact, is_silent=False, most_a_month=0)
    )
    assert set(refusal.fields) == {"most_a_month"}


def test_the_list_of_those_to_stay_away_from_is_the_persons_own() -> None:
    place = Place()
    for _ in range(2):
        actions.stay_away_from(actor=place.contact, profile_id=place.firm.pk, stays_away=True)
    said = own_silence(viewer=place.contact)
    assert said is not None
    assert list(said.not_for.all()) == [place.firm.profile_ptr]
    lines = audit.history_of(place.rita).filter(verb="set_own_silence")
    assert [line.changes for line in lines] == [{}]
    # What was hidden since can still be taken off the list, and what is hidden is not put on it.
    for body in (place.firm, hidden := OrganisationFactory(visibility=Visibility.HIDDEN)):
        Profile.objects.filter(pk=body.pk).update(visibility=Visibility.HIDDEN)
    actions.stay_away_from(actor=place.contact, profile_id=place.firm.pk, stays_away=False)
    assert not said.not_for.exists()
    for key in (hidden.pk, 0, 2**40):
        refusal = refusal_of(
            lambda key=key: actions.stay_away_from(
                actor=place.contact, profile_id=key, stays_away=True
            )
        )
        assert set(refusal.fields) == {"other"}
