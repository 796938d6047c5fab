"""What members say of the evidence: confirm, hide, correct, take back; who may, and what stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import translation

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory, agency_of, manager_of
from tests.factories.evidence import (
    FundedProjectFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    ConceptFactory,
    OrganisationFactory,
    SchemeFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.choices import LinkState, Verdict
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Participation, Statement
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


def member_of(profile: Profile, *, role: str = "editor", **held: Any) -> Viewer:
    """A person who acts for the profile."""
    held = {"mandates": {profile.pk: frozenset({role})}, **held}
    if "person_id" not in held:
        held["person_id"] = PersonFactory().pk
    return person(**held)


def linked_part(profile: Profile, **values: Any) -> Participation:
    """A part in a project whose body is settled on the profile."""
    part: Participation = ParticipationFactory(profile=profile, **values)
    LinkFactory(body=part.body, profile=profile, state=LinkState.ACCEPTED)
    return part


def say(profile: Profile, part: Participation, verdict: Verdict, **more: Any) -> actions.Spoken:
    """As a member of the profile says it."""
    actor = more.pop("actor", None) or member_of(profile)
    return actions.say_of_participation(
        actor=actor, profile_id=profile.pk, participation_id=part.pk, verdict=verdict, **more
    )


def shown(profile: Profile, viewer: Viewer | None = None) -> list[int]:
    """The parts that the viewer, or a visitor, sees on the profile's page."""
    evidence = queries.profile_evidence(profile, viewer=viewer or visitor())
    return [part.pk for part in evidence.parts]


def refused(act: Callable[[], object]) -> Refusal:
    """What the action said, and nothing was written."""
    before = (Statement.objects.count(), AuditLine.objects.count())
    with pytest.raises(Refusal) as caught:
        act()
    assert (Statement.objects.count(), AuditLine.objects.count()) == before
    return caught.value


def test_confirming_says_so_to_everybody_and_in_the_trail() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    spoken = say(firm, part, Verdict.CONFIRMED)
    [seen] = queries.profile_evidence(firm, viewer=visitor()).parts
    assert (seen.is_confirmed, seen.is_hidden, spoken.overtook) == (True, False, False)
    line = audit.history_of(Profile(pk=firm.pk)).get()
    assert line.verb == "say_of_fact"
    assert line.changes["fact"] == ["", str(part.project)]
    assert audit.in_page_language(line.changes["verdict"][1]) == "confermato dall’associato"


def test_a_hidden_part_vanishes_for_others_and_is_listed_for_its_people() -> None:
    firm = OrganisationFactory()
    part, other = linked_part(firm), linked_part(firm)
    say(firm, part, Verdict.HIDDEN)
    stranger = member_of(OrganisationFactory())
    assert shown(firm) == shown(firm, stranger) == [other.pk]
    mine = queries.profile_evidence(firm, viewer=member_of(firm))
    assert [one.pk for one in mine.parts] == [other.pk]
    assert [one.pk for one in mine.hidden] == [part.pk]
    assert queries.profile_evidence(firm, viewer=stranger).hidden == ()
    assert not see_participation.allows(visitor(), part)
    assert actions.take_back(actor=member_of(firm), profile_id=firm.pk, participation_id=part.pk)
    assert set(shown(firm)) == {part.pk, other.pk}


def test_a_hidden_part_does_not_name_the_member_among_its_partners() -> None:
    firm, other = OrganisationFactory(name="Prima srl"), OrganisationFactory(name="Seconda srl")
    project = FundedProjectFactory()
    part = linked_part(firm, project=project, body__name="PRIMA SRL")
    linked_part(other, project=project)
    [partner] = queries.partners_of(other, viewer=visitor())
    assert (partner.name, partner.in_registry) == ("Prima srl", True)
    say(firm, part, Verdict.HIDDEN)
    [partner] = queries.partners_of(other, viewer=visitor())
    assert (partner.name, partner.in_registry) == ("PRIMA SRL", False)


def test_a_correction_stands_beside_the_official_row() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm, contribution=Decimal("250000.00"), role="participant")
    say(
        firm,
        part,
        Verdict.CORRECTED,
        role="coordinator",
        contribution=Decimal("300000.50"),
        note="  We led\nthe trials. ",
    )
    evidence = queries.profile_evidence(firm, viewer=visitor())
    [seen] = evidence.parts
    assert (seen.role, seen.official_role) == ("coordinator", "participant")
    assert (seen.contribution, seen.amount_is_said) == (Decimal("300000.50"), True)
    assert seen.participation.contribution == Decimal("250000.00")
    assert seen.said is not None
    assert seen.said.note == "We led the trials."
    assert (evidence.contribution, evidence.said_amounts, evidence.coordinated) == (
        Decimal("300000.50"),
        1,
        1,
    )


