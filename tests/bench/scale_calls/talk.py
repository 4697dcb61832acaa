"""Synthetic Russian calls for the speed of the call log: any number, the same for one seed.

A dialogue is six questions and answers out of a pool. Beside the words of every day each holds
words of the dictionary, some in many dialogues and most in few, as words are in speech.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice, product
from typing import Any

from pymorphy3 import MorphAnalyzer
from pymorphy3.tagset import OpencorporaTag

from bot.calllog.turns import TURNS, turns_of
from bot.calllog.words import lemmas_of
from bot.records import AnswerTrace, BotLine, FoundPassage, Line, Stage, UserLine, line_as_json
from bot.retrieval import Base

SEED = 7
TURNS_PER_CALL = 6
TURN_COLUMNS = tuple(
    column.name for column in TURNS.columns if column.name not in ("callId", "line", "at")
)
"""What :attr:`Pair.turn` holds."""
_POOL = 20_000
_LETTERS = "абвгдежзиклмнопрстуфхцчшщэюя"
BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
MEAN_GAP_S = 80.0
"""A thousand calls a day: a million take two years and a half."""
_UNANSWERED = 0.03
"""Share of calls in which no base had an answer."""
_TURN_S = 17
_AT = "9999-01-01T00:00:00.000+00:00"
_STATUSES = ("Completed", "Abandoned", "NoInput", "Transferred", "Failed")
_STATUS_WEIGHTS = (80, 10, 5, 4, 1)
_CALLERS = 300_000
PRODUCTS = "РЭМ-5 РЭМ-10 РЭМ-50 РЭМ-100 РЭМ-200 РЭМ-300 РЭМ-600 РГМ-1000 РГМ-2000".split()
_QUESTIONS = (
    "Подскажите, какая цена у {product} и {first}?",
    "Сколько стоит доставка {product} в {second}?",
    "Какая гарантия на {product}, есть ли {first}?",
    "Здравствуйте, мне нужна машина для испытания, {first}, {second}",
    "А какие тарифы на поверку {product}?",
    "Какое наибольшее усилие у {product} и {first}?",
)
_ANSWERS = (
    "Цена {product} по запросу, ориентир от {number} тысяч рублей, {first} и {second} отдельно.",
    "Гарантия на машину {product} двадцать четыре месяца, {first} по договору, {second} бесплатно.",
    "Доставку {product} рассчитает менеджер: {first}, {second} и ещё {number} километров.",
    "Наибольшее усилие {product} до {number} кН, в тарифах учтены {first} и {second}.",
)


@dataclass(frozen=True)
class Pair:
    """A question and its answer: JSON split where the time stands, and what they are found by."""

    asked_json: tuple[str, str]
    answered_json: tuple[str, str]
    question: str
    turn: tuple[Any, ...]
    """The row of ``turns`` without its call, its line and its time."""
    forms: frozenset[str]
    source: Base | None


@dataclass(frozen=True)
class SyntheticCall:
    """One call as its rows say it."""

    start: datetime
    duration_s: float
    status: str
    caller: str
    sources: frozenset[Base]
    first_question: str
    transcript_json: str
    forms: frozenset[str] = field(repr=False)
    turns: list[tuple[int, datetime, Pair]] = field(repr=False)
    """Line in the dialogue, time of the answer, what was said."""


def synthetic_calls(count: int, seed: int = SEED) -> Iterator[SyntheticCall]:
    """``count`` calls, the oldest first; about 50 µs each after 5 s for the pool."""
    chance = random.Random(seed)
    pool = _pairs(chance)
    unanswered = [pair for pair in pool if pair.source is None]
    start = BEGIN
    for _ in range(count):
        start += timedelta(milliseconds=round(chance.expovariate(1 / MEAN_GAP_S) * 1000))
        among = unanswered if chance.random() < _UNANSWERED else pool
        yield _call(
            chance, start, [among[int(chance.random() * len(among))] for _ in range(TURNS_PER_CALL)]
        )


def _call(chance: random.Random, start: datetime, pairs: list[Pair]) -> SyntheticCall:
    lines, turns = [], []
    for place, pair in enumerate(pairs):
        asked = start + timedelta(seconds=place * _TURN_S + 5)
        answered = asked + timedelta(seconds=2)
        lines.append(_stamp(asked).join(pair.asked_json))
        lines.append(_stamp(answered).join(pair.answered_json))
        turns.append((2 * place + 1, answered, pair))
    return SyntheticCall(
        start=start,
        duration_s=round(len(pairs) * _TURN_S + chance.random() * 60, 3),
        status=chance.choices(_STATUSES, _STATUS_WEIGHTS)[0],
        caller=f"+79{613_000_000 + int(chance.random() * _CALLERS) * 37}",
        sources=frozenset(pair.source for pair in pairs if pair.source),
        first_question=pairs[0].question,
        transcript_json=f"[{','.join(lines)}]",
        forms=frozenset().union(*(pair.forms for pair in pairs)),
        turns=turns,
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def words_by_use(chance: random.Random) -> list[str]:
    """Words of the dictionary, those said most first."""
    words = _vocabulary()
    chance.shuffle(words)
    return words


def _pairs(chance: random.Random) -> list[Pair]:
    words = words_by_use(chance)
    weights = list(accumulate(1 / (place + 10) for place in range(len(words))))
    made = []
    for _ in range(_POOL):
        first, second, third, fourth = chance.choices(words, cum_weights=weights, k=4)
        names = {"product": chance.choice(PRODUCTS), "number": chance.randrange(2, 999)}
        question = chance.choice(_QUESTIONS).format(first=first, second=second, **names)
        answer = chance.choice(_ANSWERS).format(first=third, second=fourth, **names)
        made.append(_pair(chance, question, answer))
    return made


def _vocabulary() -> list[str]:
    """Nouns in the forms in which they are said, some of each beginning."""
    dictionary = MorphAnalyzer(lang="ru").dictionary
    words: list[str] = []
    for beginning in map("".join, product(_LETTERS, repeat=2)):
        known = dictionary.iter_known_words(beginning)
        words += islice((word for word, tag, *_ in known if _is_noun(tag)), 0, 400, 8)
    return words


def _is_noun(tag: OpencorporaTag) -> bool:
    return "NOUN" in tag and not {"Name", "Surn", "Patr"} & tag.grammemes


def _pair(chance: random.Random, question: str, answer: str) -> Pair:
    source: Base | None = chance.choices(("general", "tech", None), (55, 40, 5))[0]
    at = datetime.fromisoformat(_AT)
    lines: tuple[Line, Line] = (
        UserLine(question, question.lower(), at, "openai"),
        BotLine(answer, at, trace=_trace(chance, source), timings_ms=_timings(chance)),
    )
    texts = [json.dumps(line_as_json(line), ensure_ascii=False) for line in lines]
    before, after = zip(*(text.split(_AT) for text in texts), strict=True)
    (turn,) = turns_of([json.loads(text) for text in texts])
    forms = frozenset((*lemmas_of(question), *lemmas_of(answer)))
    values = tuple(turn[name] for name in TURN_COLUMNS)
    return Pair((before[0], after[0]), (before[1], after[1]), question, values, forms, source)


def _trace(chance: random.Random, source: Base | None) -> AnswerTrace:
    base = source or "general"
    relevance = round(chance.random(), 3)
    return AnswerTrace(
        source=source,
        first_base=base,
        passages=(FoundPassage(base, "Цены РЭМ-100", relevance),),
        scores={base: relevance},
        release=chance.randrange(1, 40),
        retrieval_ms=round(chance.uniform(5, 40), 1),
        llm_first_token_ms=round(chance.uniform(200, 900), 1),
        cached=chance.random() < 0.2,
        model="gpt-4o-mini",
        requests={"llm": 1},
        unanswered=source is None,
    )


def _timings(chance: random.Random) -> dict[Stage, float]:
    means: dict[Stage, float] = {
        "endpoint": 200, "asr": 350, "retrieval": 20, "llm_first_token": 400,
        "tts_first_audio": 150, "answer": 1000,
    }  # fmt: skip
    return {stage: round(chance.gauss(mean, mean / 5), 1) for stage, mean in means.items()}
