"""Both sides of a recording on one clock, on a clock that a test chooses."""

from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.recording.timeline import PLAY_DELAY_S, Timeline

BEGAN: Final = 1000.0
FRAME: Final = 160
LATER: Final = round(PLAY_DELAY_S * 8000)


def frame(value: int, samples: int = FRAME) -> bytes:
    return np.full(samples, value, "<i2").tobytes()


def speak(
    timeline: Timeline, value: int, seconds: float, count: int, every_s: float = 0.02
) -> None:
    """So many frames, the first of which has arrived whole at that second."""
    for place in range(count):
        timeline.heard(BEGAN + seconds + place * every_s, frame(value))


def taken(timeline: Timeline, seconds: float) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    both = np.frombuffer(timeline.take(BEGAN + seconds), "<i2").reshape(-1, 2)
    assert len(both) == round(seconds * 8000)
    return both[:, 0], both[:, 1]


def spans(side: NDArray[np.int16], value: int) -> list[tuple[int, int]]:
    """Where a value stands: first and behind the last sample of each stretch."""
    is_there = np.concatenate([[0], (side == value).astype(int), [0]])
    edges = np.flatnonzero(np.diff(is_there)).tolist()
    return list(zip(edges[0::2], edges[1::2], strict=True))


def test_who_begins_to_send_late_is_heard_late() -> None:
    timeline = Timeline(BEGAN)
    speak(timeline, 7, 0.5, 10)
    left, right = taken(timeline, 1.0)
    assert spans(left, 7) == [(8000 // 2 - FRAME, 8000 // 2 + 9 * FRAME)]
    assert not right.any()


@pytest.mark.parametrize("jitter_s", [0.0, 0.015, 0.05])
def test_jitter_makes_no_holes(jitter_s: float) -> None:
    timeline = Timeline(BEGAN)
    for place in range(40):
        late = jitter_s if place % 3 == 1 else 0.0
        timeline.heard(BEGAN + 0.02 * (place + 1) + late, frame(7))
    left, _ = taken(timeline, 0.8)
    assert spans(left, 7) == [(0, 40 * FRAME)]


def test_a_line_that_sends_nothing_between_words_keeps_their_distance() -> None:
    timeline = Timeline(BEGAN)
    speak(timeline, 7, 0.02, 10)
    assert spans(taken(timeline, 2.0)[0], 7) == [(0, 10 * FRAME)]
    speak(timeline, 8, 3.0, 10)
    both = np.frombuffer(timeline.take(BEGAN + 4.0), "<i2").reshape(-1, 2)
    assert spans(both[:, 0], 8) == [(8000 - FRAME, 8000 + 9 * FRAME)]


def test_frames_that_were_only_late_leave_no_hole_in_a_word() -> None:
    timeline = Timeline(BEGAN)
    speak(timeline, 7, 0.02, 10)
    speak(timeline, 7, 0.5, 15, every_s=0.0)  # 300 ms of them at once
    speak(timeline, 7, 0.52, 10)
    left, _ = taken(timeline, 0.8)
    ((begin, end),) = spans(left, 7)
    assert begin == 0
    assert 35 * FRAME - 10 <= end <= 35 * FRAME + FRAME


def test_a_clock_that_is_fast_is_held_back() -> None:
    timeline = Timeline(BEGAN)
    speak(timeline, 7, 0.02, 5000, every_s=0.01998)  # a tenth of a per cent
    left, _ = taken(timeline, 110.0)
    ((_, end),) = spans(left, 7)
    assert abs(end - round(0.01998 * 5000 * 8000)) <= 2 * FRAME


def test_what_is_sent_ahead_is_played_in_its_time_and_pauses_and_ends_with_its_queue() -> None:
    timeline = Timeline(BEGAN)
    timeline.queued(BEGAN + 0.1, frame(5, 8000))
    timeline.paused(BEGAN + 0.35)
    timeline.resumed(BEGAN + 0.85)
    timeline.flushed(BEGAN + 1.1)
    timeline.queued(BEGAN + 1.5, frame(6, 800))
    _, right = taken(timeline, 3.0)
    assert spans(right, 5) == [
        (800 + LATER, 2800 + LATER),
        (6800 + LATER, 8800 + LATER),
    ]
    assert spans(right, 6) == [(12000 + LATER, 12800 + LATER)]


def test_a_flush_also_ends_a_pause() -> None:
    timeline = Timeline(BEGAN)
    timeline.queued(BEGAN, frame(5, 8000))
    timeline.paused(BEGAN + 0.5)
    timeline.flushed(BEGAN + 0.6)
    timeline.queued(BEGAN + 0.7, frame(6, 800))
    _, right = taken(timeline, 2.0)
    assert spans(right, 5) == [(LATER, 4000 + LATER)]
    assert spans(right, 6) == [(5600 + LATER, 6400 + LATER)]


def test_an_interruption_is_heard_on_both_sides_at_once() -> None:
    timeline = Timeline(BEGAN)
    timeline.queued(BEGAN, frame(5, 16000))
    speak(timeline, 7, 0.52, 20)
    timeline.flushed(BEGAN + 0.7)
    left, right = taken(timeline, 1.5)
    assert spans(left, 7) == [(4000, 4000 + 20 * FRAME)]
    assert spans(right, 5) == [(LATER, 5600 + LATER)]


def test_it_is_taken_in_pieces_as_it_is_taken_whole() -> None:
    pieces, whole = Timeline(BEGAN), Timeline(BEGAN)
    got = b""
    for step in range(1, 100):
        for timeline in (pieces, whole):
            timeline.heard(BEGAN + step * 0.02, frame(step))
            if step % 30 == 0:
                timeline.queued(BEGAN + step * 0.02, frame(1000 + step, 2000))
        got += pieces.take(BEGAN + step * 0.02 - 1.0)
    assert got + pieces.take(BEGAN + 1.98) == whole.take(BEGAN + 1.98)
