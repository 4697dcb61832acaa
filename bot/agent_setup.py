"""Puts the agent together as the settings say; the call path, ``bot.ask`` and the admin use it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.agent import Agent
from bot.cache import Cache
from bot.embeddings.cached import CachedQueries
from bot.embeddings.choose import choose_embedder
from bot.embeddings.inturn import TurnEmbedder
from bot.errors import SettingError
from bot.llm import Generator
from bot.llm.extractive import Extractive
from bot.metrics import Metrics
from bot.releases.serving import ReleaseFolder
from bot.settings import Settings


@dataclass(frozen=True)
class Answering:
    """The agent, the releases that it answers from, and what it searches them with."""

    agent: Agent
    releases: ReleaseFolder
    embedder: CachedQueries


def build_agent(settings: Settings, metrics: Metrics, cache: Cache | None = None) -> Agent:
    """The agent alone; see :func:`build_answering`."""
    return build_answering(settings, metrics, cache).agent


def build_answering(
    settings: Settings,
    metrics: Metrics,
    cache: Cache | None = None,
    taken_up: Callable[[int], object] = lambda number: None,
) -> Answering:
    """The agent of this process, ready for its first question.

    ``cache`` is the process's own, if it has one already; ``taken_up`` is told the number of
    each release that it answers from. Raises :class:`bot.errors.AssistantError` for what is
    missing: a key, a release, the prompts file.
    """
    shared = cache or Cache(settings.redis_url, metrics)
    is_remote = settings.embeddings == "openai"
    model = TurnEmbedder(choose_embedder(settings), is_remote, metrics.count_error)
    embedder = CachedQueries(model, shared)
    quoting = Extractive()
    generator: Generator = quoting if settings.llm == "extractive" else _chat(settings)
    releases = ReleaseFolder(settings, embedder.model_key, taken_up)
    releases.current()
    if not settings.prompts_file_path.exists():
        raise SettingError(f"PROMPTS_FILE_PATH: {settings.prompts_file_path} does not exist")
    agent = Agent(
        releases=releases,
        embedder=embedder,
        generator=generator,
        cache=shared,
        metrics=metrics,
        stand_by=None if generator is quoting else quoting,
        begin_within_s=settings.answer_within_s,
    )
    return Answering(agent, releases, embedder)


def _chat(settings: Settings) -> Generator:
    from bot.llm.openai_chat import OpenAIChat
    from bot.openai_client import openai_client

    return OpenAIChat(openai_client(settings))
