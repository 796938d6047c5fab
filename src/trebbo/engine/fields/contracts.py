"""What goes into suggesting fields and what comes out of it: frozen dataclasses only."""

from dataclasses import dataclass

from trebbo.engine.matching.contracts import Language


@dataclass(frozen=True, slots=True)
class Field:
    """A concept of a vocabulary; `key` names it for the caller.

    `labels` are its names and synonyms with their languages, the label proper of each language
    before its synonyms. `broader` is the key of the field it is a part of; an unknown key counts
    as none.
    """

    key: str
    labels: tuple[tuple[Language, str], ...]
    broader: str | None = None

    def names(self, language: Language) -> tuple[str, ...]:
        """Its names in a language."""
        return tuple(text for code, text in self.labels if code == language)


@dataclass(frozen=True, slots=True)
class Example:
    """A text that is known to be in these fields, such as a funded project."""

    key: str
    text: str
    language: Language
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a field is suggested, strongest first; each may be empty.

    `label` are words of the text that the field's name says (or says in the other language),
    `words` those that texts of this field use more than others, `examples` the keys of the nearest
    examples that are in it. Words are as the text first writes them, without case and accents.
    """

    label: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field for a text; `score` is how probable it is, from 0 to 1."""

    key: str
    score: float
    reasons: Reasons
