"""What linkage is measured against: exact names, the best single string distance, Splink."""

import logging
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from trebbo.engine.linkage import Entity, Gold
from trebbo.engine.linkage.names import fold, words_of

Links = dict[str, set[str]]
Scored = dict[str, tuple[float, str]]

DISTANCES: dict[str, Callable[..., float]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
    "Jaro-Winkler": JaroWinkler.normalized_similarity,
}
SAMPLE = 500


def plain(text: str) -> str:
    """A name without accents, capitals and punctuation."""
    return " ".join(words_of(fold(text)))


def plain_names(entity: Entity) -> set[str]:
    """All names of a body in that form."""
    return {plain(name.text) for name in entity.names} - {""}


def exact(left: Iterable[Entity], right: Iterable[Entity]) -> Links:
    """Links where exactly one body of the country has the same plain name."""
    named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for body in right:
        for name in plain_names(body):
            named[body.country, name].add(body.key)
    found: Links = {}
    for body in left:
        keys = set().union(*(named.get((body.country, n), set()) for n in plain_names(body)))
        if len(keys) == 1:
            found[body.key] = keys
    return found


def nearest(
    left: Iterable[Entity], right: Iterable[Entity], distance: Callable[..., float]
) -> Scored:
    """For each left body the nearest name among those of its country, and how near it is."""
    by_country: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for body in right:
        by_country[body.country] += [(name, body.key) for name in plain_names(body)]
    choices = {code: [name for name, _ in names] for code, names in by_country.items()}
    found: Scored = {}
    for body in left:
        best = (0.0, "")
        for name in sorted(plain_names(body)):
            hit = process.extractOne(
                name, choices.get(body.country, ()), scorer=distance, score_cutoff=best[0]
            )
            if hit and hit[1] > best[0]:
                best = (hit[1], by_country[body.country][hit[2]][1])
        if best[1]:
            found[body.key] = best
    return found


def best_threshold(scored: Scored, gold: Iterable[Gold]) -> tuple[float, float]:
    """The threshold with the best F1, and that F1."""
    known = {item.left: item for item in gold}
    present = sum(bool(item.rights) for item in known.values())
    ranked = sorted(
        (
            (score, key in known[left].rights)
            for left, (score, key) in scored.items()
            if left in known
        ),
        reverse=True,
    )
    best, right = (1.0, 0.0), 0
    for place, (score, is_right) in enumerate(ranked, 1):
        right += is_right
        last_of_its_score = place == len(ranked) or ranked[place][0] < score
        if last_of_its_score and (f1 := 2 * right / (place + present)) > best[1]:
            best = (score, f1)
    return best


