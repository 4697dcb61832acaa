"""Replies that need neither the knowledge bases nor a model."""

from collections.abc import Sequence

from bot.llm import Exchange
from bot.prompts import Prompts
from bot.records import AnswerTrace
from bot.sentences import cut_sentences


def reply_at_once(
    question: str, history: Sequence[Exchange], prompts: Prompts, trace: AnswerTrace
) -> Sequence[str] | None:
    """The sentences of the reply to what is no question; ``None`` for a question.

    ``trace.control`` tells what was asked for. ``history`` holds answered questions only, so
    what is repeated is never itself small talk.
    """
    if not question:
        trace.unanswered = True
        return cut_sentences(prompts.idle_prompt)
    control = prompts.phrase_book.control_of(question)
    if control is None:
        return None
    trace.control = control
    reply = cut_sentences(prompts.small_talk[control].answer)
    match control:
        case "repeat":
            return _last_answer(history) or reply
        case "slower":
            return [*reply, *_last_answer(history)]
        case _:
            return reply


def _last_answer(history: Sequence[Exchange]) -> Sequence[str]:
    """In the very sentences that were spoken, so that their sound is still there."""
    if not history:
        return ()
    return history[-1].sentences or cut_sentences(history[-1].answer)
