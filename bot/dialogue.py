"""The record of one call's dialogue: for the agent, the call log and the metrics."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from bot.errors import AssistantError, ProviderError
from bot.jobs import Recognition, Utterance
from bot.llm import Exchange
from bot.metrics import Metrics
from bot.records import AnswerTrace, BotLine, Failure, Line, LineKind, Stage, UserLine, now
from bot.tts.pace import NORMAL
from bot.unsaid import Unsaid, heard_whole

log = logging.getLogger(__name__)

HISTORY_TURNS = 6


@dataclass
class Reply:
    """One utterance of the assistant, from the first request made for it to its last sample.

    ``heard`` are the caller's words that it answers. It may be heard once ``released``: the
    caller's turn is committed, or it is our own initiative. Moments are monotonic seconds.
    ``instead_of`` is the answer that could not be made, when this one apologises for it.
    """

    utterance: Utterance
    kind: LineKind
    heard: Recognition | None = None
    released: bool = False
    question_recorded: bool = False
    began_at: datetime | None = None
    voice_ended_at: float | None = None
    first_audio_at: float | None = None
    endpoint_ms: float | None = None
    failure: Failure | None = None
    instead_of: "Reply | None" = None
    continues: Unsaid | None = None
    """The answer that this is the rest of."""

    @property
    def measured(self) -> "Reply":
        """The reply that a caller's words led to; of an apology, the answer that failed."""
        if self.instead_of is None:
            return self
        return replace(self.instead_of, first_audio_at=self.first_audio_at)

    @property
    def trace(self) -> AnswerTrace | None:
        """How the answer came about, if there was to be one; no base has a say in an apology."""
        if self.kind == "answer":
            return self.utterance.trace
        return replace(self.instead_of.utterance.trace, source=None) if self.instead_of else None

    def stages_ms(self) -> dict[Stage, float]:
        """How long each stage that took place took (contract.md, Prometheus names)."""
        if self.heard is None:
            return {}
        answer_ms = None
        if self.voice_ended_at is not None and self.first_audio_at is not None:
            answer_ms = (self.first_audio_at - self.voice_ended_at) * 1000.0
        stages: dict[Stage, float | None] = {
            "endpoint": self.endpoint_ms,
            "asr": self.heard.asr_ms or None,  # a key needs no recognition
            "retrieval": self.utterance.trace.retrieval_ms,
            "llm_first_token": self.utterance.trace.llm_first_token_ms,
            "tts_first_audio": self.utterance.tts_first_audio_ms,
            "answer": answer_ms,
        }
        return {stage: round(ms, 1) for stage, ms in stages.items() if ms is not None}

    def starts_ms(self) -> dict[Stage, float]:
        """When each of these stages began, since the end of the caller's voice."""
        if self.heard is None or self.voice_ended_at is None:
            return {}
        utterance = self.utterance
        moments: dict[Stage, float | None] = {
            "endpoint": self.voice_ended_at,
            "asr": self.heard.began_at,
            "retrieval": utterance.asked_at,
            "llm_first_token": utterance.asked_at,
            "tts_first_audio": utterance.tts_began_at,
            "answer": self.voice_ended_at,
        }
        return {
            stage: round((moment - self.voice_ended_at) * 1000.0, 1)
            for stage in self.stages_ms()
            if (moment := moments[stage]) is not None
        }


@dataclass
class Dialogue:
    """What was said in one call so far. ``record`` writes a line to the call log."""

    call_id: int
    metrics: Metrics
    record: Callable[[Line], None]
    exchanges: list[Exchange] = field(default_factory=list)
    """Questions and what was heard in answer; small talk is none."""
    questions: int = 0
    replies: int = 0
    """To what the caller said, small talk included."""
    farewell: bool = False
    """Whether the last words that were played, to their end, said goodbye to the caller."""
    pace: float = NORMAL
    """How fast we speak to this caller."""
    unsaid: Unsaid | None = None
    """What is left of the answer that the caller has cut short."""

    @property
    def history(self) -> tuple[Exchange, ...]:
        """The turns that the agent is told about, oldest first."""
        return tuple(self.exchanges[-HISTORY_TURNS:])

    def asked(self, reply: Reply) -> None:
        """Record the caller's words, once, when it is certain that they are a turn."""
        heard = reply.heard
        if heard is None or heard.raw is None or not reply.released or reply.question_recorded:
            return
        reply.question_recorded = True
        self.questions += 1
        self.record(UserLine(heard.text, heard.raw, now(), heard.provider))

    def said(
        self, reply: Reply, sentences: tuple[str, ...], heard: str | None, *, complete: bool = True
    ) -> None:
        """Record an utterance that is over; ``heard`` is what was played if it was cut short.

        ``complete`` tells whether more was to come when it was.
        """
        stages, control = reply.measured.stages_ms(), reply.utterance.trace.control
        text = " ".join(sentences)
        self.farewell = control == "goodbye" and heard is None
        self.record(
            BotLine(
                text=text,
                at=reply.began_at or now(),
                kind=reply.kind,
                trace=reply.trace,
                timings_ms=stages,
                interrupted=heard is not None,
                heard=heard,
                starts_ms=reply.measured.starts_ms(),
                failure=reply.failure,
            )
        )
        if reply.heard is not None:
            self.replies += 1
            if not control:
                self._remember(reply, reply.heard.text, sentences, heard, complete=complete)
            self._report(reply, stages, interrupted=heard is not None)

    def _remember(
        self, reply: Reply, asked: str, sentences: tuple[str, ...], heard: str | None, *,
        complete: bool,
    ) -> None:  # fmt: skip
        """Keep the turn for those that follow, and what was not said of it."""
        before = reply.continues
        question = before.question if before is not None else asked
        history = before.history if before is not None else self.history
        answer = " ".join(sentences) if heard is None else heard
        self.exchanges.append(Exchange(question, answer, sentences))
        if heard is not None:
            whole = heard_whole(sentences, heard)
            said = (*(before.said if before else ()), *sentences[:whole])
            rest = sentences[whole:]
            trace = reply.utterance.trace
            left = Unsaid(question, history, trace, said, rest, complete)
            self.unsaid = left if rest or not complete else None
        elif before is None and self.unsaid is not None:
            self.unsaid = self.unsaid.after_another_answer()
        else:
            self.unsaid = None

    def _report(self, reply: Reply, stages: dict[Stage, float], *, interrupted: bool) -> None:
        for stage, ms in stages.items():
            self.metrics.turn_seconds.labels(stage=stage).observe(ms / 1000.0)
        log.info(
            "turn call_id=%s source=%s control=%s cached=%s interrupted=%s %s",
            self.call_id,
            reply.utterance.trace.source,
            reply.utterance.trace.control or None,
            reply.utterance.trace.cached,
            interrupted,
            " ".join(f"{stage}_ms={ms:.0f}" for stage, ms in stages.items()),
        )


def failure_of(stage: Literal["asr", "answer"], error: AssistantError) -> Failure:
    """What the record of a call says of an error."""
    if isinstance(error, ProviderError):
        return Failure(stage, error.provider, error.kind)
    return Failure(stage, "assistant", "permanent")