def single_distance(
    left: Mapping[str, Entity],
    right: Sequence[Entity],
    tuning: Sequence[Gold],
    reporting: Sequence[Gold],
) -> tuple[str, Links]:
    """The distance and threshold that do best on the tuning half, applied to the other."""
    chosen = ("", 0.0, -1.0)
    sample = tuning[:: max(1, len(tuning) // SAMPLE)]
    for name, distance in DISTANCES.items():
        scored = nearest([left[item.left] for item in sample], right, distance)
        threshold, f1 = best_threshold(scored, sample)
        if f1 > chosen[2]:
            chosen = (name, threshold, f1)
    name = chosen[0]
    threshold = best_threshold(
        nearest([left[item.left] for item in tuning], right, DISTANCES[name]), tuning
    )[0]
    scored = nearest([left[item.left] for item in reporting], right, DISTANCES[name])
    return f"{name} from {threshold:.2f}", {
        key: {other} for key, (score, other) in scored.items() if score >= threshold
    }


def splink_links(left: Iterable[Entity], right: Iterable[Entity], seed: int) -> Links | None:
    """The best link of each left body by Splink 5 from 0.5 on; None where it is not installed.

    Its ready-made comparisons (names by Jaro-Winkler with term frequencies, town, country, web
    domain), its usual training: u by random sampling, m by expectation maximisation.
    """
    if find_spec("splink") is None:
        return None
    warnings.filterwarnings("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    import pyarrow as pa
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    def table(bodies: Iterable[Entity]) -> Any:
        rows = []
        for body in bodies:
            names = sorted(plain_names(body)) or [""]
            rows.append(
                {
                    "unique_id": body.key,
                    "name": plain(body.names[0].text) if body.names else None,
                    "names": names,
                    "start": (plain(body.names[0].text) if body.names else "")[:8] or None,
                    "country": body.country or None,
                    "town": plain(body.town) or None,
                }
            )
        return pa.Table.from_pylist(rows)

    api = DuckDBAPI()
    tables = [
        api.register(table(left), dataset_display_name="bodies"),
        api.register(table(right), dataset_display_name="records"),
    ]
    linker = Linker(
        tables,
        SettingsCreator(
            link_type="link_only",
            comparisons=[
                cl.NameComparison("name").configure(term_frequency_adjustments=True),
                cl.ArrayIntersectAtSizes("names", [1]),
                cl.JaroWinklerAtThresholds("town", [0.92, 0.8]),
                cl.ExactMatch("country"),
            ],
            blocking_rules_to_generate_predictions=[
                block_on("country", "start"),
                block_on("name"),
                block_on("country", "town"),
            ],
        ),
        log_level=logging.ERROR,
    )
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("name", "country")], recall=0.5
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed)
    training.estimate_parameters_using_expectation_maximisation(block_on("country", "start"))
    training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    best: Scored = {}
    for row in predicted.as_record_list():
        one, other = row["unique_id_l"], row["unique_id_r"]
        if row["source_dataset_l"] == "records":
            one, other = other, one
        score = (row["match_probability"], other)
        if score > best.get(one, (0.0, "")):
            best[one] = score
    return {one: {other} for one, (_, other) in best.items()}


def texts_exact(texts: Iterable[str], right: Iterable[Entity]) -> Links:
    """Bodies whose whole name is a text, or a part of it between commas."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for body in right:
        for name in plain_names(body):
            named[name].add(body.key)
    found: Links = {}
    for text in texts:
        for part in {plain(text), *map(plain, text.replace(";", ",").split(","))}:
            if len(named.get(part, ())) == 1:
                found.setdefault(text, set()).update(named[part])
    return found


def texts_nearest(
    texts: Iterable[str], right: Iterable[Entity], distance: Callable[..., float]
) -> Scored:
    """For each text the nearest name among those that share a word of few names with it."""
    names = [(name, body.key) for body in right for name in plain_names(body)]
    having: defaultdict[str, list[int]] = defaultdict(list)
    for place, (name, _) in enumerate(names):
        for word in set(name.split()):
            having[word].append(place)
    found: Scored = {}
    for text in texts:
        whole = plain(text)
        places = sorted(
            {p for word in set(whole.split()) if len(having[word]) < 1500 for p in having[word]}
        )
        hit = process.extractOne(whole, [names[place][0] for place in places], scorer=distance)
        if hit:
            found[text] = (hit[1], names[places[hit[2]]][1])
    return found


def texts_single_distance(
    right: Sequence[Entity], tuning: Sequence[Gold], reporting: Sequence[Gold]
) -> tuple[str, Links]:
    """As `single_distance`, for texts."""
    chosen = ("", 1.0, -1.0)
    for name, distance in DISTANCES.items():
        scored = texts_nearest([item.left for item in tuning], right, distance)
        threshold, f1 = best_threshold(scored, tuning)
        if f1 > chosen[2]:
            chosen = (name, threshold, f1)
    name, threshold, _ = chosen
    scored = texts_nearest([item.left for item in reporting], right, DISTANCES[name])
    return f"{name} from {threshold:.2f}", {
        text: {key} for text, (score, key) in scored.items() if score >= threshold
    }
