"""Reads which ranking is in use, how good it was, and how fair the kept shortlists are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
MOST_GROUPS = 12
WEIGHT_LABELS = {
    "evidence": gettext_lazy("funded projects and past partnerships"),
    "words": gettext_lazy("what it says of itself"),
    "place": gettext_lazy("near the place asked for"),
    "chain": gettext_lazy("in the same value chain"),
    "cluster": gettext_lazy("in the same cluster"),
    "accredited": gettext_lazy("accredited in the High Technology Network"),
    "fresh": gettext_lazy("confirmed"),
}
FIGURES = {
    "ndcg@20": gettext_lazy("order of the first twenty (nDCG@20)"),
    "recall@20": gettext_lazy("found among twenty (recall@20)"),
    "mrr": gettext_lazy("first one found (MRR)"),
}
MODE_LABELS = {
    "idea": gettext_lazy("an idea, told in full"),
    "topic": gettext_lazy("the title of a call"),
    "complete": gettext_lazy("an idea and half of the team"),
}
METHOD_LABELS = {
    "ours": gettext_lazy("trained ranking"),
    "plain": gettext_lazy("transparent ranking"),
    "bm25": gettext_lazy("the nearest past projects (BM25)"),
    "adamic-adar": gettext_lazy("common partners (Adamic and Adar)"),
    "popularity": gettext_lazy("who took part most often"),
}


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
    """The ranking in use, its scores, and the fairness of kept shortlists (places counted).

    `weights_only` where the trained one moved the weights only; `split` is the day before which the
    hold-out was learned; `unmeasured` where there were too few consortia for one.
    """

    label: str
    problem: str
    trained: TrainedRanking | None
    weights_only: bool
    split: date | None
    unmeasured: bool
    scores: tuple[Score, ...]
    weights: tuple[tuple[str, float, float], ...]
    places: int
    shares: tuple[Share, ...]
    held_out: tuple[Share, ...]


def ranking_report(*, viewer: Viewer) -> Report:
    """All that an office is told of the ranking."""
    chosen = gateway.current_ranking()
    trained = TrainedRanking.objects.filter(is_present=True).defer("booster").first()
    scores: dict[str, Any] = trained.scores if trained else {}
    default = gateway.Weights()
    weights = tuple(
        (str(label), getattr(default, name), getattr(chosen.weights, name))
        for name, label in WEIGHT_LABELS.items()
    )
    provinces = list(Province.objects.select_related("territory"))
    places, shares = _shares(viewer, {one.code: one.name for one in provinces})
    territories = {one.territory.code: one.name for one in provinces if one.territory}
    fairness = scores.get("idea", {}).get("fairness", ())
    return Report(
        label=chosen.ranking.label,
        problem=chosen.problem,
        trained=trained,
        weights_only=bool(trained and "reason" in trained.data),
        split=date.fromisoformat(scores["split"]) if "split" in scores else None,
        unmeasured="reason" in scores,
        scores=tuple(_scores(scores)),
        weights=weights,
        places=places,
        shares=shares,
        held_out=tuple(
            Share(_label(one["group"], territories), one["shown"], one["right"])
            for one in fairness[:MOST_GROUPS]
        ),
    )


def _scores(told: dict[str, Any]) -> Iterable[Score]:
    for mode, need in MODE_LABELS.items():
        methods = told.get(mode, {}).get("methods", {})
        for method in filter(methods.__contains__, METHOD_LABELS):
            everyone, new = (
                tuple(methods[method][scope].get(name, 0.0) for name in FIGURES)
                for scope in ("all", "new")
            )
            yield Score(str(need), str(METHOD_LABELS[method]), everyone, new)


def _shares(viewer: Viewer, names: dict[str, str]) -> tuple[int, tuple[Share, ...]]:
    """How the first ten places of all kept shortlists are shared, against the registry."""
    entries = ShortlistEntry.objects.filter(position__lte=FIRST, profile__isnull=False)
    shown = entries.exclude(standing=EntryStanding.DROPPED).values_list("profile_id", flat=True)
    first = list(shown)
    everyone = list(view_profile.filter(viewer, gateway.findable()).values_list("pk", flat=True))
    groups = groups_of(list({*everyone, *first}), viewer=viewer)
    there = Counter(group for pk in everyone for group in groups[pk])
    taken = Counter(group for pk in first for group in groups[pk])
    shares = [
        Share(
            _label(group, names),
            taken[group] / max(len(first), 1),
            many / max(len(everyone), 1),
        )
        for group, many in there.items()
    ]
    return len(first), tuple(sorted(shares, key=lambda one: (-one.there, one.label)))


def _label(group: str, provinces: dict[str, str]) -> str:
    kind, _space, value = group.partition(" ")
    return provinces.get(value, value) if value else str(FloorGroup(kind).label)
