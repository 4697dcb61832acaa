"""Services that stand by for one another: who is asked when, and whose answer it is."""

import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.failover.breaker import ADJUST_S, Breaker
from bot.failover.race import Contender, Race, Replaced
from bot.failover.retryafter import retry_after_s
from bot.failover.service import Service
from bot.failover.usualtime import UsualTime


class Scripted:
    """A service that begins after ``delay_s``, gives ``pieces`` and may then fail."""

    def __init__(
        self,
        name: str,
        pieces: str,
        delay_s: float = 0.0,
        fails: ErrorKind | None = None,
        gap_s: float = 0.0,
    ) -> None:
        self.errors: list[ErrorKind] = []
        self.service = Service(name, lambda _name, kind: self.errors.append(kind), 0.2, (0.1, 0.3))
        self.asked = 0
        self.closed = threading.Event()
        self._pieces, self._delay_s, self._fails = pieces, delay_s, fails
        self._gap_s = gap_s

    def contender(self) -> Contender[str]:
        return Contender(self.service, self._start)

    def _start(self, deadline: Deadline) -> Generator[str]:
        return self.service.ask(self._answer, deadline)

    def _answer(self) -> Generator[str]:
        self.asked += 1
        try:
            time.sleep(self._delay_s)
            for piece in self._pieces:
                yield piece
                time.sleep(self._gap_s)
            if self._fails is not None:
                raise ProviderError(self.service.name, self._fails, "scripted")
        finally:
            self.closed.set()


def raced(*services: Scripted, seconds: float = 20.0) -> tuple[str, list[str]]:
    """What was heard, and whom the winner stood in for."""
    lost: list[Replaced] = []
    race = Race([one.contender() for one in services], Deadline(seconds), lost.append)
    return "".join(race.run()), [str(one) for one in lost]


def test_who_answers_in_time_is_the_only_one_asked() -> None:
    first, second = Scripted("first", "abc"), Scripted("second", "xyz")
    assert raced(first, second) == ("abc", [])
    assert (first.asked, second.asked) == (1, 0)


def test_the_next_is_asked_at_once_when_one_fails() -> None:
    first, second = Scripted("first", "", fails="quota"), Scripted("second", "xyz")
    assert raced(first, second) == ("xyz", ["first: quota"])
    assert first.errors == ["quota"]


def test_the_next_answers_instead_of_a_late_one_which_is_called_off() -> None:
    first, second = Scripted("first", "abc", delay_s=2.0), Scripted("second", "xyz")
    began = time.monotonic()
    assert raced(first, second) == ("xyz", ["first: late"])
    assert time.monotonic() - began < 2.0
    assert first.errors == ["timeout"]
    assert first.service.resting
    assert first.closed.wait(20)


def test_a_late_one_still_wins_when_the_next_is_later() -> None:
    first, second = Scripted("first", "abc", delay_s=0.5), Scripted("second", "xyz", delay_s=5.0)
    assert raced(first, second) == ("abc", [])
    assert (second.asked, second.errors) == (1, [])


def test_a_beginning_that_was_heard_is_not_started_over() -> None:
    first, second = Scripted("first", "ab", fails="transient"), Scripted("second", "xyz")
    lost: list[Replaced] = []
    pieces = Race([first.contender(), second.contender()], Deadline(20), lost.append).run()
    assert [next(pieces), next(pieces)] == ["a", "b"]
    with pytest.raises(ProviderError, match="scripted"):
        next(pieces)
    assert (second.asked, lost) == (0, [])


def test_the_last_error_is_raised_when_all_fail() -> None:
    first, second = Scripted("first", "", fails="quota"), Scripted("second", "", fails="permanent")
    with pytest.raises(ProviderError, match=r"^second"):
        raced(first, second)


def test_one_that_rests_costs_no_time() -> None:
    first = Scripted("first", "", fails="authentication")
    second = Scripted("second", "xyz")
    for _ in range(3):
        assert raced(first, second) == ("xyz", ["first: authentication"])
    assert (first.asked, second.asked) == (1, 3)


