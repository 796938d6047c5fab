"""A corpus as bytes and back: arrays only, so that reading it runs nothing."""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from trebbo.engine.matching.contracts import MatchingError
from trebbo.engine.matching.corpus import TEXTS, Corpus, Numbers

FORMAT = 1
_ARRAYS = ("days", "kinds", "is_sme", "countries", "provinces", "degrees", "programmes", "areas")
_MOST_COUNTED = 255


class CorpusUnreadable(MatchingError):
    """Bytes that are no corpus of this program's version."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A corpus with what is slow to find: the directions of meaning (`History.directions`), and
    the rows of its works by a sentence model, whose fingerprint is `model` (blank for none)."""

    corpus: Corpus
    directions: Numbers
    sentences: Numbers | None = None
    model: str = ""


def dump(stored: Stored) -> bytes:
    """All of it as bytes."""
    corpus = stored.corpus
    arrays: dict[str, Any] = {name: getattr(corpus, name) for name in _ARRAYS}
    said = {
        "format": FORMAT,
        "bodies": corpus.bodies,
        "works": corpus.works,
        "vocabulary": list(corpus.vocabulary),
        "names": corpus.names,
        "model": stored.model,
    }
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    for name in TEXTS:
        arrays |= _parts_of(name, corpus.texts[name])
    arrays |= _parts_of("members", corpus.members)
    arrays["directions"] = stored.directions.astype(np.float16)
    if stored.sentences is not None:
        arrays["sentences"] = stored.sentences.astype(np.float16)
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def load(content: bytes) -> Stored:
    """What `dump` wrote. Raises CorpusUnreadable for anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            said = json.loads(arrays["said"].tobytes())
            if said["format"] != FORMAT:
                raise CorpusUnreadable(
                    f"The matching table has format {said['format']}, this program reads {FORMAT}."
                )
            works, terms = len(said["works"]), len(said["vocabulary"])
            corpus = Corpus(
                bodies=tuple(said["bodies"]),
                works=tuple(said["works"]),
                vocabulary={term: place for place, term in enumerate(said["vocabulary"])},
                texts={name: _matrix(arrays, name, (works, terms)) for name in TEXTS},
                members=_matrix(arrays, "members", (len(said["bodies"]), works)),
                names={name: tuple(values) for name, values in said["names"].items()},
                **{name: arrays[name] for name in _ARRAYS},
            )
            sentences = arrays["sentences"].astype(np.float32) if "sentences" in arrays else None
            return Stored(corpus, arrays["directions"].astype(np.float32), sentences, said["model"])
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise CorpusUnreadable(f"The matching table cannot be read: {error}") from error


def with_parts(corpus: Corpus, parts: dict[str, dict[str, bool]]) -> Corpus:
    """The corpus in which these bodies have these works only; True for the lead.

    Bodies and works that it does not know are passed over: they come with the next whole reading.
    """
    members = corpus.members.tolil()
    for key, works in parts.items():
        row = corpus.number_of.get(key)
        if row is None:
            continue
        members[row] = 0
        for work, leads in works.items():
            column = corpus.work_number_of.get(work)
            if column is not None:
                members[row, column] = 2.0 if leads else 1.0
    changed = members.tocsr()
    changed.sort_indices()
    return replace(corpus, members=changed)


def _parts_of(name: str, matrix: sp.csr_matrix) -> dict[str, Any]:
    return {
        f"{name}_data": np.minimum(matrix.data, _MOST_COUNTED).astype(np.uint8),
        f"{name}_indices": matrix.indices.astype(np.int32),
        f"{name}_indptr": matrix.indptr.astype(np.int64),
    }


def _matrix(arrays: Any, name: str, shape: tuple[int, int]) -> sp.csr_matrix:
    data = arrays[f"{name}_data"].astype(np.float32)
    return sp.csr_matrix((data, arrays[f"{name}_indices"], arrays[f"{name}_indptr"]), shape=shape)
