"""Fitting the relevance scale of an index to its bases and its embedding model.

What it is learnt from are questions that the bases answer and questions that they do not: the
calibration half of the golden questions, as far as those belong to these bases, and two lists:
what people ask on the telephone that has nothing to do with any company's equipment, and what
they ask companies that these seldom write down. Bases with few golden questions get some made
of their headings, each compared with its passage as if the heading were not there: so made,
they match as well as callers' own words do (medians of the cosine .864 and .862). The curve
keeps near a prior either way: a hundred questions do not tell nine weights.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bot.embeddings import Embedder, Vectors
from bot.errors import KnowledgeError
from bot.examples import Examples
from bot.golden import REFUSED, GoldenQuestion, is_held_out
from bot.normalize import normalize
from bot.retrieval import Base, SearchedBase
from bot.search.company_questions import COMPANY_QUESTIONS
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.lessons import Asked, Lessons, Read
from bot.search.relevance import Scale
from bot.search.wording import Vocabulary, count_words

ASKED_PER_BASE: Final = 20
ENOUGH_GOLDEN: Final = 40
"""Answered golden questions with which the headings need not be asked about."""
_SEEMS_ANSWERED: Final = 0.5
_REQUESTS_AT_ONCE: Final = 4
_QUESTIONS_PER_REQUEST: Final = 64
_ASKED_AS: Final = ("у вас есть {}", "расскажите про {}")

EmbedPassages = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Calibrated:
    """What searching needs besides the bases."""

    scale: Scale
    letter_scale: Scale
    """For questions whose vector is not known."""
    background: Vectors
    vocabulary: Vocabulary
    examples: Vectors
    """Of the examples that count; first those that the bases answer."""


def calibrate(
    bases: Mapping[Base, SearchedBase],
    embedder: Embedder,
    embed_passages: EmbedPassages,
    golden: Sequence[GoldenQuestion],
    examples: Examples,
) -> Calibrated:
    """The scale for two bases, and what else searching needs.

    ``embed_passages`` embeds with the same model as ``embedder`` (and may tell of progress).
    Only golden questions that are not held out are looked at. Raises :class:`KnowledgeError`
    when there is nothing to ask about.
    """
    answered, untold, misused = (_ask(embedder, some) for some in _golden(bases, golden))
    good = answered
    if len(good) < ENOUGH_GOLDEN:
        good = answered + _about_headings(bases, embedder, embed_passages)
    if not good:
        raise KnowledgeError("под заголовками нет текста ни в одной из баз")
    told = _ask(embedder, _told(bases, examples))
    vocabulary = count_words(
        base.wording(number) for base in bases.values() for number in range(len(base.passages))
    )
    foreign, company = _ask(embedder, FOREIGN_QUESTIONS), _ask(embedder, COMPANY_QUESTIONS)
    sorts = (bases, good, untold, misused, foreign, vocabulary)
    lessons = Lessons(*sorts)
    lessons.learn(
        told, _ask(embedder, [*map(normalize, examples.untold)]), frozenset(examples.passages)
    )
    scale, seldom = _fitted(lessons, company)
    return Calibrated(
        scale,
        _fitted(Lessons(*sorts, by_letters=True), company)[0],
        np.stack([one.asked.vector for one in (*lessons.foreign, *seldom)]),
        vocabulary,
        lessons.examples,
    )


def _fitted(lessons: Lessons, company: Sequence[Asked]) -> tuple[Scale, list[Read]]:
    """The scale, and the questions to companies that the bases do not seem to answer."""
    every = lessons.read(company)
    first = lessons.fit(every)
    seldom = [one for one in every if lessons.relevance(first, one, every) < _SEEMS_ANSWERED]
    return lessons.fit(seldom), seldom


def _golden(
    bases: Mapping[Base, SearchedBase], golden: Sequence[GoldenQuestion]
) -> tuple[list[str], list[str], list[str]]:
    """The questions that these bases answer, those of ours that they do not, and the others.

    What depends on a dialogue is left out. Without any answered one there are none: they are of
    other bases.
    """
    headings = {(kb, one.heading) for kb, base in bases.items() for one in base.passages}
    ours = [one for one in golden if not is_held_out(one) and not one.history]
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    for one in ours:
        if any((one.base, heading) in headings for heading in one.headings):
            kinds[0].append(normalize(one.question))
        elif one.kind in REFUSED:
            kinds[1 if one.kind == "no_answer" else 2].append(normalize(one.question))
    return kinds if kinds[0] else ([], [], [])


def _told(bases: Mapping[Base, SearchedBase], examples: Examples) -> list[str]:
    """The examples whose headings these bases have."""
    headings = {kb: {one.heading for one in base.passages} for kb, base in bases.items()}
    return [
        normalize(question)
        for kb, asked in examples.told.items()
        for heading, questions in asked.items()
        if heading in headings[kb]
        for question in questions
    ]


def _ask(embedder: Embedder, questions: Sequence[str]) -> list[Asked]:
    starts = range(0, len(questions), _QUESTIONS_PER_REQUEST)
    parts = [questions[start : start + _QUESTIONS_PER_REQUEST] for start in starts]
    with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
        vectors = [vector for some in pool.map(embedder.embed_queries, parts) for vector in some]
    return [Asked(*pair) for pair in zip(questions, vectors, strict=True)]


def _about_headings(
    bases: Mapping[Base, SearchedBase], embedder: Embedder, embed_passages: EmbedPassages
) -> list[Asked]:
    """A question for each of at most 20 passages of a base, spread evenly over it."""
    made: list[tuple[str, tuple[Base, int]]] = []
    for kb, base in bases.items():
        headed = [number for number, one in enumerate(base.passages) if one.heading]
        for number in headed[:: max(1, -(-len(headed) // ASKED_PER_BASE))]:
            asked_as = _ASKED_AS[len(made) % len(_ASKED_AS)]
            made.append((asked_as.format(base.passages[number].heading.lower()), (kb, number)))
    if not made:
        return []
    bare = embed_passages([bases[kb].passages[number].text for _, (kb, number) in made])
    return [
        replace(one, heading_of=place, bare=vector)
        for one, (_, place), vector in zip(
            _ask(embedder, [text for text, _ in made]), made, bare, strict=True
        )
    ]
