"""Answers by a chat model over OpenAI's API, streamed, with a fallback model."""

import logging
from collections.abc import Generator as Pieces
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletion
from openai.types.chat import ChatCompletionMessageParam as Message

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.llm import AnswerRequest, GenerationReport
from bot.llm.chat_messages import chat_messages, rewriting_messages
from bot.llm.openai_habits import HabitBook
from bot.llm.openai_stream import streamed_text
from bot.openai_client import as_provider_error, ensure_time_left, request_timeout
from bot.question import question_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Question:
    """What one model is asked, and how long it may be silent."""

    model: str
    messages: Sequence[Message]
    temperature: float
    silent_s: float
    deadline: Deadline


class OpenAIChat:
    """Asks the request's models in order until one answers.

    A model is given up only before its first piece of text: what was yielded may already be
    spoken, so a later failure is raised instead.
    """

    name = "openai"

    def __init__(self, client: openai.OpenAI) -> None:
        self._client = client
        self._habits = HabitBook()

    def generate(
        self, request: AnswerRequest, report: GenerationReport, deadline: Deadline
    ) -> Iterator[str]:
        """Yield the answer's text as it comes; see :class:`bot.llm.Generator`.

        While another model is left to try, one may be silent for half of the time left.
        """
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
        untried = list(dict.fromkeys(model for model in request.models if model))
        if not untried:
            raise ProviderError(self.name, "permanent", "no model is configured")
        while untried:
            report.model = untried.pop(0)
            silent_s = deadline.remaining_s() / (2 if untried else 1)
            question = _Question(report.model, messages, request.temperature, silent_s, deadline)
            said = False
            try:
                with closing(self._answer(question, report)) as answer:
                    for text in answer:
                        said = True
                        yield text
                return
            except ProviderError as error:
                if said or not untried or deadline.expired:
                    raise
                report.fallbacks.append(f"{report.model}: {error.kind}")
                log.warning("event=llm_fallback model=%s next=%s kind=%s reason=%r",
                            report.model, untried[0], error.kind, str(error))  # fmt: skip

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
            except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError) as error:
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


def _not_empty(provider: str, pieces: Pieces[str, None, None]) -> Iterator[str]:
    """The pieces; an answer without any text is a failure, so that another model is asked."""
    said = False
    with closing(pieces):
        for piece in pieces:
            said = said or bool(piece)
            yield piece
    if not said:
        raise ProviderError(provider, "permanent", "the answer was empty")
