"""How long to wait after the caller fell silent: decided by what they have said so far. Pure."""

import re
from collections import deque
from enum import Enum


class Completeness(Enum):
    """How finished an utterance looks."""

    COMPLETE = "complete"
    """A question or a whole statement: answer soon."""
    OPEN = "open"
    """May go on or not: wait a little."""
    UNFINISHED = "unfinished"
    """Breaks off, or is a dictation of numbers: wait long."""


WAIT_S: dict[Completeness, float] = {
    Completeness.COMPLETE: 0.45,
    Completeness.OPEN: 0.9,
    Completeness.UNFINISHED: 1.6,
}
"""Seconds of silence that end a turn (conversation.md, line 2)."""

LONGEST_WAIT_S = WAIT_S[Completeness.UNFINISHED]


class CallerPauses:
    """How long one caller pauses in the middle of what they say; who pauses long is waited for."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=6)

    def note(self, pause_s: float) -> None:
        """They paused that long, and went on."""
        self._last.append(pause_s)

    def wait_s(self, looks: Completeness) -> float:
        """The silence that ends their turn when it looks like that, in seconds."""
        return WAIT_S[looks]


_WORD = re.compile(r"[a-zа-яё0-9-]+", re.IGNORECASE)
_QUESTION_WORDS = frozenset(
    "сколько когда как какой какая какое какие каких каким какую где куда откуда кто что чем "
    "чему чего зачем почему можно есть ли расскажите подскажите скажите "
    "покажите делаете продаёте продаете бывает привезёте привезете".split()
)
_DANGLING = frozenset(
    "и а но или либо что чтобы если когда как с со в во на по за из от до для о об при без под "
    "над между через про у к ко мой моя мне это эта этот такой очень ещё еще ну вот значит эээ "
    "ээ э эм мм".split()
)
_WHOLE_ANSWERS = frozenset(
    "да нет спасибо алло здравствуйте хорошо понятно стоп хватит подождите оператор "
    "повторите продолжайте".split()
)
_NUMBER_WORD = re.compile(
    r"^(\d+|ноль|од(ин|на|ного)|дв(а|е|ух)|тр(и|ёх|ех)|четыр\w*|пят\w*|шест\w*|сем\w*|восем\w*|"
    r"девят\w*|десят\w*|\w+(надцать|дцать|десят)|сорок|сто|\w*(ста|сот))$"
)


def completeness(text: str) -> Completeness:
    """How finished ``text`` looks; ``text`` is as the recogniser wrote it.

    The recogniser's own full stop says nothing (it always writes one), its question mark
    and its dots do.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    if not words or text.rstrip().endswith(("...", "…", ",", "-")):
        return Completeness.UNFINISHED
    if words[-1] in _DANGLING:
        return Completeness.UNFINISHED
    if text.rstrip().endswith("?"):
        return Completeness.COMPLETE
    if _is_dictation(words):
        return Completeness.UNFINISHED
    asks = any(word in _QUESTION_WORDS for word in words)
    if (asks and len(words) >= 3) or " ".join(words) in _WHOLE_ANSWERS:
        return Completeness.COMPLETE
    return Completeness.OPEN


def _is_dictation(words: list[str]) -> bool:
    """Whether the text ends in a row of numbers, as a phone number said in groups does."""
    tail = words[-2:]
    return len(tail) == 2 and all(_NUMBER_WORD.match(word) for word in tail)


_BACKCHANNELS = frozenset(
    "угу ага да ну так хм мгм м мм э ээ ой ок окей ясно понятно понял поняла хорошо "
    "слушаю верно точно конечно алло".split()
)


def is_backchannel(text: str) -> bool:
    """Whether ``text`` only says «I am listening»: no reason to stop speaking."""
    words = [part.lower() for word in _WORD.findall(text) for part in word.split("-") if part]
    return len(words) <= 3 and all(word in _BACKCHANNELS for word in words)
