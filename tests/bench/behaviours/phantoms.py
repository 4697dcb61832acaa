"""Lines on which nobody speaks, rows 9 and 15: no turns, and three reminders at their times."""

import itertools
import time
from dataclasses import dataclass

from bot.audio import silence
from tests.bench.behaviours.lab import Caller, Lab, said
from tests.lab.noises import cough, hiss, hold_music, hum

MINUTE_S = 60.0
INVENTED = (
    "Продолжение следует...",
    "Субтитры сделал DimaTorzok",
    "Спасибо за просмотр!",
    "Редактор субтитров А.Семкин Корректор А.Егорова",
    "Подписывайтесь на наш канал",
    "♪ Музыка ♪",
)
"""What recognisers write for sound that nobody spoke (conversation.md, line 9)."""
REMINDERS_S = (7.0, 15.0, 25.0)
BETWEEN_S = 1.2
"""Silence between two utterances of ours; inside one there is less."""


@dataclass(frozen=True)
class Minute:
    """A minute on one line: what the log took for words, and when we spoke by ourselves."""

    turns: int
    reminders_s: tuple[tuple[float, ...], ...]
    """For each call that lasted to its goodbye: seconds since the end of the greeting."""


def lines_without_voice() -> list[bytes]:
    """A minute each: silence, hum, hiss, music on hold, a cough every four seconds."""
    coughs = b"".join(cough(0.1 + 0.1 * (n % 5), seed=n) + silence(4.0) for n in range(15))
    return [
        b"",
        b"",
        hum(MINUTE_S),
        hum(MINUTE_S, -45.0),
        hiss(MINUTE_S, -45.0),
        hiss(MINUTE_S, -35.0, seed=2),
        hold_music(MINUTE_S),
        hold_music(MINUTE_S, -35.0, seed=2),
        coughs,
    ]


def one_minute(lab: Lab, sound: bytes, *, send_silence: bool = True) -> Minute:
    """Call again whenever the assistant has hung up, until the minute is over."""
    caller = Caller(lab, f"nobody-{time.monotonic_ns()}", b"")
    over_at = time.monotonic() + MINUTE_S
    reminders = []
    while (left_s := over_at - time.monotonic()) > 0:
        call = caller.dial(send_silence=send_silence)
        call.play(sound[: int(left_s * 8000) * 2])
        if call.ended.wait(left_s) and call.ended_by == "them":
            reminders.append(_reminders(caller))
        else:
            call.hangup()
    caller.closed()
    lines = caller.lines_so_far()
    answers = [line for line in said(lines, "bot") if line["kind"] in ("answer", "apology")]
    return Minute(max(len(said(lines, "user")), len(answers)), tuple(reminders))


def _reminders(caller: Caller) -> tuple[float, ...]:
    """When each utterance after the greeting began, since the greeting's end."""
    spoken = caller.call.heard.speech_at()
    starts = [b for a, b in itertools.pairwise(spoken) if b - a > BETWEEN_S]
    if not starts:
        return ()
    greeted_at = max(at for at in spoken if at < starts[0])
    return tuple(at - greeted_at for at in starts)


def thanks(lab: Lab, times: int) -> int:
    """How often a caller who really says «спасибо» was understood."""
    caller = lab.caller("thanks")
    caller.voice = lab.voices.word()
    caller.meet()
    for _ in range(times):
        caller.hears(caller.ask("Спасибо."), 6.0)
        caller.hear_out(0.9)
    return sum("спасибо" in str(line["raw"]).lower() for line in said(caller.hang_up(), "user"))


def reminders_off_s(minutes: list[Minute]) -> list[float]:
    """How far each reminder of each whole call was from its time; 99 where one is missing."""
    off = []
    for call in (call for minute in minutes for call in minute.reminders_s):
        padded = (*call, *(99.0,) * (len(REMINDERS_S) - len(call)))
        off += [abs(at - due) for at, due in zip(padded, REMINDERS_S, strict=False)]
    return off
