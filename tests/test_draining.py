"""When a worker that is to end takes its leave, and when it stops: on a clock of the test's own."""

import pytest

from bot.processes.draining import GOODBYE_S, SAY_EVERY_S, Drain


def steps(drain: Drain, calls: int, moments: list[float]) -> list[str | None]:
    return [drain.step(calls, moment) for moment in moments]


def test_nothing_happens_before_it_is_asked_for() -> None:
    assert steps(Drain(60.0), 3, [0.0, 100.0]) == [None, None]


def test_it_is_over_as_soon_as_nobody_is_left() -> None:
    drain = Drain(60.0)
    drain.request()
    assert steps(drain, 2, [0.0, 1.0]) == ["began", None]
    assert drain.step(0, 2.0) == "over"


def test_those_still_there_hear_a_goodbye_once_and_have_time_for_it() -> None:
    drain = Drain(60.0)
    drain.request()
    moments = [0.0, 59.0, 60.0, 61.0, 60.0 + GOODBYE_S]
    assert steps(drain, 1, moments) == ["began", None, "goodbye", None, "over"]


def test_without_a_limit_calls_end_at_once() -> None:
    drain = Drain(0.0)
    drain.request()
    assert steps(drain, 5, [0.0, 0.1]) == ["began", "over"]


def test_how_many_are_left_is_said_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    drain = Drain(120.0)
    drain.request()
    with caplog.at_level("INFO"):
        steps(drain, 4, [second / 4 for second in range(int(SAY_EVERY_S * 3 * 4))])
    assert caplog.messages == ["draining calls=4"] * 3
