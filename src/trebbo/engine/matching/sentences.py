"""An optional model of sentences from a folder on this machine: texts as rows, near where alike."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trebbo.engine.matching.contracts import MatchingError
from trebbo.engine.matching.corpus import Numbers
from trebbo.engine.matching.history import unit

BATCH = 32
FINGERPRINT_LENGTH = 16
INDEX = "modules.json"
"""The file that every sentence-transformers model has; it names the model's parts."""


class SentenceModelUnusable(MatchingError):
    """A model of sentences that cannot be loaded here."""


class SentenceModel:
    """A model on the processor. Nothing is fetched, and no text leaves the machine."""

    def __init__(self, model: Any, name: str, fingerprint: str) -> None:
        self._model = model
        self._name = name
        self._fingerprint = fingerprint
        # What the model itself says of its width is missing or wrong in some folders.
        self._width = self._rows(["a"]).shape[1]

    @classmethod
    def load(cls, folder: Path) -> "SentenceModel":
        """Read a model as sentence-transformers saved it; refuse one that does not work."""
        if not (folder / INDEX).is_file():
            what = f"holds no {INDEX}" if folder.is_dir() else "is not a folder"
            raise SentenceModelUnusable(
                f"{folder} {what}. Name a folder with a model saved by sentence-transformers."
            )
        try:
            return cls(_read(folder), folder.resolve().name, _fingerprint(folder))
        except SentenceModelUnusable:
            raise
        except Exception as error:  # each part of a model fails in its own way
            raise SentenceModelUnusable(
                f"The sentence model in {folder} cannot be read ({error}). Copy its files again."
            ) from error

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Stands for the model's files: another where a name or a byte differs."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Numbers:
        """A row of length 1 for each text; zeros where a text says nothing."""
        said = [at for at, text in enumerate(texts) if text.strip()]
        rows = np.zeros((len(texts), self._width), np.float32)
        if said:
            rows[said] = self._rows([texts[at] for at in said])
        return rows

    def _rows(self, texts: list[str]) -> Numbers:
        rows: Numbers = np.asarray(
            self._model.encode(texts, batch_size=BATCH, show_progress_bar=False), np.float32
        )
        if not np.isfinite(rows).all():
            raise SentenceModelUnusable(
                f"The sentence model {self._name} gives rows that are not numbers. Use another one."
            )
        return unit(rows)


def _read(folder: Path) -> Any:
    """The library's own model."""
    # A second lock beside `local_files_only`; it counts only if set before the library is imported.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        # Here, not above: the library is optional, and takes seconds to import.
        from sentence_transformers import SentenceTransformer
    except (ImportError, OSError) as error:
        raise SentenceModelUnusable(
            f"A sentence model needs sentence-transformers ({error}). "
            "Install it with: pip install 'trebbo[sentences]'"
        ) from error
    return SentenceTransformer(
        str(folder.resolve()), device="cpu", local_files_only=True, trust_remote_code=False
    )


def _fingerprint(folder: Path) -> str:
    """Of names and contents. Hidden files are left out: they tell how the model was fetched."""
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder), path) for path in folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{name.as_posix()}\0{content}\n".encode())
    return total.hexdigest()[:FINGERPRINT_LENGTH]
