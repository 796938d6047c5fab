"""Examples vote for their fields: ridge regression over all of them, solved in closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from trebbo.engine.matching.corpus import Numbers, Places

RIDGE = 0.3
BLOCK = 512


@dataclass(frozen=True)
class Votes:
    """`weights` are terms by fields: a text's row times them is near 1 for a field it is in."""

    weights: Numbers
    left_out: Numbers
    """For each of the examples asked for, the votes of all the others."""

    @classmethod
    def of(cls, texts: sp.csr_matrix, truth: sp.csr_matrix, asked: Places) -> "Votes":
        """Learn from examples (rows of length 1) and the fields they are in (0 or 1).

        Minimises |texts W - truth|^2 + RIDGE |W|^2 through the examples' own products, fewer than
        there are terms. Leaving one out follows without learning anew (Allen's PRESS, 1974).
        """
        factor = _factor(texts)
        duals = sl.cho_solve((factor, True), truth.toarray(), check_finite=False)
        picked = np.zeros((texts.shape[0], len(asked)), np.float32)
        picked[asked, np.arange(len(asked))] = 1
        halves = sl.solve_triangular(
            factor, picked, lower=True, overwrite_b=True, check_finite=False
        )
        inverse = np.einsum("ij,ij->j", halves, halves)
        left_out = truth[asked].toarray() - duals[asked] / inverse[:, None]
        return cls(np.asarray(texts.T @ duals, np.float32), left_out.astype(np.float32))

    def scores(self, row: sp.csr_matrix) -> Numbers:
        """The votes of all examples for each field."""
        found: Numbers = row.data @ self.weights[row.indices]
        return found


def _factor(texts: sp.csr_matrix) -> Any:
    """The lower Cholesky factor of texts texts' + RIDGE, filled in blocks to spare memory."""
    count = texts.shape[0]
    products = np.empty((count, count), np.float32, order="F")
    across = texts.T.tocsc()
    for start in range(0, count, BLOCK):
        products[:, start : start + BLOCK] = (texts @ across[:, start : start + BLOCK]).toarray()
    products.flat[:: count + 1] += RIDGE
    factor, _lower = sl.cho_factor(products, lower=True, overwrite_a=True, check_finite=False)
    return factor
