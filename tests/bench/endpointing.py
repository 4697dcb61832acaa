"""Endpointing on human Russian: which pauses inside a sentence would end the caller's turn.

The speech and its texts are Debian's asterisk-core-sounds-ru (a human's voice, 8 kHz,
CC-BY-3.0). What was said up to each pause is recognised by the local recogniser, as in a call,
so its mistakes count. ``python -m tests.bench.endpointing [--every N]``
"""

import argparse
import gzip
import re
import sys
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from bot.asr import Recogniser
from bot.asr.local import LocalRecogniser
from bot.audio import BYTES_PER_S, FRAME_BYTES, FRAME_MS, silence
from bot.deadline import Deadline
from bot.endpointing import CallerPauses, completeness
from bot.vad import VoiceChange, VoiceDetector, VoiceModel
from tests.bench.figures import HEADER, Figure, figure
from tests.lab.humanspeech import FOLDER, human_speech

TEXTS = Path("/usr/share/doc/asterisk-core-sounds-ru/core-sounds-ru.txt.gz")
SHORTEST_S = 3.0
PAUSE_S = 0.1
"""The first point: shorter pauses are not looked at."""
HEARD_S = 0.2
"""Silence that is sent along with the words."""
SLOW = 3.0
"""Announcers pause little: somebody who thinks while they speak pauses so many times longer."""
SENTENCE_ENDS = ".?!:;"
ASR_TIMEOUT_S = 60.0
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Pause:
    """A silence in human speech: where it is in the sound, and what was said before it."""

    prompt: str
    begin_s: float
    length_s: float
    heard: str
    inside: bool
    """Whether the sentence goes on after it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when more pauses end a turn than may."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.endpointing", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take each n-th prompt only")
    figures = measure_endpointing(every=parser.parse_args(argv).every)
    print(HEADER)
    for one in figures:
        print(one.row())
    return 1 if any(one.met is False for one in figures) else 0


def measure_endpointing(every: int = 1) -> list[Figure]:
    """The rows about endpointing."""
    model, recogniser = VoiceModel(), LocalRecogniser()
    pauses = [
        pause
        for name, text in sorted(long_prompts().items())[::every]
        for pause in pauses_of(name, text, model, recogniser)
    ]
    return figures_of(pauses)


def figures_of(pauses: Sequence[Pause]) -> list[Figure]:
    """What the pauses say of the waits: turns cut short, and seconds waited at real ends."""
    slow = [replace(pause, length_s=pause.length_s * SLOW) for pause in pauses]
    added = [wait_s for pause, wait_s in _waited(pauses) if not pause.inside]
    return [
        _cut_short("pauses inside a sentence that end the turn", pauses, 5.0),
        _cut_short(f"… of somebody who pauses {SLOW:g} times as long", slow, None),
        figure("silence waited for at the end of a sentence", "s", added),
    ]


def _cut_short(name: str, pauses: Sequence[Pause], at_most: float | None) -> Figure:
    """The share of pauses inside a sentence after which the turn is over, in per cent."""
    inside = [(pause, wait_s) for pause, wait_s in _waited(pauses) if pause.inside]
    share = 100.0 * sum(one.length_s + VAD_S > wait_s for one, wait_s in inside) / len(inside)
    target = "" if at_most is None else f"≤ {at_most:g} %"
    met = None if at_most is None else share <= at_most
    return Figure(name, "%", share, share, len(inside), target, met)


VAD_S = 0.1
"""A voice is known this long after it has begun."""


def _waited(pauses: Sequence[Pause]) -> Iterator[tuple[Pause, float]]:
    """Each pause with the silence that would end the turn there."""
    usual = CallerPauses()
    prompt = ""
    for pause in pauses:
        if pause.prompt != prompt:
            usual, prompt = CallerPauses(), pause.prompt
        yield pause, usual.wait_s(completeness(pause.heard))
        if pause.inside:
            usual.note(pause.length_s)


def long_prompts() -> dict[str, str]:
    """The text of each prompt that is long enough to hold a pause."""
    texts = {}
    for line in gzip.decompress(TEXTS.read_bytes()).decode("utf-8").splitlines():
        name, colon, text = line.partition(":")
        if colon and not line.startswith(";") and (FOLDER / f"{name}.wav").exists():
            texts[name] = text.removeprefix(f" {name}:").strip()
    return {
        name: text
        for name, text in texts.items()
        if not set("[<") & set(text) and "silence" not in name and _file_s(name) >= SHORTEST_S
    }


def _file_s(name: str) -> float:
    with wave.open(str(FOLDER / f"{name}.wav")) as sound:
        return float(sound.getnframes() / sound.getframerate())


def pauses_of(name: str, text: str, model: VoiceModel, recogniser: Recogniser) -> Iterator[Pause]:
    """The pauses of one prompt; a turn begins anew after each end of a sentence."""
    sound = human_speech(name)
    begin_s = 0.0
    for at_s, length_s in silences(sound, model):
        until = _bytes(at_s + HEARD_S)
        heard = recogniser.transcribe(sound[_bytes(begin_s) : until], "", _deadline()).text
        whole = heard
        if begin_s:
            whole = recogniser.transcribe(sound[:until], "", _deadline()).text
        inside = goes_on(text, whole)
        if inside is None:
            continue
        yield Pause(name, at_s, length_s, heard, inside)
        if not inside:
            begin_s = at_s + length_s - PAUSE_S


def silences(sound: bytes, model: VoiceModel) -> Iterator[tuple[float, float]]:
    """Begin and length of each silence that the voice detector finds, in seconds."""
    detector = VoiceDetector(model)
    stopped_s: float | None = None
    padded = sound + silence(0.5)
    for number in range(len(padded) // FRAME_BYTES):
        now_s = (number + 1) * FRAME_MS / 1000
        frame = padded[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
        change = detector.hear(frame, now_s)
        if change is VoiceChange.STOPPED:
            stopped_s = now_s - detector.quiet_ms / 1000
        elif change is VoiceChange.STARTED and stopped_s is not None:
            length_s = now_s - VAD_S - stopped_s
            if length_s >= PAUSE_S:
                yield stopped_s, length_s


def goes_on(text: str, heard: str) -> bool | None:
    """Whether a sentence of ``text`` goes on after what was ``heard`` of it.

    ``None`` when the recogniser did not understand enough to tell.
    """
    words = list(_WORD.finditer(text.lower()))
    said = _WORD.findall(heard.lower())
    matcher = SequenceMatcher(None, said, [word.group() for word in words], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks or blocks[-1].a + blocks[-1].size < len(said) - 1:
        return None
    last = blocks[-1].b + blocks[-1].size - 1 + (len(said) - blocks[-1].a - blocks[-1].size)
    if last + 1 >= len(words):
        return None
    between = text[words[last].end() : words[last + 1].start()]
    return not any(mark in between for mark in SENTENCE_ENDS)


def _deadline() -> Deadline:
    return Deadline(ASR_TIMEOUT_S)


def _bytes(seconds: float) -> int:
    return int(seconds * BYTES_PER_S) // 2 * 2


if __name__ == "__main__":
    sys.exit(main())
