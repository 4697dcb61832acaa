"""Questions beside the bases, whose signs tell how to see whether a passage answers a question."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bot.embeddings import Vectors
from bot.examples import digest_of
from bot.retrieval import Base, Passage, SearchedBase
from bot.search.judging import Judged, judge
from bot.search.logistic import Curve, Numbers, fit_curve
from bot.search.relevance import (
    OURS,
    SIGNS,
    TOLD,
    UNSEEN,
    Closeness,
    Match,
    Scale,
    closeness,
    letter_spreads_of,
    spreads_of,
)
from bot.search.wording import Vocabulary, Wording, wording

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
ENOUGH_EXAMPLES: Final = 20
"""Examples of each sort without which the others tell nothing."""


@dataclass(frozen=True)
class Asked:
    """A question as it is searched for, and its vector."""

    text: str
    vector: Vectors
    heading_of: tuple[Base, int] | None = None
    """The passage whose heading it was made of."""
    bare: Vectors | None = None
    """The vector of that passage without its heading."""


@dataclass(frozen=True)
class Read:
    """A question and the passages that were read for it."""

    asked: Asked
    judged: Judged[Base]


class Lessons:
    """Questions beside the bases: ``good`` ones, which they answer; ``untold`` ones, which are
    ours and which they do not answer; ``misused`` and ``foreign`` ones, which are not ours.

    ``by_letters``: what the vectors say is not looked at.
    """

    def __init__(
        self,
        bases: Mapping[Base, SearchedBase],
        good: Sequence[Asked],
        untold: Sequence[Asked],
        misused: Sequence[Asked],
        foreign: Sequence[Asked],
        vocabulary: Vocabulary,
        by_letters: bool = False,
    ) -> None:
        self._bases = bases
        self._vocabulary = vocabulary
        self._by_letters = by_letters
        spreads = letter_spreads_of if by_letters else spreads_of
        self._spreads = spreads([match for one in good for match in self._match(one).values()])
        self._good, self._untold = self.read(good), self.read(untold)
        self._misused, self.foreign = self.read(misused), self.read(foreign)
        self._told_examples: Sequence[Asked] = ()
        self._untold_examples: Sequence[Asked] = ()

    def learn(
        self, told: Sequence[Asked], untold: Sequence[Asked], passages: frozenset[str]
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

    def fit(self, company: Sequence[Read]) -> Scale:
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

    def relevance(self, scale: Scale, one: Read, company: Sequence[Read]) -> float:
        """That of the best passage for a question."""
        return scale.relevance(self._signs(one, company))

    def read(self, asked: Sequence[Asked]) -> list[Read]:
        """Read the passages that are the nearest to each question."""
        return [Read(one, self._judge(one)) for one in asked]

    def _table(self, read: Sequence[Read], company: Sequence[Read]) -> Numbers:
        return np.array([self._signs(one, company) for one in read])

    def _signs(self, one: Read, company: Sequence[Read]) -> tuple[float, ...]:
        return one.judged.signs(one.judged.best(), 0, self._closeness(one, company))

    def _closeness(self, one: Read, company: Sequence[Read]) -> Closeness:
        if self._by_letters:
            return UNSEEN
        return closeness(
            _cosines(one.asked, [other.asked for other in self.foreign]),
            _cosines(one.asked, [other.asked for other in company]),
            _cosines(one.asked, self._told_examples),
            _cosines(one.asked, self._untold_examples),
        )

    def _best_passage(self, one: Read) -> Passage:
        kb = one.judged.best()
        return self._bases[kb].passages[one.judged.candidates[kb][0].number]

    def _judge(self, one: Asked) -> Judged[Base]:
        def read(kb: Base, number: int) -> Wording:
            if (kb, number) == one.heading_of:
                return wording((), self._bases[kb].passages[number].text)
            return self._bases[kb].wording(number)

        return judge(one.text, self._match(one), read, self._vocabulary, self._spreads)

    def _match(self, one: Asked) -> dict[Base, Match]:
        """The matches, with the heading that the question was made of left out."""
        if self._by_letters:
            matches = {kb: base.match_letters(one.text) for kb, base in self._bases.items()}
        else:
            matches = {kb: base.match(one.vector, one.text) for kb, base in self._bases.items()}
        if one.heading_of is not None and one.bare is not None:
            kb, number = one.heading_of
            match = matches[kb]
            own = np.flatnonzero(match.numbers == number)
            match.lexical[own] = np.median(match.lexical)
            if not self._by_letters:
                match.passage[own] = one.bare @ one.vector
        return matches


def _curve(names: Sequence[str], true: Numbers, false: Numbers) -> Curve:
    curve = fit_curve(true, false, np.array([PRIOR[name] for name in names]), STRENGTH)
    return replace(curve, offset=curve.offset + math.log(BEFOREHAND))


def _cosines(one: Asked, others: Sequence[Asked]) -> Numbers:
    """The cosines of a question with the others of a list that it may itself be in."""
    return np.array([other.vector @ one.vector for other in others if other.text != one.text])
