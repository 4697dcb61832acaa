"""Callers who hear themselves spoken to twice, row 8: the assistant's own echo on the line."""

import itertools
import time

from bot.prompts import read_prompts
from tests.bench.behaviours.answers import LONG_QUESTIONS, long_answer, question
from tests.bench.behaviours.lab import PATIENCE_S, Caller, Lab, Line, at_once, said
from tests.bench.figures import Figure
from tests.lab.echo import EchoingLine, echo_path
from tests.lab.worker import REPO

LINES = tuple(
    (loss_db, delay_ms)
    for loss_db, delay_ms in zip(
        (12, 12, 14, 16, 18, 18, 20, 22, 25, 25),
        (50, 400, 200, 100, 300, 50, 400, 150, 250, 100),
        strict=True,
    )
)
"""Loss of the echo in dB and its delay in ms, one call each (conversation.md, line 8)."""
MINUTE_S = 60.0
INTO_GREETING_S = 0.5


def measure_echo(lab: Lab) -> list[Figure]:
    """Ten minutes of answers into an echo; a question over the greeting and over an answer."""
    lab.usual()
    greeting = read_prompts(REPO / "kb" / "prompts.json").greeting
    lab.ear.expect_nothing(greeting, *long_answer(LONG_QUESTIONS[0]))
    outcomes = at_once(lambda number: _minute(lab, number), range(len(LINES)))
    early = at_once(lambda number: _over_greeting(lab, number), range(len(LINES)))
    interruptions = sum(one for one, _ in outcomes)
    late = sum(one for _, one in outcomes)
    return [
        Figure("8 the assistant's own echo: self-interruptions in call-minutes", "",
               interruptions, interruptions, len(LINES), "0", interruptions == 0),
        Figure("… a real interruption of an answer in the echo works", "", late, late,
               len(LINES), f"{len(LINES)} of {len(LINES)}", late == len(LINES)),
        Figure("… and one from the first second of the greeting", "", sum(early), sum(early),
               len(LINES), f"{len(LINES)} of {len(LINES)}", sum(early) == len(LINES)),
    ]  # fmt: skip


def _line(caller: Caller, number: int) -> EchoingLine:
    loss_db, delay_ms = LINES[number]
    return EchoingLine(caller.call, echo_path(loss_db, delay_ms, room=number % 2 == 1))


def _minute(lab: Lab, number: int) -> tuple[int, bool]:
    """Long answers for a minute; self-interruptions, and whether a real one worked at its end."""
    caller = lab.caller("echo")
    over_at = time.monotonic() + MINUTE_S
    call = caller.dial()
    asked: list[str] = []
    with _line(caller, number) as line:
        call.wait_speech(call.answered_at, PATIENCE_S)
        call.wait_quiet(1.0, PATIENCE_S)
        while time.monotonic() < over_at and not call.ended.is_set():
            asked.append(LONG_QUESTIONS[(number + len(asked)) % 5])
            _say(lab, caller, line, asked[-1])
            caller.hears(time.monotonic() + 0.5, 8.0)
            call.wait_quiet(1.5, max(0.0, over_at - time.monotonic()))
        asked.append(LONG_QUESTIONS[(number + len(asked)) % 5])
        if call.wait_quiet(0.3, 0.4) is not None:  # it has just ended: have it speak again
            _say(lab, caller, line, asked[-1])
            caller.hears(time.monotonic() + 0.5, 8.0)
            time.sleep(2.0)
        real = question(500 + number)
        _say(lab, caller, line, real)
        worked = caller.wait_lines(lambda lines: _has(lines, real), 10.0)
    lines = caller.hang_up()
    return _self_interruptions(lines, {*asked, real}), worked


def _self_interruptions(lines: list[Line], truly_said: set[str]) -> int:
    """Turns of nobody, and utterances cut short by nothing that was said.

    What was heard in part only is the caller's; the last utterance ends with the call.
    """
    heard = [str(one["raw"]) for one in said(lines, "user")]
    strangers = sum(not _is_theirs(one, truly_said) for one in heard)
    cut = sum(
        bool(one.get("interrupted")) and str(after["role"]) != "user"
        for one, after in itertools.pairwise(lines)
    )
    return strangers + cut


def _is_theirs(heard: str, truly_said: set[str]) -> bool:
    return any(text.startswith(heard.rstrip(".")) for text in truly_said)


def _over_greeting(lab: Lab, number: int) -> bool:
    """Whether a question over the first second of the greeting stops it and is understood."""
    caller = lab.caller("early")
    call = caller.dial()
    real = question(600 + number)
    with _line(caller, number) as line:
        call.wait_speech(call.answered_at, PATIENCE_S)
        time.sleep(INTO_GREETING_S)
        _say(lab, caller, line, real)
        understood = caller.wait_lines(lambda lines: _has(lines, real), 10.0)
    lines = caller.hang_up()
    return understood and bool(lines[0]["interrupted"])


def _say(lab: Lab, caller: Caller, line: EchoingLine, text: str) -> None:
    """Speak above the echo, and wait until it has left."""
    lab.ear.means(caller.voice, text)
    line.say(caller.voice)
    while not line.said:
        time.sleep(0.02)


def _has(lines: list[Line], text: str) -> bool:
    return any(one["role"] == "user" and one["raw"] == text for one in lines)
