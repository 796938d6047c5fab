"""The evidence as arrays: every part kept, the unknown marked, the days in order."""

import numpy as np
from hypothesis import given, settings

from tests.engine.matching.examples import evidences
from trebbo.engine.matching import Evidence, area_of
from trebbo.engine.matching.corpus import TEXTS, Corpus
from trebbo.engine.matching.terms import counted_terms


@given(evidences())
@settings(deadline=None, max_examples=25)
def test_everything_is_there_and_nothing_else(evidence: Evidence) -> None:
    corpus = Corpus.of(evidence)
    works = {work.key: work for work in evidence.works}
    assert list(corpus.days) == sorted(work.day.toordinal() for work in evidence.works)
    members = corpus.members.toarray()
    for at, key in enumerate(corpus.works):
        for row, body in enumerate(corpus.bodies):
            leads = [member.leads for member in works[key].members if member.body == body]
            assert members[row, at] == (1 + any(leads) if leads else 0)
        for name in TEXTS:
            counts = corpus.texts[name].toarray()[at]
            found = {term: counts[n] for term, n in corpus.vocabulary.items() if counts[n]}
            assert found == counted_terms(getattr(works[key], name), works[key].language)


@given(evidences())
@settings(deadline=None, max_examples=25)
def test_what_is_unknown_of_bodies_and_works_is_marked(evidence: Evidence) -> None:
    corpus = Corpus.of(evidence)
    for body in evidence.bodies:
        row = corpus.number_of[body.key]
        for name, numbers, said in (
            ("kind", corpus.kinds, body.kind),
            ("country", corpus.countries, body.country),
            ("province", corpus.provinces, body.province),
        ):
            assert (corpus.names[name][numbers[row]] if numbers[row] >= 0 else "") == said
        sme = None if np.isnan(corpus.is_sme[row]) else bool(corpus.is_sme[row])
        assert sme == body.is_sme
        assert np.isnan(corpus.degrees[row]).all() == (body.latitude is None)
    for work in evidence.works:
        at = corpus.work_number_of[work.key]
        for name, numbers, said in (
            ("programme", corpus.programmes, work.programme),
            ("area", corpus.areas, work.area),
        ):
            assert (corpus.names[name][numbers[at]] if numbers[at] >= 0 else "") == said


def test_the_area_of_a_topic_stays_from_year_to_year() -> None:
    assert area_of("HORIZON-CL5-2021-D2-01-11") == "HORIZON-CL5-D2"
    assert area_of("") == ""
