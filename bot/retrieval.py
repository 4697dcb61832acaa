"""Search over the loaded index: vectors in, passages with a relevance out. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Vectors
from bot.errors import KnowledgeError
from bot.search.judging import Judged, judge
from bot.search.lexical import Lexical, distinct
from bot.search.passagewords import PassageWords
from bot.search.plaintext import sentences
from bot.search.relevance import (
    UNSEEN,
    Closeness,
    Match,
    Scale,
    Spreads,
    closeness,
    sentence_scores,
)
from bot.search.wording import Vocabulary, Wording

Base = Literal["general", "tech"]
BASES: tuple[Base, Base] = ("general", "tech")

SEARCHED_ROWS = 1000
"""Nearest rows looked at in a base; what lies further gets the score of the last of them."""
LEXICAL_CANDIDATES = 50
"""Passages looked at for their letters alone, however far their vectors are."""


@dataclass(frozen=True)
class Passage:
    """A piece of a knowledge base as the index keeps it."""

    kb: Base
    heading_path: tuple[str, ...]
    """Headings above the passage, outermost first; the last is its own."""
    text: str
    """What stands under the heading, in Markdown; the heading itself is not in it."""
    start: int
    """Offset of the passage's first character in the base's prepared text."""

    @property
    def heading(self) -> str:
        """The heading right above it; empty when there is none."""
        return self.heading_path[-1] if self.heading_path else ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says, sentence by sentence, without markup; never empty."""
        return tuple(sentences(self.text)) or (self.text,)


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    ``relevance`` is on the one 0…1 scale of :mod:`bot.search.relevance`.
    """

    passage: Passage
    relevance: float
    sentence_scores: tuple[float, ...] = ()
    """How well each of :attr:`Passage.sentences` answers; see
    :func:`bot.search.relevance.sentence_scores`."""


class Rows(Protocol):
    """The part of a FAISS index that search needs (:mod:`bot.search.vectorrows`)."""

    @property
    def d(self) -> int:
        """Dimensions."""
        ...

    @property
    def ntotal(self) -> int:
        """How many rows."""
        ...

    def search(self, x: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Inner products and numbers of the ``k`` nearest rows of one ``x``, nearest first.

        A large base gives the rows of the nearest passages, which may be fewer.
        """
        ...

    def inner_products(self, rows: NDArray[np.int64], x: Vectors) -> Vectors:
        """Those of some rows and one ``x``, shape ``(d,)``."""
        ...


