"""Links two sides: candidates from blocks, scores from comparisons, zones with care."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trebbo.engine.linkage.blocking import Blocks
from trebbo.engine.linkage.comparisons import Levels, Overlap, compare, shown
from trebbo.engine.linkage.contracts import Entity, Match, Reason, Zone
from trebbo.engine.linkage.model import Model, load, rival_level
from trebbo.engine.linkage.prepared import EXCLUSIVE, FISCAL, Prepared, prepare

MOST_LIKELY = 5
"""Of the likely matches of one left entity, only the best are worth a person's time."""

FLOOR = -8.0
"""Pairs below this score (in bits) are not even rivals."""


@dataclass(slots=True)
class Pair:
    """Two entities that were compared, and what came out. `claim` and `rival` are levels."""

    left: Prepared
    right: Prepared
    levels: Levels
    found: Overlap | None
    base: float
    rival: str = "alone"
    claim: str = "alone"


def are_one(one: Prepared, other: Prepared) -> bool:
    """Whether two entities of one side may well be one body under two keys.

    They share a fiscal number, or have one name and town and nothing that contradicts it.
    """
    mine = {value for register, value in one.numbers if register in FISCAL}
    if any(value in mine for register, value in other.numbers if register in FISCAL):
        return True
    shared = {register for register, _ in one.numbers} & {r for r, _ in other.numbers}
    if shared & EXCLUSIVE:
        return False
    return (
        one.country == other.country
        and (not one.towns or not other.towns or bool(one.towns & other.towns))
        and any(form.key == found.key for form in one.forms for found in other.forms)
    )


def can_share(one: Prepared, other: Prepared) -> bool:
    """Whether two left entities may both be the same right one.

    Keys of a register that gives one body several (PIC) do not compete, unless fiscal numbers do.
    """
    if are_one(one, other):
        return True
    mine = {register for register, _ in one.numbers}
    theirs = {register for register, _ in other.numbers}
    return "pic" in mine & theirs and not mine & theirs & FISCAL


def guarded(pair: Pair) -> str:  # noqa: PLR0911 - one for each guard
    """Why a match cannot be certain whatever its score, as a code; "" where nothing speaks so."""
    levels = pair.levels
    if levels["identifier"] == "contradicts":
        return "identifier"
    if levels["country"] == "different":
        return "country"
    if levels["part"] in {"one_part", "whole_of_the_other"}:
        return "part"
    if levels["identifier"] == "same":
        return ""
    if levels["rest"] == "number":
        return "number"
    if levels["name"] in {"different", "little", "unknown"} and levels["domain"] != "same_host":
        return "name"
    return ""


