"""An answer sentence by sentence, written on by the next model where one breaks off."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Final

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.llm import AnswerRequest, GenerationReport
from bot.llm import Generator as Writer
from bot.llm.repeats import is_repeated
from bot.sentences import SentenceCutter

CONTINUE_WITHIN_S: Final = 2.0
"""The caller still hears what was written before, and then waits."""
LEAST_S: Final = 0.5
"""Who begins an answer in another's place has at least so long."""


def sentences(
    writer: Writer,
    request: AnswerRequest,
    report: GenerationReport,
    deadline: Deadline,
    began: Callable[[], None] = lambda: None,
) -> Generator[str]:
    """The answer's sentences as they are complete; ``began`` is called with each piece of text.

    When a model breaks off, the next one of the request's goes on after the last whole sentence;
    half a sentence is dropped, and so is what the next one only says again. Raises
    :class:`ProviderError` when no model is left.
    """
    said, asked = list(request.said), request
    end = time.monotonic() + request.begin_within_s
    while True:
        report.model = ""
        try:
            for sentence in _cut(writer.generate(asked, report, deadline), began):
                if is_repeated(sentence, asked.said):
                    continue
                said.append(sentence)
                yield sentence
            report.continued_by = report.model if asked.said else ""
            return
        except ProviderError as error:
            left = [model for model in asked.models if model != report.model]
            if not report.model or not left or deadline.expired:
                raise
            report.fallbacks.append(f"{report.model}: {error.kind}")
        within_s = CONTINUE_WITHIN_S if said else max(LEAST_S, end - time.monotonic())
        asked = replace(asked, said=tuple(said), models=left, begin_within_s=within_s)


def _cut(pieces: Iterator[str], began: Callable[[], None]) -> Generator[str]:
    cutter = SentenceCutter()
    try:
        for piece in pieces:
            began()
            yield from cutter.feed(piece)
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    yield from cutter.flush()
