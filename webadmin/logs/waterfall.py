"""The stages of one turn against time: what the caller waited for, and what ran at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from bot.records import STAGES, Stage

_STEPS_MS: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_MOST_TICKS: Final = 4


@dataclass(frozen=True)
class Bar:
    """One stage: when it began after the end of the caller's voice, and how long it took (ms)."""

    stage: Stage
    begin_ms: float
    length_ms: float

    @property
    def end_ms(self) -> float:
        """When the stage was over."""
        return self.begin_ms + self.length_ms


@dataclass(frozen=True)
class Waterfall:
    """The bars in the order of the stages; ``span_ms`` is what the whole width stands for.

    When not ``is_measured``, the beginnings were not recorded (by earlier versions), and the bars
    stand one after the other as the stages depend on each other.
    """

    bars: tuple[Bar, ...]
    span_ms: float
    is_measured: bool

    @classmethod
    def of(cls, timings_ms: Mapping[Any, float], starts_ms: Mapping[Any, float]) -> Self | None:
        """The waterfall of a line, by stage; ``None`` when none was measured."""
        lengths = {stage: timings_ms[stage] for stage in STAGES if stage in timings_ms}
        if not lengths:
            return None
        is_measured = all(stage in starts_ms for stage in lengths)
        starts = dict(starts_ms) if is_measured else _in_a_row(lengths)
        bars = tuple(
            Bar(stage, max(0.0, starts[stage]), length) for stage, length in lengths.items()
        )
        return cls(bars, max(max(bar.end_ms for bar in bars), 1.0), is_measured)

    def share(self, ms: float) -> str:
        """A stretch of time as a part of the width, for SVG: ``41.67%``."""
        return f"{100 * ms / self.span_ms:.2f}%"

    @property
    def ticks_ms(self) -> list[float]:
        """Round moments within the span, at most four."""
        fitting = (step for step in _STEPS_MS if self.span_ms / step <= _MOST_TICKS)
        step = next(fitting, self.span_ms)
        return [step * number for number in range(1, int(self.span_ms / step) + 1)]


def seconds(ms: float) -> str:
    """A moment on the axis: «0,5 с»."""
    return f"{ms / 1000:g} с".replace(".", ",")


def _in_a_row(lengths: Mapping[Stage, float]) -> dict[str, float]:
    """Where the stages would have begun had each waited for the one it needs.

    The first token is counted from the same moment as retrieval; the pause that ends the caller's
    turn and the whole answer are counted from the caller's last word.
    """
    return dict(_begins(lengths))


def _begins(lengths: Mapping[Stage, float]) -> Iterator[tuple[str, float]]:
    heard_ms = lengths.get("asr", 0.0)
    written_ms = lengths.get("llm_first_token", lengths.get("retrieval", 0.0))
    yield from (("endpoint", 0.0), ("asr", 0.0), ("answer", 0.0))
    yield from (("retrieval", heard_ms), ("llm_first_token", heard_ms))
    yield "tts_first_audio", heard_ms + written_ms
