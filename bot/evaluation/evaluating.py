"""The whole evaluation: two passes over the questions with assistants of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import CollectorRegistry

from bot.agent_setup import Answering, build_answering
from bot.cache import MEMORY_BYTES, Cache
from bot.evaluation.measures import Judged, judge
from bot.evaluation.repeating import Again, ask_again, judge_cache, turns_again
from bot.evaluation.running import Outcome, Progress, ask_golden
from bot.evaluation.sources import Sources
from bot.golden import GoldenQuestion
from bot.livesettings import LiveSettings
from bot.metrics import Metrics
from bot.releases.store import ReleaseStore
from bot.settings import Settings

_Turn = TypeVar("_Turn")


@dataclass(frozen=True)
class Evaluated:
    """Every question judged, in the file's order, and the turns that tried the cache."""

    judged: tuple[Judged, ...]
    turns: tuple[Again, ...]
    live: LiveSettings
    """The settings in force when it began."""


def evaluate(
    settings: Settings,
    questions: Sequence[GoldenQuestion],
    chosen: Sequence[GoldenQuestion],
    progress: Progress,
) -> Evaluated:
    """Ask the ``chosen`` of all ``questions`` as the settings say, and judge the answers.

    Neither pass reads the caches of the assistant in service or leaves anything in them. A
    paraphrase's original is asked before it even when it was not chosen. Raises
    :class:`bot.errors.AssistantError` for what is missing: a key, a release, the prompts.
    """
    forgetful, remembering = _Forgetful(settings), _assistant(settings, MEMORY_BYTES)
    sources = Sources(ReleaseStore(settings.persist_directory))
    live = remembering.releases.current().live
    again = [*_originals(questions, chosen), *chosen]
    count = _Counted(progress, len(chosen) + turns_again(again))
    judged = [
        judge(outcome, {} if outcome.failure else sources.of(outcome.trace.release))
        for outcome in count.each(map(forgetful.ask, chosen))
    ]
    turns = list(count.each(ask_again(remembering.agent, again)))
    return Evaluated(tuple(judge_cache(judged, turns)), tuple(turns), live)


def _assistant(settings: Settings, cache_bytes: int) -> Answering:
    """An assistant with a cache of its own, which no other process shares."""
    metrics = Metrics(CollectorRegistry())
    return build_answering(settings, metrics, Cache(None, metrics, cache_bytes))


class _Forgetful:
    """Answers each question as if it were the first one.

    Its cache keeps nothing, and an assistant that has used an answer again all the same, for
    another question of the same meaning, is replaced and its successor asked.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._agent = _assistant(settings, 0).agent

    def ask(self, question: GoldenQuestion) -> Outcome:
        outcome = ask_golden(self._agent, question, question.question)
        if outcome.trace.cached:
            self._agent = _assistant(self._settings, 0).agent
            outcome = ask_golden(self._agent, question, question.question)
        return outcome


def _originals(
    questions: Sequence[GoldenQuestion], chosen: Sequence[GoldenQuestion]
) -> list[GoldenQuestion]:
    """The questions that chosen paraphrases repeat, those left out of ``chosen``."""
    wanted = {one.same_as for one in chosen} - {one.id for one in chosen}
    return [one for one in questions if one.id in wanted]


class _Counted:
    """Tells the progress of several passes as one."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def each(self, turns: Iterable[_Turn]) -> Iterator[_Turn]:
        for turn in turns:
            self._done += 1
            self._progress(self._done, self._total)
            yield turn
