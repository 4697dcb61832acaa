"""Answers by a chat model over OpenAI's API, streamed, with a fallback model."""

import logging
import math
from collections.abc import Generator as Pieces
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx2
import openai
from openai.types.chat import ChatCompletion
from openai.types.chat import ChatCompletionMessageParam as Message

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.failover.race import Contender, Race, Replaced
from bot.failover.service import Service
from bot.llm import AnswerRequest, GenerationReport
from bot.llm.chat_messages import chat_messages, rewriting_messages
from bot.llm.openai_habits import HabitBook
from bot.llm.openai_stream import streamed_text
from bot.llm.patience import GAP_S, SentencePatience
from bot.openai_client import as_provider_error, ensure_time_left, request_timeout
from bot.question import question_of

log = logging.getLogger(__name__)

LATE_S: Final = 1.2
LATE_BOUNDS_S: Final = (0.6, 1.5)
"""When another model is asked as well: until enough was answered, and at any time."""
PATIENCE: Final = 3
"""Passing failures in a row after which a model is left alone for a while."""
MOST_SILENT_S: Final = 6.0
"""A model that has sent nothing for so long is given up where the request does not say when."""


@dataclass(frozen=True)
class _Question:
    """What one model is asked, and how long it may be silent."""

    model: str
    messages: Sequence[Message]
    temperature: float
    silent_s: float
    deadline: Deadline


class OpenAIChat:
    """Asks the request's models in order, the next when one has failed or is late.

    One model takes another's place only before its first piece of text: what was yielded may
    already be spoken, so a later failure is raised instead (:mod:`bot.llm.writing` goes on then).
    """

    name = "openai"

    def __init__(self, client: openai.OpenAI, gap_s: float = GAP_S) -> None:
        """``gap_s``: see :class:`bot.llm.patience.SentencePatience`."""
        self._client = client
        self._gap_s = gap_s
        self._habits = HabitBook()
        self._services: dict[str, Service] = {}

    def generate(
        self, request: AnswerRequest, report: GenerationReport, deadline: Deadline
    ) -> Iterator[str]:
        """Yield the answer's text as it comes; see :class:`bot.llm.Generator`."""
        yield from self._answered(chat_messages(request), request, report, deadline)

    def rewrite(self, request: AnswerRequest, report: GenerationReport, deadline: Deadline) -> str:
        """The question made to stand alone; see :class:`bot.llm.Generator`."""
        pieces = self._answered(rewriting_messages(request), request, report, deadline)
        with closing(pieces):
            return question_of("".join(pieces)) or request.query

    def _answered(
        self,
        messages: Sequence[Message],
        request: AnswerRequest,
        report: GenerationReport,
        deadline: Deadline,
    ) -> Pieces[str, None, None]:
        """What the first model that answers says."""
        models = list(dict.fromkeys(model for model in request.models if model))
        if not models:
            raise ProviderError(self.name, "permanent", "no model is configured")
        asked = [GenerationReport(model=model) for model in models]
        contenders = [
            Contender(self._service(one.model), partial(self._asks, one, messages, request))
            for one in asked
        ]
        lost: list[Replaced] = []
        within_s = request.begin_within_s
        patience = SentencePatience(within_s, self._gap_s)
        race = Race(contenders, deadline, lost.append, patience, within_s)
        try:
            with closing(race.run()) as answer:
                for report.model, text in answer:
                    yield text
        finally:
            report.requests += sum(one.requests for one in asked)
            report.fallbacks += map(str, lost)

    def _service(self, model: str) -> Service:
        return self._services.setdefault(
            model,
            Service(
                model, _uncounted, LATE_S, LATE_BOUNDS_S, provider=self.name, patience=PATIENCE
            ),
        )

    def _asks(
        self,
        asked: GenerationReport,
        messages: Sequence[Message],
        request: AnswerRequest,
        deadline: Deadline,
    ) -> Pieces[tuple[str, str], None, None]:
        """One model's name and text, piece by piece."""
        # Not longer than anybody waits: the thread that reads is free again soon after.
        silent_s = max(request.begin_within_s, self._gap_s)
        silent_s = silent_s if math.isfinite(silent_s) else MOST_SILENT_S
        question = _Question(asked.model, messages, request.temperature, silent_s, deadline)
        answer = self._service(asked.model).ask(lambda: self._answer(question, asked), deadline)
        with closing(answer):
            for text in answer:
                yield asked.model, text

    def _answer(self, question: _Question, report: GenerationReport) -> Pieces[str, None, None]:
        """One model's answer. A parameter that it refuses is left out, then and ever after."""
        while True:
            ensure_time_left(self.name, question.deadline)
            habits = self._habits.of(question.model)
            parameters = habits.parameters(question.model, question.temperature)
            report.requests += 1
            ask = self._streamed if habits.streams else self._whole
            try:
                yield from _not_empty(self.name, ask(question, parameters))
                return
            except openai.BadRequestError as error:
                learned = habits.after(error, parameters)
                if learned is None:
                    raise as_provider_error(self.name, error) from error
                self._habits.learn(question.model, learned)
                log.info("event=llm_parameter_refused model=%s param=%s",
                         question.model, error.param)  # fmt: skip
            except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, ValueError) as error:
                raise as_provider_error(self.name, error) from error

    def _streamed(
        self, question: _Question, parameters: Mapping[str, Any]
    ) -> Pieces[str, None, None]:
        request = self._client.chat.completions.with_streaming_response.create(
            model=question.model,
            messages=question.messages,
            stream=True,
            timeout=request_timeout(question.deadline, question.silent_s),
            **parameters,
        )
        with request as response:
            yield from streamed_text(self.name, response.iter_bytes(), question.deadline)

    def _whole(self, question: _Question, parameters: Mapping[str, Any]) -> Pieces[str, None, None]:
        answer = self._client.chat.completions.create(
            model=question.model,
            messages=question.messages,
            timeout=request_timeout(question.deadline, question.silent_s),
            **parameters,
        )
        if not isinstance(answer, ChatCompletion):  # the SDK lets a page of HTML through
            raise ProviderError(self.name, "permanent", "the answer is not JSON")
        yield from (choice.message.content or "" for choice in answer.choices[:1])


def _uncounted(_provider: str, _kind: ErrorKind) -> None:
    """Whoever asks counts what failed: it stands in the report."""


def _not_empty(provider: str, pieces: Pieces[str, None, None]) -> Iterator[str]:
    """The pieces; an answer without any text is a failure, so that another model is asked."""
    said = False
    with closing(pieces):
        for piece in pieces:
            said = said or bool(piece)
            yield piece
    if not said:
        raise ProviderError(provider, "permanent", "the answer was empty")
