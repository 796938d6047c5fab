"""Reads which ranking is in use, how good it was, and how fair the kept shortlists are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.vocabularies.models import Province
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import EntryStanding, FloorGroup
from trebbo.partnering.introductions.models import ShortlistEntry, TrainedRanking
from trebbo.partnering.introductions.queries.floors import groups_of

FIRST = 10
WEIGHT_LABELS = {
    "evidence": gettext_lazy("funded projects and past partnerships"),
    "words": gettext_lazy("what it says of itself"),
    "place": gettext_lazy("near the place asked for"),
    "chain": gettext_lazy("in the same value chain"),
    "cluster": gettext_lazy("in the same cluster"),
    "accredited": gettext_lazy("accredited in the High Technology Network"),
    "fresh": gettext_lazy("confirmed"),
}
FIGURES = ("ndcg@20", "recall@20", "mrr")


def percent(share: float) -> str:
    """A share in whole per cents, in the page's language."""
    return _("%(number)s %%") % {"number": floatformat(100 * share, 0)}


@dataclass(frozen=True, slots=True)
class Score:
    """One method on one kind of need: its figures over all and over new partners."""

    mode: str
    method: str
    all: tuple[float, ...]
    new: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A group's share of the first ten places, and of those that might have been there."""

    label: str
    shown: float
    there: float

    @property
    def shown_percent(self) -> str:
        """The first share as a page says it."""
        return percent(self.shown)

    @property
    def there_percent(self) -> str:
        """The second share as a page says it."""
        return percent(self.there)


@dataclass(frozen=True, slots=True)
class Report:
    """The ranking in use, its scores, and the fairness of kept shortlists (places counted)."""

    label: str
    problem: str
    trained: TrainedRanking | None
    scores: tuple[Score, ...]
    weights: tuple[tuple[str, float, float], ...]
    places: int
    shares: tuple[Share, ...]
    held_out: tuple[Share, ...]


def ranking_report(*, viewer: Viewer) -> Report:
    """All that an office is told of the ranking."""
    chosen = gateway.current_ranking()
    trained = TrainedRanking.objects.filter(is_present=True).first()
    scores: dict[str, Any] = trained.scores if trained else {}
    default = gateway.Weights()
    weights = tuple(
        (str(label), getattr(default, name), getattr(chosen.weights, name))
        for name, label in WEIGHT_LABELS.items()
    )
    places, shares = _shares(viewer)
    return Report(
        label=chosen.ranking.label,
        problem=chosen.problem,
        trained=trained,
        scores=tuple(_scores(scores)),
        weights=weights,
        places=places,
        shares=shares,
        held_out=tuple(
            Share(one["group"], one["shown"], one["right"])
            for one in scores.get("idea", {}).get("fairness", ())
        ),
    )


def _scores(told: dict[str, Any]) -> Iterable[Score]:
    for mode, one in told.items():
        if isinstance(one, dict):
            for method, figures in one["methods"].items():
                both = [
                    tuple(figures[scope].get(name, 0.0) for name in FIGURES)
                    for scope in ("all", "new")
                ]
                yield Score(mode, method, *both)


def _shares(viewer: Viewer) -> tuple[int, tuple[Share, ...]]:
    """How the first ten places of all kept shortlists are shared, against the registry."""
    entries = ShortlistEntry.objects.filter(position__lte=FIRST, profile__isnull=False)
    shown = entries.exclude(standing=EntryStanding.DROPPED).values_list("profile_id", flat=True)
    first = list(shown)
    everyone = list(view_profile.filter(viewer, gateway.findable()).values_list("pk", flat=True))
    there = _counts(everyone, viewer)
    taken = _counts(first, viewer)
    names = {province.code: province.name for province in Province.objects.all()}
    return len(first), tuple(
        Share(
            _label(group, names),
            taken[group] / max(len(first), 1),
            there[group] / max(len(everyone), 1),
        )
        for group, _many in there.most_common()
    )


def _counts(ids: Sequence[int], viewer: Viewer) -> Counter[str]:
    """How often each group stands in a list, in which a body may stand several times."""
    groups = groups_of(list(set(ids)), viewer=viewer)
    return Counter(group for pk in ids for group in groups.get(pk, ()))


def _label(group: str, provinces: dict[str, str]) -> str:
    kind, _space, value = group.partition(" ")
    return provinces.get(value, value) if value else str(FloorGroup(kind).label)