def test_a_correction_survives_a_newer_edition() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    say(firm, part, Verdict.CORRECTED, contribution=Decimal(1))
    newer = ImportFactory(edition_date=date(2026, 5, 1))
    Participation.objects.filter(pk=part.pk).update(
        contribution=Decimal("275000.00"), role="coordinator", last_import=newer
    )
    actions.attribute(actor=manager_of(ClusterFactory()), body_ids=[part.body_id])
    [seen] = queries.profile_evidence(firm, viewer=visitor()).parts
    assert (seen.contribution, seen.participation.contribution) == (Decimal(1), Decimal(275000))
    assert (seen.role, seen.official_role, seen.imported) == ("coordinator", None, newer)


def test_a_row_that_a_newer_edition_lost_is_not_shown_and_its_statement_stays() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    say(firm, part, Verdict.CONFIRMED)
    Participation.objects.filter(pk=part.pk).update(gone_import=ImportFactory())
    assert shown(firm) == []
    Participation.objects.filter(pk=part.pk).update(gone_import=None)
    assert queries.profile_evidence(firm, viewer=visitor()).parts[0].is_confirmed


def test_a_part_is_given_to_a_unit_and_taken_back() -> None:
    university = OrganisationFactory()
    unit = UnitFactory(organisation=university)
    part = linked_part(university)
    say(university, part, Verdict.CORRECTED, done_by=unit.pk)
    assert (shown(university), shown(unit)) == ([], [part.pk])
    evidence = queries.profile_evidence(university, viewer=visitor())
    assert evidence.projects_of_units == 1
    [given] = queries.given_to_units(university, viewer=member_of(university))
    assert (given.participation_id, given.done_by_id) == (part.pk, unit.pk)
    assert queries.given_to_units(university, viewer=visitor()) == []
    actions.take_back(
        actor=member_of(university), profile_id=university.pk, participation_id=part.pk
    )
    assert (shown(university), shown(unit)) == ([part.pk], [])


def test_what_does_not_fit_is_refused_beside_its_field() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm, role="participant")
    elsewhere = UnitFactory()
    for values, fields in (
        ({"role": "king"}, ["role"]),
        ({"contribution": Decimal(-1)}, ["contribution"]),
        ({"note": "x" * 501}, ["note"]),
        ({"done_by": elsewhere.pk}, ["done_by"]),
        ({}, []),
        ({"role": "participant", "contribution": part.contribution}, []),
    ):
        refusal = refused(lambda v=values: say(firm, part, Verdict.CORRECTED, **v))  # type: ignore[misc]
        assert list(refusal.fields) == fields


def test_a_part_of_somebody_else_is_refused() -> None:
    firm, other = OrganisationFactory(), OrganisationFactory()
    theirs, nobodys = linked_part(other), ParticipationFactory()
    for part in (theirs, nobodys):
        refusal = refused(lambda p=part: say(firm, p, Verdict.CONFIRMED))  # type: ignore[misc]
        assert not isinstance(refusal, NotAllowed)


def test_who_may_speak_for_a_profile() -> None:
    cluster = ClusterFactory()
    firm = OrganisationFactory()
    MembershipFactory(cluster=cluster, profile=firm)
    unit = UnitFactory(organisation=firm)
    part = linked_part(firm)
    may = {
        "editor": member_of(firm),
        "representative": member_of(firm, role="representative"),
        "its office": manager_of(cluster),
        "the agency": agency_of(cluster.network),
    }
    may_not = {
        "visitor": visitor(),
        "somebody": person(),
        "another member": member_of(OrganisationFactory()),
        "its unit's people": member_of(unit),
        "another office": manager_of(ClusterFactory()),
    }
    for who, viewer in may.items():
        assert say(firm, part, Verdict.CONFIRMED, actor=viewer).statement.pk, who
    for who, viewer in may_not.items():
        refusal = refused(lambda v=viewer: say(firm, part, Verdict.HIDDEN, actor=v))  # type: ignore[misc]
        assert isinstance(refusal, NotAllowed), who
        refusal = refused(
            lambda v=viewer: actions.take_back(  # type: ignore[misc]
                actor=v, profile_id=firm.pk, participation_id=part.pk
            )
        )
        assert isinstance(refusal, NotAllowed), who


def test_the_last_word_holds_and_says_who_spoke_before() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    ada, bruno = PersonFactory(name="Ada"), PersonFactory(name="Bruno")
    say(firm, part, Verdict.HIDDEN, actor=member_of(firm, person_id=ada.pk))
    again = say(firm, part, Verdict.HIDDEN, actor=member_of(firm, person_id=ada.pk))
    assert not again.overtook
    spoken = say(firm, part, Verdict.CONFIRMED, actor=member_of(firm, person_id=bruno.pk))
    assert (spoken.by, spoken.statement.verdict) == ("Ada", "confirmed")
    assert Statement.objects.count() == 1
    line = audit.history_of(Profile(pk=firm.pk)).first()
    assert line is not None
    old, new = (audit.in_page_language(value) for value in line.changes["verdict"])
    assert (old, new) == ("nascosto dall’associato (Ada)", "confermato dall’associato")


