"""Puts the agent together as the settings say; the call path, ``bot.ask`` and the admin use it."""

from dataclasses import dataclass

from bot.agent import Agent
from bot.cache import Cache
from bot.embeddings.cached import CachedQueries
from bot.embeddings.choose import choose_embedder
from bot.livesettings import LiveSettingsSource
from bot.llm import Generator
from bot.llm.extractive import Extractive
from bot.metrics import Metrics
from bot.prompts import PromptsFile
from bot.release import Release
from bot.search.indexfiles import IndexFolder
from bot.settings import Settings


def build_agent(settings: Settings, metrics: Metrics, cache: Cache | None = None) -> Agent:
    """The agent of this process, ready for its first question.

    ``cache`` is the process's own, if it has one already. Raises
    :class:`bot.errors.AssistantError` for what is missing: a key, an index, the prompts.
    """
    shared = cache or Cache(settings.redis_url, metrics)
    embedder = CachedQueries(choose_embedder(settings), shared)
    quoting = Extractive()
    generator: Generator = quoting if settings.llm == "extractive" else _chat(settings)
    index = IndexFolder(settings.persist_directory, embedder.model_key)
    index.current()
    prompts = PromptsFile(settings.prompts_file_path)
    prompts.current()
    return Agent(
        releases=_Parts(index, prompts, LiveSettingsSource(settings)),
        embedder=embedder,
        generator=generator,
        cache=shared,
        metrics=metrics,
        stand_by=None if generator is quoting else quoting,
    )


@dataclass(frozen=True)
class _Parts:
    """The index, prompts and settings as each of them is now."""

    index: IndexFolder
    prompts: PromptsFile
    live: LiveSettingsSource

    def current(self) -> Release:
        """The release for a turn that starts now."""
        return Release(0, self.index.current(), self.prompts.current(), self.live.current())


def _chat(settings: Settings) -> Generator:
    from bot.llm.openai_chat import OpenAIChat
    from bot.openai_client import openai_client

    return OpenAIChat(openai_client(settings))
