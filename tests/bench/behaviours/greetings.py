"""The greeting, row 12: how soon it is heard, and what a caller says over it."""

import time

from tests.bench.behaviours.answers import question
from tests.bench.behaviours.lab import PATIENCE_S, Lab, at_once, said
from tests.bench.figures import Figure, NotMetError, figure

CALLS = 12
OVER_S = (0.1, 0.3, 0.5, 0.8, 1.1, 1.4, 1.7, 2.0)
"""How long after its first sound callers begin to speak over it."""


def measure_greeting(lab: Lab) -> list[Figure]:
    """One call after another; then eight callers at once who do not wait for its end."""
    lab.usual()
    waits = [_first_sound_ms(lab) for _ in range(CALLS)]
    kept = at_once(lambda number: _keeps_words(lab, number), range(len(OVER_S)))
    return [
        figure("12 answer → first sample of the greeting heard", "ms", waits, p95_at_most=150),
        Figure("… callers over the greeting whose words are kept", "", sum(kept), sum(kept),
               len(kept), f"{len(kept)} of {len(kept)}", all(kept)),
    ]  # fmt: skip


def _first_sound_ms(lab: Lab) -> float:
    """From the answer of the line to the first sound of the greeting, at the telephone."""
    with lab.phone.dial("100", caller_id="greeted") as call:
        heard_at = call.wait_speech(call.answered_at - 1.0, PATIENCE_S)
        if heard_at is None:
            raise NotMetError("no greeting")
        return (heard_at - call.answered_at) * 1000


def _keeps_words(lab: Lab, number: int) -> bool:
    """Whether all that was said over the greeting is recognised, and the greeting stopped."""
    caller = lab.caller("over")
    call = caller.dial()
    call.wait_speech(call.answered_at - 1.0, PATIENCE_S)
    time.sleep(OVER_S[number])
    text = question(700 + number)
    asked_at = caller.ask(text)
    caller.hears(asked_at, 8.0)
    caller.hear_out()
    lines = caller.hang_up()
    heard = [str(line["raw"]) for line in said(lines, "user")]
    return heard == [text] and bool(lines[0]["interrupted"])
