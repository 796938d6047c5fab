"""Italian labels that a publisher does not give: written by an office, kept, chosen."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory, PersonFactory
from tests.factories.organisations import NOW, OrganisationFactory, agency_person, person
from tests.factories.vocabularies import ConceptFactory, SchemeFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.vocabularies import queries
from trebbo.ecosystem.vocabularies.actions import LabelRefused, choose_label, keep_labels
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

PAGE = "/it/vocabularies/labels/"


def lacking(**words: str) -> Concept:
    """A field without an Italian label."""
    return ConceptFactory(**{"label_it": "", "label_en": "neutron stars", **words})


def in_conflict() -> Concept:
    """A field whose publisher came with another label than ours."""
    return ConceptFactory(
        label_it="stelle di neutroni",
        label_it_kept="stelle di neutroni",
        label_it_published="stelle a neutroni",
        label_en="neutron stars",
    )


@pytest.mark.parametrize(
    "viewer",
    [agency_person(), person(clusters={1: frozenset({"manager"})}), installation(NOW)],
    ids=["agency", "manager", "installation"],
)
def test_offices_write_labels(viewer: Viewer) -> None:
    """On one line, as the label that everybody reads, with a line in the trail."""
    concept = lacking()
    assert keep_labels(actor=viewer, labels={concept.pk: " stelle\n di neutroni "}) == 1
    concept.refresh_from_db()
    assert (concept.label_it, concept.label_it_kept) == ("stelle di neutroni",) * 2
    line = AuditLine.objects.get(verb="keep_label")
    assert line.changes == {"label_it": ["", "stelle di neutroni"]}
    assert keep_labels(actor=viewer, labels={concept.pk: "stelle di neutroni"}) == 0
    assert AuditLine.objects.count() == 1


@pytest.mark.parametrize(
    "viewer",
    [
        visitor(NOW),
        person(networks={1: frozenset({"region"})}),
        person(clusters={1: frozenset({"board"})}),
        person(mandates={1: frozenset({"representative"})}),
    ],
    ids=["visitor", "region", "board", "representative"],
)
def test_others_write_none(viewer: Viewer) -> None:
    """Neither new labels nor choices."""
    concept = in_conflict()
    with pytest.raises(NotAllowed):
        keep_labels(actor=viewer, labels={concept.pk: "altro"})
    with pytest.raises(NotAllowed):
        choose_label(actor=viewer, concept_id=concept.pk, label="stelle a neutroni")
    concept.refresh_from_db()
    assert concept.label_it == "stelle di neutroni"


def test_all_labels_or_none() -> None:
    """One too long, one of a concept that is gone: the good one waits too."""
    good, long = lacking(), lacking()
    with pytest.raises(LabelRefused) as refused:
        keep_labels(
            actor=agency_person(), labels={good.pk: "bene", long.pk: "x" * 301, 999_999: "nulla"}
        )
    assert set(refused.value.fields) == {str(long.pk), "999999"}
    assert not Concept.objects.exclude(label_it_kept="").exists()


def test_who_writes_second_is_told_what_the_other_wrote() -> None:
    """And overwrites nothing."""
    concept = lacking()
    keep_labels(actor=agency_person(), labels={concept.pk: "prima"}, seen={concept.pk: ""})
    with pytest.raises(LabelRefused) as refused:
        keep_labels(actor=agency_person(), labels={concept.pk: "seconda"}, seen={concept.pk: ""})
    assert "prima" in refused.value.fields[str(concept.pk)]
    concept.refresh_from_db()
    assert concept.label_it == "prima"


def test_a_blank_gives_the_label_back() -> None:
    """The publisher's shows again, or none."""
    concept = in_conflict()
    keep_labels(actor=agency_person(), labels={concept.pk: ""})
    concept.refresh_from_db()
    assert (concept.label_it, concept.label_it_kept) == ("stelle a neutroni", "")


