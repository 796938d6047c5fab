"""How much of a field's name a text says, against a count in loops."""

from math import log

import numpy as np
import pytest
from hypothesis import given

from tests.engine.fields.examples import EXAMPLES, FIELDS, texts
from trebbo.engine.fields import Field
from trebbo.engine.fields.labels import Labels
from trebbo.engine.fields.reading import counted

KNOWN = [counted(one.text, one.language) for one in EXAMPLES]


def spelled_out(text: dict[str, float], field: Field) -> tuple[float, float]:
    """Share of the name said most of, and the same with saturated counts, by definition."""
    names = [(code, counted(name, code)) for one in FIELDS for code, name in one.labels]

    def rarity(term: str) -> float:
        docs = [one for _code, one in names] + KNOWN
        same = [one for one in docs if next(iter(one)).startswith(term[:3])]
        return log((len(same) + 1) / sum(term in one for one in docs))

    said, often = [0.0], [0.0]
    for code, name in field.labels:
        weights = {term: rarity(term) for term in counted(name, code)}
        total = sum(weights.values())
        said.append(sum(w * min(text.get(t, 0), 1) for t, w in weights.items()) / total)
        often.append(
            sum(w * text.get(t, 0) * 2.2 / (text.get(t, 0) + 1.2) for t, w in weights.items())
            / total
        )
    return max(said), max(often)


@given(texts, texts)
def test_names_are_met_as_defined(english: str, italian: str) -> None:
    text = dict(counted(english, "en") + counted(italian, "it"))
    said, often = Labels.of(FIELDS, KNOWN).met([text])
    for number, field in enumerate(FIELDS):
        assert (said[0, number], often[0, number]) == pytest.approx(spelled_out(text, field))


def test_words_met_are_those_of_the_name_said_most_of() -> None:
    labels = Labels.of(FIELDS)
    text = counted("tissues of robots", "en")
    assert labels.words_met(text, 1) == ["en:tissu"]
    assert labels.words_met(text, 3) == ["en:robot"]
    assert labels.words_met(text, 5) == []


def test_a_field_without_a_name_is_never_met() -> None:
    fields = (
        Field("none", ()),
        Field("stop", (("en", "of the"),)),
        Field("milk", (("en", "milk"),)),
    )
    said, _often = Labels.of(fields).met([counted("the milk", "en"), {}])
    np.testing.assert_array_equal(said, [[0, 0, 1], [0, 0, 0]])
    assert Labels.of(fields).words_met(counted("the milk", "en"), 0) == []
    assert Labels.of(()).met([{}])[0].shape == (1, 0)
