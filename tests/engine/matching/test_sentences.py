"""A sentence model from a folder: rows, fingerprint, refusals, and nothing over the network."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.sentence_models import TWINS, WIDTH, saved
from trebbo.engine.matching.sentences import SentenceModel, SentenceModelUnusable

__all__ = ["saved"]

WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """The same model in a folder of the test's own."""
    return Path(shutil.copytree(saved, tmp_path / "own"))


def weights_of(folder: Path) -> Path:
    """The one file with the model's numbers."""
    [weights] = folder.rglob(WEIGHTS)
    return weights


def test_translations_are_each_others_nearest(saved: Path) -> None:
    model = SentenceModel.load(saved)
    italian, english = model.encode(list(TWINS)), model.encode(list(TWINS.values()))
    nearness = italian @ english.T
    assert nearness.argmax(axis=0).tolist() == list(range(len(TWINS)))
    assert nearness.argmax(axis=1).tolist() == list(range(len(TWINS)))


def test_rows_have_length_one_and_the_order_of_the_texts(saved: Path) -> None:
    model = SentenceModel.load(saved)
    # More than one batch; the library sorts texts by their length.
    texts = [" ".join([word] * (1 + at % 5)) for at in range(20) for word in (*TWINS, "water")]
    rows = model.encode(texts)
    assert rows.dtype == np.float32
    assert rows.shape == (len(texts), WIDTH)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    alone = np.vstack([model.encode([text]) for text in texts])
    np.testing.assert_allclose(rows, alone, atol=1e-6)
    assert np.array_equal(rows, model.encode(texts))


def test_a_text_that_says_nothing_has_a_row_of_zeros(saved: Path) -> None:
    model = SentenceModel.load(saved)
    rows = model.encode(["", "clean water", " \n\t", "unheard"])
    assert np.linalg.norm(rows, axis=1).round(6).tolist() == [0, 1, 0, 0]
    assert model.encode([]).shape == (0, WIDTH)
    assert model.encode([""]).shape == (1, WIDTH)


def test_the_fingerprint_stands_for_the_files(saved: Path, folder: Path) -> None:
    first = SentenceModel.load(saved)
    assert first.name == "little"
    assert SentenceModel.load(saved).fingerprint == first.fingerprint
    assert SentenceModel.load(folder).fingerprint == first.fingerprint
    weights = weights_of(folder)
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    changed = SentenceModel.load(folder).fingerprint
    (folder / "notes.txt").write_text("")
    assert len({first.fingerprint, changed, SentenceModel.load(folder).fingerprint}) == 3


def test_how_it_was_fetched_does_not_change_the_fingerprint(saved: Path, folder: Path) -> None:
    (folder / ".cache").mkdir()
    (folder / ".cache" / "fetched.json").write_text("{}")
    assert SentenceModel.load(folder).fingerprint == SentenceModel.load(saved).fingerprint


def test_nothing_goes_over_the_network(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def refuse(*address: Any) -> NoReturn:
        tried.append(address)  # the library may swallow the error
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    SentenceModel.load(saved).encode(list(TWINS))
    assert tried == []


@pytest.mark.parametrize("length", [0, 20])
def test_a_broken_file_is_named_in_the_refusal(folder: Path, length: int) -> None:
    weights = weights_of(folder)
    weights.write_bytes(weights.read_bytes()[:length])
    with pytest.raises(SentenceModelUnusable, match="cannot be read") as refusal:
        SentenceModel.load(folder)
    assert str(folder) in refusal.value.message


def test_a_model_that_gives_no_numbers_is_refused(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = weights_of(folder)
    save_file({key: rows * np.nan for key, rows in load_file(weights).items()}, weights)
    with pytest.raises(SentenceModelUnusable, match="not numbers"):
        SentenceModel.load(folder)


def test_code_in_the_folder_is_not_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    (folder / "own_part.py").write_text(f"open({str(trace)!r}, 'w')\nclass Part: pass\n")
    index = folder / "modules.json"
    parts = json.loads(index.read_text())
    parts[0]["type"] = "own_part.Part"
    index.write_text(json.dumps(parts))
    with pytest.raises(SentenceModelUnusable, match="cannot be read"):
        SentenceModel.load(folder)
    assert not trace.exists()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SentenceModelUnusable, match="is not a folder"):
        SentenceModel.load(tmp_path / "missing")
    with pytest.raises(SentenceModelUnusable, match=r"holds no modules\.json"):
        SentenceModel.load(tmp_path)


def test_without_the_library_the_refusal_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "modules.json").write_text("[]")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(SentenceModelUnusable, match="needs sentence-transformers") as refusal:
        SentenceModel.load(tmp_path)
    assert "pip install 'trebbo[sentences]'" in refusal.value.message


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    program = (
        "import sys, trebbo.engine.matching.sentences\n"
        "sys.exit(bool({'sentence_transformers', 'torch'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