class StatisticalLinker:
    """Adds up weights of named comparisons, calibrates the sum, and is careful."""

    def __init__(self, model: Model, *, shared: bool = False) -> None:
        """`shared`: several left entities may well be one and the same right one."""
        self.model = model
        self.version = model.version
        self.shared = shared

    def link(self, left: Iterable[Entity], right: Iterable[Entity]) -> Iterator[Match]:
        """The matches of the certain and the likely zone, the best first for each left entity."""
        for pairs in self.pairs(left, right):
            matches = [match for pair in pairs if (match := self.judge(pair))]
            matches.sort(key=lambda match: (-match.probability, match.right))
            likely = 0
            for match in matches:
                likely += match.zone is Zone.LIKELY
                if match.zone is Zone.CERTAIN or likely <= MOST_LIKELY:
                    yield match

    def pairs(self, left: Iterable[Entity], right: Iterable[Entity]) -> Iterator[list[Pair]]:
        """The compared pairs of each left entity, in the order of the left side.

        The smaller side is indexed, the other streamed; where a side has no length, the left is
        indexed.
        """
        if isinstance(left, Sequence) and isinstance(right, Sequence) and len(right) < len(left):
            by_left: dict[str, list[Pair]] = {}
            held = [prepare(entity) for entity in right]
            blocks = Blocks(held, self.model.rarity)
            for entity in left:
                by_left[entity.key] = []
                if not blocks.may_have(entity):
                    continue
                mine = prepare(entity)
                by_left[entity.key] = [
                    pair
                    for place in blocks.candidates(mine)
                    if (pair := self.compared(mine, held[place])).base > FLOOR
                ]
        else:
            held = [prepare(entity) for entity in left]
            by_left = {side.key: [] for side in held}
            blocks = Blocks(held, self.model.rarity)
            for entity in right:
                if not blocks.may_have(entity):
                    continue
                other = prepare(entity)
                for place in blocks.candidates(other):
                    pair = self.compared(held[place], other)
                    if pair.base > FLOOR:
                        by_left[held[place].key].append(pair)
        self.set_rivals(by_left)
        yield from by_left.values()

    def compared(self, left: Prepared, right: Prepared) -> Pair:
        """A pair with its levels and its score before rivals."""
        levels, found = compare(left, right, self.model.rarity)
        return Pair(left, right, levels, found, self.model.score(levels))

    def set_rivals(self, by_left: dict[str, list[Pair]]) -> None:
        """Note on each pair how it stands against others of its left and of its right entity."""
        by_right: defaultdict[str, list[Pair]] = defaultdict(list)
        for pairs in by_left.values():
            for pair in pairs:
                by_right[pair.right.key].append(pair)
            _note(pairs, claims=False)
        for pairs in () if self.shared else by_right.values():
            _note(pairs, claims=True)

    def score(self, pair: Pair) -> float:
        """The whole score of a pair in bits: the prior and the weights of all reasons."""
        rivals = self.model.rivals
        return pair.base + rivals["rivals"][pair.rival] + rivals["claims"][pair.claim]

    def judge(self, pair: Pair) -> Match | None:
        """The match with zone and reasons; None where it is unlikely."""
        probability = self.model.calibration.probability(self.score(pair))
        if probability < self.model.likely:
            return None
        careful = (
            probability < self.model.certain
            or pair.rival in {"equal", "behind"}
            or pair.claim in {"equal", "behind"}
            or guarded(pair)
        )
        return Match(
            pair.left.key,
            pair.right.key,
            probability,
            Zone.LIKELY if careful else Zone.CERTAIN,
            self.reasons(pair),
        )

    def reasons(self, pair: Pair) -> tuple[Reason, ...]:
        """All comparisons that weigh anything, the heaviest first."""
        reasons = []
        for name, level in pair.levels.items():
            weight = self.model.weights[name][level]
            if level == "unknown" and abs(weight) < 0.005:
                continue
            forms = (pair.found.left, pair.found.right) if pair.found else (None, None)
            rests = pair.found.rests if pair.found else (frozenset(), frozenset())
            reasons.append(
                Reason(
                    name,
                    level,
                    shown(name, pair.left, forms[0], rests[0]),
                    shown(name, pair.right, forms[1], rests[1]),
                    weight,
                )
            )
        for name, level in (("rivals", pair.rival), ("claims", pair.claim)):
            reasons.append(Reason(name, level, "", "", self.model.rivals[name][level]))
        reasons.sort(key=lambda reason: (-abs(reason.weight), reason.comparison))
        return tuple(reasons)


def _note(pairs: list[Pair], *, claims: bool) -> None:
    same = can_share if claims else are_one
    ranked = sorted(pairs, key=lambda pair: -pair.base)
    for pair in ranked:
        mine = pair.left if claims else pair.right
        margin = None
        for other in ranked:
            theirs = other.left if claims else other.right
            if other is not pair and not same(mine, theirs):
                margin = pair.base - other.base
                break
        if claims:
            pair.claim = rival_level(margin)
        else:
            pair.rival = rival_level(margin)


def default_linker() -> StatisticalLinker:
    """The linker with the model that ships."""
    return StatisticalLinker(load())


def affiliation_linker() -> StatisticalLinker:
    """The linker for bodies named in free text, with the model that ships for them."""
    return StatisticalLinker(load(of="strings"), shared=True)
