"""Work shared while it is in flight: values and streams, through the cache."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import CollectorRegistry

from bot.cache import Cache
from bot.errors import ProviderError
from bot.metrics import Metrics
from tests.lab.ports import free_port


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


@pytest.fixture
def lonely(metrics: Metrics) -> Cache:
    """A cache whose Redis does not exist."""
    return Cache(f"redis://127.0.0.1:{free_port()}/0", metrics)


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def counted(metrics: Metrics, cache: str, result: str) -> float:
    labels = {"cache": cache, "result": result}
    return metrics.registry.get_sample_value("bot_cache_total", labels) or 0.0


def in_threads(work: Callable[[int], None], count: int) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_one_request_is_in_flight_for_one_key(lonely: Cache) -> None:
    made: list[int] = []
    release = threading.Event()
    results: list[bytes] = []

    def make() -> bytes:
        made.append(1)
        release.wait(20)
        return b"v"

    threads = in_threads(
        lambda _: results.append(lonely.get_or_make("embedding", "k", make, 60)), 10
    )
    assert eventually(lambda: len(made) == 1)
    release.set()
    join_all(threads)
    assert results == [b"v"] * 10
    assert len(made) == 1


def test_when_the_first_fails_one_waiter_retries_and_the_rest_share_it(lonely: Cache) -> None:
    attempts: list[int] = []
    release = threading.Event()
    outcomes: list[str] = []

    def make() -> bytes:
        attempts.append(1)
        if len(attempts) == 1:
            release.wait(20)
            raise ProviderError("openai", "transient", "gone")
        return b"v"

    def ask(_: int) -> None:
        try:
            outcomes.append(lonely.get_or_make("embedding", "k", make, 60).decode())
        except ProviderError as error:
            outcomes.append(error.kind)

    threads = in_threads(ask, 8)
    assert eventually(lambda: len(attempts) == 1)
    time.sleep(0.2)  # let the others reach the flight; fewer waiters only weaken the test
    release.set()
    join_all(threads)
    assert sorted(outcomes) == ["transient"] + ["v"] * 7
    assert len(attempts) == 2


def test_a_service_that_stays_dead_is_not_asked_once_per_waiter(lonely: Cache) -> None:
    attempts: list[int] = []
    errors: list[str] = []
    release = threading.Event()

    def make() -> bytes:
        attempts.append(1)
        release.wait(20)
        time.sleep(0.2)  # long enough for the woken to join the second attempt
        raise ProviderError("openai", "timeout", "late")

    def ask(_: int) -> None:
        try:
            lonely.get_or_make("embedding", "k", make, 60)
        except ProviderError as error:
            errors.append(error.kind)

    threads = in_threads(ask, 10)
    assert eventually(lambda: len(attempts) == 1)
    time.sleep(0.2)
    release.set()
    join_all(threads)
    assert errors == ["timeout"] * 10
    assert len(attempts) < 10


class Speech:
    """A stream of chunks that the test lets out one by one, and that can break."""

    def __init__(self, chunks: int, breaks_after: int | None = None) -> None:
        self.chunks = chunks
        self.breaks_after = breaks_after
        self.permits = threading.Semaphore(0)
        self.started = 0
        self.closed = 0

    def let_out(self, count: int) -> None:
        for _ in range(count):
            self.permits.release()

    def __call__(self) -> Iterator[bytes]:
        self.started += 1
        try:
            for number in range(self.chunks):
                self.permits.acquire(timeout=20)
                if number == self.breaks_after:
                    raise ProviderError("yandex-grpc", "transient", "cut")
                yield bytes([number])
        finally:
            self.closed += 1


def test_speech_streams_live_and_is_kept_at_its_end(lonely: Cache) -> None:
    speech = Speech(3)
    stream = lonely.stream_or_join("speech", "k", speech, 60)
    speech.let_out(1)
    assert next(stream) == b"\x00"
    assert lonely.get("speech", "k") is None
    speech.let_out(2)
    assert b"".join(stream) == b"\x01\x02"
    assert b"".join(lonely.stream_or_join("speech", "k", speech, 60)) == b"\x00\x01\x02"
    assert speech.started == 1


def test_those_who_join_get_the_chunks_as_they_come(lonely: Cache, metrics: Metrics) -> None:
    speech = Speech(3)
    first = lonely.stream_or_join("speech", "k", speech, 60)
    second = lonely.stream_or_join("speech", "k", speech, 60)
    speech.let_out(1)
    assert next(first) == b"\x00"
    assert next(second) == b"\x00"
    speech.let_out(2)
    assert b"".join(second) == b"\x01\x02"
    assert b"".join(first) == b"\x01\x02"
    assert speech.started == 1
    assert counted(metrics, "speech", "hit") == counted(metrics, "speech", "miss") == 1


def test_many_readers_at_once_share_one_stream(lonely: Cache) -> None:
    speech = Speech(50)
    heard: list[bytes] = []
    threads = in_threads(
        lambda _: heard.append(b"".join(lonely.stream_or_join("speech", "k", speech, 60))), 12
    )
    speech.let_out(50)
    join_all(threads)
    assert heard == [bytes(range(50))] * 12
    assert speech.started == 1


def test_a_first_reader_who_leaves_breaks_nothing_for_the_others(lonely: Cache) -> None:
    speech = Speech(3)
    speech.let_out(3)
    first = lonely.stream_or_join("speech", "k", speech, 60)
    second = lonely.stream_or_join("speech", "k", speech, 60)
    assert next(first) == next(second) == b"\x00"
    first.close()  # type: ignore[attr-defined]
    assert speech.closed == 0
    assert b"".join(second) == b"\x01\x02"
    assert lonely.get("speech", "k") == b"\x00\x01\x02"


def test_when_the_last_reader_leaves_the_source_is_closed_and_nothing_kept(lonely: Cache) -> None:
    speech = Speech(3)
    speech.let_out(9)
    first = lonely.stream_or_join("speech", "k", speech, 60)
    second = lonely.stream_or_join("speech", "k", speech, 60)
    next(first)
    next(second)
    first.close()  # type: ignore[attr-defined]
    second.close()  # type: ignore[attr-defined]
    assert speech.closed == 1
    assert lonely.get("speech", "k") is None
    assert b"".join(lonely.stream_or_join("speech", "k", speech, 60)) == b"\x00\x01\x02"
    assert speech.started == 2


def test_a_failure_reaches_all_who_heard_something_and_nothing_is_kept(lonely: Cache) -> None:
    speech = Speech(3, breaks_after=1)
    speech.let_out(2)
    first = lonely.stream_or_join("speech", "k", speech, 60)
    second = lonely.stream_or_join("speech", "k", speech, 60)
    assert next(first) == next(second) == b"\x00"
    for stream in (first, second):
        with pytest.raises(ProviderError):
            next(stream)
    assert lonely.get("speech", "k") is None
    assert speech.started == 1


def test_who_joined_a_stream_that_failed_at_once_starts_over(lonely: Cache) -> None:
    broken, whole = Speech(3, breaks_after=0), Speech(3)
    whole.let_out(3)
    outcomes: list[bytes | str] = []

    def ask(_: int) -> None:
        try:
            outcomes.append(b"".join(lonely.stream_or_join("speech", "k", broken, 60)))
        except ProviderError as error:
            outcomes.append(error.kind)

    first = in_threads(ask, 1)
    assert eventually(lambda: broken.started == 1)
    second = in_threads(
        lambda _: outcomes.append(b"".join(lonely.stream_or_join("speech", "k", whole, 60))), 1
    )
    time.sleep(0.1)
    broken.let_out(1)
    join_all(first + second)
    assert sorted(outcomes, key=str) == [b"\x00\x01\x02", "transient"]
