"""The picture of a recording and the places of the lines in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.recording.peaks import peaks
from webadmin.logs.dialogue import ShownLine

HALF: Final = 32
"""Height of one side, in units of the picture; a part of the recording is one unit wide."""
_CHARACTERS_PER_S: Final = 13.0
"""Of Russian speech on the telephone, roughly."""
_BEFORE_S: Final = 0.5


@dataclass(frozen=True)
class SoundPicture:
    """Both sides as lines up and down from the middle of each, the caller above."""

    text: str

    @property
    def width(self) -> int:
        """Of the whole, in units."""
        return max(1, len(peaks(self.text)))

    @property
    def caller(self) -> str:
        """The caller's side as an SVG path."""
        return _path((caller for caller, _ in peaks(self.text)), HALF // 2)

    @property
    def assistant(self) -> str:
        """The assistant's side as an SVG path."""
        return _path((assistant for _, assistant in peaks(self.text)), HALF + HALF // 2)


def line_starts(
    lines: Sequence[ShownLine], began_at: datetime, seconds: float
) -> tuple[float, ...]:
    """At which second of a recording each line begins; never before the line above it.

    Of the assistant's lines that is known. The caller's are recorded when they were understood:
    they ended as long before the answer as it kept the caller waiting, and the longer they are,
    the earlier they began.
    """
    starts: list[float] = []
    for place, line in enumerate(lines):
        at = line.at if line.role == "bot" else _spoken_at(line, lines[place + 1 :])
        start = min((at - began_at).total_seconds(), seconds)
        starts.append(round(max(start, starts[-1] if starts else 0.0), 2))
    return tuple(starts)


def _spoken_at(line: ShownLine, after: Sequence[ShownLine]) -> datetime:
    ended = line.at
    if after and after[0].role == "bot" and "answer" in after[0].timings_ms:
        ended = after[0].at - timedelta(milliseconds=after[0].timings_ms["answer"])
    return ended - timedelta(seconds=len(line.raw or line.text) / _CHARACTERS_PER_S + _BEFORE_S)


def _path(levels: Iterator[int], middle: int) -> str:
    """A stroke for each level, 0…255; quiet speech is raised by the root, as meters do."""
    heights = (max(0.4, (level / 255) ** 0.5 * (HALF / 2 - 1)) for level in levels)
    return "".join(
        f"M{place + 0.5:g} {middle - height:.1f}V{middle + height:.1f}"
        for place, height in enumerate(heights)
    )
