"""Two knowledge bases as an index: cut into passages, embedded, and the scale fitted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder, Vectors
from bot.errors import KnowledgeError
from bot.examples import NO_EXAMPLES, Examples
from bot.golden import GoldenQuestion
from bot.retrieval import BASES, Base, Passage, SearchedBase
from bot.search.calibration import calibrate
from bot.search.folding import fold
from bot.search.indexfiles import searched_base
from bot.search.knowledge import chunks, prepare
from bot.search.passages import passages
from bot.search.relevance import Scale
from bot.search.vectorrows import vector_rows
from bot.search.wording import Vocabulary

Progress = Callable[[int, int], None]
"""Called with the number of texts embedded so far, and of all that are known to be needed."""


class NoTextError(KnowledgeError):
    """A base without text under its headings."""

    def __init__(self, kb: Base) -> None:
        super().__init__(f"база {kb}: под заголовками нет текста")
        self.kb = kb


_BATCH = 32
_LETTERS = re.compile(r"[^\W_]+")


def build_bases(
    texts: Mapping[Base, str],
    embedder: Embedder,
    progress: Progress = lambda done, of: None,
    golden: Sequence[GoldenQuestion] = (),
    examples: Examples = NO_EXAMPLES,
) -> tuple[dict[Base, SearchedBase], Scale, Vectors, Vocabulary, Vectors, Scale]:
    """Both bases ready to be searched, their relevance scale, the background vectors, the words
    of all passages, the vectors of the examples that count, and the scale without vectors.

    The scale is fitted to the golden questions that are not held out, as far as they are of
    these bases. Raises :class:`NoTextError` for a base without text under its headings, and
    what the embedder raises.
    """
    searched = {kb: _searched_texts(_passages(kb, texts[kb])) for kb in BASES}
    of = sum(len(one.texts) for one in searched.values())
    embed = _counting(embedder, progress, of)
    bases = {kb: _searched(searched.pop(kb), embed) for kb in BASES}
    found = calibrate(bases, embedder, embed, golden, examples)
    return (
        bases, found.scale, found.background, found.vocabulary, found.examples, found.letter_scale
    )  # fmt: skip


def _passages(kb: Base, markdown: str) -> list[Passage]:
    prepared = prepare(markdown)
    found = _distinct(passages(prepared, kb, chunks(prepared, kb)))
    if not found:
        raise NoTextError(kb)
    return found


def _distinct(found: Sequence[Passage]) -> list[Passage]:
    """The passages without those that say nothing which one before them has not said.

    What is compared are the letters and figures of their sentences: another heading, order,
    punctuation or emphasis does not make another passage.
    """
    kept: list[Passage] = []
    said_in: dict[str, set[int]] = {}
    for one in found:
        said = {" ".join(_LETTERS.findall(fold(sentence))) for sentence in one.sentences}
        holders = [said_in.get(sentence, set()) for sentence in said]
        if set.intersection(*holders):
            continue
        for sentence in said:
            said_in.setdefault(sentence, set()).add(len(kept))
        kept.append(one)
    return kept


@dataclass(frozen=True)
class _Searched:
    """The passages of a base, what of them is embedded, and which passage each text is of."""

    passages: tuple[Passage, ...]
    texts: list[str]
    owners: NDArray[np.int32]


def _searched_texts(found: Sequence[Passage]) -> _Searched:
    """First the passages under their headings, then their sentences, passage by passage.

    So a question finds a passage by its topic or by one thing it says. Sentences alone find
    better than under the heading, which makes them alike (R@3 .95 against .93 on 246 questions);
    the whole path of headings before a passage drowns its text (.89).
    """
    texts = [f"{one.heading}. {one.text}" for one in found]
    owners = list(range(len(found)))
    for number, one in enumerate(found):
        said = one.sentences
        texts += said
        owners += [number] * len(said)
    return _Searched(tuple(found), texts, np.array(owners, np.int32))


def _searched(one: _Searched, embed: Callable[[Sequence[str]], Vectors]) -> SearchedBase:
    batches = (embed(one.texts[at : at + _BATCH]) for at in range(0, len(one.texts), _BATCH))
    return searched_base(one.passages, vector_rows(batches, one.owners), one.owners)


def _counting(
    embedder: Embedder, progress: Progress, of: int
) -> Callable[[Sequence[str]], Vectors]:
    """Embed in batches, telling after each how many texts are done in all.

    ``of`` grows when more texts turn out to be needed (for the scale).
    """
    done = 0

    def embed(texts: Sequence[str]) -> Vectors:
        nonlocal done, of
        of = max(of, done + len(texts))
        parts = []
        for start in range(0, len(texts), _BATCH):
            parts.append(embedder.embed_passages(texts[start : start + _BATCH]))
            done += len(parts[-1])
            progress(done, of)
        return np.concatenate(parts)

    return embed
