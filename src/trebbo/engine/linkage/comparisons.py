"""The named comparisons of two entities: each says at which level they agree, and on what."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel, JaroWinkler

from trebbo.engine.linkage.names import Form, Rarity
from trebbo.engine.linkage.prepared import EXCLUSIVE, FISCAL, Prepared
from trebbo.engine.linkage.vocabulary import PART_WORDS

UNKNOWN = "unknown"

LEVELS: dict[str, tuple[str, ...]] = {
    "identifier": ("same", "same_other", "contradicts", "other", UNKNOWN),
    "name": (
        "same_rare",
        "same",
        "same_common",
        "close_rare",
        "close",
        "alike",
        "within",
        "partly",
        "little",
        "different",
        UNKNOWN,
    ),
    "rest": ("none", "one_small", "one", "one_large", "both_small", "both", "number", UNKNOWN),
    "spelling": ("same", "near", "similar", "apart", "different", UNKNOWN),
    "acronym": ("same_long", "same", "initials", "in_name", "different", UNKNOWN),
    "town": ("same", "near", "in_name", "different", UNKNOWN),
    "country": ("same", "different", UNKNOWN),
    "region": ("same", "same_wide", "different", UNKNOWN),
    "domain": ("same_host", "same", "spells_long", "spells", "different", UNKNOWN),
    "kind": ("same", "overlaps", "different", UNKNOWN),
    "part": ("both_whole", "both_part", "one_part", "whole_of_the_other"),
}
"""Every comparison and its levels."""

Levels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far two forms of names share their words, weighed by what the words tell.

    `shared`, `left_rest` and `right_rest` in bits; `likeness` from 0 to 1 is shared / all.
    """

    left: Form
    right: Form
    shared: float
    left_rest: float
    right_rest: float
    likeness: float
    rests: tuple[frozenset[str], frozenset[str]]


@lru_cache(maxsize=500_000)
def _word_likeness(one: str, other: str) -> float:
    """From 0 to 1; an abbreviation of four letters or more counts nearly whole."""
    if one[0] != other[0] and len(one) < 7:
        return 0.0
    if one.isdigit() or other.isdigit():
        return 0.0
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) >= 4 and long.startswith(short):
        return 0.9
    if len(short) < 4:
        return 0.0
    likeness: float = Indel.normalized_similarity(one, other, score_cutoff=0.8)
    return likeness


def overlap(left: Form, right: Form, rarity: Rarity) -> Overlap:
    """The words two forms share, with small differences of spelling forgiven."""
    shared = left.bag & right.bag
    left_rest, right_rest = left.bag - shared, right.bag - shared
    bits = rarity.total(shared)
    if left_rest and right_rest:
        found = sorted(
            (
                (likeness, one, other)
                for one in left_rest
                for other in right_rest
                if (likeness := _word_likeness(one, other))
            ),
            reverse=True,
        )
        if found:
            left_open, right_open = set(left_rest), set(right_rest)
            for likeness, one, other in found:
                if one in left_open and other in right_open:
                    left_open.discard(one)
                    right_open.discard(other)
                    bits += likeness * min(rarity.of(one), rarity.of(other))
            left_rest, right_rest = frozenset(left_open), frozenset(right_open)
    left_bits, right_bits = rarity.total(left_rest), rarity.total(right_rest)
    whole = bits + left_bits + right_bits
    return Overlap(
        left,
        right,
        bits,
        left_bits,
        right_bits,
        bits / whole if whole else 0.0,
        (left_rest, right_rest),
    )


def best_overlap(left: Prepared, right: Prepared, rarity: Rarity) -> Overlap | None:
    """The two forms that are most alike; None where a side has no name."""
    best: Overlap | None = None
    for one in left.forms:
        for other in right.forms:
            if best is not None and one.bag.isdisjoint(other.bag) and best.likeness > 0.3:
                continue
            found = overlap(one, other, rarity)
            if best is None or (found.likeness, found.shared) > (best.likeness, best.shared):
                best = found
    return best


