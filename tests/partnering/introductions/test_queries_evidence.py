"""The ask finds profiles by what open data says of them, and says so."""

from typing import Any

import pytest
from django.utils import translation

from tests.factories.evidence import (
    FundedProjectFactory,
    ImportFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    ItemFactory,
    OrganisationFactory,
    UnitFactory,
)
from tests.factories.vocabularies import WordPairFactory
from tests.searching import index_all
from trebbo.ecosystem.evidence.choices import Dataset, ParticipationRole
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Participation, Statement
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions.queries import Answer, Met, Question, answer

pytestmark = pytest.mark.django_db

VISITOR = visitor(NOW)


def ask(text: str = "", **filters: str) -> Answer:
    """The answer to a visitor."""
    return answer(Question(text, {name: (one,) for name, one in filters.items()}), viewer=VISITOR)


def names(found: Answer) -> list[str]:
    """Who was found, in order."""
    return [one.profile.name for one in found.found]


def said(profile: Profile, participation: Participation, verdict: str, **more: Any) -> Statement:
    """A word of the profile on its part in a project."""
    return Statement.objects.create(
        profile=profile, participation=participation, verdict=verdict, said_at=NOW, **more
    )


def marked(met: Met) -> str:
    """The excerpt with its marks in brackets."""
    return "".join(f"[{text}]" if is_met else text for text, is_met in met.excerpt.pieces)


def test_found_only_by_a_projects_title() -> None:
    """The reason names the project, its years and the role; the hit says that it is evidence."""
    body = OrganisationFactory(name="Alfa")
    OrganisationFactory(name="Beta")
    part = ParticipationFactory(profile=body, project__acronym="BONE3", role="coordinator")
    ParticipationFactory(project__title="Bone grafts of nobody")
    index_all(NOW)
    (found,) = ask("bone regeneration").found
    (met,) = found.met
    assert found.profile.name == "Alfa"
    assert found.by_evidence
    assert met.part == "progetto finanziato"
    assert marked(met) == "Bioactive scaffolds for [bone] [regeneration]"
    assert (met.language, met.asked_as, met.partly) == ("en", (), ())
    assert met.project is not None
    assert met.label is not None
    assert (met.project.project, met.label.text) == (part.project, "BONE3")
    assert (met.project.span, met.project.role) == (
        "2022\N{EN DASH}2025",
        str(ParticipationRole.COORDINATOR.label),
    )
    with translation.override("en"):
        (met,) = ask("bone regeneration").found[0].met
        assert met.project is not None
        assert (met.part, met.language) == ("funded project", "")
        assert met.project.role == "Coordinator"


def test_found_by_an_acronym() -> None:
    """The word is marked in the acronym; the title stands beside it without marks."""
    ParticipationFactory(profile=OrganisationFactory(), project__acronym="ZENZERO")
    index_all(NOW)
    (met,) = ask("zenzero").found[0].met
    assert met.label is not None
    assert met.label.pieces == (("ZENZERO", True),)
    assert marked(met) == "Bioactive scaffolds for bone regeneration"
    assert met.asked_as == ()


def test_found_by_the_title_of_the_call() -> None:
    """The call is shown where the words stand only there."""
    project = FundedProjectFactory(topic_title="Twin transition of clinics")
    ParticipationFactory(profile=OrganisationFactory(), project=project)
    index_all(NOW)
    (met,) = ask("clinics").found[0].met
    dash = "\N{EN DASH}"
    assert marked(met) == (
        f"Bioactive scaffolds for bone regeneration {dash} Twin transition of [clinics]"
    )


def test_a_profiles_own_words_are_not_evidence() -> None:
    """With words of its own and a project, the hit does not say that evidence alone found it."""
    body = OrganisationFactory(name="Alfa")
    ItemFactory(profile=body, text_it="", text_en="bone grafts")
    ParticipationFactory(profile=body)
    index_all(NOW)
    (found,) = ask("bone").found
    assert [one.by_evidence for one in found.met] == [False, True]
    assert not found.by_evidence


def test_a_field_of_its_projects_in_both_languages() -> None:
    """Told in the page's language; a field that the profile names itself is not told twice."""
    mine = ConceptFactory(label_it="tossicologia", label_en="toxicology")
    theirs = ConceptFactory(label_it="oncologia", label_en="oncology")
    body = OrganisationFactory()
    body.fields.add(mine)
    ParticipationFactory(profile=body).project.fields.add(mine, theirs)
    index_all(NOW)
    (met,) = ask("oncology").found[0].met
    assert (met.part, met.excerpt.text, met.language) == (
        "ambiti dei suoi progetti finanziati",
        "oncologia",
        "",
    )
    assert met.by_evidence
    (met,) = ask("tossicologia").found[0].met
    assert (met.part, met.by_evidence) == ("ambiti", False)


