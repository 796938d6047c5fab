"""Registry and evidence linked: what is made, proposed, kept, withdrawn, and what follows."""

from typing import Any

import pytest
from django.db.models import Q

from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import (
    BodyFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.organisations import OrganisationFactory, SeatFactory, UnitFactory
from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.actions.settling import wanted_links
from trebbo.ecosystem.evidence.choices import LinkState
from trebbo.ecosystem.evidence.gateway import linkage
from trebbo.ecosystem.evidence.gateway.linkage import Found
from trebbo.ecosystem.evidence.models import Body, Import, Link
from trebbo.ecosystem.organisations.models import Identifier, Organisation
from trebbo.kernel.access import installation
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

BELLCO_VAT = "02297380367"


def bellco(**more: Any) -> Organisation:
    """A firm of Mirandola with its VAT number, and its seat."""
    firm: Organisation = OrganisationFactory(
        **{
            "name": "Bellco srl",
            "vat_number": BELLCO_VAT,
            "website": "https://www.bellco.example",
            **more,
        }
    )
    SeatFactory(profile=firm, is_main=True)
    return firm


def same_firm(**more: Any) -> Body:
    """The same firm as a register writes it."""
    body: Body = BodyFactory(
        **{
            "name": "BELLCO S.R.L.",
            "vat_number": f"IT{BELLCO_VAT}",
            "town": "Mirandola",
            "website": "www.bellco.example",
            **more,
        }
    )
    return body


def states() -> dict[tuple[str, str], str]:
    """The links as (body, profile) → state."""
    return {
        (link.body.key, link.profile.name if link.profile else ""): link.state
        for link in Link.objects.select_related("body", "profile")
    }


def link_all(imported: Import) -> actions.LinkCounts:
    """Link a whole import, as the installation does."""
    return actions.link_snapshot(actor=installation(), imported=imported)


def test_a_certain_link_is_made_with_its_reasons_its_identifier_and_its_projects() -> None:
    firm, body = bellco(), same_firm()
    part = ParticipationFactory(body=body)
    assert link_all(body.last_import) == actions.LinkCounts(made=1)
    link = Link.objects.get()
    assert (link.body, link.profile_id, link.state) == (body, firm.pk, LinkState.MADE)
    assert link.probability > 0.9
    assert link.model == linkage.linker_version()
    assert {"comparison", "level", "left", "right", "weight"} == set(link.reasons[0])
    identifier = Identifier.objects.get()
    assert (identifier.profile_id, identifier.scheme, identifier.value, identifier.standing) == (
        firm.pk,
        "pic",
        body.key,
        "inferred",
    )
    assert identifier.source == (
        f"CORDIS, Publications Office of the EU: CORDIS, Horizon Europe projects, link {link.pk}"
    )
    part.refresh_from_db()
    assert part.profile_id == firm.pk
    assert AuditLine.objects.get(verb="give_identifier").subject_id == firm.pk


def test_linking_twice_changes_nothing() -> None:
    bellco()
    body = same_firm()
    link_all(body.last_import)
    before = (list(Link.objects.values()), list(Identifier.objects.values()))
    lines = AuditLine.objects.count()
    assert link_all(body.last_import) == actions.LinkCounts(kept=1)
    assert (list(Link.objects.values()), list(Identifier.objects.values())) == before
    assert AuditLine.objects.count() == lines


def test_somebody_else_s_body_is_left_alone() -> None:
    bellco()
    body = same_firm(
        name="ACME GMBH",
        vat_number="DE136695976",
        country="DE",
        nuts="DE21",
        town="MÜNCHEN",
        website="acme.example",
    )
    assert link_all(body.last_import) == actions.LinkCounts()
    assert not Link.objects.exists()


@pytest.mark.parametrize("state", [LinkState.ACCEPTED, LinkState.REFUSED, LinkState.SPLIT])
def test_a_decision_survives_every_import(state: LinkState) -> None:
    firm, body = bellco(), same_firm()
    LinkFactory(body=body, profile=firm, state=state, probability=0.5, reasons=[{"a": 1}])
    before = list(Link.objects.values())
    newer = ImportFactory()
    Body.objects.update(last_import=newer, name="BELLCO S.R.L. IN LIQUIDAZIONE")
    link_all(newer)
    actions.link_profiles(actor=installation(), profile_ids=[firm.pk])
    assert list(Link.objects.values()) == before


def test_a_link_that_no_longer_holds_is_withdrawn_with_what_followed_from_it() -> None:
    firm, body = bellco(), same_firm()
    part = ParticipationFactory(body=body)
    link_all(body.last_import)
    newer = ImportFactory()
    Body.objects.update(
        last_import=newer,
        name="TOTALLY OTHER AG",
        vat_number="ATU12345678",
        country="AT",
        town="WIEN",
        nuts="AT13",
        website="other.example",
    )
    assert link_all(newer) == actions.LinkCounts(withdrawn=1)
    assert not Link.objects.exists()
    assert not Identifier.objects.filter(profile=firm).exists()
    part.refresh_from_db()
    assert part.profile_id is None


def test_an_identifier_that_the_registry_had_already_stays_when_a_link_goes() -> None:
    firm, body = bellco(), same_firm()
    Identifier.objects.create(profile=firm, scheme="pic", value=body.key, source="its own word")
    link_all(body.last_import)
    assert Identifier.objects.get().source == "its own word"
    link = Link.objects.get()
    cluster = ClusterFactory()
    MembershipFactory(cluster=cluster, profile=firm)
    actions.refuse_link(actor=manager_of(cluster), link_id=link.pk)
    assert Identifier.objects.get().source == "its own word"


def test_an_identifier_that_another_body_holds_stays_there() -> None:
    firm, body = bellco(), same_firm()
    other = OrganisationFactory(name="Somebody else")
    Identifier.objects.create(profile=other, scheme="pic", value=body.key)
    LinkFactory(body=body, profile=firm)
    link_all(body.last_import)
    assert Identifier.objects.get().profile_id == other.pk


def test_one_body_is_one_profile_where_two_are_certain_both_are_asked_about() -> None:
    wanted = wanted_links({1: found(certain=True), 2: found(certain=True)}, {})
    assert wanted == {1: LinkState.PROPOSED, 2: LinkState.PROPOSED}


def test_beside_a_certain_link_the_likely_ones_are_not_asked_about() -> None:
    assert wanted_links({1: found(certain=True), 2: found()}, {}) == {1: LinkState.MADE}


def test_a_refused_pair_is_not_brought_up_and_frees_the_others() -> None:
    pairs = {1: found(certain=True), 2: found()}
    assert wanted_links(pairs, {1: LinkState.REFUSED}) == {2: LinkState.PROPOSED}


@pytest.mark.parametrize("state", [LinkState.ACCEPTED, LinkState.SPLIT])
def test_a_body_that_a_person_settled_is_settled(state: LinkState) -> None:
    assert wanted_links({1: found(), 2: found(certain=True)}, {1: state}) is None


def found(*, certain: bool = False) -> Found:
    """A pair that was found."""
    return Found("profile:1", "body:1", 0.99 if certain else 0.7, certain, [])


def test_a_firm_added_later_is_linked_to_what_was_imported_before() -> None:
    body = same_firm()
    link_all(body.last_import)
    firm = bellco()
    counts = actions.link_profiles(actor=installation(), profile_ids=[firm.pk])
    assert counts == actions.LinkCounts(made=1)
    assert states() == {(body.key, "Bellco srl"): LinkState.MADE}


def test_a_firm_that_turns_out_to_be_another_loses_its_link() -> None:
    firm, body = bellco(), same_firm()
    link_all(body.last_import)
    Organisation.objects.filter(pk=firm.pk).update(
        name="Panificio Rossi snc", vat_number="00743110157", website=""
    )
    counts = actions.link_profiles(actor=installation(), profile_ids=[firm.pk])
    assert counts.withdrawn == 1
    assert not Link.objects.filter(state=LinkState.MADE).exists()


def test_two_pics_of_one_firm_are_both_linked() -> None:
    bellco()
    first, second = same_firm(), same_firm(name="BELLCO SRL")
    link_all(first.last_import)
    link_all(second.last_import)
    assert set(states().values()) == {LinkState.MADE}
    assert Link.objects.count() == 2
    assert Identifier.objects.count() == 2


def test_a_department_is_not_taken_for_its_university() -> None:
    university = OrganisationFactory(name="Università degli Studi di Ferrara")
    SeatFactory(profile=university, is_main=True)
    UnitFactory(name="Dipartimento di Ingegneria", organisation=university)
    body = BodyFactory(
        name="UNIVERSITA DEGLI STUDI DI FERRARA",
        town="MIRANDOLA",
        activity="HES",
        is_sme=False,
    )
    link_all(body.last_import)
    made = Link.objects.filter(~Q(state=LinkState.PROPOSED))
    assert {link.profile_id for link in made} <= {university.pk}


def test_a_cluster_is_linked_too() -> None:
    cluster = ClusterFactory(name="Clust-ER Industrie della Salute e del Benessere")
    SeatFactory(profile=cluster, is_main=True)
    Identifier.objects.create(profile=cluster, scheme="pic", value="907289792")
    body = BodyFactory(
        key="907289792", name="CLUST ER INDUSTRIE DELLA SALUTE E DEL BENESSERE", town="Mirandola"
    )
    link_all(body.last_import)
    assert Link.objects.get().profile_id == cluster.pk


def test_the_number_of_queries_does_not_grow_with_the_bodies(
    django_assert_max_num_queries: Any,
) -> None:
    """Twenty more bodies, none of them linked, cost the same queries; linked ones a few each."""
    bellco()
    imported = ImportFactory()
    same_firm(first_import=imported)
    BodyFactory.create_batch(20, first_import=imported, country="FR", nuts="FR10", town="PARIS")
    with django_assert_max_num_queries(60):
        link_all(imported)


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.Example.org/about", "example.org"),
        ("example.org", "example.org"),
        ("", ""),
        ("not an address", ""),
        ("http://[broken", ""),
    ],
)
def test_the_domain_of_a_website(website: str, domain: str) -> None:
    assert linkage.domain_of(website) == domain


def test_a_number_given_by_a_link_does_not_prove_the_link() -> None:
    firm, body = bellco(), same_firm()
    link_all(body.last_import)
    [entity] = linkage.profile_entities([firm.pk])
    assert ("pic", body.key) not in entity.identifiers
