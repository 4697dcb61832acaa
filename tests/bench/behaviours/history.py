"""What the history says was heard against what was heard, row 7."""

import itertools
import random
import time

from tests.bench.behaviours.answers import LONG_QUESTIONS, long_answer
from tests.bench.behaviours.lab import SPEED, Caller, Lab, Line, at_once, said
from tests.bench.behaviours.rendering import before, rendering
from tests.bench.figures import Figure

CALLS = 5
INTERRUPTIONS_EACH = 4
NOT_THE_ANSWER = -99
"""For the words of something else that was heard instead."""
CONTINUE = "Продолжайте"
FALLS_SILENT_S = 0.6


def measure_history(lab: Lab) -> list[Figure]:
    """Twenty answers interrupted after 1.5…5 s, and five that are continued when asked to."""
    lab.usual()
    outcomes = at_once(lambda number: _one_call(lab, number), range(CALLS))
    misses = [miss for part, _ in outcomes for miss in part]
    right = sum(abs(miss) <= 1 for miss in misses)
    continued = sum(one for _, one in outcomes)
    widest = max((abs(miss) for miss in misses), default=99)
    return [
        Figure("7 history = heard, ± 1 word (p95: most words off)", "", right, widest,
               len(misses), "20 of 20", right == len(misses) == CALLS * INTERRUPTIONS_EACH),
        Figure("… the rest is said after «продолжайте»", "", continued, continued, CALLS,
               f"{CALLS} of {CALLS}", continued == CALLS),
    ]  # fmt: skip


def _one_call(lab: Lab, number: int) -> tuple[list[int], bool]:
    """Each question cuts the answer before it short; words off, and whether the last goes on."""
    moments = random.Random(number)
    caller = lab.caller("history")
    caller.meet()
    order = [LONG_QUESTIONS[(number + step) % 5] for step in range(INTERRUPTIONS_EACH)]
    truths = []
    _, began_at = caller.answered(order[0])
    for step, asked in enumerate(order):
        time.sleep(moments.uniform(2.0, 5.0))
        caller.wait_speaking()
        interrupted_at = time.monotonic()
        following = order[step + 1] if step + 1 < len(order) else CONTINUE
        _, next_began_at = caller.answered(following)
        truths.append(_words_heard(caller, asked, began_at, interrupted_at))
        began_at = next_began_at
    time.sleep(1.5)
    lines = caller.hang_up()
    recorded = [line for line in said(lines, "bot") if line["kind"] == "answer"]
    misses = [
        len(str(line["heard"] or line["text"]).split()) - truth
        for line, truth in zip(recorded, truths, strict=False)
    ]
    misses += [NOT_THE_ANSWER] * (len(truths) - len(misses))
    return misses, _goes_on(recorded, long_answer(order[-1]), truths[-1])


def _words_heard(caller: Caller, asked: str, began_at: float, interrupted_at: float) -> int:
    """The words of the answer whose sound arrived before the line fell silent."""
    packets = caller.call.heard.packets(began_at - 0.5)
    spoken = [
        at
        for at in caller.call.heard.speech_at()
        if began_at <= at <= interrupted_at + FALLS_SILENT_S
    ]
    last = before(packets, spoken[-1])
    text = rendering(long_answer(asked), SPEED)
    try:
        place_s = text.place_s(last)
    except LookupError:
        return NOT_THE_ANSWER
    return text.words_until(place_s + len(last) / 8000)


def _goes_on(recorded: list[Line], sentences: list[str], heard: int) -> bool:
    """Whether the last answer begins in the sentence that was cut short, and leaves nothing out."""
    words = " ".join(sentences).split()
    cut = next(
        first
        for first, last in itertools.pairwise(
            itertools.accumulate((len(one.split()) for one in sentences), initial=0)
        )
        if heard - 1 < last
    )
    again = str(recorded[-1]["text"]).split()[:3] if recorded else []
    return any(words[at : at + 3] == again for at in range(cut, heard + 2))
