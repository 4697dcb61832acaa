"""Vectors in place of an embedding model's: of the same shape, without its hours of work.

As with E5, all vectors lie in one direction (cosines of unrelated texts are around .83), what
is left is spread unevenly over the dimensions, and passages gather in topics. A sentence is
near its passage, and a question near the passage that answers it.
"""

import time
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Vectors
from tests.bench.scale.texts import NAME

DIMENSIONS = 384
_SEED = 20240608
_BLOCK = 4096
_TOPICS = 2000
_SUBTOPICS = 50_000
_TOPIC, _SUBTOPIC, _OWN = 0.35, 0.30, 0.35
"""What passages do not have in common is theirs in these shares."""
_SPREAD = 0.45
"""Length of all that, against 1 of what they have in common."""
_SENTENCE_NOISE, _QUESTION_NOISE = 0.5, 0.6


class SyntheticEmbedder:
    """An embedding model's stand-in: a text's vector follows from the first name in it."""

    name = "synthetic"
    model_key = "synthetic:scale"

    def __init__(self) -> None:
        self.spent_s = 0.0
        """Seconds that were not the product's; of the clock and of the processor."""
        self.spent_cpu_s = 0.0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """What begins with «Узел КМ-7.» is the passage itself, what names it later is near it."""
        began, began_cpu = time.perf_counter(), time.thread_time()
        vectors = np.stack([_place(text) for text in texts])
        noise = _noises()[_draw(texts[0]).integers(0, _BLOCK, len(texts))]
        share = np.array([0.0 if _is_passage(text) else _SENTENCE_NOISE for text in texts])
        vectors = _blurred(vectors, noise, share[:, np.newaxis])
        self.spent_s += time.perf_counter() - began
        self.spent_cpu_s += time.thread_time() - began_cpu
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Near the passage that the text names, or near none."""
        return _question(_place(text), text)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The same, several."""
        return np.stack([self.embed_query(text) for text in texts])


def question_vector(number: int, text: str) -> Vectors:
    """The vector of a question that passage ``number`` answers, whatever it names."""
    return _question(_own_place(number), text)


def passage_vectors(first: int, count: int) -> Vectors:
    """The vectors of passages, as they were embedded."""
    return _unit(np.stack([_own_place(number) for number in range(first, first + count)]))


def _question(place: NDArray[np.float32], text: str) -> Vectors:
    noise = _draw(text).standard_normal(DIMENSIONS, np.float32) @ _axes()
    vector: Vectors = _blurred(place[np.newaxis], noise[np.newaxis], np.array(_QUESTION_NOISE))[0]
    return vector


def _is_passage(text: str) -> bool:
    name = NAME.search(text)
    return name is not None and text[name.end() : name.end() + 1] == "."


def _place(text: str) -> NDArray[np.float32]:
    """What a text has of its own; one without a name lies anywhere."""
    name = NAME.search(text)
    if name:
        return _own_place(int(name[1]))
    drawn: NDArray[np.float32] = _draw(text).standard_normal(DIMENSIONS, np.float32) @ _axes()
    return drawn


def _own_place(number: int) -> NDArray[np.float32]:
    place: NDArray[np.float32] = _places(number // _BLOCK)[number % _BLOCK]
    return place


@lru_cache(maxsize=4)
def _places(block: int) -> NDArray[np.float32]:
    """What :data:`_BLOCK` passages in a row have of their own."""
    of = np.random.default_rng((_SEED, block))
    topics, subtopics = _topics()
    subtopic = of.integers(0, _SUBTOPICS, _BLOCK)
    own = of.standard_normal((_BLOCK, DIMENSIONS), np.float32) @ _axes()
    shared = _TOPIC**0.5 * topics[subtopic % _TOPICS] + _SUBTOPIC**0.5 * subtopics[subtopic]
    return np.asarray(shared + _OWN**0.5 * own, np.float32)


@lru_cache(maxsize=1)
def _topics() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    of = np.random.default_rng(_SEED)
    drawn = of.standard_normal((_TOPICS + _SUBTOPICS, DIMENSIONS), np.float32) @ _axes()
    return drawn[:_TOPICS], drawn[_TOPICS:]


@lru_cache(maxsize=1)
def _noises() -> NDArray[np.float32]:
    drawn = np.random.default_rng(_SEED + 1).standard_normal((_BLOCK, DIMENSIONS), np.float32)
    return np.asarray(drawn @ _axes())


@lru_cache(maxsize=1)
def _axes() -> NDArray[np.float32]:
    """Turns independent numbers into vectors whose variance, 1 in all, is spread as E5's: half
    of it over 25 of the dimensions, seven eighths over 128."""
    ranks = np.arange(1, DIMENSIONS + 1)
    variances = ranks**-0.62 * np.exp(-ranks / 140)
    turned = np.linalg.qr(np.random.default_rng(_SEED + 2).standard_normal((DIMENSIONS,) * 2))[0]
    return np.asarray(np.sqrt(variances / variances.sum())[:, np.newaxis] * turned, np.float32)


@lru_cache(maxsize=1)
def _common() -> NDArray[np.float32]:
    drawn = np.random.default_rng(_SEED + 3).standard_normal(DIMENSIONS)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float32)


def _blurred(
    places: NDArray[np.float32], noise: NDArray[np.float32], share: NDArray[np.float64]
) -> Vectors:
    return _unit(np.sqrt(1 - share) * places + np.sqrt(share) * noise)


def _unit(places: NDArray[np.floating]) -> Vectors:
    vectors = _common() + _SPREAD * places
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _draw(text: str) -> np.random.Generator:
    return np.random.default_rng((_SEED, zlib.crc32(text.encode())))