def name_level(found: Overlap | None) -> str:  # noqa: PLR0911 - one for each level
    """The level of the names, from the two forms that are most alike."""
    if found is None:
        return UNKNOWN
    if found.left.key == found.right.key or found.left.compact == found.right.compact:
        if found.shared >= 18 or (found.shared < 1 and len(found.left.compact) > 8):
            return "same_rare"
        return "same" if found.shared >= 11 else "same_common"
    if found.likeness >= 0.8:
        return "close_rare" if found.shared >= 18 else "close"
    if found.likeness >= 0.6:
        return "alike"
    if found.shared >= 8 and min(found.left_rest, found.right_rest) < 0.05 * found.shared:
        return "within"
    if found.likeness >= 0.4:
        return "partly"
    return "little" if found.likeness >= 0.15 else "different"


def rest_level(found: Overlap | None) -> str:
    """What the names do not share: nothing, words of one side, or of both."""
    if found is None:
        return UNKNOWN
    left, right = found.rests
    if found.left.compact == found.right.compact or not (left or right):
        return "none"
    if any(word.isdigit() for word in left) or any(word.isdigit() for word in right):
        return "number"
    small, large = sorted((found.left_rest, found.right_rest))
    if small == 0:
        return "one_small" if large < 7 else "one" if large < 18 else "one_large"
    return "both_small" if large < 9 else "both"


def spelling_level(left: Prepared, right: Prepared, found: Overlap | None) -> str:
    """How alike the letters of the names are."""
    if found is None:
        return UNKNOWN
    best = 0.0
    for one in left.forms:
        for other in right.forms:
            likeness = JaroWinkler.normalized_similarity(
                one.compact, other.compact, score_cutoff=best
            )
            best = max(best, likeness)
    if best == 1:
        return "same"
    for level, least in (("near", 0.94), ("similar", 0.86), ("apart", 0.75)):
        if best > least:
            return level
    return "different"


def acronym_level(left: Prepared, right: Prepared) -> str:
    """Whether short names agree, with each other or with the initials of the long ones."""
    both = left.acronyms & right.acronyms
    if both:
        return "same_long" if max(map(len, both)) >= 5 else "same"
    if left.acronyms & right.initials or right.acronyms & left.initials:
        return "initials"
    if any(form.bag & right.acronyms for form in left.forms) or any(
        form.bag & left.acronyms for form in right.forms
    ):
        return "in_name"
    return "different" if left.acronyms and right.acronyms else UNKNOWN


def town_level(left: Prepared, right: Prepared) -> str:
    """Whether the towns agree, or the town of one stands in the name of the other."""
    if left.towns and right.towns:
        if left.towns & right.towns:
            return "same"
        for one in left.towns:
            for other in right.towns:
                if one in other or other in one or Indel.normalized_similarity(one, other) > 0.8:
                    return "near"
    if _named_in(left.towns, right) or _named_in(right.towns, left):
        return "in_name"
    return "different" if left.towns and right.towns else UNKNOWN


def _named_in(towns: frozenset[str], other: Prepared) -> bool:
    return any(not towns.isdisjoint(form.bag) for form in other.forms)


def country_level(left: Prepared, right: Prepared) -> str:
    """Whether the countries agree."""
    if not left.country or not right.country:
        return UNKNOWN
    return "same" if left.country == right.country else "different"


def region_level(left: Prepared, right: Prepared) -> str:
    """Whether the regions agree, by NUTS codes as far as both go."""
    one, other = left.entity.region, right.entity.region
    if len(one) < 4 or len(other) < 4:
        return UNKNOWN
    if one.startswith(other) or other.startswith(one):
        return "same"
    return "same_wide" if one[:4] == other[:4] else "different"


