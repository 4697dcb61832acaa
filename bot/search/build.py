"""Two knowledge bases as an index: cut into passages, embedded, and the scale fitted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder, Vectors
from bot.errors import KnowledgeError
from bot.retrieval import BASES, Base, Passage, SearchedBase
from bot.search.calibration import calibrate
from bot.search.indexfiles import indexed_heading, searched_base
from bot.search.knowledge import chunks, prepare
from bot.search.passages import passages, sentences
from bot.search.relevance import Scale
from bot.search.vectorrows import vector_rows

Progress = Callable[[int, int], None]
"""Called with the number of texts embedded so far, and of all that are known to be needed."""

_BATCH = 32


def build_bases(
    texts: Mapping[Base, str], embedder: Embedder, progress: Progress = lambda done, of: None
) -> tuple[dict[Base, SearchedBase], Scale, Vectors]:
    """Both bases ready to be searched, their relevance scale and the background vectors.

    Raises :class:`KnowledgeError` for a base without text under its headings, and what the
    embedder raises.
    """
    searched = {kb: _searched_texts(_passages(kb, texts[kb])) for kb in BASES}
    of = sum(len(one.texts) for one in searched.values())
    embed = _counting(embedder, progress, of)
    bases = {kb: _searched(searched[kb], embed) for kb in BASES}
    scale, background = calibrate(bases, embedder, embed)
    return bases, scale, background


def _passages(kb: Base, markdown: str) -> list[Passage]:
    prepared = prepare(markdown)
    found = passages(prepared, kb, chunks(prepared, kb))
    if not found:
        raise KnowledgeError(f"база {kb}: под заголовками нет текста")
    return found


@dataclass(frozen=True)
class _Searched:
    """The passages of a base, what of them is embedded, and which passage each text is of."""

    passages: tuple[Passage, ...]
    texts: list[str]
    owners: NDArray[np.int32]


def _searched_texts(found: Sequence[Passage]) -> _Searched:
    """First the passages, then their sentences, each under its heading."""
    texts = [f"{indexed_heading(one)}. {one.text}" for one in found]
    owners = list(range(len(found)))
    for number, one in enumerate(found):
        for sentence in sentences(one.text) or [one.text]:
            texts.append(f"{indexed_heading(one)}: {sentence}")
            owners.append(number)
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
