"""The one scale of relevance, 0…1, that means the same for every embedding model.

*Which passage?* is told by its evidence: how near it is in meaning (vectors), in letters
(4-grams) and in words (:mod:`bot.search.wording`), a sum with fixed weights in units that do not
depend on the model. *Is it an answer?* is told by two logistic curves that are fitted when the
index is built (:mod:`bot.search.calibration`), because raw similarities mean nothing by
themselves: the cosines of one model lie between 0.72 and 0.90 whatever the texts are.

    relevance = P(the question is ours, not about something else altogether)
              · P(the passage tells what is asked | the question is ours)
              · odds (at most 1) of this base against the one with more evidence

each P for chances of 7 to 5 beforehand (:data:`bot.search.calibration.BEFOREHAND`). 0.2 thus
means «four to one against», whichever model made the vectors. Within one base the relevance
never grows from a hit to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.wording import Said

Scores = NDArray[np.float64]

PASSAGE, SENTENCE, LETTERS = 1.4, 0.9, 0.2
"""Weights of the two cosines and of the lexical score, each counted in its typical spread."""
SAID_BY_PASSAGE, SAID_BY_SENTENCE, FACT_TOLD, SAID_TOGETHER = 1.5, 2.0, 1.3, 2.3
"""Weights of what the words say, :class:`bot.search.wording.Said`."""
BACKGROUND = 0.5
"""The share of its evidence that a passage owes to a question being near everyday ones."""
LEAD = 0.7
"""How fast the odds of a base fall with the evidence that it has less than the other."""
_STANDS_FOR = 0.2
"""What letters count for in a cosine's place. Of the golden questions held out they find the right
passage among the first three for .90 and refuse .82 of those without an answer (vectors: .97 and
.87); counted in full .89 and .71."""
_NEAREST = 2
_NONE: Scores = np.empty(0)
_FURTHEST = 1.5
"""The most, in typical spreads of the cosine, that examples speak for or against an answer: a
question that was once without one may have one by now."""
_SMALLEST_SPREAD = 1e-3


@dataclass(frozen=True)
class Match:
    """How well the passages of a base that are worth a look match one question, before any scale.

    Element ``i`` of each array is about passage ``numbers[i]`` (ascending). ``passage`` and
    ``sentence`` are cosines with the passage and with its best sentence, ``lexical`` is that of
    :meth:`bot.search.lexical.Lexical.search`.
    """

    numbers: NDArray[np.int64]
    passage: Scores
    sentence: Scores
    lexical: Scores


@dataclass(frozen=True)
class Spreads:
    """Typical standard deviations of the scores over the passages for one question."""

    passage: float
    sentence: float
    lexical: float

    @property
    def cosine(self) -> float:
        """How much the evidence grows when both cosines grow by one."""
        return PASSAGE / self.passage + SENTENCE / self.sentence


def spreads_of(matches: Sequence[Match]) -> Spreads:
    """The mean spreads within each of some questions."""
    fields = [(match.passage, match.sentence, match.lexical) for match in matches]
    means = np.mean([[scores.std() for scores in three] for three in fields], axis=0)
    return Spreads(*(max(float(mean), _SMALLEST_SPREAD) for mean in means))


def letter_spreads_of(matches: Sequence[Match]) -> Spreads:
    """Those of questions whose vectors are not known, when the letters stand for the cosines."""
    spread = max(float(np.mean([match.lexical.std() for match in matches])), _SMALLEST_SPREAD)
    return Spreads(spread / _STANDS_FOR, spread / _STANDS_FOR, spread)


def nearness(match: Match, spreads: Spreads) -> Scores:
    """The part of the evidence that needs no reading: vectors and letters."""
    return np.asarray(
        PASSAGE * match.passage / spreads.passage
        + SENTENCE * match.sentence / spreads.sentence
        + LETTERS * match.lexical / spreads.lexical
    )


def told_by_words(said: Said) -> float:
    """The part of the evidence that is in the words."""
    return (
        SAID_BY_PASSAGE * said.passage
        + SAID_BY_SENTENCE * said.sentence
        + FACT_TOLD * said.fact
        + SAID_TOGETHER * said.together
    )


def sentence_scores(cosines: Sequence[float], said: Said, spreads: Spreads) -> tuple[float, ...]:
    """How well each sentence of a passage answers, by its meaning and its words.

    Only their order and distances mean something. Of 159 golden questions whose passage is
    known the best sentence has the answer 139 times, by cosines alone 126 times.
    """
    pairs = zip(cosines, said.sentences, strict=True)
    return tuple(
        SENTENCE * cosine / spreads.sentence + SAID_BY_SENTENCE * share + FACT_TOLD * fact
        for cosine, (share, fact) in pairs
    )


@dataclass(frozen=True)
class Closeness:
    """How near a question is to questions that no base like these answers (cosines)."""

    everyday: float
    """About anything else."""
    company: float
    """What companies are asked and seldom tell."""
    examples: float = 0.0
    """How much nearer it is to questions that these bases answer than to questions about the
    same that they do not (:mod:`bot.examples`); 0 without such examples."""


UNSEEN = Closeness(0.0, 0.0)
"""Of a question whose vector is not known."""


def closeness(
    everyday: Scores, company: Scores, told: Scores = _NONE, untold: Scores = _NONE
) -> Closeness:
    """The means of the nearest two of each kind, from the cosines with all of them."""
    known = len(told) and len(untold)
    examples = _nearest(told) - _nearest(untold) if known else 0.0
    return Closeness(_nearest(everyday), _nearest(company), examples)


def _nearest(cosines: Scores) -> float:
    return float(np.sort(cosines)[-_NEAREST:].mean()) if len(cosines) else 0.0


@dataclass(frozen=True)
class Candidate:
    """A passage as it stands before the scale."""

    number: int
    evidence: float
    sentence: float
    """The cosine with its best sentence."""
    said: Said


OURS = ("evidence", "everyday")
"""What tells our questions from any others."""
TOLD = ("together", "fact", "model", "names", "company", "examples")
"""What tells, among our questions, those that a passage answers."""
SIGNS = OURS + TOLD
"""Each speaks for an answer, so no weight is negative."""


def signs(candidate: Candidate, near: Closeness, spreads: Spreads) -> tuple[float, ...]:
    """One number for each of :data:`SIGNS`."""
    said, furthest = candidate.said, _FURTHEST * spreads.sentence
    return (
        candidate.evidence - BACKGROUND * spreads.cosine * near.everyday,
        candidate.sentence - near.everyday,
        said.together,
        said.fact,
        said.model,
        said.names,
        candidate.sentence - near.company,
        float(np.clip(near.examples, -furthest, furthest)),
    )


@dataclass(frozen=True)
class Scale:
    """The fitted curves of one index: logistic regressions over standardised signs."""

    spreads: tuple[float, ...]
    """Those of :class:`Spreads`, in its order."""
    everyday: int
    """How many of the background vectors are of everyday questions; the others are of what
    companies are asked and these bases do not tell."""
    told: int
    """How many of the example vectors are of questions that these bases answer."""
    caps: tuple[float, ...]
    """The most that each of :data:`SIGNS` counts for."""
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    """One for each of :data:`SIGNS`."""
    offsets: tuple[float, float]
    """Of the curve over :data:`OURS` and of that over :data:`TOLD`."""

    def relevance(self, found: Sequence[float], lead: float = 0.0) -> float:
        """The relevance, 0…1, of a passage with the signs ``found``.

        ``lead`` is how much more evidence it has than the best one of the other base.
        """
        parts = [
            weight * (min(value, cap) - mean) / deviation
            for value, cap, mean, deviation, weight in zip(
                found, self.caps, self.means, self.deviations, self.weights, strict=True
            )
        ]
        ours = self.offsets[0] + sum(parts[: len(OURS)])
        told = self.offsets[1] + sum(parts[len(OURS) :])
        odds = float(np.exp(min(0.0, LEAD * lead)))
        return _logistic(ours) * _logistic(told) * odds


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -50, 50))))
