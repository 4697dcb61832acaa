"""Hang-up in every state of a call, row 16: how soon all that the call held is gone."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.bench.behaviours.answers import LONG_QUESTIONS, question
from tests.bench.behaviours.lab import PATIENCE_S, Caller, Lab, at_once
from tests.bench.figures import Figure, NotMetError, figure

STATES = (
    "set-up", "greeting", "listening", "recognising", "thinking", "filler", "speaking", "paused",
)  # fmt: skip
GIVE_UP_S = 5.0
POLL_S = 0.01


@dataclass(frozen=True)
class _Holdings:
    """What the worker and Asterisk hold: none of it may outlive a call."""

    threads: int
    sockets: int
    """To Asterisk: a leg's audio, the events, requests."""
    channels_and_bridges: int

    def within(self, limit: "_Holdings") -> bool:
        return (
            self.threads <= limit.threads
            and self.sockets <= limit.sockets
            and self.channels_and_bridges <= limit.channels_and_bridges
        )


def measure_hanging_up(lab: Lab) -> list[Figure]:
    """Eight calls at the same time, so that pools are filled, then each state by itself."""
    at_once(lambda number: _hang_up_in(lab, "speaking", 400 + number), range(len(STATES)))
    settled = _settled(lab)
    waits = [_gone_after_s(lab, state, settled) for state in STATES]
    worst = STATES[waits.index(max(waits))]
    one = figure("16 hang-up in 8 states → threads, sockets, bridges, channels gone", "ms",
                 [wait * 1000 for wait in waits])  # fmt: skip
    name = f"{one.name} (longest: {worst})"
    return [
        Figure(name, "ms", one.p50, max(waits) * 1000, len(waits), "all ≤ 500 ms",
               max(waits) <= 0.5)
    ]  # fmt: skip


def _gone_after_s(lab: Lab, state: str, settled: _Holdings) -> float:
    """Seconds from the hang-up until no more is held than before the call."""
    hung_up_at = _hang_up_in(lab, state, 450)
    while not _holdings(lab).within(settled):
        if time.monotonic() - hung_up_at > GIVE_UP_S:
            return GIVE_UP_S
        time.sleep(POLL_S)
    gone_s = time.monotonic() - hung_up_at
    lab.usual()
    time.sleep(1.0)
    return gone_s


def _hang_up_in(lab: Lab, state: str, number: int) -> float:
    """Call, and hang up in that state; when."""
    lab.usual()
    plan, number = lab.openai.plan, number + STATES.index(state)
    caller = lab.caller("leaving")
    call = caller.dial()
    if state == "greeting":
        call.wait_speech(call.answered_at, PATIENCE_S)
    elif state != "set-up":
        call.wait_speech(call.answered_at, PATIENCE_S)
        caller.hear_out()
    if state == "recognising":
        plan.asr_s = GIVE_UP_S
        _until_asked(lab, "transcription", lambda: caller.ask(question(number)))
    elif state in ("thinking", "filler"):
        plan.first_token_s = GIVE_UP_S
        _until_asked(lab, "chat", lambda: caller.ask(question(number)))
        if state == "filler":
            _hears_something(caller)
    elif state in ("speaking", "paused"):
        caller.answered(LONG_QUESTIONS[STATES.index(state) - 4])
        if state == "paused":
            call.play(caller.voice)
            time.sleep(0.4)
    hung_up_at = time.monotonic()
    call.hangup()
    lab.ear.forget(caller.voice)
    return hung_up_at


def _until_asked(lab: Lab, endpoint: str, ask: Callable[[], float]) -> None:
    asked = lab.openai.count(endpoint)
    ask()
    if not lab.openai.wait_for(endpoint, asked + 1, PATIENCE_S):
        raise RuntimeError(f"no request to {endpoint}")


def _hears_something(caller: Caller) -> None:
    last = caller.call.last_sent_speech_at
    if last is None or caller.hears(last) is None:
        raise NotMetError("no filler was heard")


def _settled(lab: Lab) -> _Holdings:
    """What is held when no call is up and nothing falls any more."""
    time.sleep(GIVE_UP_S)
    lab.asterisk.left_behind()
    held = [_holdings(lab) for _ in range(5)]
    return min(held, key=lambda one: (one.threads, one.sockets))


def _holdings(lab: Lab) -> _Holdings:
    if lab.worker.process is None:
        raise RuntimeError("the worker is not running")
    seen = psutil.Process(lab.worker.process.pid)
    port = lab.asterisk.http_port
    sockets = sum(bool(one.raddr) and one.raddr.port == port for one in seen.net_connections("tcp"))
    left = len(lab.asterisk.channels()) + len(lab.asterisk.bridges())
    return _Holdings(seen.num_threads(), sockets, left)