def test_news_goes_out_when_the_word_is_kept(
    django_capture_on_commit_callbacks: Any,
) -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    heard: list[int] = []

    def listen(*, profile_id: int, **_: Any) -> None:
        heard.append(profile_id)

    evidence_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            say(firm, part, Verdict.HIDDEN)
            assert heard == []
        assert heard == [firm.pk]
    finally:
        evidence_changed.disconnect(listen)


def test_a_confirmed_field_joins_the_profile_s_own() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    own, given = ConceptFactory(), ConceptFactory()
    firm.fields.add(own)
    part.project.fields.add(given)
    actions.say_of_field(
        actor=member_of(firm), profile_id=firm.pk, concept_id=given.pk, verdict=Verdict.CONFIRMED
    )
    assert set(firm.fields.all()) == {own, given}
    [row] = queries.profile_evidence(firm, viewer=visitor()).fields
    assert (row.concept, row.projects, row.first_year, row.verdict) == (given, 1, 2022, "confirmed")


def test_a_hidden_field_leaves_the_evidence_only() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    given, other = ConceptFactory(), ConceptFactory()
    firm.fields.add(given)
    part.project.fields.add(given, other)
    actions.say_of_field(
        actor=member_of(firm), profile_id=firm.pk, concept_id=given.pk, verdict=Verdict.HIDDEN
    )
    evidence = queries.profile_evidence(firm, viewer=visitor())
    assert [row.concept for row in evidence.fields] == [other]
    assert evidence.hidden_fields == (given,)
    assert list(firm.fields.all()) == [given]
    partner = OrganisationFactory()
    linked_part(partner, project=part.project)
    theirs = queries.profile_evidence(partner, viewer=visitor())
    assert {row.concept for row in theirs.fields} == {given, other}


def test_a_corrected_field_counts_as_the_right_one() -> None:
    firm = OrganisationFactory()
    wrong, right = ConceptFactory(), ConceptFactory()
    for fields in ([wrong], [wrong, right]):
        linked_part(firm).project.fields.add(*fields)
    actions.say_of_field(
        actor=member_of(firm),
        profile_id=firm.pk,
        concept_id=wrong.pk,
        verdict=Verdict.CORRECTED,
        instead=right.pk,
    )
    [row] = queries.profile_evidence(firm, viewer=visitor()).fields
    assert (row.concept, row.projects, row.said_for) == (right, 2, (wrong,))
    assert list(firm.fields.all()) == [right]


def test_fields_that_do_not_fit_are_refused() -> None:
    firm = OrganisationFactory()
    given, stranger = ConceptFactory(), ConceptFactory()
    sector = ConceptFactory(scheme=SchemeFactory(code="nace_rev2"))
    linked_part(firm).project.fields.add(given)
    for concept, verdict, instead in (
        (stranger, Verdict.CONFIRMED, None),
        (given, Verdict.CORRECTED, None),
        (given, Verdict.CORRECTED, given.pk),
        (given, Verdict.CORRECTED, sector.pk),
    ):
        refused(
            lambda c=concept, v=verdict, i=instead: actions.say_of_field(  # type: ignore[misc]
                actor=member_of(firm), profile_id=firm.pk, concept_id=c.pk, verdict=v, instead=i
            )
        )


def test_taking_back_what_nobody_said_changes_nothing() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    assert not actions.take_back(
        actor=member_of(firm), profile_id=firm.pk, participation_id=part.pk
    )
    assert not AuditLine.objects.exists()


def test_the_trail_speaks_both_languages() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    say(firm, part, Verdict.CORRECTED, role="coordinator")
    line = AuditLine.objects.get()
    with translation.override("en"):
        english = audit.in_page_language(line.changes["verdict"][1])
    assert english == "corrected by the member: Coordinator"
    assert audit.in_page_language(line.changes["verdict"][1]) == (
        "corretto dall’associato: Coordinatore"
    )


@pytest.mark.django_db(transaction=True)
def test_many_who_speak_at_once_leave_one_word() -> None:
    firm = OrganisationFactory()
    part = linked_part(firm)
    people = [member_of(firm) for _ in range(4)]
    start = Barrier(4)

    def run(number: int) -> object:
        try:
            start.wait()
            return say(firm, part, Verdict.CONFIRMED, actor=people[number])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, range(4)))
    assert len(outcomes) == 4
    statement = Statement.objects.get()
    lines = list(audit.history_of(Profile(pk=firm.pk)).order_by("pk"))
    assert len({line.actor_id for line in lines}) == 4
    assert lines[-1].actor_id == statement.said_by_id
    overtaken = [audit.in_page_language(line.changes["verdict"][0]) for line in lines]
    assert overtaken[0] == ""
    assert all("(" in words for words in overtaken[1:])
