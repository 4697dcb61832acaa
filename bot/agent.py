"""Question → routed retrieval → prompt → streamed sentences with a source."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from bot import llm
from bot.atonce import reply_at_once
from bot.cache import Cache
from bot.deadline import Deadline
from bot.embeddings.cached import CachedQueries
from bot.errors import ProviderError
from bot.failover.budget import BEGIN_WITHIN_S, TurnBudget
from bot.keptanswer import (
    KEPT_ANSWER_TTL_S,
    Sentence,
    answer_key,
    replay,
    sentence_line,
    trace_line,
    used_again,
)
from bot.llm import Exchange, GenerationReport
from bot.llm.sayable import sayable
from bot.llm.writing import sentences
from bot.metrics import Metrics
from bot.paraphrase.answered import AnsweredQuestions, AskedQuestion
from bot.question import question_of
from bot.records import AnswerTrace
from bot.release import ReleaseSource
from bot.sentences import cut_sentences
from bot.turn import Turn

__all__ = ["Agent", "Sentence"]

log = logging.getLogger(__name__)


class Agent:
    """Answers from the two knowledge bases. Thread-safe; one for the process.

    A turn costs one embedding request and one generation request at the most; a model that
    fails costs another, and so does a question whose subject only a reader can tell.
    ``stand_by`` writes the answer when ``generator`` has failed, or what is left of it.
    ``begin_within_s``: see :class:`bot.failover.budget.TurnBudget`. ``clock`` gives seconds.
    """

    def __init__(
        self,
        releases: ReleaseSource,
        embedder: CachedQueries,
        generator: llm.Generator,
        cache: Cache,
        metrics: Metrics,
        stand_by: llm.Generator | None = None,
        clock: Callable[[], float] = time.perf_counter,
        begin_within_s: float = BEGIN_WITHIN_S,
    ) -> None:
        self._releases = releases
        self._embedder = embedder
        self._generator = generator
        self._cache = cache
        self._answered = AnsweredQuestions(cache, metrics)
        self._metrics = metrics
        self._stand_by = stand_by
        self._clock = clock
        self._begin_within_s = begin_within_s

    def answer(
        self, history: Sequence[Exchange], text: str, trace: AnswerTrace, deadline: Deadline
    ) -> Iterator[Sentence]:
        """Yield the answer's sentences as they are complete, and fill ``trace``.

        ``text`` has gone through :func:`bot.normalize.normalize`. Only a question that needs
        the dialogue gets it; the answer to any other depends on nothing but what the cache's
        key holds, and is kept. Closing the iterator closes the model's connection. Raises
        :class:`bot.errors.AssistantError` when not a sentence could be made. After the first one
        another model goes on where one fails, or ``stand_by`` if it has something to add; what
        failed is noted in ``trace.fallbacks``.
        """
        began = self._clock()
        release = self._releases.current()
        trace.release = release.number
        question = question_of(text)
        reply = reply_at_once(question, history, release.prompts, trace)
        if reply is not None:
            yield from map(Sentence, reply)
        else:
            question = release.prompts.phrase_book.question_in(question)
            budget = TurnBudget(self._begin_within_s)
            turn = Turn(question, trace, deadline, began, release, budget=budget)
            if not turn.follow(history):
                self._have_rewritten(turn)
            yield from self._say(self._lines(turn), turn)
        if trace.unanswered:
            self._metrics.unanswered.inc()

    def _have_rewritten(self, turn: Turn) -> None:
        """Let the model say what is asked for; if it cannot, the words must do."""
        try:
            turn.ask_for(self._rewritten(turn))
        except ProviderError as error:
            self._count_error(error)
            self._note_failure(turn.trace, error, said=False)

    def _rewritten(self, turn: Turn) -> str:
        left_s = turn.budget.left_s("rewriting")
        report, deadline = GenerationReport(), Deadline(turn.deadline.remaining_s(left_s))
        try:
            return self._generator.rewrite(turn.request(), report, deadline)
        finally:
            self._count(self._generator.name, turn.trace, report)

    def _lines(self, turn: Turn) -> Iterator[bytes]:
        """The answer as lines (:mod:`bot.keptanswer`): kept, being written, or written now."""
        if turn.trace.rewritten:
            return self._write(turn, turn.deadline)
        key = answer_key(turn.text, turn.release, self._generator.name)

        def write() -> Iterator[bytes]:
            # Others may join, so hanging up must not cancel it: the last to leave closes it.
            return self._write(turn, Deadline(turn.deadline.remaining_s()), key)

        return self._cache.stream_or_join(
            "answer", key, write, KEPT_ANSWER_TTL_S, lambda: not turn.is_makeshift
        )

    def _say(self, lines: Iterator[bytes], turn: Turn) -> Iterator[Sentence]:
        said: list[str] = []
        try:
            for chunk in lines:
                turn.trace.cached = turn.found is None or bool(turn.trace.same_as)
                for sentence in replay(chunk, turn.trace):
                    said.append(sentence.text)
                    yield sentence
        except ProviderError as error:
            self._count_error(error)
            if not said and (turn.found is None or self._stand_by is None):
                raise
            self._note_failure(turn.trace, error, bool(said))
        else:
            return
        finally:
            if isinstance(lines, Generator):
                lines.close()
        if self._stand_by is not None and turn.found is not None and not turn.deadline.cancelled:
            for chunk in self._generate(self._stand_by, turn, turn.deadline, said):
                yield from replay(chunk, turn.trace)

    def _count_error(self, error: ProviderError) -> None:
        self._metrics.provider_errors.labels(error.provider, error.kind).inc()

    def _note_failure(self, trace: AnswerTrace, error: ProviderError, said: bool) -> None:
        trace.fallbacks.append(f"{error.provider}: {error.kind}")
        if not said:
            self._metrics.provider_fallback.labels("llm").inc()
        log.warning(
            "event=answer_failed provider=%s kind=%s stand_by=%s",
            error.provider, error.kind, "no" if said else "yes",
        )  # fmt: skip

    def _write(self, turn: Turn, deadline: Deadline, key: str = "") -> Iterator[bytes]:
        """Search and have the answer written, in chunks of whole lines.

        When neither base reaches the threshold the model is not asked: there is nothing it
        could answer from, and the caller waits less. Raises when the answer was cut short.
        ``key`` is the cache's, if the answer will be kept.
        """
        found = turn.search(self._embedder, self._clock)
        if turn.trace.by_letters:
            self._metrics.provider_fallback.labels("embeddings").inc()
        if not found.enough:
            turn.trace.unanswered = True
            sentences = [Sentence(text) for text in cut_sentences(turn.release.prompts.no_answer)]
            yield b"".join([trace_line(turn.trace), *map(sentence_line, sentences)])
        elif key and turn.vector.size:
            scope = answer_key("", turn.release, self._generator.name)
            asked = AskedQuestion(turn.text, key, scope, turn.vector, found.hits)
            yield from self._use_again_or_generate(asked, turn, deadline)
        else:
            yield from self._generate(self._generator, turn, deadline)

    def _use_again_or_generate(
        self, asked: AskedQuestion, turn: Turn, deadline: Deadline
    ) -> Iterator[bytes]:
        """The answer to a question that asked the same; else a new one, remembered when whole."""
        known = self._answered.find(asked, turn.release.index.background)
        if known is not None:
            turn.trace.same_as = known.text
            yield used_again(known.lines, turn.trace)
            return
        yield from self._generate(self._generator, turn, deadline)
        if not (turn.trace.unanswered or turn.is_makeshift):
            self._answered.remember(asked)

    def _generate(
        self, generator: llm.Generator, turn: Turn, deadline: Deadline, said: Sequence[str] = ()
    ) -> Iterator[bytes]:
        """The generator's sentences as lines; the trace goes with the first of them.

        What follows the sentences ``said`` may be nothing.
        """
        report, request = GenerationReport(), replace(turn.request(), said=said)
        head = not said
        try:
            written = sentences(generator, request, report, deadline, lambda: self._piece(turn))
            with closing(written):
                for text in sayable(written, request, report):
                    if head:
                        self._take_over(turn, generator, report)
                    first_line = trace_line(turn.trace) if head else b""
                    yield first_line + sentence_line(Sentence(text, turn.trace.source))
                    head = False
                    if said:
                        turn.trace.continued_by = generator.name
        finally:
            self._count(generator.name, turn.trace, report)
        turn.trace.unanswered |= report.refused  # also by an answer that was cut short as secret
        if head:
            raise ProviderError(generator.name, "permanent", "the answer was empty")

    def _piece(self, turn: Turn) -> None:
        if turn.trace.llm_first_token_ms is None:
            turn.trace.llm_first_token_ms = self._ms_since(turn.began)

    def _take_over(self, turn: Turn, generator: llm.Generator, report: GenerationReport) -> None:
        """What is known when the first sentence is: who wrote it, and from what."""
        turn.trace.model = report.model or generator.name
        turn.trace.unanswered = report.refused
        if turn.found is not None and not report.refused:
            turn.trace.source = turn.found.base

    def _count(self, provider: str, trace: AnswerTrace, report: GenerationReport) -> None:
        trace.continued_by = report.continued_by or trace.continued_by
        if report.requests:
            trace.requests["llm"] = trace.requests.get("llm", 0) + report.requests
        for failure in report.fallbacks:
            trace.fallbacks.append(failure)
            self._metrics.provider_fallback.labels("llm").inc()
            kind = failure.rpartition(": ")[2].replace("late", "timeout")
            self._metrics.provider_errors.labels(provider, kind).inc()

    def _ms_since(self, began: float) -> float:
        return (self._clock() - began) * 1000.0
