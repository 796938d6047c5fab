"""Real consortia of Horizon Europe: read in full, and found better than by popularity."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

from trebbo.engine.matching import Evidence
from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import Consortia
from trebbo.engine.matching.cordis import read_cordis
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.evaluation import by_ranking, by_score, measure
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking

SPLIT = date(2024, 1, 1)
EVERY_CASE = 8
CLIMATE_AND_ENERGY = "HORIZON.2.5"


def rows_of(archive: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(archive) as opened:
        entry = next(one for one in opened.namelist() if one.endswith(f"/{name}") or one == name)
        text = io.TextIOWrapper(opened.open(entry), "utf-8-sig", newline="")
        return list(csv.DictReader(text, delimiter=";"))


def test_real_consortia_are_read_and_found(open_data: Path) -> None:
    archive = open_data / "cordis" / "cordis-HORIZONprojects-csv.zip"
    evidence = read_cordis([archive])
    parts = rows_of(archive, "organization.csv")
    signed = {row["id"] for row in rows_of(archive, "project.csv") if row["ecSignatureDate"]}
    assert {body.key for body in evidence.bodies} == {row["organisationID"] for row in parts}
    assert {work.key for work in evidence.works} == signed & {row["projectID"] for row in parts}
    assert sum(len(work.members) for work in evidence.works) == sum(
        row["projectID"] in signed for row in parts
    )
    assert len(evidence.works) > 10_000

    # One programme whole: a sample of all of them would cut the ties between works.
    works = tuple(work for work in evidence.works if work.programme.startswith(CLIMATE_AND_ENERGY))
    sample = Evidence(evidence.bodies, works)
    corpus = Corpus.of(sample)
    history = History.of(corpus, SPLIT.toordinal())
    consortia = Consortia(corpus, {work.key: work for work in works})
    cases = list(consortia.cases(history, 10**6, "idea", seed=20))[::EVERY_CASE]
    assert len(cases) > 30
    ours = measure(history, cases, by_ranking(history, PlainRanking()))
    popular = measure(history, cases, by_score(history, baselines_of(history)["popularity"]))
    bm25 = measure(history, cases, by_score(history, baselines_of(history)["bm25"]))
    assert ours.all["ndcg@20"] > 1.5 * popular.all["ndcg@20"]
    assert ours.all["ndcg@20"] > bm25.all["ndcg@20"]
