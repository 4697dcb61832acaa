"""Question → routed retrieval → prompt → streamed sentences with a source."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from bot import llm
from bot.cache import Cache
from bot.deadline import Deadline
from bot.embeddings.cached import CachedQueries
from bot.errors import ProviderError
from bot.followup import rewrite
from bot.keptanswer import (
    KEPT_ANSWER_TTL_S,
    Sentence,
    answer_key,
    replay,
    sentence_line,
    trace_line,
)
from bot.llm import AnswerRequest, Exchange, GenerationReport
from bot.metrics import Metrics
from bot.records import AnswerTrace, FoundPassage
from bot.release import Release, ReleaseSource
from bot.retrieval import Hit
from bot.routing import choose_base
from bot.search.routedsearch import Found, Search, find
from bot.sentences import SentenceCutter, cut_sentences

__all__ = ["Agent", "Sentence"]

log = logging.getLogger(__name__)


@dataclass
class _Turn:
    """One question on its way to an answer."""

    text: str
    query: str
    """What is searched for: the question, with its subject when it left that open."""
    history: Sequence[Exchange]
    trace: AnswerTrace
    deadline: Deadline
    began: float
    release: Release
    found: Found | None = None
    """``None`` until the bases were asked for this turn (a kept answer needs no asking)."""


class Agent:
    """Answers from the two knowledge bases. Thread-safe; one for the process.

    A turn costs one embedding request and one generation request at the most; a model that
    fails costs another. ``stand_by`` writes the answer when ``generator`` failed before its
    first sentence. ``clock`` gives seconds.
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
    ) -> None:
        self._releases = releases
        self._embedder = embedder
        self._generator = generator
        self._cache = cache
        self._metrics = metrics
        self._stand_by = stand_by
        self._clock = clock

    def answer(
        self, history: Sequence[Exchange], text: str, trace: AnswerTrace, deadline: Deadline
    ) -> Iterator[Sentence]:
        """Yield the answer's sentences as they are complete, and fill ``trace``.

        ``text`` has gone through :func:`bot.normalize.normalize`. Only a question that needs
        the dialogue gets it; the answer to any other depends on nothing but what the cache's
        key holds, and is kept. Closing the iterator closes the model's connection. Raises
        :class:`bot.errors.AssistantError` when not a sentence could be made; a failure after
        the first one ends the answer there and is noted in ``trace.fallbacks``.
        """
        began = self._clock()
        trace.rewritten = rewrite(text, history)
        turn = _Turn(
            text=text,
            query=trace.rewritten or text,
            history=tuple(history) if trace.rewritten else (),
            trace=trace,
            deadline=deadline,
            began=began,
            release=self._releases.current(),
        )
        trace.release = turn.release.number
        yield from self._say(self._lines(turn), turn)
        if trace.unanswered:
            self._metrics.unanswered.inc()

    def _lines(self, turn: _Turn) -> Iterator[bytes]:
        """The answer as lines (:mod:`bot.keptanswer`): kept, being written, or written now."""
        if turn.trace.rewritten:
            return self._write(turn, turn.deadline)
        key = answer_key(turn.text, turn.release, self._generator.name)

        def write() -> Iterator[bytes]:
            # Others may join, so hanging up must not cancel it: the last to leave closes it.
            return self._write(turn, Deadline(turn.deadline.remaining_s()))

        return self._cache.stream_or_join("answer", key, write, KEPT_ANSWER_TTL_S)

    def _say(self, lines: Iterator[bytes], turn: _Turn) -> Iterator[Sentence]:
        said = False
        try:
            for chunk in lines:
                turn.trace.cached = turn.found is None
                for sentence in replay(chunk, turn.trace):
                    said = True
                    yield sentence
        except ProviderError as error:
            self._metrics.provider_errors.labels(error.provider, error.kind).inc()
            if not said and (turn.found is None or self._stand_by is None):
                raise
            self._note_failure(turn.trace, error, said)
        else:
            return
        finally:
            if isinstance(lines, Generator):
                lines.close()
        if not said and self._stand_by is not None and not turn.deadline.cancelled:
            for chunk in self._generate(self._stand_by, turn, turn.deadline):
                yield from replay(chunk, turn.trace)

    def _note_failure(self, trace: AnswerTrace, error: ProviderError, said: bool) -> None:
        trace.fallbacks.append(f"{error.provider}: {error.kind}")
        if not said:
            self._metrics.provider_fallback.labels("llm").inc()
        log.warning(
            "event=answer_failed provider=%s kind=%s stand_by=%s",
            error.provider, error.kind, "no" if said else "yes",
        )  # fmt: skip

    def _write(self, turn: _Turn, deadline: Deadline) -> Iterator[bytes]:
        """Search and have the answer written, in chunks of whole lines.

        When neither base reaches the threshold the model is not asked: there is nothing it
        could answer from, and the caller waits less. Raises when the answer was cut short.
        """
        turn.found = self._search(turn)
        if turn.found.enough:
            yield from self._generate(self._generator, turn, deadline)
        else:
            turn.trace.unanswered = True
            sentences = [Sentence(text) for text in cut_sentences(turn.release.prompts.no_answer)]
            yield b"".join([trace_line(turn.trace), *map(sentence_line, sentences)])

    def _search(self, turn: _Turn) -> Found:
        trace, live = turn.trace, turn.release.live
        route = choose_base(turn.text, turn.release.prompts.routing)
        # «А гарантия?» is the same for every machine: there the subject, which the vector
        # has anyway, must not outweigh the topic (18 of 21 follow-ups right instead of 13).
        own_words_suffice = route.first == "general" and bool(route.matched_words)
        if not route.matched_words:
            route = choose_base(turn.query, turn.release.prompts.routing)
        vector, asked = self._embedder.query_vector(turn.query)
        if asked:
            trace.requests["embedding"] = 1
        words = turn.text if own_words_suffice else turn.query
        search = Search(words, vector, live.kb_top_k, live.kb_fallback_threshold)
        found = find(turn.release.index, search, route)
        trace.first_base, trace.matched_words = route.first, route.matched_words
        trace.base_fallback = found.fell_back
        trace.passages = tuple(_found_passage(hit) for hit in found.hits)
        trace.retrieval_ms = self._ms_since(turn.began)
        return found

    def _generate(
        self, generator: llm.Generator, turn: _Turn, deadline: Deadline
    ) -> Iterator[bytes]:
        """The generator's sentences as lines; the trace goes with the first of them."""
        report = GenerationReport()
        head = True
        try:
            for text in self._sentences(generator, turn, report, deadline):
                if head:
                    self._take_over(turn, generator, report)
                first_line = trace_line(turn.trace) if head else b""
                yield first_line + sentence_line(Sentence(text, turn.trace.source))
                head = False
        finally:
            self._count(generator.name, turn.trace, report)
        if head:
            raise ProviderError(generator.name, "permanent", "the answer was empty")

    def _sentences(
        self,
        generator: llm.Generator,
        turn: _Turn,
        report: GenerationReport,
        deadline: Deadline,
    ) -> Iterator[str]:
        cutter = SentenceCutter()
        pieces = generator.generate(_request(turn), report, deadline)
        try:
            for piece in pieces:
                if turn.trace.llm_first_token_ms is None:
                    turn.trace.llm_first_token_ms = self._ms_since(turn.began)
                yield from cutter.feed(piece)
        finally:
            if isinstance(pieces, Generator):
                pieces.close()
        yield from cutter.flush()

    def _take_over(self, turn: _Turn, generator: llm.Generator, report: GenerationReport) -> None:
        """What is known when the first sentence is: who wrote it, and from what."""
        turn.trace.model = report.model or generator.name
        turn.trace.unanswered = report.refused
        if turn.found is not None and not report.refused:
            turn.trace.source = turn.found.base

    def _count(self, provider: str, trace: AnswerTrace, report: GenerationReport) -> None:
        if report.requests:
            trace.requests["llm"] = trace.requests.get("llm", 0) + report.requests
        for failure in report.fallbacks:
            trace.fallbacks.append(failure)
            self._metrics.provider_fallback.labels("llm").inc()
            kind = failure.rpartition(": ")[2]
            self._metrics.provider_errors.labels(provider, kind).inc()

    def _ms_since(self, began: float) -> float:
        return (self._clock() - began) * 1000.0


def _found_passage(hit: Hit) -> FoundPassage:
    heading = hit.passage.heading_path[-1] if hit.passage.heading_path else ""
    return FoundPassage(hit.passage.kb, heading, hit.relevance)


def _request(turn: _Turn) -> AnswerRequest:
    return AnswerRequest(
        question=turn.text,
        history=turn.history,
        hits=turn.found.hits if turn.found else (),
        system_prompt=turn.release.prompts.system_prompt,
        no_answer=turn.release.prompts.no_answer,
        models=turn.release.live.models,
        temperature=turn.release.live.llm_temperature,
    )
