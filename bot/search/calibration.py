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
from bot.golden import REFUSED, GoldenQuestion, is_held_out
from bot.normalize import normalize
from bot.retrieval import Base, SearchedBase
from bot.search.company_questions import COMPANY_QUESTIONS
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.judging import Judged, judge
from bot.search.logistic import fit_curve
from bot.search.relevance import SIGNS, Match, Scale, closeness, spreads_of
from bot.search.wording import Vocabulary, Wording, count_words, wording

ASKED_PER_BASE: Final = 20
ENOUGH_GOLDEN: Final = 40
"""Answered golden questions with which the headings need not be asked about."""
PRIOR: Final = {
    "evidence": 0.5, "together": 0.8, "sentence": 0.2, "fact": 0.4, "model": 0.3, "known": 0.3,
    "everyday": 0.3, "company": 0.6, "lead": 0.4,
}  # fmt: skip
"""Weights of the standardised signs, found on 246 answered and 180 other questions about the
sample bases."""
STRENGTH: Final = 10.0
_SEEMS_ANSWERED: Final = 0.5
_QUERIES_AT_ONCE: Final = 4
_ASKED_AS: Final = ("у вас есть {}", "расскажите про {}")

EmbedPassages = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Calibrated:
    """What searching needs besides the bases."""

    scale: Scale
    background: Vectors
    vocabulary: Vocabulary


@dataclass(frozen=True)
class _Asked:
    """A question as it is searched for, and its vector."""

    text: str
    vector: Vectors
    heading_of: tuple[Base, int] | None = None
    """The passage whose heading it was made of."""
    bare: Vectors | None = None
    """The vector of that passage without its heading."""


def calibrate(
    bases: Mapping[Base, SearchedBase],
    embedder: Embedder,
    embed_passages: EmbedPassages,
    golden: Sequence[GoldenQuestion] = (),
) -> Calibrated:
    """The scale for two bases, and the background and vocabulary that searching needs.

    ``embed_passages`` embeds with the same model as ``embedder`` (and may tell of progress).
    Only golden questions that are not held out are looked at. Raises :class:`KnowledgeError`
    when there is nothing to ask about.
    """
    answered, refused = _golden(bases, golden)
    good = _ask(embedder, answered)
    if len(good) < ENOUGH_GOLDEN:
        good += _about_headings(bases, embedder, embed_passages)
    if not good:
        raise KnowledgeError("под заголовками нет текста ни в одной из баз")
    lessons = _Lessons(bases, good, _ask(embedder, refused), _ask(embedder, FOREIGN_QUESTIONS))
    company = _ask(embedder, COMPANY_QUESTIONS)
    first = lessons.fit(company)
    seldom = [one for one in company if lessons.relevance(first, one, company) < _SEEMS_ANSWERED]
    background = np.stack([one.vector for one in (*lessons.foreign, *seldom)])
    return Calibrated(lessons.fit(seldom), background, lessons.vocabulary)


def _golden(
    bases: Mapping[Base, SearchedBase], golden: Sequence[GoldenQuestion]
) -> tuple[list[str], list[str]]:
    """The texts of the questions that these bases answer, and of those that they do not.

    What depends on a dialogue is left out. Refused ones count only beside answered ones: they
    are of the same bases.
    """
    headings = {(kb, one.heading) for kb, base in bases.items() for one in base.passages}
    ours = [one for one in golden if not is_held_out(one) and not one.history]
    answered = [
        normalize(one.question)
        for one in ours
        if any((one.base, heading) in headings for heading in one.headings)
    ]
    refused = [normalize(one.question) for one in ours if one.kind in REFUSED]
    return answered, refused if answered else []


def _ask(embedder: Embedder, questions: Sequence[str]) -> list[_Asked]:
    with ThreadPoolExecutor(_QUERIES_AT_ONCE) as pool:
        vectors = pool.map(embedder.embed_query, questions)
        return [_Asked(*pair) for pair in zip(questions, vectors, strict=True)]


def _about_headings(
    bases: Mapping[Base, SearchedBase], embedder: Embedder, embed_passages: EmbedPassages
) -> list[_Asked]:
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


class _Lessons:
    """Questions that the bases answer, ``good``, and that they do not, beside the bases."""

    def __init__(
        self,
        bases: Mapping[Base, SearchedBase],
        good: Sequence[_Asked],
        refused: Sequence[_Asked],
        foreign: Sequence[_Asked],
    ) -> None:
        self._bases = bases
        self._good, self._refused, self.foreign = good, refused, foreign
        self.vocabulary = count_words(
            base.wording(number) for base in bases.values() for number in range(len(base.passages))
        )
        self._spreads = spreads_of([match for one in good for match in self._match(one).values()])

    def fit(self, company: Sequence[_Asked]) -> Scale:
        """The scale when ``company`` are the questions that the bases do not answer either."""
        true = [self._signs(one, company) for one in self._good]
        false = [self._signs(one, company) for one in (*self._refused, *self.foreign, *company)]
        prior = np.array([PRIOR[sign] for sign in SIGNS])
        curve = fit_curve(np.array(true), np.array(false), prior, STRENGTH)
        spreads = self._spreads
        return Scale(
            (spreads.passage, spreads.sentence, spreads.lexical),
            len(self.foreign), curve.means, curve.deviations, curve.weights, curve.offset,
        )  # fmt: skip

    def relevance(self, scale: Scale, one: _Asked, company: Sequence[_Asked]) -> float:
        """That of the best passage for a question."""
        return scale.relevance(self._signs(one, company))

    def _signs(self, one: _Asked, company: Sequence[_Asked]) -> tuple[float, ...]:
        judged = self._judge(one)
        near = closeness(_cosines(one, self.foreign), _cosines(one, company))
        return judged.signs(judged.best(), 0, near)

    def _judge(self, one: _Asked) -> Judged[Base]:
        def read(kb: Base, number: int) -> Wording:
            if (kb, number) == one.heading_of:
                return wording((), self._bases[kb].passages[number].text)
            return self._bases[kb].wording(number)

        return judge(one.text, self._match(one), read, self.vocabulary, self._spreads)

    def _match(self, one: _Asked) -> dict[Base, Match]:
        """The matches, with the heading that the question was made of left out."""
        matches = {kb: base.match(one.vector, one.text) for kb, base in self._bases.items()}
        if one.heading_of is not None and one.bare is not None:
            kb, number = one.heading_of
            match = matches[kb]
            own = np.flatnonzero(match.numbers == number)
            match.passage[own] = one.bare @ one.vector
            match.lexical[own] = np.median(match.lexical)
        return matches


def _cosines(one: _Asked, others: Sequence[_Asked]) -> np.ndarray:
    """The cosines of a question with the others of a list that it may itself be in."""
    return np.array([other.vector @ one.vector for other in others if other.text != one.text])
