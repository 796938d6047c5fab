"""`trebbo matching` as people run it: train, evaluate, status, forget, stop."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.consortia import DAYS_APART, PROJECTS, SMALL, made_up_consortia
from tests.factories.official import CordisFile, cordis_file
from tests.factories.organisations import NOW
from tests.searching import index_all, search_folder
from trebbo.config import doctor, matching
from trebbo.config.doctor import Level
from trebbo.kernel.access import installation
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions.training import train_ranking
from trebbo.partnering.introductions.models import MatchingTable, TrainedRanking

__all__ = ["search_folder"]

pytestmark = pytest.mark.django_db
Capture = pytest.CaptureFixture[str]
LATER = (NOW.date() - timedelta(days=DAYS_APART * 30)).isoformat()


def said(capsys: Capture, *arguments: str, code: int = 0) -> tuple[str, str]:
    """What a command prints, and what it complains of."""
    assert matching.main(["--language", "en", *arguments]) == code
    return capsys.readouterr()


def findings() -> dict[str, doctor.Finding]:
    """What the doctor finds of matching."""
    return {one.subject: one for one in doctor.matching_findings()}


def test_nothing_to_learn_from(capsys: Capture) -> None:
    """Words and a code, and the same ranking as before."""
    out, _complaints = said(capsys, "status")
    assert "0 works (missing): run `trebbo index`" in out
    assert "ranking in use: plain" in out
    _out, complaints = said(capsys, "train", "--no-scores", code=1)
    assert "too little to learn a ranking from" in complaints
    _out, complaints = said(capsys, "evaluate", "--split", "2024-01-01", code=1)
    assert "40 are needed" in complaints
    assert "No trained ranking was in use." in said(capsys, "forget")[0]
    assert json.loads(said(capsys, "status", "--json")[0]) == {
        "table": "missing", "works": 0, "ranking": "plain", "problem": "", "trained": None,
    }  # fmt: skip


def test_train_status_and_forget(capsys: Capture) -> None:
    """Status says when, from what, how good; forgetting goes back."""
    made_up_consortia()
    index_all(NOW)
    out, progress = said(capsys, "train", "--day", LATER, "--no-scores")
    assert f"learned-{LATER}: trained " in out
    assert f"from {PROJECTS - 30} works before {LATER}" in out
    assert "long: " in progress
    out, _progress = said(capsys, "status")
    assert f"{PROJECTS} works (ready)" in out
    assert f"ranking in use: learned-{LATER}" in out
    assert "accredited 0.50" in out
    told = json.loads(said(capsys, "status", "--json")[0])
    assert told["trained"]["data"]["works"] == PROJECTS - 30
    assert {one.level for one in findings().values()} == {Level.OK}
    assert findings()["ranking"].words == f"learned-{LATER}"
    assert "transparent ranking is in use" in said(capsys, "forget")[0]
    assert "ranking in use: plain" in said(capsys, "status")[0]


def test_scores_are_told(capsys: Capture) -> None:
    """Beside the baselines, for each kind of need; also in JSON."""
    made_up_consortia()
    row = train_ranking(actor=installation(NOW), recipe=SMALL)
    out, _complaints = said(capsys, "status")
    assert f"asked about the consortia signed from {row.scores['split']} on" in out
    for mode in ("idea", "topic", "complete"):
        _before, _heading, rest = out.partition(f"\n{mode}: {PROJECTS // 5} consortia\n\n")
        methods = {line.partition(" ")[0] for line in rest.partition("\n\n")[0].splitlines()}
        assert {"ours", "plain", "bm25", "adamic-adar"} <= methods


def test_stopped_it_says_that_nothing_changed(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while it learns ends with 130 and the ranking that was in use."""
    made_up_consortia()
    before = TrainedRanking.objects.create(schema=1, trained_at=NOW, is_present=True)

    class Terminal(io.StringIO):
        """Where somebody presses Ctrl-C at the first trees."""

        def write(self, words: str) -> int:
            if "long: " in words:
                raise KeyboardInterrupt
            return super().write(words)

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    said(capsys, "train", "--no-scores", code=matching.INTERRUPTED)
    assert "the same as before" in terminal.getvalue()
    assert list(TrainedRanking.objects.filter(is_present=True)) == [before]


def daily(made: CordisFile) -> CordisFile:
    """The file with its grants signed one a day."""
    for number, row in enumerate(made.projects):
        row["ecSignatureDate"] = (NOW.date() - timedelta(days=600 - number)).isoformat()
    return made


def test_official_zips_are_measured(capsys: Capture, tmp_path: Path) -> None:
    """Several at once, one kind of need; the database is not read."""
    whole = daily(cordis_file(projects=400, partners=4, bodies=30))
    archives = [str(whole.write(tmp_path / "one.zip")), str(whole.write(tmp_path / "two.zip"))]
    split = (NOW.date() - timedelta(days=300)).isoformat()
    told = json.loads(
        said(
            capsys, "evaluate", "--cordis", *archives, "--split", split, "--mode", "idea", "--json"
        )[0]
    )
    assert told.keys() == {"split", "idea"}
    assert (told["split"], told["idea"]["consortia"]) == (split, 100)
    assert told["idea"]["methods"]["ours"]["all"].keys() >= {"ndcg@20", "recall@20", "mrr"}
    assert not TrainedRanking.objects.exists()


def test_a_zip_that_is_none_is_named(capsys: Capture, tmp_path: Path) -> None:
    """Missing, broken, or something else in a zip."""
    missing, broken = tmp_path / "missing.zip", tmp_path / "broken.zip"
    broken.write_text("nothing")
    for file in (missing, broken):
        _out, complaints = said(capsys, "evaluate", "--cordis", str(file), code=1)
        assert f"{file} cannot be read" in complaints
    other = tmp_path / "other.zip"
    cordis_file().write(other, edit=lambda _name, text: text.replace("organisationID", "id"))
    _out, complaints = said(capsys, "evaluate", "--cordis", str(other), code=1)
    assert f"{other} is not as CORDIS publishes its zips" in complaints


def test_the_doctor_says_what_to_do(capsys: Capture) -> None:
    """No table, a broken one, a ranking that no longer fits."""
    found = findings()
    assert (found["matching"].level, found["matching"].remedy) == (
        Level.PROBLEM, "run `trebbo index`",
    )  # fmt: skip
    assert (found["ranking"].level, found["ranking"].words) == (Level.OK, "plain")
    MatchingTable.objects.create(name="works", stamp=1, content=b"nothing", written_at=NOW)
    TrainedRanking.objects.create(schema=0, trained_at=NOW, booster="{", is_present=True)
    gateway.forget_matching()
    found = findings()
    assert "broken" in found["matching"].words
    assert (found["ranking"].level, found["ranking"].remedy) == (
        Level.WARNING, "run `trebbo matching train`",
    )  # fmt: skip
    out, _complaints = said(capsys, "status")
    assert "problem: The trained ranking cannot be read" in out


def test_its_words_are_those_of_the_language(capsys: Capture, monkeypatch: Any) -> None:
    """Taken from the surroundings unless said."""
    monkeypatch.setenv("LC_ALL", "it_IT.UTF-8")
    assert matching.main(["train"]) == 1
    assert "C’è troppo poco da cui imparare" in capsys.readouterr().err
