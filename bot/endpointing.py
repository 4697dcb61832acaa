"""How long to wait after the caller fell silent: decided by what they have said so far. Pure."""

import re
from collections import deque
from enum import Enum

from bot.dictation import is_dictation


class Completeness(Enum):
    """How finished an utterance looks."""

    COMPLETE = "complete"
    """A question or a whole statement: answer soon."""
    OPEN = "open"
    """May go on or not: wait a little."""
    UNFINISHED = "unfinished"
    """Breaks off in the middle: wait long."""
    DICTATION = "dictation"
    """A group of a number or a part of a name: wait for the next one."""


WAIT_S: dict[Completeness, float] = {
    Completeness.COMPLETE: 0.45,
    Completeness.OPEN: 0.9,
    Completeness.UNFINISHED: 1.6,
    Completeness.DICTATION: 1.8,
}
"""Seconds of silence that end a turn (conversation.md, lines 2 and 10). A voice is noticed 0.1 s
late: after a pause of 1.5 s it must still be in time."""

SHORT_PAUSE_S = 0.3
"""Everybody pauses that long between words."""
MARGIN = 1.3
"""So much longer than a caller's usual pause is none of them."""
ENOUGH_PAUSES = 2
LONGEST_S: dict[Completeness, float] = {
    Completeness.COMPLETE: 0.9,
    Completeness.OPEN: 1.6,
    Completeness.UNFINISHED: 2.0,
    Completeness.DICTATION: 2.0,
}
"""Nobody is waited for longer than this."""


class CallerPauses:
    """How long one caller pauses in the middle of what they say; who pauses long is waited for."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=6)

    def note(self, pause_s: float) -> None:
        """They paused that long, and went on."""
        if pause_s >= SHORT_PAUSE_S:
            self._last.append(pause_s)

    def wait_s(self, looks: Completeness) -> float:
        """The silence that ends their turn when it looks like that, in seconds."""
        if len(self._last) < ENOUGH_PAUSES:
            return WAIT_S[looks]
        usual_s = sorted(self._last)[len(self._last) // 2] * MARGIN
        return min(max(WAIT_S[looks], usual_s), LONGEST_S[looks])


_WORD = re.compile(r"[a-zа-яё0-9-]+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_CONDITION = re.compile(r"(если|хотя|пока|поскольку|так как|раз уж|чтобы)\b[^,]*$")
"""Half a sentence: what follows from it comes after a comma."""
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
ASKED_WORDS = 5
"""A shorter question that the recogniser heard no question in may go on."""
_ASKS_FOR_MORE = frozenset(
    "ли стоит срок гарантия уточнить спросить узнать хотел хотела хотели хочу нужно нужен нужна "
    "нужны интересует подскажите скажите расскажите развивает длится делаете вас нас находится "
    "какой какая какое какие сколько когда где мы вы я он она они поводу".split()
)
"""What a question or a wish goes on after, unless the recogniser heard that it was asked."""
_WHOLE_ANSWERS = frozenset(
    "да нет спасибо алло здравствуйте хорошо понятно стоп хватит подождите оператор "
    "повторите продолжайте".split()
)


def completeness(text: str) -> Completeness:
    """How finished ``text`` looks; ``text`` is as the recogniser wrote it.

    The recogniser's own full stop says nothing (it always writes one), its question mark
    and its dots do.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    asked = text.rstrip().endswith("?")
    if words and not asked and is_dictation(text, words):
        return Completeness.DICTATION
    if not words or words[-1] in _DANGLING or text.rstrip().endswith(("...", "…", ",", "-")):
        return Completeness.UNFINISHED
    if asked:
        return Completeness.COMPLETE
    if words[-1] in _ASKS_FOR_MORE:
        return Completeness.UNFINISHED
    last = _SENTENCE_END.split(text.strip())[-1].lower()
    if _CONDITION.match(last):
        return Completeness.UNFINISHED
    asks = any(word in _QUESTION_WORDS for word in _WORD.findall(last))
    if (asks and len(words) >= ASKED_WORDS) or " ".join(words) in _WHOLE_ANSWERS:
        return Completeness.COMPLETE
    return Completeness.OPEN


_BACKCHANNELS = frozenset(
    "угу ага да ну так хм мгм м мм э ээ ой ок окей ясно понятно понял поняла хорошо "
    "слушаю верно точно конечно алло".split()
)


_COMMANDS = frozenset(
    "стоп стой стойте хватит достаточно подождите погодите постойте секунду минуту нет неправильно "
    "неверно оператор оператора человек человека соедините переключите повторите повтори ещё еще "
    "помедленнее медленнее быстрее громче тише спасибо пока свидания продолжайте дальше вопрос "
    "слышно слышите".split()
)
_BRIEF_WORDS = 2
_ASKED_LETTERS = 4


def is_backchannel(text: str, *, brief: bool = False) -> bool:
    """Whether ``text`` only says «I am listening»: no reason to stop speaking.

    Recognisers make a word of a murmur, seldom the right one: of what was ``brief`` a word or
    two must ask or command something («стоп», «цена?») to be more than that.
    """
    words = [part.lower() for word in _WORD.findall(text) for part in word.split("-") if part]
    if len(words) <= 3 and all(word in _BACKCHANNELS for word in words):
        return True
    if not brief or len(words) > _BRIEF_WORDS:
        return False
    asked = text.rstrip().endswith("?") and len(words[-1]) >= _ASKED_LETTERS
    return not asked and not any(word in _COMMANDS or word in _QUESTION_WORDS for word in words)
