"""A question beside the passages that matched it: read, and put in order of evidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from bot.search.relevance import (
    Candidate,
    Closeness,
    Match,
    Spreads,
    nearness,
    signs,
    told_by_words,
)
from bot.search.wording import Vocabulary, Wording, compare

READ_AT_LEAST = 12
"""Passages of each base that are read: the right one is among the nearest 12 of the vectors and
letters for 99 % of the golden questions."""

B = TypeVar("B", bound=str)


@dataclass(frozen=True)
class Judged(Generic[B]):
    """The passages of each base that were read, those with the most evidence first."""

    candidates: Mapping[B, Sequence[Candidate]]
    spreads: Spreads

    def signs(self, kb: B, place: int, near: Closeness) -> tuple[float, ...]:
        """What speaks for the passage at ``place`` of a base (:data:`..relevance.SIGNS`)."""
        return signs(self.candidates[kb][place], near, self.spreads)

    def lead(self, kb: B, place: int) -> float:
        """How much more evidence it has than the best passage of the other base."""
        others = [
            found[0].evidence for one, found in self.candidates.items() if one != kb and found
        ]
        return self.candidates[kb][place].evidence - max(others, default=-np.inf)

    def best(self) -> B:
        """The base with the most evidence."""
        return max(self.candidates, key=lambda kb: self.candidates[kb][0].evidence)


def judge(
    question: str,
    matches: Mapping[B, Match],
    read: Callable[[B, int], Wording],
    vocabulary: Vocabulary,
    spreads: Spreads,
    k: int = 1,
) -> Judged[B]:
    """Read the nearest passages of each base (at least ``k``) and weigh them.

    ``read`` gives the words of a passage of a base by its number.
    """
    near = {kb: nearness(match, spreads) for kb, match in matches.items()}
    nearest = {
        kb: np.argsort(-scores, kind="stable")[: max(k, READ_AT_LEAST)]
        for kb, scores in near.items()
    }
    places = [(kb, int(place)) for kb, some in nearest.items() for place in some]
    texts = [read(kb, int(matches[kb].numbers[place])) for kb, place in places]
    compared = compare(question, texts, vocabulary)
    candidates: dict[B, list[Candidate]] = {kb: [] for kb in matches}
    for (kb, place), said in zip(places, compared, strict=True):
        evidence = float(near[kb][place]) + told_by_words(said)
        sentence = float(matches[kb].sentence[place])
        candidates[kb].append(Candidate(int(matches[kb].numbers[place]), evidence, sentence, said))
    for found in candidates.values():
        found.sort(key=lambda one: -one.evidence)
    return Judged(candidates, spreads)
