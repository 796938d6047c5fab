"""The folder of the embedded index: other processes, damage, versions."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.engine.search.examples import (
    BOLOGNA,
    GAZETTEER,
    LABORATORIES,
    LEXICON,
    asked,
    laboratory,
)
from trebbo.engine.search import IndexBroken, IndexBusy, IndexMissing, TantivyIndex

PUT = """
import sys
from trebbo.engine.search import Document, Part, TantivyIndex
index = TantivyIndex(sys.argv[1])
parts = (Part("name", "oleodinamica"),)
documents = [Document("d:new", "Nuovo", parts, audiences=frozenset({"public"}))]
getattr(index, sys.argv[2])(documents)
"""


def elsewhere(folder: Path, verb: str) -> subprocess.CompletedProcess[str]:
    """Write to the index from another process."""
    command = [sys.executable, "-c", PUT, str(folder), verb]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def filled(tmp_path: Path) -> TantivyIndex:
    index = TantivyIndex(tmp_path)
    index.replace_all(LABORATORIES)
    return index


def test_readers_see_what_another_process_wrote(filled: TantivyIndex, tmp_path: Path) -> None:
    assert filled.search(asked("oleodinamica"), LEXICON, GAZETTEER).total == 0
    assert elsewhere(tmp_path, "put").returncode == 0
    assert filled.search(asked("oleodinamica"), LEXICON, GAZETTEER).total == 1
    assert filled.count() == len(LABORATORIES) + 1
    assert elsewhere(tmp_path, "replace_all").returncode == 0
    assert filled.count() == 1


def test_a_second_writer_is_refused(filled: TantivyIndex, tmp_path: Path) -> None:
    def documents() -> object:
        refused = elsewhere(tmp_path, "put")
        assert refused.returncode != 0
        assert "IndexBusy" in refused.stderr
        with pytest.raises(IndexBusy, match="another process"):
            TantivyIndex(tmp_path).remove(["unit:top"])
        assert filled.search(asked("proteomics"), LEXICON, GAZETTEER).total == 1
        yield LABORATORIES[4]

    assert filled.replace_all(documents()) == 1  # type: ignore[arg-type]
    assert filled.count() == 1


def test_a_missing_index_says_so_and_put_builds_it(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "none")
    assert index.check().state == "missing"
    with pytest.raises(IndexMissing, match="build it"):
        index.search(asked("test"), LEXICON, GAZETTEER)
    index.put(LABORATORIES)
    assert index.check().state == "ready"


@pytest.mark.parametrize("damage", ["meta.json", "gone", "pointer"])
def test_a_damaged_index_says_so_and_can_be_rebuilt(tmp_path: Path, damage: str) -> None:
    TantivyIndex(tmp_path).replace_all(LABORATORIES)
    generation = next(tmp_path.glob("generation-*"))
    if damage == "meta.json":
        (generation / "meta.json").write_text("{")
    elif damage == "gone":
        for file in generation.iterdir():
            file.unlink()
    else:
        (tmp_path / "current").write_text("?")
    index = TantivyIndex(tmp_path)
    status = index.check()
    assert (status.state, status.documents) == ("broken", 0)
    with pytest.raises(IndexBroken) as refusal:
        index.search(asked("test"), LEXICON, GAZETTEER)
    assert "rebuild" in refusal.value.message
    index.replace_all(LABORATORIES)
    assert index.check().state == "ready"


def test_another_version_needs_a_rebuild(tmp_path: Path) -> None:
    TantivyIndex(tmp_path).replace_all(LABORATORIES)
    pointer = json.loads((tmp_path / "current").read_text())
    (tmp_path / "current").write_text(json.dumps({**pointer, "schema": 999}))
    status = TantivyIndex(tmp_path).check()
    assert (status.state, status.schema_version) == ("outdated", 999)
    with pytest.raises(IndexBroken, match="version 999"):
        TantivyIndex(tmp_path).count()


def test_old_generations_do_not_pile_up(filled: TantivyIndex, tmp_path: Path) -> None:
    for _ in range(4):
        filled.replace_all(LABORATORIES)
    assert len(list(tmp_path.glob("generation-*"))) == 2


def test_a_rebuild_never_shows_half(filled: TantivyIndex) -> None:
    counts: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            counts.add(filled.search(asked("laboratorio"), LEXICON, GAZETTEER).total)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        filled.replace_all(LABORATORIES)
        filled.replace_all(LABORATORIES[:2])
    done.set()
    reader.join()
    assert counts <= {2, len(LABORATORIES)}
    assert counts


def test_titles_squeezed_between_neighbours_keep_their_order(filled: TantivyIndex) -> None:
    names = [f"M{'a' * number}" for number in range(60, 0, -1)]
    for name in names:
        filled.put([laboratory(f"unit:{name}", name, BOLOGNA, "BO")])
    results = filled.search(asked(limit=100), LEXICON, GAZETTEER)
    titles = [hit.title for hit in results.hits]
    assert titles == sorted(titles, key=str.casefold)
    assert len(titles) == len(LABORATORIES) + 60