def domain_level(left: Prepared, right: Prepared) -> str:
    """Whether web domains agree, or the domain of one spells the name of the other."""
    if left.hosts & right.hosts:
        return "same_host"
    if left.domains & right.domains:
        return "same"
    for one, other in ((left, right), (right, left)):
        for label in one.labels:
            plain = label.replace("-", "")
            if label in other.acronyms or plain in other.acronyms:
                return "spells_long" if len(plain) >= 5 else "spells"
            if len(plain) >= 5 and any(form.compact == plain for form in other.forms):
                return "spells_long"
    return "different" if left.domains and right.domains else UNKNOWN


def kind_level(left: Prepared, right: Prepared) -> str:
    """Whether both are of one kind."""
    if not left.kinds or not right.kinds:
        return UNKNOWN
    if left.kinds == right.kinds:
        return "same"
    return "overlaps" if left.kinds & right.kinds else "different"


def part_level(  # noqa: PLR0911 - one for each case
    left: Prepared, right: Prepared, found: Overlap | None
) -> str:
    """Whether one is a part and the other a whole body; bodies of one name are taken as alike."""
    told = left.entity.is_part or right.entity.is_part
    if told and left.is_part != right.is_part:
        return "one_part"
    if found is not None and not (found.rests[0] or found.rests[1]):
        return "both_part" if left.is_part else "both_whole"
    for one, other in ((left, right), (right, left)):
        if one.wholes and any(form.key in one.wholes for form in other.forms):
            return "whole_of_the_other"
    if left.is_part and right.is_part:
        return "both_part"
    if left.is_part != right.is_part:
        return "one_part"
    if found is not None and (found.rests[0] | found.rests[1]) & PART_WORDS:
        return "one_part"
    return "both_whole"


def identifier_level(left: Prepared, right: Prepared) -> str:
    """Whether numbers agree. A tax code may equal the other's VAT number."""
    if not left.numbers or not right.numbers:
        return UNKNOWN
    both = left.numbers & right.numbers
    fiscal = {value for register, value in left.numbers if register in FISCAL} & {
        value for register, value in right.numbers if register in FISCAL
    }
    if fiscal or any(register in EXCLUSIVE or register == "pic" for register, _ in both):
        return "same"
    one = {register for register, _ in left.numbers}
    other = {register for register, _ in right.numbers}
    if one & other & EXCLUSIVE:
        return "contradicts"
    if both:
        return "same_other"
    return "other" if one & other else UNKNOWN


def compare(left: Prepared, right: Prepared, rarity: Rarity) -> tuple[Levels, Overlap | None]:
    """The level of every comparison, and the two forms of names most alike."""
    found = best_overlap(left, right, rarity)
    return {
        "identifier": identifier_level(left, right),
        "name": name_level(found),
        "rest": rest_level(found),
        "spelling": spelling_level(left, right, found),
        "acronym": acronym_level(left, right),
        "town": town_level(left, right),
        "country": country_level(left, right),
        "region": region_level(left, right),
        "domain": domain_level(left, right),
        "kind": kind_level(left, right),
        "part": part_level(left, right, found),
    }, found


_SIDES: dict[str, Callable[[Prepared], str]] = {
    "identifier": lambda side: ", ".join(sorted(f"{r} {v}" for r, v in side.entity.identifiers)),
    "acronym": lambda side: ", ".join(sorted(side.acronyms)).upper(),
    "town": lambda side: side.entity.town,
    "country": lambda side: side.country,
    "region": lambda side: side.entity.region,
    "domain": lambda side: ", ".join(sorted(side.hosts)),
    "kind": lambda side: side.entity.kind,
    "part": lambda side: ", ".join(side.entity.part_of),
}


def shown(comparison: str, side: Prepared, form: Form | None, rest: frozenset[str]) -> str:
    """What stood on one side of a comparison, as text."""
    if comparison in {"name", "spelling"}:
        return form.text if form else ""
    if comparison == "rest":
        return " ".join(word for word in form.words if word in rest) if form else ""
    return _SIDES[comparison](side)
