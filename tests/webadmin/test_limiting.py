"""Nobody tries all keys, and nobody is locked out by others."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.exceptions import TooManyRequests

from webadmin.limiting import FailureLimit


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> FailureLimit:
    return FailureLimit(most=3, window_s=60.0, clock=clock, addresses=5)


def fail(limit: FailureLimit, times: int, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert not limit.judge(address, is_right=False)


def test_after_the_last_failure_even_a_right_answer_is_refused(limit: FailureLimit) -> None:
    fail(limit, 3)
    with pytest.raises(TooManyRequests):
        limit.judge("192.0.2.1", is_right=True)


def test_one_is_told_how_long_to_wait_and_may_then_go_on(limit: FailureLimit, clock: Clock) -> None:
    fail(limit, 1)
    clock.now += 20.5
    fail(limit, 2)
    with pytest.raises(TooManyRequests, match="через 40 с") as refusal:
        limit.judge("192.0.2.1", is_right=True)
    assert refusal.value.retry_after == 40
    clock.now += 40
    assert limit.judge("192.0.2.1", is_right=True)
    fail(limit, 1)  # the two others are still young
    with pytest.raises(TooManyRequests):
        limit.judge("192.0.2.1", is_right=False)


def test_refusals_do_not_prolong_the_wait(limit: FailureLimit, clock: Clock) -> None:
    fail(limit, 3)
    for _ in range(59):
        clock.now += 1
        with pytest.raises(TooManyRequests):
            limit.judge("192.0.2.1", is_right=False)
    clock.now += 1
    assert limit.judge("192.0.2.1", is_right=True)


def test_right_answers_are_not_counted(limit: FailureLimit) -> None:
    for _ in range(100):
        assert limit.judge("192.0.2.1", is_right=True)
    fail(limit, 3)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "192.0.2.1", False),
    ],
)
def test_an_address_counts_with_those_its_owner_can_choose(
    limit: FailureLimit, one: str, other: str, are_one: bool
) -> None:
    fail(limit, 3, one)
    if are_one:
        with pytest.raises(TooManyRequests):
            limit.judge(other, is_right=True)
    else:
        assert limit.judge(other, is_right=True)


def test_a_crowd_of_addresses_takes_no_more_than_its_room(limit: FailureLimit) -> None:
    for host in range(200):
        fail(limit, 3, f"198.51.100.{host}")
    assert limit.judge("198.51.100.0", is_right=True)  # long forgotten
    with pytest.raises(TooManyRequests):
        limit.judge("198.51.100.199", is_right=True)


def test_many_at_once_get_no_more_tries(clock: Clock) -> None:
    limit = FailureLimit(most=10, clock=clock)

    def attempt(_: int) -> bool:
        try:
            limit.judge("192.0.2.1", is_right=False)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(400))) == 10
