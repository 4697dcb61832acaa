"""Noises over an answer, rows 5 and 6: it is not broken off, and goes on from the same sample."""

import itertools
import random
import time
from dataclasses import dataclass

from bot.audio import duration_s
from bot.softphone.heard import HeardPacket
from tests.bench.behaviours.answers import LONG_QUESTIONS, long_answer
from tests.bench.behaviours.lab import SPEED, Caller, Lab, at_once, said
from tests.bench.behaviours.rendering import Rendering, after, before, rendering
from tests.bench.figures import Figure, figure
from tests.lab.noises import click, cough, hiss

CALLS = 5
NOISES_EACH = 10
BACKCHANNELS = ("Угу.", "Ага.", "Да-да.", "Угу, угу.", "Так.")
PAUSED_S = 0.2
"""Silence that no text of ours has in it: the answer was held."""
NEVER_S = 99.0
WATCHED_S = 1.7
"""From the end of a noise: an answer that has not gone on by then was broken off."""
NOT_FOUND_S = 99.0
"""What went on was not the answer."""
TORN_S = 0.04
"""A frame lost or said twice at either end is not heard."""


@dataclass(frozen=True)
class Held:
    """One noise: how long after it the answer went on (0 when it never paused), in seconds."""

    resumed_after_s: float | None
    torn_s: float = 0.0
    """Sound of the answer that was lost or came twice."""


def measure_false_alarms(lab: Lab) -> list[Figure]:
    """Fifty noises of 0.1…0.5 s over five answers."""
    lab.usual()
    random_noises = random.Random(5)
    parts = at_once(lambda n: _one_call(lab, n, random_noises.random()), range(CALLS))
    held = [one for part, _ in parts for one in part]
    aborted = sum(one.resumed_after_s is None for one in held)
    aborted += sum(broken for _, broken in parts)
    waits = [NEVER_S if one.resumed_after_s is None else one.resumed_after_s for one in held]
    whole = sum(w <= 0.7 for w in waits) - sum(one.torn_s > TORN_S for one in held)
    torn_ms = [one.torn_s * 1000 for one in held]
    return [
        Figure("5 backchannel, cough, click → answers broken off", "", aborted, aborted,
               len(held), "0", aborted == 0),
        figure("6 end of the noise → answer goes on", "ms", [w * 1000 for w in waits],
               p95_at_most=700),
        figure("… of the answer lost or said twice", "ms", torn_ms),
        Figure("… gone on within 700 ms from the same sample", "%", 100 * whole / len(held),
               100 * whole / len(held), len(held), "≥ 95 %", whole >= 0.95 * len(held)),
    ]  # fmt: skip


def _noise(lab: Lab, number: int) -> bytes:
    """Noises of every kind, and words that only say «I am listening»."""
    kind, length_s = number % 5, 0.1 + 0.1 * (number // 2 % 5)
    if kind == 0:
        return cough(length_s, seed=number)
    if kind == 1:
        return click(seed=number)
    if kind == 2:
        return hiss(length_s, -20.0, seed=number)
    pcm = lab.voices.word()[: int(0.5 * 16000)]
    lab.ear.means(pcm, BACKCHANNELS[number % len(BACKCHANNELS)])
    return pcm


def _one_call(lab: Lab, number: int, jitter: float) -> tuple[list[Held], bool]:
    """One long answer with ten noises over it; whether the record calls it interrupted."""
    asked = LONG_QUESTIONS[number]
    caller = lab.caller("noises")
    caller.meet()
    caller.answered(asked)
    text = rendering(long_answer(asked), SPEED)
    time.sleep(1.0 + jitter)
    held: list[Held] = []
    for count in range(NOISES_EACH):
        one = _held(caller, _noise(lab, 10 * number + count), text)
        held.append(one)
        if one.resumed_after_s is None:
            break  # nothing is left to make a noise over
    lines = caller.hang_up()
    answers = [line for line in said(lines, "bot") if line["kind"] == "answer"]
    turns = len(said(lines, "user"))
    still_speaking = held[-1].resumed_after_s is not None
    return held, still_speaking and (turns != 1 or len(answers) != 1)


def _held(caller: Caller, noise: bytes, text: Rendering) -> Held:
    """Make one noise; what became of the answer."""
    began_at = time.monotonic()
    caller.call.play(noise)
    ended_at = began_at + duration_s(noise) + 0.02
    time.sleep(max(0.0, ended_at + WATCHED_S - time.monotonic()))
    packets = caller.call.heard.packets(began_at - 1.0)
    spoken = [at for at in caller.call.heard.speech_at() if at > began_at - 0.2]
    if not spoken or spoken[-1] < ended_at + WATCHED_S - 0.5:
        return Held(None)
    gaps = [(b - a, a, b) for a, b in itertools.pairwise(spoken) if b - a > PAUSED_S]
    if not gaps:
        return Held(0.0)
    _, stopped_at, resumed_at = max(gaps)
    return Held(max(0.0, resumed_at - ended_at), _torn(packets, text, stopped_at, resumed_at))


def _torn(
    packets: list[HeardPacket], text: Rendering, stopped_at: float, resumed_at: float
) -> float:
    """Seconds of sound between the last place heard and the first one after the pause."""
    last, first = before(packets, stopped_at), after(packets, resumed_at)
    try:
        ended_s = text.place_s(last) + len(last) / 8000
        began_s = text.place_s(first)
    except LookupError:
        return NOT_FOUND_S
    if began_s < ended_s:
        return text.sound_between_s(began_s, ended_s)
    return text.sound_between_s(ended_s, began_s)
