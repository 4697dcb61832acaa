"""Keys and the word «оператор», row 15: how soon a person is there, and the last answer again."""

import time

import numpy as np

from bot.audio import RATE_HZ, samples
from bot.softphone.heard import HeardPacket
from bot.softphone.phone import Phone
from tests.bench.behaviours.answers import question
from tests.bench.behaviours.lab import PATIENCE_S, Caller, Lab, said
from tests.bench.figures import Figure, figure

TRANSFERS = 3
REPEATS = 3
TONE_HZ = 1000
KEY_S = 0.16
"""How long the telephone presses a key."""
PURE = 0.8


def measure_keys(lab: Lab) -> list[Figure]:
    """Callers who press 0, who ask for a person, and who press the star."""
    lab.usual()
    by_key = [_transfer_s(lab, by_key=True) for _ in range(TRANSFERS)]
    by_word = [_transfer_s(lab, by_key=False) for _ in range(TRANSFERS)]
    again = _repeats(lab)
    right = sum(same for _, same in again)
    return [
        figure("15 key 0 → the person is heard", "s", by_key, p95_at_most=1.0),
        figure("… end of «оператор» → the person is heard", "s", by_word),
        figure("… key * → first sound", "s", [after_s for after_s, _ in again]),
        Figure("… of these, the last answer again", "", right, right, REPEATS,
               f"{REPEATS} of {REPEATS}", right == REPEATS),
    ]  # fmt: skip


def _transfer_s(lab: Lab, *, by_key: bool) -> float:
    """From the end of the key or the word until the person's tone is heard; 99 if never."""
    with Phone(lab.asterisk.sip_server) as desk, desk.dial("desk") as person:
        person.play(_tone(PATIENCE_S))
        caller = lab.caller("transfer")
        caller.meet()
        if by_key:
            asked_at = time.monotonic() + KEY_S
            caller.call.send_dtmf("0")
        else:
            caller.voice = lab.voices.word()
            asked_at = caller.ask("Оператор.")
        heard_at = _wait_tone(caller, asked_at)
        caller.call.hangup()
        caller.closed()
    return 99.0 if heard_at is None else heard_at - asked_at


def _wait_tone(caller: Caller, after_s: float, timeout_s: float = 10.0) -> float | None:
    give_up_at = time.monotonic() + timeout_s
    while time.monotonic() < give_up_at and not caller.call.ended.is_set():
        for packet in caller.call.heard.packets(after_s):
            if _is_tone(packet):
                return packet.at_s
        time.sleep(0.05)
    return None


def _is_tone(packet: HeardPacket) -> bool:
    """Whether nearly all of its power is at the person's pitch."""
    sound = samples(packet.pcm).astype(np.float64)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    near = round(TONE_HZ * len(sound) / RATE_HZ)
    return bool(power.sum() > 1e9 and power[near - 1 : near + 2].sum() > PURE * power.sum())


def _tone(seconds: float) -> bytes:
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (6000 * np.sin(2 * np.pi * TONE_HZ * time_s)).astype("<i2").tobytes()


def _repeats(lab: Lab) -> list[tuple[float, bool]]:
    """Seconds from the star to the first sound, and whether it was the last answer."""
    caller = lab.caller("star")
    caller.meet()
    caller.answered(question(300))
    caller.hear_out()
    outcomes = []
    for count in range(REPEATS):
        pressed_at = time.monotonic() + KEY_S
        caller.call.send_dtmf("*")
        heard_at = caller.hears(pressed_at, 5.0)
        caller.wait_lines(lambda lines, least=count + 3: len(said(lines, "bot")) >= least, 5.0)  # type: ignore[misc]
        caller.hear_out()
        last, before = reversed(said(caller.lines_so_far(), "bot")[-2:])
        outcomes.append((99.0 if heard_at is None else heard_at - pressed_at,
                         last["text"] == before["text"]))  # fmt: skip
    caller.hang_up()
    return outcomes