def test_asked_in_italian_found_in_english() -> None:
    """The words of the lexicon lead to the English title, and the reader is told."""
    WordPairFactory(phrases_it="osso|ossa|ossea", phrases_en="bone")
    ParticipationFactory(profile=OrganisationFactory(name="Alfa"))
    index_all(NOW)
    (found,) = ask("ossea").found
    assert (marked(found.met[0]), found.met[0].asked_as) == (
        "Bioactive scaffolds for [bone] regeneration",
        ("ossea",),
    )


def test_a_hidden_part_is_not_found_from_the_moment_it_is_hidden() -> None:
    """Before any job ran, after it, and after a rebuild."""
    body = OrganisationFactory(name="Alfa")
    kept = ParticipationFactory(profile=body, project__title="Heart valves")
    gone = ParticipationFactory(profile=body)
    index_all(NOW)
    assert names(ask("bone")) == names(ask("valves")) == ["Alfa"]
    said(body, gone, "hidden")
    assert (names(ask("bone")), ask("bone").total) == ([], 0)
    (found,) = ask("bone valves").found
    assert [one.project and one.project.participation for one in found.met] == [kept]
    evidence_changed.send(sender=Statement, profile_id=body.pk)
    assert (ask("bone").total, ask("valves").total) == (0, 1)
    index_all(NOW)
    assert (ask("bone").total, ask("valves").total) == (0, 1)


def test_a_hidden_field_is_not_found() -> None:
    """Nor one that was corrected; the right one is found instead."""
    wrong = ConceptFactory(label_it="oncologia", label_en="oncology")
    hidden = ConceptFactory(label_it="tossicologia", label_en="toxicology")
    right = ConceptFactory(label_it="ortopedia", label_en="orthopaedics")
    body = OrganisationFactory()
    ParticipationFactory(profile=body).project.fields.add(wrong, hidden)
    index_all(NOW)
    Statement.objects.create(
        profile=body, concept=wrong, verdict="corrected", instead=right, said_at=NOW
    )
    Statement.objects.create(profile=body, concept=hidden, verdict="hidden", said_at=NOW)
    assert [ask(word).total for word in ("oncologia", "tossicologia")] == [0, 0]
    evidence_changed.send(sender=Statement, profile_id=body.pk)
    assert [ask(word).total for word in ("oncologia", "tossicologia", "ortopedia")] == [0, 0, 1]


def test_a_corrected_role_is_the_members() -> None:
    """What the member says stands, not the official row."""
    body = OrganisationFactory()
    part = ParticipationFactory(profile=body)
    said(body, part, "corrected", role="coordinator")
    index_all(NOW)
    (met,) = ask("bone").found[0].met
    assert met.project is not None
    assert met.project.role == str(ParticipationRole.COORDINATOR.label)


def test_another_profiles_hiding_hides_nothing() -> None:
    """A word counts for whose the part is."""
    body = OrganisationFactory(name="Alfa")
    part = ParticipationFactory(profile=body)
    said(OrganisationFactory(), part, "hidden")
    index_all(NOW)
    assert names(ask("bone")) == ["Alfa"]


def test_a_part_given_to_a_unit_is_the_units() -> None:
    """The organisation is no longer found by it, even before the index follows."""
    mother = OrganisationFactory(name="Madre")
    unit = UnitFactory(name="Reparto", organisation=mother)
    part = ParticipationFactory(profile=mother)
    index_all(NOW)
    Participation.objects.filter(pk=part.pk).update(profile=unit)
    assert names(ask("bone")) == []
    for profile in (mother, unit):
        evidence_changed.send(sender=Participation, profile_id=profile.pk)
    assert names(ask("bone")) == ["Reparto"]


def test_what_a_newer_edition_dropped_is_not_found() -> None:
    """Neither a project nor a part in it."""
    gone = ImportFactory(is_present=True)
    ParticipationFactory(profile=OrganisationFactory(), gone_import=gone)
    ParticipationFactory(profile=OrganisationFactory(), project__gone_import=gone)
    index_all(NOW)
    assert ask("bone").total == 0


def test_many_projects_are_told_in_few_lines() -> None:
    """Three are shown, each once whatever the roles; the rest is a number."""
    body = OrganisationFactory()
    for _number in range(5):
        ParticipationFactory(profile=body)
    twice = Participation.objects.first()
    assert twice is not None
    ParticipationFactory(profile=body, project=twice.project, body=twice.body, role="third_party")
    index_all(NOW)
    (found,) = ask("bone").found
    assert (len(found.met), found.more_projects) == (3, 2)


def test_the_filter_by_programme() -> None:
    """Those with funded projects, by dataset."""
    ParticipationFactory(profile=OrganisationFactory(name="Alfa"))
    ParticipationFactory(profile=OrganisationFactory(name="Beta"), project__dataset="cordis-h2020")
    OrganisationFactory(name="Gamma")
    index_all(NOW)
    found = ask(funded="cordis-h2020")
    assert names(found) == ["Beta"]
    (group,) = (one for one in found.groups if one.name == "funded")
    assert [(one.label, one.count) for one in group.first] == [
        (str(Dataset.CORDIS_H2020.label), 1),
        (str(Dataset.CORDIS_HORIZON.label), 1),
    ]
