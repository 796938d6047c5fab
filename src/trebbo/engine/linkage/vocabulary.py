"""Words of names in many languages: legal forms, fillers, what means the same, other town names."""

from collections.abc import Iterator
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def _entries(name: str) -> Iterator[list[str]]:
    """The entries of a table as words; comments and line breaks inside entries are resolved."""
    entry: list[str] = []
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if entry and not line.startswith(" "):
            yield entry
            entry = []
        entry += line.split()
    if entry:
        yield entry


LEGAL_FORMS = frozenset(entry[0] for entry in _entries("legal_forms.txt") if len(entry) == 1)
"""Legal forms of one word, after dots are closed up: "S.r.l." is "srl"."""

LEGAL_PHRASES = tuple(tuple(entry) for entry in _entries("legal_forms.txt") if len(entry) > 1)
"""Legal forms written out."""

FILLERS = frozenset(word for entry in _entries("fillers.txt") for word in entry)
"""Words that most names could do without."""

MEANINGS = {word: entry[0] for entry in _entries("meanings.txt") for word in entry}
"""A folded word → the one word that stands for its meaning in all languages."""

TOWNS = {
    name.replace("-", " "): entry[0].replace("-", " ")
    for entry in _entries("towns.txt")
    for name in entry
}
"""A town's folded name in any language → one name for it."""

PART_WORDS = frozenset(
    {
        "department",
        "faculty",
        "division",
        "section",
        "unit",
        "sezione",
        "unita",
        "chair",
        "lehrstuhl",
        "branch",
        "sede",
        "sektion",
        "katedra",
    }
)
"""Canonical words that mark a part of a body."""

KIND_WORDS = {
    "university": "university",
    "polytechnic": "university",
    "hospital": "hospital",
    "clinic": "hospital",
    "museum": "museum",
    "library": "library",
    "ministry": "authority",
    "city": "authority",
    "region": "authority",
    "province": "authority",
    "foundation": "foundation",
    "association": "association",
}
"""Canonical words that tell what a body is."""

KIND_CODES = {
    "hes": "education",
    "education": "education",
    "university": "education",
    "prc": "company",
    "company": "company",
    "large_company": "company",
    "sme": "company",
    "startup": "company",
    "pub": "authority",
    "government": "authority",
    "public_body": "authority",
    "healthcare": "hospital",
    "hospital": "hospital",
    "rec": "research",
    "facility": "research",
    "research_centre": "research",
}
"""Kinds as registers code them → few that can be compared."""

COMPANY_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asa",
        "bv",
        "corp",
        "dd",
        "doo",
        "ead",
        "eood",
        "epe",
        "eurl",
        "gmbh",
        "ike",
        "inc",
        "kft",
        "kg",
        "lda",
        "limited",
        "llc",
        "ltd",
        "nv",
        "nyrt",
        "ood",
        "ou",
        "oy",
        "oyj",
        "plc",
        "sarl",
        "sas",
        "sasu",
        "scarl",
        "sia",
        "sl",
        "slu",
        "snc",
        "spa",
        "spzoo",
        "srl",
        "srls",
        "sro",
        "uab",
        "zrt",
    ]
)
"""Legal forms that nearly only companies have."""

_GREEK = "αβγδεζηικλμνξοπρσςτυφω"
_GREEK_IN_LATIN = "avgdeziiklmnxoprsstyfo"
GREEK = str.maketrans(_GREEK, _GREEK_IN_LATIN) | {
    ord("θ"): "th",
    ord("χ"): "ch",
    ord("ψ"): "ps",
}
"""Greek letters as ELOT 743 writes them in Latin ones."""

_CYRILLIC = "абвгдезийклмнопрстуфхъыэіїґјќѓћё"
_CYRILLIC_IN_LATIN = "abvgdeziyklmnoprstufhayeiigjkgce"
CYRILLIC = str.maketrans(_CYRILLIC, _CYRILLIC_IN_LATIN) | {
    ord(letter): latin
    for letter, latin in zip(
        "жцчшщьюяєђљњџѕ",
        ("zh", "ts", "ch", "sh", "sht", "", "yu", "ya", "ye", "dj", "lj", "nj", "dz", "dz"),
        strict=True,
    )
}
"""Cyrillic letters in Latin ones, as Bulgaria writes them on its signs."""

LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i", "ħ": "h", "ŀ": "l", "ə": "a",
    }
)  # fmt: skip
"""Latin letters that no decomposition takes apart."""
