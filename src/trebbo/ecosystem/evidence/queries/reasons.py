"""Tells in words why two bodies may be one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trebbo.kernel.access import Viewer

Words = str | Promise

NEGLIGIBLE = 0.05
"""Weights below this many bits say nothing."""

BAR = 50
"""Half the width of the drawing: weights grow from its middle, to the left against the link."""

CHANCES: tuple[tuple[float, Words], ...] = (
    (0.99, _("almost certainly the same")),
    (0.9, _("very probably the same")),
    (0.7, _("probably the same")),
    (0.4, _("perhaps the same")),
    (0.0, _("hardly the same")),
)

COMPARISONS: Mapping[str, Words] = {
    "identifier": _("Identifiers"),
    "name": _("Names"),
    "rest": _("Words that only one name has"),
    "spelling": _("Spelling of the names"),
    "acronym": _("Acronyms"),
    "town": _("Town"),
    "country": _("Country"),
    "region": _("Region"),
    "domain": _("Web domain"),
    "kind": _("Kind of body"),
    "part": _("Whole body or part of one"),
    "rivals": _("Other bodies that could be this profile"),
    "claims": _("Other profiles that could be this body"),
    "prior": _("How rarely two bodies are the same"),
}

LEVELS: Mapping[str, Words] = {
    "same": _("the same"),
    "same_rare": _("the same, and rare"),
    "same_common": _("the same, but frequent"),
    "same_other": _("the same in another register"),
    "same_long": _("the same, and long"),
    "same_wide": _("the same larger region"),
    "same_host": _("the same"),
    "close": _("nearly the same"),
    "close_rare": _("nearly the same, with rare words"),
    "near": _("nearly the same"),
    "alike": _("alike"),
    "similar": _("alike"),
    "within": _("one inside the other"),
    "in_name": _("named in the other's name"),
    "initials": _("the initials of the other's name"),
    "partly": _("partly the same"),
    "overlaps": _("partly the same"),
    "little": _("little in common"),
    "apart": _("little alike"),
    "different": _("different"),
    "other": _("different, as may happen"),
    "contradicts": _("they contradict each other"),
    "none": _("none"),
    "one_small": _("a few, on one side"),
    "one": _("some, on one side"),
    "one_large": _("many, on one side"),
    "both_small": _("a few, on both sides"),
    "both": _("some, on both sides"),
    "number": _("a number"),
    "spells": _("the web domain spells the other's name"),
    "spells_long": _("the web domain spells the other's name"),
    "both_whole": _("two whole bodies"),
    "both_part": _("two parts of a body"),
    "one_part": _("one is a part, the other a whole body"),
    "whole_of_the_other": _("one is a part of the other"),
    "unknown": _("not known on both sides"),
    "alone": _("none comes close"),
    "ahead": _("this one is clearly ahead"),
    "equal": _("others are as good"),
    "behind": _("others are better"),
}
RIVALS_NEAR = _("others come near")


@dataclass(frozen=True, slots=True)
class Told:
    """One reason: what was compared, how far it agrees, what stood on both sides.

    `weight` is in bits, positive for the link; `start` and `length` draw it on a line of 100.
    """

    comparison: Words
    level: Words
    left: str
    right: str
    weight: float
    start: float
    length: float

    @property
    def speaks_for(self) -> bool:
        """Whether it speaks for the link."""
        return self.weight > 0


def told_reasons(reasons: Iterable[Mapping[str, Any]], *, viewer: Viewer) -> tuple[Told, ...]:
    """The reasons in words, heaviest first, without those that say nothing."""
    heavy = [one for one in reasons if abs(float(one["weight"])) >= NEGLIGIBLE]
    most = max((abs(float(one["weight"])) for one in heavy), default=1.0)
    return tuple(
        _told(one, most)
        for one in sorted(heavy, key=lambda one: abs(float(one["weight"])), reverse=True)
    )


def chance_words(probability: float, *, viewer: Viewer) -> Words:
    """A probability in words."""
    return next(words for least, words in CHANCES if probability >= least)


def _told(reason: Mapping[str, Any], most: float) -> Told:
    weight = float(reason["weight"])
    length = round(BAR * abs(weight) / most, 1)
    comparison, level = str(reason["comparison"]), str(reason["level"])
    rivals = comparison in {"rivals", "claims"}
    return Told(
        COMPARISONS.get(comparison, comparison.replace("_", " ").capitalize()),
        RIVALS_NEAR if rivals and level == "near" else LEVELS.get(level, level.replace("_", " ")),
        str(reason.get("left", "")),
        str(reason.get("right", "")),
        weight,
        BAR if weight > 0 else BAR - length,
        length,
    )
