"""What was known on a day, weighed and ready to be asked: word weights, sizes, meanings, groups."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds

from trebbo.engine.matching.corpus import TEXTS, Corpus, Numbers, Places

K1, B = 1.2, 0.75  # the usual constants of BM25 (Robertson and Zaragoza, 2009)
DIMENSIONS = 160
SMALL = 2 * DIMENSIONS
RIDGE = 1.0
RECENT_YEARS = 1.5
TEAM = 3
"""From this size on a work is a consortium; smaller ones tell what a body does, not with whom."""
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class History:
    """A corpus as of a day: its first `count` works, with what follows from them.

    `vectors` are works as unit rows of log-weighted, rare-word-weighted term counts.
    """

    corpus: Corpus
    day: int
    count: int
    members: sp.csr_matrix
    leads: sp.csr_matrix
    words: dict[str, sp.csc_matrix]
    rarity: dict[str, Numbers]
    vectors: sp.csr_matrix
    directions: Numbers
    meanings: Numbers
    ridge: Numbers
    sentences: Numbers | None = None

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        day: int,
        directions: Numbers | None = None,
        sentences: Numbers | None = None,
    ) -> "History":
        """What was known before `day`, with the directions of meaning where they are known.

        `sentences` are the rows of all works by a sentence model, where there is one.
        """
        count = corpus.before(day)
        members = corpus.members[:, :count].tocsr()
        leads = members.copy()
        leads.data = (leads.data > 1).astype(np.float32)
        leads.eliminate_zeros()
        members.data = np.ones_like(members.data)
        words, rarity = {}, {}
        for name in TEXTS:
            words[name], rarity[name] = bm25_of(corpus.texts[name][:count])
        vectors = _unit_rows(corpus.texts["text"][:count], rarity["text"])
        if directions is None or directions.shape[1] != len(corpus.vocabulary):
            directions = _directions(vectors)
        meanings = unit(vectors @ directions.T)
        inner = meanings.T @ meanings + RIDGE * np.eye(meanings.shape[1], dtype=np.float32)
        return cls(
            corpus,
            day,
            count,
            members,
            leads,
            words,
            rarity,
            vectors,
            directions,
            meanings,
            np.linalg.inv(inner).astype(np.float32),
            None if sentences is None else sentences[:count],
        )

    @cached_property
    def by_work(self) -> sp.csr_matrix:
        """The bodies of each work."""
        return self.members.T.tocsr()

    @cached_property
    def sizes(self) -> Numbers:
        """How many bodies each work has."""
        return np.asarray(self.members.sum(axis=0), np.float32).ravel()

    @cached_property
    def is_team(self) -> Numbers:
        """1 for a consortium, 0 for a work of one or two."""
        return (self.sizes >= TEAM).astype(np.float32)

    @cached_property
    def teams(self) -> Numbers:
        """In how many consortia each body was."""
        return np.asarray(self.members @ self.is_team, np.float32)

    @cached_property
    def recency(self) -> Numbers:
        """1 for a work of the day itself, falling to 1/e after RECENT_YEARS."""
        years = (self.day - self.corpus.days[: self.count]) / DAYS_A_YEAR
        return np.exp(-years / RECENT_YEARS).astype(np.float32)

    @cached_property
    def tie_weights(self) -> Numbers:
        """What it means to have been together in a work: less the more were there."""
        return (self.is_team / np.log1p(np.maximum(self.sizes, 2))).astype(np.float32)

    @cached_property
    def sharing(self) -> Numbers:
        """One part among the others of a consortium."""
        return (self.is_team / np.maximum(self.sizes - 1, 1)).astype(np.float32)

    @cached_property
    def vectors_by_term(self) -> sp.csc_matrix:
        """The vectors, for reading term by term."""
        return self.vectors.tocsc()

    @cached_property
    def group_sizes(self) -> dict[str, Numbers]:
        """Parts in consortia by programme and by area."""
        weights = self.sizes * self.is_team
        return {
            name: np.bincount(groups[groups >= 0], weights[groups >= 0], minlength=most).astype(
                np.float32
            )
            for name, groups, most in self.groups
        }

    @property
    def groups(self) -> tuple[tuple[str, Places, int], ...]:
        """(name, group of each work, number of groups) for programmes and areas."""
        corpus = self.corpus
        return (
            ("programme", corpus.programmes[: self.count], len(corpus.names["programme"])),
            ("area", corpus.areas[: self.count], len(corpus.names["area"])),
        )

    @cached_property
    def is_said(self) -> Places:
        """Which words stand in any work by then; the vocabulary has those of later ones too."""
        said: Places = sum(np.diff(self.words[name].indptr) for name in TEXTS) > 0
        return said

    @cached_property
    def is_known(self) -> Places:
        """Which bodies took part in anything by then."""
        known: Places = np.diff(self.members.indptr) > 0
        return known

    def works_of(self, body: int) -> Places:
        """The works of a body, oldest first."""
        start, end = self.members.indptr[body : body + 2]
        found: Places = self.members.indices[start:end]
        return found

    def bodies_of(self, work: int) -> Places:
        """The bodies of a work."""
        start, end = self.by_work.indptr[work : work + 2]
        found: Places = self.by_work.indices[start:end]
        return found


def bm25_of(counts: sp.csr_matrix) -> tuple[sp.csc_matrix, Numbers]:
    """BM25 weights of every word in every work, and how rare each word is."""
    works, terms = counts.shape
    holding = np.bincount(counts.indices, minlength=terms)
    rarity = np.log1p((works - holding + 0.5) / (holding + 0.5)).astype(np.float32)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    mean = max(float(lengths.mean()) if works else 0.0, 1e-9)
    rows = np.repeat(np.arange(works), np.diff(counts.indptr))
    weighed = counts.copy()
    length = K1 * (1 - B + B * lengths[rows] / mean)
    weighed.data = (
        rarity[counts.indices] * counts.data * (K1 + 1) / (counts.data + length)
    ).astype(np.float32)
    return weighed.tocsc(), rarity


def _unit_rows(counts: sp.csr_matrix, rarity: Numbers) -> sp.csr_matrix:
    weighed = counts.copy()
    weighed.data = ((1 + np.log(counts.data)) * rarity[counts.indices]).astype(np.float32)
    norms = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return (sp.diags(1 / np.maximum(norms, 1e-9)) @ weighed).tocsr().astype(np.float32)


def _directions(vectors: sp.csr_matrix) -> Numbers:
    """Latent directions of the words, dimensions by terms.

    Latent semantic analysis (Deerwester and others, 1990).
    """
    if min(vectors.shape) < 1:
        return np.zeros((1, vectors.shape[1]), np.float32)
    if min(vectors.shape) <= SMALL:
        # Few works often have equal or no directions: the sparse solver then draws at random.
        directions = np.linalg.svd(vectors.toarray(), full_matrices=False)[2][:DIMENSIONS]
    else:
        start = np.ones(min(vectors.shape), np.float32)
        _left, _values, directions = svds(vectors, k=DIMENSIONS, v0=start)
    found: Numbers = directions.astype(np.float32)
    return found


def unit(rows: Numbers) -> Numbers:
    """Rows of length one; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Numbers = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
    return scaled
