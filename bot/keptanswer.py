"""An answer as lines of JSON: how it is kept, replayed, and shared while it is written."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from bot.records import AnswerTrace, FoundPassage
from bot.release import Release
from bot.retrieval import Base
from bot.routing import fold

KEPT_ANSWER_TTL_S = 24 * 3600.0
_FORMAT = "1"
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Sentence:
    """One sentence to speak and the base it comes from (``None``: from neither)."""

    text: str
    source: Base | None = None


class _Facts(BaseModel):
    """The part of :class:`AnswerTrace` that belongs to the answer, not to who asked."""

    model_config = ConfigDict(from_attributes=True)

    source: Base | None = None
    first_base: Base | None = None
    matched_words: tuple[str, ...]
    base_fallback: bool
    passages: tuple[FoundPassage, ...]
    model: str
    unanswered: bool
    same_as: str = ""


class _Row(BaseModel):
    trace: _Facts | None = None
    sentence: Sentence | None = None


def answer_key(question: str, release: Release, generator: str) -> str:
    """Everything that an answer depends on when it does not depend on the dialogue.

    The release counts by what is in it: one that brings back an older state brings back its
    answers. Case, ё/е and punctuation do not count; ``-``, ``,`` and ``.`` inside a word or a
    number stay.
    """
    words = [word.strip(".,!?:;…—–-«»\"'()") for word in fold(question).split()]
    spoken = " ".join(word for word in words if _NO_WORD.sub("", word))
    prompts_hash = hashlib.sha256(release.prompts.model_dump_json().encode()).hexdigest()
    live = release.live.model_dump_json()
    return "\n".join([_FORMAT, spoken, release.index.build_id, prompts_hash, live, generator])


def trace_line(trace: AnswerTrace) -> bytes:
    """What those who get the answer without searching have to know of it."""
    return _line(_Row(trace=_Facts.model_validate(trace)))


def sentence_line(sentence: Sentence) -> bytes:
    """One sentence."""
    return _line(_Row(sentence=sentence))


def replay(lines: bytes, trace: AnswerTrace) -> Iterator[Sentence]:
    """The sentences in some whole lines; ``trace`` is filled from the line that has one."""
    for line in lines.splitlines():
        row = _Row.model_validate_json(line)
        if row.trace is not None:
            for name in _Facts.model_fields:
                setattr(trace, name, getattr(row.trace, name))
        if row.sentence is not None:
            yield row.sentence


def used_again(lines: bytes, trace: AnswerTrace) -> bytes:
    """A kept answer for a question of the same sense, which was searched for itself.

    Who wrote it and whether it is an answer stays; what was found is the new question's own.
    """
    kept = AnswerTrace()
    sentences = list(replay(lines, kept))
    trace.source, trace.model, trace.unanswered = kept.source, kept.model, kept.unanswered
    return b"".join([trace_line(trace), *map(sentence_line, sentences)])


def _line(row: _Row) -> bytes:
    return row.model_dump_json(exclude_none=True).encode() + b"\n"
