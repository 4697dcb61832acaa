"""Fitting the relevance scale of an index to its bases and its embedding model.

What it is learnt from are questions that the bases answer and questions that they do not: the
calibration half of the golden questions, as far as those belong to these bases, and two lists:
what people ask on the telephone that has nothing to do with any company's equipment, and what
they ask companies that these seldom write down. Bases with few golden questions get some made
of their headings, each compared with its passage as if the heading were not there: so made,
they match as well as callers' own words do (medians of the cosine .864 and .862). The curve
keeps near a prior either way: a hundred questions do not tell nine weights.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bot.embeddings import Embedder, Vectors
from bot.errors import KnowledgeError
from bot.examples import Examples, digest_of
from bot.golden import REFUSED, GoldenQuestion, is_held_out
from bot.normalize import normalize
from bot.retrieval import Base, Passage, SearchedBase
from bot.search.company_questions import COMPANY_QUESTIONS
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.judging import Judged, judge
from bot.search.logistic import Curve, Numbers, fit_curve
from bot.search.relevance import OURS, SIGNS, TOLD, Match, Scale, closeness, spreads_of
from bot.search.wording import Vocabulary, Wording, count_words, wording

ASKED_PER_BASE: Final = 20
ENOUGH_GOLDEN: Final = 40
"""Answered golden questions with which the headings need not be asked about."""
PRIOR: Final = {
    "evidence": 2.2, "everyday": 1.0,
    "together": 0.88, "fact": 0.92, "model": 0.95, "names": 1.22, "company": 1.03, "examples": 1.28,
}  # fmt: skip
"""Weights of the standardised signs. Of those of :data:`OURS` as found on 372 answered and 546
other questions about the sample bases; of those of :data:`TOLD` their proportions are what logistic
regression with little freedom found on the examples and the fitted golden questions."""
BEFOREHAND: Final = 1.8
"""Odds that a question is ours, and that a question of ours is answered, before it is known:
with them, 0.2 refuses .90 of the golden questions without an answer and .03 of the others (of
those held out .87 and .03)."""
STRENGTH: Final = 100.0
_CAPPED: Final = np.isin(SIGNS, ("evidence", "everyday", "company"))
_ENOUGH: Final = 0.3
"""How near a question is counts only up to what this share of the answered ones have: that the
passage is the very one asked about does not make up for a fact that it does not tell."""
_SEEMS_ANSWERED: Final = 0.5
_REQUESTS_AT_ONCE: Final = 4
_QUESTIONS_PER_REQUEST: Final = 64
ENOUGH_EXAMPLES: Final = 20
"""Examples of each sort without which the others tell nothing."""
_ASKED_AS: Final = ("у вас есть {}", "расскажите про {}")

EmbedPassages = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Calibrated:
    """What searching needs besides the bases."""

    scale: Scale
    background: Vectors
    vocabulary: Vocabulary
    examples: Vectors
    """Of the examples that count; first those that the bases answer."""


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
    lessons = _Lessons(bases, good, untold, misused, _ask(embedder, FOREIGN_QUESTIONS))
    lessons.learn(
        told, _ask(embedder, [*map(normalize, examples.untold)]), frozenset(examples.passages)
    )
    company = lessons.read(_ask(embedder, COMPANY_QUESTIONS))
    first = lessons.fit(company)
    seldom = [one for one in company if lessons.relevance(first, one, company) < _SEEMS_ANSWERED]
    return Calibrated(
        lessons.fit(seldom),
        np.stack([one.asked.vector for one in (*lessons.foreign, *seldom)]),
        lessons.vocabulary,
        lessons.examples,
    )


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


def _ask(embedder: Embedder, questions: Sequence[str]) -> list[_Asked]:
    starts = range(0, len(questions), _QUESTIONS_PER_REQUEST)
    parts = [questions[start : start + _QUESTIONS_PER_REQUEST] for start in starts]
    with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
        vectors = [vector for some in pool.map(embedder.embed_queries, parts) for vector in some]
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


@dataclass(frozen=True)
class _Read:
    """A question and the passages that were read for it."""

    asked: _Asked
    judged: Judged[Base]


class _Lessons:
    """Questions beside the bases: ``good`` ones, which they answer; ``untold`` ones, which are
    ours and which they do not answer; ``misused`` and ``foreign`` ones, which are not ours."""

    def __init__(
        self,
        bases: Mapping[Base, SearchedBase],
        good: Sequence[_Asked],
        untold: Sequence[_Asked],
        misused: Sequence[_Asked],
        foreign: Sequence[_Asked],
    ) -> None:
        self._bases = bases
        self.vocabulary = count_words(
            base.wording(number) for base in bases.values() for number in range(len(base.passages))
        )
        self._spreads = spreads_of([match for one in good for match in self._match(one).values()])
        self._good, self._untold = self.read(good), self.read(untold)
        self._misused, self.foreign = self.read(misused), self.read(foreign)
        self._told_examples: Sequence[_Asked] = ()
        self._untold_examples: Sequence[_Asked] = ()

    def learn(
        self, told: Sequence[_Asked], untold: Sequence[_Asked], passages: frozenset[str]
    ) -> None:
        """Take examples into account, of the ``untold`` ones those that stand as they stood:
        their best passage is one of those that were read for them (digests)."""
        still = [
            one.asked
            for one in self.read(untold)
            if digest_of(self._best_passage(one).text) in passages
        ]
        if min(len(told), len(still)) >= ENOUGH_EXAMPLES:
            self._told_examples, self._untold_examples = told, still

    @property
    def examples(self) -> Vectors:
        """The vectors of the examples, first those that the bases answer."""
        dimensions = len(self.foreign[0].asked.vector)
        every = (*self._told_examples, *self._untold_examples)
        return np.array([one.vector for one in every], np.float32).reshape(-1, dimensions)

    def fit(self, company: Sequence[_Read]) -> Scale:
        """The scale when ``company`` are the questions of ours that the bases do not answer."""
        good = self._table(self._good, company)
        caps = np.where(_CAPPED, np.quantile(good, _ENOUGH, axis=0), 1.0)
        good = np.minimum(good, caps)
        foreign = np.minimum(self._table((*self._misused, *self.foreign), company), caps)
        untold = np.minimum(self._table((*self._untold, *company), company), caps)
        ours = _curve(OURS, good[:, : len(OURS)], foreign[:, : len(OURS)])
        told = _curve(TOLD, good[:, len(OURS) :], untold[:, len(OURS) :])
        spreads = self._spreads
        return Scale(
            (spreads.passage, spreads.sentence, spreads.lexical),
            len(self.foreign),
            len(self._told_examples),
            tuple(caps.tolist()),
            ours.means + told.means,
            ours.deviations + told.deviations,
            ours.weights + told.weights,
            (ours.offset, told.offset),
        )

    def relevance(self, scale: Scale, one: _Read, company: Sequence[_Read]) -> float:
        """That of the best passage for a question."""
        return scale.relevance(self._signs(one, company))

    def read(self, asked: Sequence[_Asked]) -> list[_Read]:
        """Read the passages that are the nearest to each question."""
        return [_Read(one, self._judge(one)) for one in asked]

    def _table(self, read: Sequence[_Read], company: Sequence[_Read]) -> Numbers:
        return np.array([self._signs(one, company) for one in read])

    def _signs(self, one: _Read, company: Sequence[_Read]) -> tuple[float, ...]:
        near = closeness(
            _cosines(one.asked, [other.asked for other in self.foreign]),
            _cosines(one.asked, [other.asked for other in company]),
            _cosines(one.asked, self._told_examples),
            _cosines(one.asked, self._untold_examples),
        )
        return one.judged.signs(one.judged.best(), 0, near)

    def _best_passage(self, one: _Read) -> Passage:
        kb = one.judged.best()
        return self._bases[kb].passages[one.judged.candidates[kb][0].number]

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


def _curve(names: Sequence[str], true: Numbers, false: Numbers) -> Curve:
    curve = fit_curve(true, false, np.array([PRIOR[name] for name in names]), STRENGTH)
    return replace(curve, offset=curve.offset + math.log(BEFOREHAND))


def _cosines(one: _Asked, others: Sequence[_Asked]) -> Numbers:
    """The cosines of a question with the others of a list that it may itself be in."""
    return np.array([other.vector @ one.vector for other in others if other.text != one.text])