@dataclass(frozen=True)
class SearchedBase:
    """One base, ready to be searched.

    Row ``i`` of ``rows`` is the vector of passage ``i``; the rows after those are the vectors
    of sentences, passage by passage, and ``owners`` tells for every row whose it is.
    """

    passages: tuple[Passage, ...]
    rows: Rows
    owners: NDArray[np.int32]
    lexical: Lexical
    words: PassageWords

    def match(self, query_vector: Vectors, query_text: str) -> Match:
        """How well the passages that are near in meaning or in letters match a question.

        In a base of at most :data:`SEARCHED_ROWS` rows that is every passage.
        """
        looked_at = min(self.rows.ntotal, SEARCHED_ROWS)
        found, near = self.rows.search(query_vector[np.newaxis, :], looked_at)
        cosines, rows, furthest = found[0], near[0].astype(np.int64), float(found[0, -1])
        also = distinct(self.owners[rows])
        numbers, lexical = self.lexical.search(query_text, LEXICAL_CANDIDATES, also)
        if len(numbers) > len(also):  # the letters' passages lie further than was looked
            rest = numbers[also[np.searchsorted(also, numbers).clip(max=len(also) - 1)] != numbers]
            more = np.append(rest, self._sentence_rows(rest))
            rows = np.append(rows, more)
            cosines = np.append(cosines, self.rows.inner_products(more, query_vector))
        at = np.searchsorted(numbers, self.owners[rows])
        own = rows < len(self.passages)
        passage = np.full(len(numbers), furthest, np.float64)
        sentence = passage.copy()
        passage[at[own]] = cosines[own]
        np.maximum.at(sentence, at[~own], cosines[~own])
        return Match(numbers, passage, sentence, lexical)

    def match_letters(self, query_text: str) -> Match:
        """The same of a question whose vector is not known: its letters stand for the cosines."""
        first = np.zeros(1, np.int64)  # something is to be read even where no letter matches
        numbers, lexical = self.lexical.search(query_text, LEXICAL_CANDIDATES, first)
        return Match(numbers, lexical, lexical, lexical)

    def sentence_cosines(self, passage: int, query_vector: Vectors) -> tuple[float, ...]:
        """Inner products of a question and the sentences of one passage, in their order."""
        rows = self._sentence_rows(np.array([passage]))
        return tuple(self.rows.inner_products(rows, query_vector).tolist())

    def _sentence_rows(self, passages: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of the sentences of some passages."""
        count = len(self.passages)
        sentences, wanted = self.owners[count:], passages.astype(np.int32)
        last = count + np.searchsorted(sentences, wanted, "right")
        lengths = last - count - np.searchsorted(sentences, wanted)
        return np.asarray(
            np.repeat(last - lengths.cumsum(), lengths) + np.arange(lengths.sum()), np.int64
        )

    def wording(self, passage: int) -> Wording:
        """The words of one passage and of the headings above it."""
        return self.words.wording(passage, self.passages[passage].text)


@dataclass(frozen=True)
class Index:
    """One build of the index, whole in memory. Thread-safe: nothing in it changes."""

    build_id: str
    bases: Mapping[Base, SearchedBase]
    scale: Scale
    background: Vectors
    """Vectors of questions that the bases do not answer, shape ``(n, dimensions)``."""
    vocabulary: Vocabulary
    """In how many passages of both bases each word stands."""
    examples: Vectors
    """Vectors of example questions (:mod:`bot.examples`): first those that the bases answer."""
    letter_scale: Scale
    """For questions whose vector is not known."""

    def search(self, query_vector: Vectors, query_text: str, k: int) -> dict[Base, list[Hit]]:
        """The ``k`` passages of each base with the most evidence, best first.

        ``query_vector`` is that of :meth:`bot.embeddings.Embedder.embed_query` for the model
        that built the index; one of another length raises :class:`KnowledgeError`. An empty one
        is not known: words and letters must do, on a scale of their own that means the same.
        """
        if not query_vector.size:
            matches = {kb: base.match_letters(query_text) for kb, base in self.bases.items()}
            return self._found(query_text, query_vector, matches, self.letter_scale, k)
        if query_vector.shape != self.background.shape[1:]:
            raise KnowledgeError(
                f"the index holds vectors of {self.background.shape[1]} dimensions, "
                f"the question has {query_vector.shape}: run python -m bot.index"
            )
        matches = {kb: base.match(query_vector, query_text) for kb, base in self.bases.items()}
        return self._found(query_text, query_vector, matches, self.scale, k)

    def _found(
        self, query_text: str, vector: Vectors, matches: Mapping[Base, Match], scale: Scale, k: int
    ) -> dict[Base, list[Hit]]:
        judged = judge(
            query_text,
            matches,
            lambda kb, number: self.bases[kb].wording(number),
            self.vocabulary,
            Spreads(*scale.spreads),
            k,
        )
        near = self._closeness(vector) if vector.size else UNSEEN
        return {kb: self._hits(kb, judged, near, vector, scale, k) for kb in self.bases}

    def _closeness(self, query_vector: Vectors) -> Closeness:
        cosines = (self.background @ query_vector).astype(np.float64)
        examples = (self.examples @ query_vector).astype(np.float64)
        everyday, told = self.scale.everyday, self.scale.told
        return closeness(cosines[:everyday], cosines[everyday:], examples[:told], examples[told:])

    def _hits(
        self, kb: Base, judged: Judged[Base], near: Closeness, vector: Vectors, scale: Scale, k: int
    ) -> list[Hit]:
        base, hits, relevance = self.bases[kb], [], 1.0
        for place, candidate in enumerate(judged.candidates[kb][:k]):
            found, lead = judged.signs(kb, place, near), judged.lead(kb, place)
            relevance = min(relevance, scale.relevance(found, lead))
            unseen = (0.0,) * len(candidate.said.sentences)
            cosines = base.sentence_cosines(candidate.number, vector) if vector.size else unseen
            scores = sentence_scores(cosines, candidate.said, judged.spreads)
            hits.append(Hit(base.passages[candidate.number], relevance, scores))
        return hits
