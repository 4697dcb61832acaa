"""One typed dialogue: questions come in, sentences go out as they are made, all of it on record."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from werkzeug.exceptions import TooManyRequests
from wsproto.frame_protocol import CloseReason

from bot.agent_setup import Answering
from bot.calllog import CallLog, CallLogError, FinalStatus
from bot.deadline import Deadline
from bot.dialogue import HISTORY_TURNS
from bot.errors import AssistantError
from bot.llm import Exchange
from bot.normalize import normalize
from bot.question import LONGEST_CHARS, question_of
from bot.records import AnswerTrace, BotLine, Line, LineKind, Stage, UserLine, now
from webadmin.answering import NotReadyError
from webadmin.ws.textsocket import SocketOverError, TextSocket

log = logging.getLogger(__name__)

ANSWER_DEADLINE_S = 20.0
"""As on the telephone."""
MOST_QUESTIONS = 200
"""Of one dialogue: each of its lines writes the whole row of the call log anew."""


@dataclass
class _Reply:
    """What was said in answer to one message; ``began`` is of :func:`time.perf_counter`."""

    at: datetime = field(default_factory=now)
    began: float = field(default_factory=time.perf_counter)
    trace: AnswerTrace = field(default_factory=AnswerTrace)
    made: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    first_sent_ms: float | None = None

    def note_sent(self, sentence: str) -> None:
        self.sent.append(sentence)
        if self.first_sent_ms is None:
            self.first_sent_ms = (time.perf_counter() - self.began) * 1000.0

    def line(self) -> BotLine:
        """As the call log keeps it; what the client did not stay for counts as not heard."""
        whole = self.sent == self.made
        return BotLine(
            text=" ".join(self.made),
            at=self.at,
            trace=self.trace,
            timings_ms=self._stages_ms(),
            interrupted=not whole,
            heard=None if whole else " ".join(self.sent),
        )

    def _stages_ms(self) -> dict[Stage, float]:
        stages: dict[Stage, float | None] = {
            "retrieval": self.trace.retrieval_ms,
            "llm_first_token": self.trace.llm_first_token_ms,
            "answer": self.first_sent_ms,
        }
        return {stage: round(ms, 1) for stage, ms in stages.items() if ms is not None}


class Conversation:
    """The dialogue of one socket, under its number in the call log.

    ``answering`` gives the agent or raises :class:`webadmin.answering.NotReadyError`;
    ``count_question`` raises :class:`werkzeug.exceptions.TooManyRequests`.
    """

    def __init__(
        self,
        socket: TextSocket,
        call_log: CallLog,
        call_id: int,
        answering: Callable[[], Answering],
        count_question: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._call_log = call_log
        self._call_id = call_id
        self._answering = answering
        self._count_question = count_question
        self._exchanges: list[Exchange] = []
        self._questions = 0

    def hold(self) -> None:
        """Answer until the socket is over, then close the entry in the call log."""
        status: FinalStatus = "Failed"
        try:
            while True:
                self._answer(self._socket.receive())
        except SocketOverError:
            status = "Completed" if self._questions else "NoInput"
        finally:
            self._end(status)

    def _answer(self, message: str) -> None:
        self._count()
        question = normalize(question_of(message))
        self._record(UserLine(question, message[: 2 * LONGEST_CHARS], now()))
        reply = _Reply()
        try:
            self._say(question, reply)
        except AssistantError as error:
            self._apologise(error)
        else:
            if not reply.trace.control:
                answer = " ".join(reply.sent)
                self._exchanges.append(Exchange(question, answer, tuple(reply.sent)))
        finally:
            if reply.made:
                self._record(reply.line())

    def _count(self) -> None:
        """One more message, if the client may send one more."""
        try:
            self._count_question()
        except TooManyRequests as refusal:
            self._socket.refuse(CloseReason.POLICY_VIOLATION, refusal.description or "")
        self._questions += 1
        if self._questions > MOST_QUESTIONS:
            prompts = self._answering().releases.current().prompts
            self._socket.refuse(CloseReason.NORMAL_CLOSURE, prompts.too_long)

    def _say(self, question: str, reply: _Reply) -> None:
        with closing(self._sentences(question, reply.trace)) as sentences:
            for sentence in sentences:
                reply.made.append(sentence)
                self._socket.look()  # who has left meanwhile is not written for any longer
                self._socket.send(sentence)
                reply.note_sent(sentence)

    def _sentences(self, question: str, trace: AnswerTrace) -> Generator[str]:
        agent, deadline = self._answering().agent, Deadline(ANSWER_DEADLINE_S)
        answer = agent.answer(self._exchanges[-HISTORY_TURNS:], question, trace, deadline)
        try:
            for sentence in answer:
                yield sentence.text
        finally:
            _close(answer)

    def _apologise(self, error: AssistantError) -> None:
        """The reason if the assistant is only being made ready, else what callers are told."""
        log.error("event=ws_answer_failed call_id=%d error=%s", self._call_id, error)
        if isinstance(error, NotReadyError):
            self._tell(str(error), "apology")
        else:
            self._tell(self._answering().releases.current().prompts.apology, "apology")

    def _tell(self, text: str, kind: LineKind) -> None:
        self._socket.send(text)
        self._record(BotLine(text, now(), kind))

    def _record(self, line: Line) -> None:
        try:
            self._call_log.append(self._call_id, line)
        except CallLogError as error:  # it is written with the next line
            log.warning("event=line_not_logged_yet call_id=%d error=%s", self._call_id, error)

    def _end(self, status: FinalStatus) -> None:
        try:
            self._call_log.end_call(self._call_id, status)
        except CallLogError as error:  # it is written with the next call
            log.warning("event=end_not_logged_yet call_id=%d error=%s", self._call_id, error)
        log.info(
            "event=ws_closed call_id=%d status=%s questions=%d",
            self._call_id, status, self._questions,
        )  # fmt: skip


def _close(answer: Iterator[object]) -> None:
    """Also closes the model's connection."""
    if isinstance(answer, Generator):
        answer.close()
