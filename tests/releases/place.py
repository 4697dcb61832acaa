"""A folder with two bases, prompts and releases; its vectors come from the stand-in service."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openai

from bot.embeddings.openai import OpenAIEmbedder
from bot.index import IndexState, check_index
from bot.releases.publisher import Publisher
from bot.releases.serving import ReleaseFolder
from bot.releases.store import ReleaseStore
from bot.retrieval import Base, Index
from bot.settings import Settings
from tests.agent.parts import write_prompts
from tests.lab.openai_server import KEY, OpenAIServer

GENERAL = "# Гарантия\nГарантия составляет 24 месяца.\n# Оплата\nАванс 50 процентов.\n"
TECH = "# Питание\nМашина питается от 380 В.\n"
ROOT = Path(__file__).parents[2]


def embedder_at(base_url: str, model: str = "text-embedding-3-small") -> OpenAIEmbedder:
    client = openai.OpenAI(api_key=KEY, base_url=base_url, max_retries=0)
    return OpenAIEmbedder(client, model, dimensions=64)


@dataclass
class Place:
    """A folder with two bases, prompts and releases, and how to publish them."""

    folder: Path
    server: OpenAIServer
    sources: dict[Base, Path] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = {"general": self.folder / "general.md", "tech": self.folder / "tech.md"}
        self.sources["general"].write_text(GENERAL, encoding="utf-8")
        self.sources["tech"].write_text(TECH, encoding="utf-8")
        write_prompts(self.prompts)

    @property
    def directory(self) -> Path:
        return self.folder / "index"

    @property
    def settings(self) -> Settings:
        return Settings(
            _env_file=None,  # type: ignore[call-arg]
            knowledge_base_path=self.sources["general"],
            knowledge_base2_path=self.sources["tech"],
            prompts_file_path=self.prompts,
            persist_directory=self.directory,
        )

    @property
    def store(self) -> ReleaseStore:
        return ReleaseStore(self.directory)

    @property
    def embedder(self) -> OpenAIEmbedder:
        return embedder_at(self.server.base_url)

    @property
    def builds(self) -> set[str]:
        return {folder.name for folder in (self.directory / "builds").iterdir()}

    @property
    def state(self) -> IndexState:
        return check_index(self.settings, self.embedder.model_key)

    @property
    def status(self) -> str:
        return self.state.status

    @property
    def build_in_service(self) -> Path:
        return self.directory / "builds" / self.store.record(self.store.in_service()).build_id

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.settings, lambda: self.embedder)

    @property
    def prompts(self) -> Path:
        return self.folder / "prompts.json"

    def folder_in_service(self) -> ReleaseFolder:
        """The releases as a worker has them."""
        return ReleaseFolder(self.settings, self.embedder.model_key)

    def kept(self) -> dict[str, bytes]:
        """Every file of every release."""
        files = sorted((self.directory / "releases").rglob("*.*"))
        return {str(file.relative_to(self.directory)): file.read_bytes() for file in files}

    def build(self, force: bool = False) -> str:
        """Publish the files; the id of the build in service then."""
        return self.publisher.publish_files("lab", force=force).record.build_id

    def serving(self, model_key: str = "") -> Index:
        build_id = self.build_in_service.name
        return self.store.builds.load(build_id, model_key or self.embedder.model_key)

    def command(self, *options: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.index", *options],
            env=self.environment(changes), cwd=ROOT, capture_output=True, text=True, timeout=100,
        )  # fmt: skip

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        return {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "EMBEDDINGS_PROVIDER": "openai",
            "EMBEDDINGS_MODEL": "text-embedding-3-small",
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.server.base_url,
            "KNOWLEDGE_BASE_PATH": str(self.sources["general"]),
            "KNOWLEDGE_BASE2_PATH": str(self.sources["tech"]),
            "PROMPTS_FILE_PATH": str(self.prompts),
            "PERSIST_DIRECTORY": str(self.directory),
            **changes,
        }
