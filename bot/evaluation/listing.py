"""Questions in the report: the wrong ones with what was found, and those that have changed."""

import textwrap
from collections.abc import Iterator, Sequence

from bot.evaluation.measures import BY_NAME, Judged
from bot.evaluation.previous import Changed, Move
from bot.evaluation.tables import GROUP_TITLES

WIDTH = 100
_LABEL = 11
_MOST_CHARS = 600
"""Of one text; the JSON has it whole."""
_INDENT = "  "


def failures(judged: Sequence[Judged]) -> Iterator[str]:
    """Each question with which anything is wrong: expected, found, answered, remarked."""
    for one in judged:
        if one.remarks:
            yield from _failure(one)
            yield ""


def changes(changed: Sequence[Changed], *, with_found: bool) -> Iterator[str]:
    """Questions with the figures that have moved, and with what is found and answered now."""
    for one in changed:
        question = one.judged.question
        before = f"после «{question.history[-1].question}»: " if question.history else ""
        yield from folded(f"{before}«{question.question}»", f"{_INDENT}{question.id}  ")
        for move in one.moves:
            yield f"{_INDENT * 3}{BY_NAME[move.measure].title}: {_then_and_now(move)}"
        if with_found:
            yield from folded(_found(one.judged), f"{_INDENT * 3}найдено: ")
            yield from folded(_answer(one.judged), f"{_INDENT * 3}ответ: ")


def _then_and_now(move: Move) -> str:
    words = {0.0: "нет", 1.0: "да"}
    if BY_NAME[move.measure].is_count or not {move.before, move.now} <= words.keys():
        return f"{move.before:.2g} → {move.now:.2g}"
    return f"{words[move.before]} → {words[move.now]}"


def _failure(judged: Judged) -> Iterator[str]:
    outcome, question = judged.outcome, judged.question
    yield f"{question.id}  ({GROUP_TITLES[question.kind]})"
    for exchange in question.history:
        yield from _line("до этого", f"«{exchange.question}» — «{exchange.answer}»")
    yield from _line("вопрос", f"«{question.question}»")
    if outcome.trace.rewritten:
        yield from _line("искали", f"«{outcome.trace.rewritten}»")
    yield from _line("нужно", _expected(judged))
    yield from _line("найдено", _found(judged))
    yield from _line("ответ", _answer(judged))
    yield from _line("неверно", "; ".join(judged.remarks))


def _expected(judged: Judged) -> str:
    question = judged.question
    if question.control:
        return f"реплика «{question.control}»"
    if question.base is None:
        return "ответа нет"
    wanted = f"{question.base}: " + " или ".join(f"«{name}»" for name in question.headings)
    words = ", ".join(f"«{one}»" for one in question.contains)
    return f"{wanted}, слова {words}" if words else wanted


def _found(judged: Judged) -> str:
    trace = judged.outcome.trace
    if trace.control:
        return f"реплика «{trace.control}»"
    found = [f"{one.relevance:.2f} {one.kb}: «{one.heading}»" for one in trace.passages]
    return ", ".join(found) or "ничего"


def _answer(judged: Judged) -> str:
    return f"«{judged.outcome.answer}»" if judged.outcome.answer else "нет"


def _line(label: str, text: str) -> Iterator[str]:
    yield from folded(text, f"{_INDENT}{label:<{_LABEL}}")


def folded(text: str, start: str) -> Iterator[str]:
    """A text as lines of at most :data:`WIDTH`, all of them below its beginning after ``start``."""
    plain = textwrap.shorten(text, _MOST_CHARS, placeholder=" …")
    yield from textwrap.wrap(
        plain, WIDTH, initial_indent=start, subsequent_indent=" " * len(start),
        break_on_hyphens=False,
    ) or [start.rstrip()]  # fmt: skip
