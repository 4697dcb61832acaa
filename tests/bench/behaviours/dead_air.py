"""One service five times slower than usual, row 11: the longest silence a caller hears."""

import itertools
import time
from collections.abc import Callable

from tests.bench.behaviours.answers import question
from tests.bench.behaviours.lab import Lab, Line, at_once, said
from tests.bench.figures import Figure, figure
from tests.bench.services import ASR_S, FIRST_TOKEN_S, TOKEN_S, TTS_S

SLOWER = 5
CALLS = 6
ANSWER_WITHIN_S = 20.0


def measure_dead_air(lab: Lab) -> list[Figure]:
    """Six turns with each of recognition, model and synthesis slow."""
    numbers = itertools.count(100)
    figures = []
    for name, slow in _SLOWED.items():
        lab.usual()
        slow(lab)
        asked = [next(numbers) for _ in range(CALLS)]
        silences = at_once(lambda number: _one_call(lab, number), asked)
        longest = max(silences)
        one = figure(f"11 {name} five times slower: longest silence in a turn", "s", silences)
        figures.append(
            Figure(one.name, one.unit, one.p50, longest, one.count, "all ≤ 2 s", longest <= 2.0)
        )
    lab.usual()
    return figures


def _slow_recognition(lab: Lab) -> None:
    lab.openai.plan.asr_s = SLOWER * ASR_S


def _slow_model(lab: Lab) -> None:
    lab.openai.plan.first_token_s = SLOWER * FIRST_TOKEN_S
    lab.openai.plan.token_s = SLOWER * TOKEN_S


def _slow_synthesis(lab: Lab) -> None:
    for service in (lab.yandex.grpc, lab.yandex.http):
        service.plan.latency_s = SLOWER * TTS_S


# The model goes last: one that was late is left alone for some seconds.
_SLOWED: dict[str, Callable[[Lab], None]] = {
    "recognition": _slow_recognition,
    "synthesis": _slow_synthesis,
    "model": _slow_model,
}


def _one_call(lab: Lab, number: int) -> float:
    """The longest silence between the end of a question and the end of its answer."""
    caller = lab.caller("slow")
    caller.meet()
    asked_at = caller.ask(question(number))
    caller.wait_lines(lambda lines: _answers(lines) > 0, ANSWER_WITHIN_S)
    caller.hear_out()
    spoken = [asked_at, *(at for at in caller.call.heard.speech_at() if at > asked_at)]
    if len(spoken) == 1:
        spoken.append(time.monotonic())  # nothing was ever heard
    caller.hang_up()
    return max(b - a for a, b in itertools.pairwise(spoken))


def _answers(lines: list[Line]) -> int:
    return sum(one["kind"] in ("answer", "apology") for one in said(lines, "bot"))
