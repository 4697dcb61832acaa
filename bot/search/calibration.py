"""Fitting the relevance scale of an index to its bases and its embedding model.

The questions that the bases answer are made of their own headings, and each is compared with
its passage as if the heading were not there: so made, they match as well as callers' own words
do (medians of the cosine .864 and .862). The others are a fixed list of what people ask on the
telephone that has nothing to do with any company's equipment.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bot.embeddings import Embedder, Vectors
from bot.errors import KnowledgeError
from bot.retrieval import Base, SearchedBase
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.lexical import build_lexical
from bot.search.passages import sentences
from bot.search.relevance import Match, Scale, evidence, fit_scale, spreads_of

ASKED_PER_BASE = 20
SENTENCES_READ = 4
_QUERIES_AT_ONCE = 4
_ASKED_AS = ("у вас есть {}", "расскажите про {}")

EmbedPassages = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class _Asked:
    """A question made of the heading of passage ``number`` of ``kb``."""

    kb: Base
    number: int
    text: str


def calibrate(
    bases: Mapping[Base, SearchedBase], embedder: Embedder, embed_passages: EmbedPassages
) -> tuple[Scale, Vectors]:
    """The scale for two bases, and the background vectors that searching needs.

    ``embed_passages`` embeds with the same model as ``embedder`` (and may tell of progress).
    Raises :class:`KnowledgeError` when no passage stands under a heading.
    """
    asked = [question for kb, base in bases.items() for question in _questions(kb, base)]
    if not asked:
        raise KnowledgeError("под заголовками нет текста ни в одной из баз")
    background, vectors = _ask(embedder, FOREIGN_QUESTIONS), _ask(embedder, _texts(asked))
    own = _without_headings(asked, bases, vectors, embed_passages)
    spreads = spreads_of(own)

    def best(match: Match, closeness: Vectors) -> float:
        return float(evidence(match, closeness.astype(np.float64), spreads).max())

    closeness = vectors @ background.T
    answered = [best(match, row) for match, row in zip(own, closeness, strict=True)]
    elsewhere = [
        best(_in_other_base(question, bases, vector), row)
        for question, vector, row in zip(asked, vectors, closeness, strict=True)
    ]
    foreign = [
        max(
            best(base.match(vector, text), np.delete(background @ vector, i))
            for base in bases.values()
        )
        for i, (text, vector) in enumerate(zip(FOREIGN_QUESTIONS, background, strict=True))
    ]
    scale = fit_scale(spreads, np.array(answered), np.array(elsewhere), np.array(foreign))
    return scale, background


def _ask(embedder: Embedder, questions: Sequence[str]) -> Vectors:
    with ThreadPoolExecutor(_QUERIES_AT_ONCE) as pool:
        return np.stack(list(pool.map(embedder.embed_query, questions)))


def _texts(asked: Sequence[_Asked]) -> list[str]:
    return [question.text for question in asked]


def _questions(kb: Base, base: SearchedBase) -> list[_Asked]:
    """One question for each of at most 20 passages, spread evenly over the base."""
    headed = [i for i, passage in enumerate(base.passages) if passage.heading_path]
    chosen = headed[:: max(1, -(-len(headed) // ASKED_PER_BASE))]
    return [
        _Asked(kb, i, _ASKED_AS[n % len(_ASKED_AS)].format(_spoken(base.passages[i].heading_path)))
        for n, i in enumerate(chosen)
    ]


def _spoken(heading_path: tuple[str, ...]) -> str:
    return heading_path[-1].lower()


def _in_other_base(asked: _Asked, bases: Mapping[Base, SearchedBase], vector: Vectors) -> Match:
    other = next(base for kb, base in bases.items() if kb != asked.kb)
    return other.match(vector, asked.text)


def _without_headings(
    asked: list[_Asked],
    bases: Mapping[Base, SearchedBase],
    vectors: Vectors,
    embed_passages: EmbedPassages,
) -> list[Match]:
    """The matches in the questions' own bases, with the headings they were made of left out."""
    bare = {
        kb: build_lexical([passage.text for passage in base.passages]) for kb, base in bases.items()
    }
    texts = [_bare_texts(bases[question.kb].passages[question.number].text) for question in asked]
    rows = embed_passages([text for group in texts for text in group])
    found, at = [], 0
    for question, vector, group in zip(asked, vectors, texts, strict=True):
        cosines = rows[at : at + len(group)] @ vector
        at += len(group)
        match = bases[question.kb].match(vector, question.text)
        own = np.flatnonzero(match.numbers == question.number)
        match.passage[own], match.sentence[own] = cosines[0], cosines[1:].max()
        match.lexical[own] = bare[question.kb].scores(question.text, match.numbers[own])
        found.append(match)
    return found


def _bare_texts(text: str) -> list[str]:
    """The passage, then its sentences, as they are embedded without a heading."""
    return [text, *(sentences(text)[:SENTENCES_READ] or [text])]
