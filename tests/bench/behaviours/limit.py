"""More callers than the limit, row 17: nobody is left in silence."""

import time
from dataclasses import dataclass

from bot.prompts import read_prompts
from bot.softphone.sip import CallRefused
from tests.bench.behaviours.lab import PATIENCE_S, Caller, Lab, at_once, said
from tests.bench.figures import Figure
from tests.lab.worker import REPO

MAX_CALLS = 4
ABOVE = 30
"""More than are told so at the same time."""


@dataclass(frozen=True)
class _Fate:
    told: bool
    """Heard «все линии заняты», and was hung up or handed over."""
    handed_over: bool
    """Given back to the dialplan without a word, which refuses the call."""


def measure_limit(lab: Lab) -> list[Figure]:
    """Four callers within the limit; thirty more in one second. ``MAX_CALLS`` must be 4."""
    lab.usual()
    busy = read_prompts(REPO / "kb" / "prompts.json").all_busy
    inside = at_once(lambda _: _meet(lab), range(MAX_CALLS))
    fates = at_once(lambda _: _above(lab, busy), range(ABOVE))
    undisturbed = sum(not one.call.ended.is_set() for one in inside)
    for one in inside:
        one.hang_up()
    told = sum(fate.told for fate in fates)
    handed = sum(fate.handed_over for fate in fates)
    silent = ABOVE - told - handed
    return [
        Figure("17 callers above the limit left in silence", "", silent, silent, ABOVE, "0",
               silent == 0 and told > 0),
        Figure("… told that all lines are busy", "", told, told, ABOVE),
        Figure("… handed to the dialplan at once", "", handed, handed, ABOVE),
        Figure("… callers within the limit who went on", "", undisturbed, undisturbed, MAX_CALLS,
               f"{MAX_CALLS} of {MAX_CALLS}", undisturbed == MAX_CALLS),
    ]  # fmt: skip


def _meet(lab: Lab) -> Caller:
    caller = Caller(lab, f"inside-{time.monotonic_ns()}", b"")
    caller.meet()
    return caller


def _above(lab: Lab, busy: str) -> _Fate:
    caller = Caller(lab, f"above-{time.monotonic_ns()}", b"")
    try:
        call = caller.dial()
    except CallRefused as refused:
        return _Fate(told=False, handed_over=refused.status != 408)
    over = call.ended.wait(PATIENCE_S) and call.ended_by == "them"
    heard = len(call.heard.speech_at()) * 0.02
    call.hangup()
    texts = [str(line["text"]) for one in caller.closed() for line in said(one["lines"], "bot")]
    return _Fate(told=over and heard > 1.0 and busy in texts, handed_over=False)