def test_calling_off_stops_everybody_soon() -> None:
    first, second = Scripted("first", "a" * 99, 1.0), Scripted("second", "x" * 99, 1.0)
    deadline = Deadline(60)
    threading.Timer(0.4, deadline.cancel).start()
    race = Race([first.contender(), second.contender()], deadline, lambda _lost: None)
    with pytest.raises(ProviderError):
        list(race.run())
    assert first.closed.wait(20)
    assert second.closed.wait(20)
    assert (first.errors, second.errors) == ([], [])


def test_leaving_in_the_middle_closes_the_winner() -> None:
    first, second = Scripted("first", "abc"), Scripted("second", "xyz")
    race = Race([first.contender(), second.contender()], Deadline(20), lambda _lost: None).run()
    assert next(race) == "a"
    race.close()
    assert first.closed.wait(20)


def test_no_time_left_is_a_timeout_of_whoever_was_waited_for() -> None:
    with pytest.raises(ProviderError, match="no answer in time") as caught:
        raced(Scripted("first", "a", 5.0), Scripted("second", "x", 5.0), seconds=0.5)
    assert caught.value.kind == "timeout"


def test_nobody_is_waited_for_longer_than_an_answer_may_take_to_begin() -> None:
    first, second = Scripted("first", "abc", 20.0), Scripted("second", "xyz", 20.0)
    race = Race(
        [first.contender(), second.contender()], Deadline(60), lambda _lost: None,
        begin_within_s=0.3,
    )  # fmt: skip
    began = time.monotonic()
    with pytest.raises(ProviderError, match="no answer in time"):
        list(race.run())
    assert time.monotonic() - began < 15
    assert (first.asked, second.asked) == (1, 1)
    assert (first.errors, second.errors) == (["timeout"], ["timeout"])


def test_who_is_alone_is_not_waited_for_longer_either() -> None:
    alone = Scripted("alone", "abc", 20.0)
    race = Race([alone.contender()], Deadline(60), lambda _lost: None, begin_within_s=0.1)
    with pytest.raises(ProviderError, match="no answer in time"):
        list(race.run())
    assert alone.errors == ["timeout"]


class Three:
    """Patience for three pieces in all."""

    def __init__(self) -> None:
        self.came_: list[str] = []

    def left_s(self) -> float:
        return 60.0 if len(self.came_) < 3 else 0.05

    def came(self, piece: str, waited_s: float) -> None:
        self.came_.append(piece)


def test_a_winner_that_keeps_its_listener_waiting_is_given_up() -> None:
    slow, second = Scripted("slow", "abcdef", gap_s=0.3), Scripted("second", "xyz")
    patience = Three()
    race = Race([slow.contender(), second.contender()], Deadline(60), lambda _lost: None, patience)
    pieces = race.run()
    assert [next(pieces) for _ in range(3)] == ["a", "b", "c"]
    with pytest.raises(ProviderError, match="no more came in time") as caught:
        next(pieces)
    assert (caught.value.provider, caught.value.kind) == ("slow", "timeout")
    assert slow.errors == ["timeout"]
    assert slow.closed.wait(20)


def test_a_service_that_says_when_to_come_again_is_left_alone_until_then() -> None:
    now = [100.0]
    breaker = Breaker("svc", lambda _name, _kind: None, lambda: now[0], patience=3)
    breaker.failed(ProviderError("svc", "transient", "429", retry_after_s=7.0))
    now[0] += 6.9
    with pytest.raises(ProviderError, match="rests"):
        breaker.enter()
    now[0] += 0.2
    breaker.enter()
    breaker.succeeded()
    breaker.failed(ProviderError("svc", "transient", "429"))
    breaker.enter()
    breaker.failed(ProviderError("svc", "quota", "429", retry_after_s=99_999.0))
    now[0] += ADJUST_S
    breaker.enter()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after-ms": "1500", "retry-after": "20"}, 1.5),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_when_to_come_again_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_s(headers, datetime(2026, 11, 23, 12, tzinfo=UTC)) == seconds


def test_a_service_is_late_after_what_is_usual_for_it() -> None:
    usual = UsualTime(first_s=1.0, bounds_s=(0.2, 2.0))
    for _ in range(7):
        usual.took(0.4)
    assert usual.late_after_s == 1.0
    usual.took(0.4)
    assert usual.late_after_s == pytest.approx(0.6)
    for _ in range(50):
        usual.took(9.0)
    assert usual.late_after_s == 2.0
    for _ in range(50):
        usual.took(0.001)
    assert usual.late_after_s == 0.2
