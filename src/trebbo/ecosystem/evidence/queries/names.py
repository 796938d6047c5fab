"""How a name that a register writes in capitals is proposed to people."""

import re

from trebbo.kernel.access import Viewer

# Articles, prepositions and conjunctions of the languages in which European bodies are named.
_SMALL = """
a ad ai al all alla alle and con da dal dalla de degli dei del della delle dell dello der des di do
du e ed el en et for für i il in la le lo los nel nella of on per sul sulla the to und van von y
"""
SMALL_WORDS = frozenset(re.findall(r"\w+", _SMALL))
LEGAL_FORMS = {"SPA": "SpA", "S.P.A.": "SpA", "SRL": "srl", "S.R.L.": "srl", "SRLS": "srls"}
LETTERS = re.compile(r"[^\W\d_]+")
LONGEST_ACRONYM = 4


def proposed_name(name: str, *, viewer: Viewer) -> str:
    """A name that a register writes in capitals, as one would write it; a person corrects it.

    Accents cannot be known, so none is added; short words without a vowel stay in capitals.
    """
    if name != name.upper():
        return name
    words = [_as_written(word) for word in name.split()]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def _as_written(word: str) -> str:
    if word in LEGAL_FORMS:
        return LEGAL_FORMS[word]
    if word.startswith("(") and word.endswith(")"):
        return word
    return LETTERS.sub(lambda found: _capitalised(found.group()), word)


def _capitalised(letters: str) -> str:
    lower = letters.lower()
    if lower in SMALL_WORDS:
        return lower
    consonants_only = not re.search("[aeiouyàèéìòù]", lower)
    if consonants_only and len(letters) <= LONGEST_ACRONYM:
        return letters
    return letters.capitalize()
