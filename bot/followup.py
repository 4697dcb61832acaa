"""Questions that need the dialogue to be understood, made to stand alone without a service."""

import re
from collections.abc import Sequence

from bot.llm import Exchange
from bot.routing import fold

_LOOK_BACK = 4
"""Exchanges among which the subject is sought."""
_FEW_WORDS = 3
_MAX_NAMES = 2
_MAX_TERMS = 5
_OWN_WORDS = 2
"""Telling words with which a question needs no words of the one before."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_NAME = re.compile(r"\b(?=[А-ЯЁA-Z0-9-]*[А-ЯЁA-Z]{2})[А-ЯЁA-Z0-9]+(?:-[А-ЯЁA-Z0-9]+)*\b")
"""A product's or standard's designation: РЭМ, РЭМ-100, РГМ-1000-А, ГОСТ, AB-12."""
_STANDARD = re.compile(r"\bГОСТ(?:\s+Р)?\s+[\d.-]*\d")


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_NOT_NAMES = _words("ГОСТ ОТК НДС РФ СНГ ЭДО ПО ООО АО РСТ ИСО ISO QR PDF USB HRC HB HV ТН")
_OPENINGS = _words("а и но еще тогда тоже также ну")
_POINTERS = _words(
    "он она оно они его ее их него нее них ему ей им нему ней ним ними нем ею "
    "этот эта это эти этого этой этих этому этим этом эту "
    "такой такая такое такие такого таких такую тот та те той тех того тому "
    "там туда оттуда тоже также подробнее повторите"
)
_ABOUT_US = _words("вы вас вам вами ваш ваша ваше ваши вашего вашей ваших вашу")
"""«Где вы находитесь» is short and yet whole: it asks about the company."""
_STOP_WORDS = _words(
    "какой какая какое какие какую каких каким сколько когда где куда откуда почему зачем кто "
    "что чего чем как который которая которые есть нужен нужна нужно нужны можно можете могу "
    "подскажите скажите расскажите хочу хотел хотела узнать ваш ваша ваши вашей "
    "или пожалуйста здравствуйте стоит стоимость цена цену составляет имеет имеется "
    "бывает бывают быть будет если"
)


def rewrite(question: str, history: Sequence[Exchange]) -> str:
    """``question`` with the subject of the dialogue added, or ``""`` when it stands alone.

    «А сколько она стоит?» after a question about РЭМ-100 gives «А сколько она стоит? РЭМ-100».
    An empty result means that the answer must not depend on ``history``.
    """
    if not history or not needs_history(question):
        return ""
    subject = last_subject(history)
    if len(_telling(question)) >= _OWN_WORDS:
        # It says itself what it is about: more words of another question would drown its own.
        subject = " ".join(_names(subject))
    return f"{question.rstrip()} {subject}".strip()


def needs_history(question: str) -> bool:
    """Whether the words alone leave open what is spoken of.

    True for a pronoun, an opening «а …» or «и …», and for three words or fewer — unless the
    question names a product itself (three words about a standard or about the company stand
    alone, too).
    """
    if _products(question):
        return False
    words = _WORD.findall(fold(question))
    is_short = len(words) <= _FEW_WORDS and not _STANDARD.search(question)
    if is_short and _ABOUT_US.isdisjoint(words):
        return True
    return words[0] in _OPENINGS or not _POINTERS.isdisjoint(words)


def last_subject(history: Sequence[Exchange]) -> str:
    """What the dialogue was about last: names of products, or the telling words of a question.

    The caller's own words go before the assistant's; a question that itself depended on the
    one before it passes the search on to that one.
    """
    recent = list(history)[-_LOOK_BACK:]
    for exchange in reversed(recent):
        names = _names(exchange.question)
        if names:
            return " ".join(names[:_MAX_NAMES])
        if not needs_history(exchange.question):
            return _terms(exchange)
    return _terms(recent[0]) if recent else ""


def _terms(exchange: Exchange) -> str:
    names = _names(exchange.answer)[:1]
    return " ".join([*_telling(exchange.question)[:_MAX_TERMS], *names])


def _telling(question: str) -> list[str]:
    """The words that say what a question is about."""
    words = [word for word in _WORD.findall(question) if len(word) > 3]
    return [word for word in words if fold(word) not in _STOP_WORDS | _POINTERS]


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(_products(text) + _STANDARD.findall(text)))


def _products(text: str) -> list[str]:
    return [name for name in _NAME.findall(text) if name not in _NOT_NAMES]
