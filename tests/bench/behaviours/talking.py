"""Callers who pause while they speak, rows 2, 3 and 10: sentences, numbers, names."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.audio import silence
from tests.bench.behaviours.lab import Caller, Lab, said
from tests.bench.behaviours.sentences import NAMES, NUMBERS, SENTENCES

TAIL_S = 0.02
ANSWERED_WITHIN_S = 6.0


@dataclass(frozen=True)
class Spoken:
    """One sentence said in pieces with pauses between them, and what came of it."""

    pieces: tuple[str, ...]
    pauses_s: tuple[float, ...]
    cut_at: tuple[int, ...]
    """The pauses (from 0) that ended the turn, or lost what was said before."""
    heard_early: bool
    """Whether the assistant was heard while the sentence was being said."""


@dataclass(frozen=True)
class Saying:
    """What is to be said: each piece's text and sound, and the pauses between them."""

    texts: tuple[str, ...]
    sounds: tuple[bytes, ...]
    pauses_s: tuple[float, ...]


def sentences_with_pauses(lab: Lab, rounds: int = 2) -> list[Saying]:
    """Questions with two pauses of 0.2…1.2 s, each at its own places (row 2)."""
    random_pauses = random.Random(2)
    sayings = []
    for texts in SENTENCES:
        sounds = tuple(lab.voices.pieces(len(texts)))
        for _ in range(rounds):
            pauses = tuple(random_pauses.uniform(0.2, 1.2) for _ in texts[1:])
            sayings.append(Saying(texts, sounds, pauses))
    return sayings


def dictations(lab: Lab) -> list[Saying]:
    """Fifteen numbers said in groups and fifteen names, with pauses up to 1.5 s (row 10)."""
    random_pauses = random.Random(10)
    sayings = []
    for texts in [*(tuple(number.split("-")) for number in NUMBERS), *NAMES]:
        sounds = tuple(lab.voices.pieces(len(texts)))
        sayings.append(Saying(texts, sounds, _dictated(random_pauses, len(texts))))
    return sayings


def _dictated(random_pauses: random.Random, count: int) -> tuple[float, ...]:
    """At least one pause of each dictation is a long one."""
    pauses = [random_pauses.uniform(0.4, 1.5) for _ in range(count - 1)]
    pauses[random_pauses.randrange(len(pauses))] = random_pauses.uniform(1.3, 1.5)
    return tuple(pauses)


def say_all(caller: Caller, lab: Lab, sayings: Sequence[Saying]) -> list[Spoken]:
    """One call: each saying, and the answer to it heard out."""
    caller.meet()
    spoken = []
    for saying in sayings:
        spoken.append(_say(caller, lab, saying))
    caller.hang_up()
    return spoken


def _say(caller: Caller, lab: Lab, saying: Saying) -> Spoken:
    for sound, text in zip(saying.sounds, saying.texts, strict=True):
        lab.ear.means(sound, text)
    before = len(said(caller.lines_so_far(), "user"))
    began_at = time.monotonic()
    sound = saying.sounds[0]
    for pause_s, following in zip(saying.pauses_s, saying.sounds[1:], strict=True):
        sound += silence(pause_s) + following
    ended_at = caller.say(sound + silence(TAIL_S))
    caller.hears(ended_at, ANSWERED_WITHIN_S)
    caller.wait_lines(lambda lines: len(said(lines, "user")) > before, 3.0)
    caller.hear_out(0.9)
    lab.ear.forget(*saying.sounds)
    early = any(began_at + 0.2 < at < ended_at for at in caller.call.heard.speech_at())
    turns = [str(line["raw"]) for line in said(caller.lines_so_far(), "user")][before:]
    cut_at = tuple(
        number
        for number, (one, other) in enumerate(zip(saying.texts, saying.texts[1:], strict=False))
        if not any(_holds(turn, one) and _holds(turn, other) for turn in turns)
    )
    return Spoken(saying.texts, saying.pauses_s, cut_at, early)


def _holds(turn: str, piece: str) -> bool:
    return piece.rstrip(".?,").lower() in turn.lower()