@pytest.mark.parametrize("chosen", ["stelle di neutroni", "stelle a neutroni"])
def test_between_two_labels_an_office_chooses_once(chosen: str) -> None:
    """The question is not asked again until the publisher changes its mind."""
    concept = in_conflict()
    asked = queries.labels_of(concept.scheme, viewer=agency_person(), shown="choose")
    assert list(asked) == [concept]
    choose_label(actor=agency_person(), concept_id=concept.pk, label=chosen)
    concept.refresh_from_db()
    assert concept.label_it == chosen
    assert not asked.all().exists()
    with pytest.raises(LabelRefused):
        choose_label(actor=agency_person(), concept_id=concept.pk, label="una terza")


def test_the_most_used_come_first() -> None:
    """Whatever area says something with a concept counts."""
    rare, often, never = lacking(), lacking(), lacking()
    for n in range(3):
        OrganisationFactory().fields.set([often, rare] if n == 0 else [often])
    found = queries.labels_of(rare.scheme, viewer=agency_person())
    assert [(row.pk, row.used) for row in found] == [(often.pk, 3), (rare.pk, 1), (never.pk, 0)]


def test_the_page_saves_several(sign_in: Callable[[Person], Client]) -> None:
    """Each with its English label and what stands above it; the next in line follow."""
    above = ConceptFactory(label_it="fisica", label_en="physics")
    first, second = lacking(broader=above), lacking(label_en="pulsars")
    client = sign_in(ClusterRoleFactory().person)
    page = client.get(PAGE).content.decode()
    assert "neutron stars" in page
    assert "fisica" in page
    typed = {f"label-{first.pk}": "stelle di neutroni", f"label-{second.pk}": "pulsar"}
    answer = client.post(PAGE, typed, follow=True)
    assert "2 etichette sono salvate." in answer.content.decode()
    assert answer.context["page_obj"].paginator.count == 0
    assert client.get(PAGE, {"shown": "kept"}).context["page_obj"].paginator.count == 2


def test_the_page_loses_nothing_that_was_typed(sign_in: Callable[[Person], Client]) -> None:
    """Where a colleague was faster, both versions are on the page."""
    concept = lacking()
    Concept.objects.filter(pk=concept.pk).update(label_en="neutron stars")
    client = sign_in(NetworkRoleFactory().person)
    keep_labels(actor=agency_person(), labels={concept.pk: "del collega"})
    address = f"{PAGE}?shown=kept"
    answer = client.post(address, {f"label-{concept.pk}": "mia", f"seen-{concept.pk}": ""})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nel frattempo qualcuno ha scritto «del collega»" in page
    assert 'value="mia"' in page


def test_the_page_lets_choose(sign_in: Callable[[Person], Client]) -> None:
    """With a button for each label."""
    concept = in_conflict()
    client = sign_in(NetworkRoleFactory().person)
    page = client.get(PAGE, {"shown": "choose"}).content.decode()
    assert 'value="stelle a neutroni"' in page
    answer = client.post(f"{PAGE}{concept.pk}/", {"label": "stelle a neutroni"}, follow=True)
    assert "Nessun concetto" in answer.content.decode()


def test_who_opens_the_page(client: Client, sign_in: Callable[[Person], Client]) -> None:
    """Visitors sign in first, others are refused; nonsense is answered; nothing loaded is said."""
    assert client.get(PAGE).status_code == 302
    assert sign_in(PersonFactory()).get(PAGE).status_code == 403
    office = sign_in(NetworkRoleFactory().person)
    assert "Nessun vocabolario è ancora caricato." in office.get(PAGE).content.decode()
    lacking()
    answer = office.get(PAGE, {"scheme": "<b>", "shown": "all", "page": "x", "words": "%"})
    assert answer.context["page_obj"].paginator.count == 0
    assert office.post(f"{PAGE}999/", {"label": "x"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    sign_in: Callable[[Person], Client],
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    """However many concepts there are, six levels deep."""
    for _row in range(rows):
        above = None
        for _level in range(6):
            above = ConceptFactory(broader=above, scheme=SchemeFactory())
        lacking(broader=above)
    office = sign_in(NetworkRoleFactory().person)
    with django_assert_num_queries(6):
        office.get(PAGE)
