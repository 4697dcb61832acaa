"""Handing a caller over to a person: who asks for it, when the assistant gives up, and where to."""

import logging

from bot.ari import AriClient, AriError
from bot.prompts import Prompts
from bot.question import question_of
from bot.records import BotLine, Line, UserLine
from bot.transfer import TransferTarget

log = logging.getLogger(__name__)

REFUSALS = 2
"""So many questions in a row without an answer, and a person is better."""


def asks_for_person(text: str, prompts: Prompts) -> bool:
    """Whether the caller wants to speak to a person, and nothing else."""
    return prompts.phrase_book.control_of(question_of(text)) == "operator"


class HandOver:
    """The way of one caller to a person; belongs to the call's thread.

    ``target`` is where people are, ``None`` when nobody is.
    """

    def __init__(self, ari: AriClient, channel_id: str, target: TransferTarget | None) -> None:
        self._ari = ari
        self._channel_id = channel_id
        self._target = target
        self._was_question = False
        self._refusals = 0

    def note(self, line: Line) -> None:
        """Take notice of a line of the dialogue: small talk between refusals counts neither way."""
        match line:
            case UserLine(text=text):
                self._was_question = bool(question_of(text))
            case BotLine(kind="answer", trace=trace) if trace is not None and not trace.control:
                if self._was_question:
                    self._refusals = self._refusals + 1 if trace.unanswered else 0
            case _:
                pass

    @property
    def gave_up(self) -> bool:
        """Whether the assistant cannot help this caller, and somebody else could."""
        return self._target is not None and self._refusals >= REFUSALS

    def is_possible(self) -> bool:
        """Whether there is a place to go to, in the settings and in the dialplan."""
        if self._target is None:
            return False
        try:
            is_there = self._ari.has_target(self._channel_id, self._target)
        except AriError as error:
            log.warning("transfer target unknown error=%s", error)
            return False
        if not is_there:
            log.error(
                "transfer target is not in the dialplan context=%s extension=%s priority=%d: "
                "check TRANSFER_CONTEXT, TRANSFER_EXTENSION and TRANSFER_PRIORITY",
                self._target.context, self._target.extension, self._target.priority,
            )  # fmt: skip
        return is_there

    def carry_out(self) -> bool:
        """Let the caller go there; false when they hung up before. Raises :class:`AriError`."""
        return self._ari.continue_in_dialplan(self._channel_id, self._target)
