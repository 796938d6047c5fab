"""What every official file becomes: editions of vocabularies, their concepts, what is left out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from trebbo.kernel.errors import Refusal

OnProgress = Callable[[int, int], None]
"""Told the rows or bytes done and their total, 0 where it is not known; may raise to stop."""


class VocabularyRefused(Refusal):
    """The file cannot be taken in; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of a file that was not taken in, or only in part, and why, in words."""

    row: int
    """Its number in the file, the header being 1; 0 where rows have no numbers."""
    key: str
    reason: str


@dataclass(slots=True)
class ConceptRow:
    """A concept as a file gives it; a label that is None is not the file's to say.

    `broader` are the codes above it, nearest first and with their scheme: the first that is there
    is taken. `code` may be blank where the file has none: then it is found by its English label.
    """

    code: str
    row: int = 0
    label_it: str | None = None
    label_en: str | None = None
    synonyms_it: str | None = None
    synonyms_en: str | None = None
    broader: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Edition:
    """One vocabulary as a file publishes it. `about` are columns of its scheme."""

    scheme: str
    version: str = ""
    concepts: list[ConceptRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    speaks_of_broader: bool = True
    """Whether the file says where concepts belong; else the tree stays as it is."""
