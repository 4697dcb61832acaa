"""Each service dead, then hung, row 14: what the caller hears, the next turn, the other call."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.behaviours.answers import LONG_QUESTIONS, question
from tests.bench.behaviours.lab import Caller, Lab, said
from tests.bench.figures import Figure
from tests.lab.openai_faults import server_error, stall
from tests.lab.voices import speak

SPOKEN = "Какой гарантийный срок на машину?"
"""What the synthetic caller really says, for a recogniser that stands by."""
WITHIN_S = 2.5
SETTLED_S = 12.0
TIMES = 1000
TORN_S = 0.3
"""A gap that no text of ours has in it."""


@dataclass(frozen=True)
class _Outcome:
    heard_after_s: float
    spoken: bool
    """Whether an answer or an apology is on record for the turn."""
    next_fine: bool
    other_fine: bool


def _fail_recognition(lab: Lab) -> None:
    lab.openai.fail("transcription", server_error(), TIMES)


def _hang_recognition(lab: Lab) -> None:
    lab.openai.fail("transcription", stall(), TIMES)


def _fail_model(lab: Lab) -> None:
    lab.openai.fail("chat", server_error(), TIMES)


def _hang_model(lab: Lab) -> None:
    lab.openai.fail("chat", stall(), TIMES)


def _fail_synthesis(lab: Lab) -> None:
    lab.yandex.grpc.plan.always = lab.yandex.http.plan.always = "unavailable"


def _hang_synthesis(lab: Lab) -> None:
    lab.yandex.grpc.plan.always = lab.yandex.http.plan.always = "stall"


_CASES: dict[str, Callable[[Lab], None]] = {
    "recognition dead": _fail_recognition,
    "recognition hung": _hang_recognition,
    "model dead": _fail_model,
    "model hung": _hang_model,
    "synthesis dead": _fail_synthesis,
    "synthesis hung": _hang_synthesis,
}


def measure_outages(lab: Lab) -> list[Figure]:
    """One turn in each trouble and one after it, while another caller listens to an answer."""
    lab.usual()
    numbers = itertools.count(200)
    victim, other = lab.caller("victim"), lab.caller("other")
    victim.voice = speak([SPOKEN])[0]
    other.meet()
    other.answered(LONG_QUESTIONS[0])
    victim.meet()
    victim.answered(question(next(numbers)))
    time.sleep(9.0)  # all of the long answer is made by then
    outcomes = {}
    for name, trouble in _CASES.items():
        other.answered(LONG_QUESTIONS[0])  # kept by now: it needs no service
        outcomes[name] = _one_case(lab, victim, other, trouble, numbers)
    victim.hang_up()
    other.hang_up()
    lab.usual()
    return [_row(name, outcome) for name, outcome in outcomes.items()]


def _row(name: str, outcome: _Outcome) -> Figure:
    after_s = outcome.heard_after_s
    wrong = [
        words
        for words, fine in (
            ("no answer", outcome.spoken),
            ("next turn", outcome.next_fine),
            ("other call", outcome.other_fine),
        )
        if not fine
    ]
    note = f" ({', '.join(wrong)} not fine)" if wrong else ""
    return Figure(f"14 {name}: end of question → first sound{note}", "s", after_s, after_s, 1,
                  "≤ 2.5 s, next turn and other call fine",
                  after_s <= WITHIN_S and not wrong)  # fmt: skip


def _one_case(
    lab: Lab,
    victim: Caller,
    other: Caller,
    trouble: Callable[[Lab], None],
    numbers: "itertools.count[int]",
) -> _Outcome:
    victim.hear_out()
    before = _spoken(victim)
    began_at = time.monotonic()
    trouble(lab)
    asked_at = victim.ask(question(next(numbers)))
    heard_at = victim.hears(asked_at, SETTLED_S)
    spoken = victim.wait_lines(lambda lines: _count(lines) > before, SETTLED_S)
    lab.usual()
    other_fine = _undisturbed(other, began_at, time.monotonic() - 0.1)
    victim.hear_out()
    next_fine = not victim.call.ended.is_set() and _next_turn(victim, question(next(numbers)))
    return _Outcome((heard_at or asked_at + 99.0) - asked_at, spoken, next_fine, other_fine)


def _next_turn(victim: Caller, text: str) -> bool:
    """Whether a question asked when all is well again is answered in time from a base."""
    before = _spoken(victim)
    asked_at = victim.ask(text)
    heard_at = victim.hears(asked_at, SETTLED_S)
    victim.wait_lines(lambda lines: _count(lines) > before, SETTLED_S)
    last = said(victim.lines_so_far(), "bot")[-1]
    return heard_at is not None and heard_at - asked_at <= WITHIN_S and bool(last["source"])


def _undisturbed(other: Caller, began_at: float, ended_at: float) -> bool:
    """Whether the other caller's answer went on without a gap."""
    spoken = [at for at in other.call.heard.speech_at() if began_at <= at <= ended_at]
    gaps = [b - a for a, b in itertools.pairwise([began_at, *spoken, ended_at])]
    return bool(spoken) and max(gaps) < TORN_S


def _spoken(caller: Caller) -> int:
    return _count(caller.lines_so_far())


def _count(lines: list[dict[str, object]]) -> int:
    return sum(line["kind"] in ("answer", "apology") for line in said(lines, "bot"))
