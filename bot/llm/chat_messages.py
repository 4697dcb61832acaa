"""An answer request as the messages of a chat model."""

from collections.abc import Sequence

from openai.types.chat import ChatCompletionMessageParam as Message

from bot.llm import AnswerRequest
from bot.retrieval import Hit

CONTEXT_HEAD = "Выдержки из базы знаний:"


def chat_messages(request: AnswerRequest) -> list[Message]:
    """System prompt with the numbered passages, then the dialogue so far, then the question.

    The passages stand in the one system message: services that only speak OpenAI's dialect
    often refuse a second one.
    """
    messages: list[Message] = [{"role": "system", "content": _system(request)}]
    for exchange in request.history:
        messages.append({"role": "user", "content": exchange.question})
        if exchange.answer:
            messages.append({"role": "assistant", "content": exchange.answer})
    messages.append({"role": "user", "content": request.question})
    return messages


def _system(request: AnswerRequest) -> str:
    if not request.hits:
        return request.system_prompt
    return f"{request.system_prompt.rstrip()}\n\n{CONTEXT_HEAD}\n\n{_context(request.hits)}"


def _context(hits: Sequence[Hit]) -> str:
    blocks = []
    for number, hit in enumerate(hits, start=1):
        heading = " / ".join(hit.passage.heading_path)
        blocks.append(f"[{number}] {hit.passage.kb}: {heading}\n{hit.passage.text.strip()}")
    return "\n\n".join(blocks)
