"""An answer request as the messages of a chat model."""

import re
from collections.abc import Sequence

from openai.types.chat import ChatCompletionMessageParam as Message

from bot.llm import AnswerRequest
from bot.llm.instructions import (
    CONTINUE,
    PASSAGES_BEGIN,
    PASSAGES_END,
    instructions,
    rewriting_instructions,
)
from bot.retrieval import Hit

_OWN_MARKS = re.compile(
    rf"{re.escape(PASSAGES_BEGIN)}|{re.escape(PASSAGES_END)}|^\s*\[(?=\d+\])",
    re.IGNORECASE | re.MULTILINE,
)
"""What would end the passages, or begin another, from within one."""


def chat_messages(request: AnswerRequest) -> list[Message]:
    """Instructions with the numbered passages, then the dialogue so far, then the question.

    The passages stand in the one system message: services that only speak OpenAI's dialect
    often refuse a second one. The caller's words are quoted: they are data, too. An answer that
    has broken off is followed by the wish to go on with it.
    """
    messages: list[Message] = [
        {"role": "system", "content": _system(request)},
        *_dialogue(request),
    ]
    if request.said:
        messages.append(
            {"role": "assistant", "content": "".join(f"{one}|" for one in request.said)}
        )
        messages.append({"role": "user", "content": CONTINUE})
    return messages


def rewriting_messages(request: AnswerRequest) -> list[Message]:
    """The same dialogue, to be given back as one question."""
    return [{"role": "system", "content": rewriting_instructions(request)}, *_dialogue(request)]


def _dialogue(request: AnswerRequest) -> list[Message]:
    messages: list[Message] = []
    for exchange in request.history:
        messages.append({"role": "user", "content": quoted(exchange.question)})
        if exchange.answer:
            messages.append({"role": "assistant", "content": exchange.answer})
    return [*messages, {"role": "user", "content": quoted(request.question)}]


def quoted(words: str) -> str:
    """A caller's words, in quotation marks that they cannot close."""
    return "Звонящий говорит: «{}»".format(words.replace("«", "„").replace("»", "“"))


def _system(request: AnswerRequest) -> str:
    told = instructions(request)
    if not request.hits:
        return told
    return f"{told}\n\n{PASSAGES_BEGIN}\n{_context(request.hits)}\n{PASSAGES_END}"


def _context(hits: Sequence[Hit]) -> str:
    blocks = []
    for number, hit in enumerate(hits, start=1):
        heading = " / ".join(hit.passage.heading_path)
        text = _OWN_MARKS.sub("", hit.passage.text.strip())
        blocks.append(f"[{number}] {hit.passage.kb}: {heading}\n{text}")
    return "\n\n".join(blocks)
