"""Which of a model's sentences may be said: no marks of ours, and nothing of what it was told."""

import re
from collections.abc import Iterable, Iterator

from bot.llm import AnswerRequest, GenerationReport
from bot.llm.instructions import NO_ANSWER_MARK, instructions
from bot.routing import fold
from bot.sentences import cut_sentences

RECITED_WORDS = 8
"""So many words in a row that stand in the instructions and in no passage are recited.

A figure ends a row: answers are full of figures, and the example in the instructions, which they
are to resemble, is so too.
"""

_MARK = re.compile(rf"\W*{re.escape(NO_ANSWER_MARK)}[\s.,:;!|—–-]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\w*\d\w*")

_Run = tuple[str, ...]


def sayable(
    sentences: Iterable[str], request: AnswerRequest, report: GenerationReport
) -> Iterator[str]:
    """The sentences that may be said, as they come.

    An answer that begins with the mark sets ``report.refused``, and one that is nothing but the
    mark is ``no_answer``. One that recites the instructions is cut there and ends with
    ``no_answer``, whatever the caller asked for.
    """
    secret = _runs(instructions(request))
    for hit in request.hits:
        secret -= _runs(hit.passage.text)
    said = False
    for sentence in sentences:
        text = _MARK.sub(" ", sentence).strip()
        if not said and text != sentence:
            report.refused = True
        if not secret.isdisjoint(_runs(text)):
            report.refused, said = True, False
            break
        if text:
            said = True
            yield text
    if report.refused and not said:
        yield from cut_sentences(request.no_answer)


def _runs(text: str) -> set[_Run]:
    """Every :data:`RECITED_WORDS` words in a row; case and punctuation do not count."""
    rows = (_WORD.findall(row) for row in _FIGURE.split(fold(text)))
    return {
        tuple(row[at : at + RECITED_WORDS])
        for row in rows
        for at in range(len(row) - RECITED_WORDS + 1)
    }
