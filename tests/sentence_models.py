"""A small sentence model, made on the spot, in which translations lie close."""

from pathlib import Path

import numpy as np
import pytest

TWINS = {
    "acqua pulita": "clean water",
    "energia solare": "solar energy",
    "robot agricoli": "farming robots",
    "latte fresco": "fresh milk",
    "ponte antico": "ancient bridge",
    "cuore umano": "human heart",
}
WIDTH = 16


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model in which words that translate each other lie close, as the library saves it."""
    library = pytest.importorskip(
        "sentence_transformers",
        reason="sentence-transformers is not installed (it is optional; `.ci/run` installs it)",
    )
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    chance = np.random.default_rng(7)
    words, vectors = ["?"], [np.zeros(WIDTH)]
    for italian, english in TWINS.items():
        meaning = chance.normal(size=WIDTH)
        for word in (*italian.split(), *english.split()):
            words.append(word)
            vectors.append(meaning + chance.normal(scale=0.3, size=WIDTH))
    numbers = {word: at for at, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    part = StaticEmbedding(tokenizer, embedding_weights=np.array(vectors, np.float32))
    folder = tmp_path_factory.mktemp("models") / "little"
    library.SentenceTransformer(modules=[part], device="cpu").save(str(folder))
    return folder
