"""The votes of examples, against ridge regression spelled out and learned anew each time."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.fields.examples import EXAMPLES, FIELDS, examples
from trebbo.engine.fields import Example
from trebbo.engine.fields.reading import counted
from trebbo.engine.fields.voting import RIDGE, Votes
from trebbo.engine.fields.weighing import Weighing
from trebbo.engine.matching.corpus import Numbers

KEYS = [one.key for one in FIELDS]


def spelled_out(texts: Numbers, truth: Numbers) -> Numbers:
    """The weights that minimise |texts W - truth|^2 + RIDGE |W|^2, by the normal equations."""
    inner = texts.T @ texts + RIDGE * np.eye(texts.shape[1])
    weights: Numbers = np.linalg.solve(inner, texts.T @ truth)
    return weights


def prepared(known: tuple[Example, ...]) -> tuple[sp.csr_matrix, Numbers]:
    counts = [counted(one.text, one.language) for one in known]
    truth = np.array([[key in one.fields for key in KEYS] for one in known], np.float32)
    return Weighing.of(counts).rows(counts), truth.reshape(len(known), len(KEYS))


@given(examples().filter(len), st.data())
def test_votes_are_those_of_ridge_regression(
    known: tuple[Example, ...], data: st.DataObject
) -> None:
    texts, truth = prepared(known)
    left_out = data.draw(st.integers(0, len(known) - 1))
    votes = Votes.of(texts, sp.csr_matrix(truth), np.array([left_out]))
    dense = texts.toarray().astype(np.float64)
    np.testing.assert_allclose(votes.weights, spelled_out(dense, truth), atol=1e-4)
    others = np.arange(len(known)) != left_out
    without = dense[left_out] @ spelled_out(dense[others], truth[others])
    np.testing.assert_allclose(votes.left_out[0], without, atol=1e-4)
    np.testing.assert_allclose(
        votes.scores(texts[left_out]), dense[left_out] @ votes.weights, atol=1e-5
    )


def test_rows_have_length_one_and_rare_words_count_more() -> None:
    counts = [counted(one.text, one.language) for one in EXAMPLES]
    weighing = Weighing.of(counts)
    rows = weighing.rows(counts)
    np.testing.assert_allclose(np.linalg.norm(rows.toarray(), axis=1), 1, atol=1e-6)
    rare, frequent = (weighing.rarity[weighing.columns[term]] for term in ("en:bone", "en:cell"))
    assert rare == np.float32(np.log(8 / 1))
    assert frequent == np.float32(np.log(8 / 4))
    assert weighing.rows([{"en:unheard": 2.0}, {}]).nnz == 0
