"""The cache against a real Redis that is stopped, frozen, restarted and filled with rubbish."""

import logging
import socketserver
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from prometheus_client import CollectorRegistry

from bot.cache import Cache
from bot.caching.lru import ByteLru
from bot.errors import SettingError
from bot.metrics import Metrics
from tests.lab.ports import free_port
from tests.lab.redis import RedisServer
from tests.lab.tcpproxy import TcpProxy


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """One of the test's own: it is stopped, paused and listed."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis(port=redis_server.port, decode_responses=True) as made:
        yield made


def keys(client: redis.Redis) -> list[str]:
    return [str(key) for key in client.keys("*")]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


@pytest.fixture
def cache(redis_server: RedisServer, metrics: Metrics) -> Iterator[Cache]:
    made = Cache(redis_server.url, metrics, redis_retry_s=0.05)
    yield made
    made.close()


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


def down_lines(caplog: pytest.LogCaptureFixture) -> int:
    return sum("redis state=down" in record.getMessage() for record in caplog.records)


def test_another_worker_gets_the_same_bytes_from_redis(
    redis_server: RedisServer, cache: Cache, metrics: Metrics
) -> None:
    binary = bytes(range(256)) * 40
    cache.put("speech", "фраза", binary, 60)
    other = Cache(redis_server.url, metrics)
    assert other.get("speech", "фраза") == binary
    assert other.get("speech", "другая") is None
    assert other.get("answer", "фраза") is None
    other.close()


def test_a_stored_value_has_a_time_to_live_and_no_words_in_its_key(
    client: redis.Redis, cache: Cache
) -> None:
    cache.put("answer", "секретный вопрос", b"x", 60)
    (key,) = keys(client)
    assert "секретный" not in key
    assert client.ttl(key) in range(1, 61)


def test_hits_and_misses_are_counted(cache: Cache, metrics: Metrics) -> None:
    cache.get("answer", "a")
    cache.put("answer", "a", b"1", 60)
    cache.get("answer", "a")
    cache.get_or_make("embedding", "b", lambda: b"2", 60)
    cache.get_or_make("embedding", "b", lambda: b"3", 60)
    assert counted(metrics, "answer", "miss") == counted(metrics, "answer", "hit") == 1
    assert counted(metrics, "embedding", "miss") == counted(metrics, "embedding", "hit") == 1


def test_redis_stopped_is_said_once_and_memory_goes_on(
    redis_server: RedisServer, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cache.put("answer", "before", b"1", 60)
    redis_server.stop()
    for number in range(20):
        cache.put("answer", f"during {number}", b"2", 60)
        assert cache.get("answer", f"during {number}") == b"2"
        assert cache.get("answer", "unknown") is None
    assert cache.get("answer", "before") == b"1"
    assert down_lines(caplog) == 1


def test_redis_started_again_is_used_again(
    redis_server: RedisServer, cache: Cache, client: redis.Redis
) -> None:
    redis_server.stop()
    assert cache.get("answer", "a") is None
    redis_server.start()

    def stored() -> bool:
        cache.put("answer", "a", b"1", 60)
        return bool(keys(client))

    assert eventually(stored)


def test_a_redis_that_was_never_there_stops_nobody(lonely: Cache) -> None:
    assert lonely.get("answer", "a") is None
    lonely.put("answer", "a", b"1", 60)
    assert lonely.get("answer", "a") == b"1"


def test_a_redis_that_hangs_is_waited_for_once(
    redis_server: RedisServer, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Cache(redis_server.url, Metrics(CollectorRegistry()), redis_retry_s=600)
    assert slow.get("answer", "warm") is None
    client.client_pause(600_000)
    started = time.monotonic()
    for number in range(200):
        assert slow.get("answer", f"{number}") is None
    # 200 waits of the read timeout would be 20 s; one is 0.1 s.
    assert time.monotonic() - started < 10
    assert down_lines(caplog) == 1


@pytest.mark.parametrize("trouble", ["late", "mute", "rubbish"])
def test_trouble_on_the_way_costs_one_short_wait_in_all_and_ends_by_itself(
    redis_server: RedisServer,
    client: redis.Redis,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    caplog.set_level(logging.INFO)
    with TcpProxy(("127.0.0.1", redis_server.port)) as way:
        address = f"redis://127.0.0.1:{way.port}/0"
        cache = Cache(address, Metrics(CollectorRegistry()), redis_retry_s=0.2)
        cache.put("answer", "before", b"1", 60)
        assert len(keys(client)) == 1
        way.delay_s = 2.0 if trouble == "late" else 0.0
        way.mute = trouble == "mute"
        way.rubbish = b"\x00\xff junk\r\n" if trouble == "rubbish" else b""
        began = time.monotonic()
        for number in range(100):
            assert cache.get("answer", f"{number}") is None
        # One wait of 0.1 s; a hundred of them would be 10 s, a hundred late answers 200 s.
        assert time.monotonic() - began < 5
        assert eventually(lambda: down_lines(caplog) == 1)
        time.sleep(0.5)
        assert cache.get("answer", "while it lasts") is None
        assert "state=up" not in caplog.text
        way.delay_s, way.mute, way.rubbish = 0.0, False, b""

        def stored() -> bool:
            cache.put("answer", "after", b"2", 60)
            return len(keys(client)) == 2

        assert eventually(stored)
        assert down_lines(caplog) == caplog.text.count("redis state=up") == 1
        other = Cache(redis_server.url, Metrics(CollectorRegistry()))
        assert [other.get("answer", one) for one in ("before", "after")] == [b"1", b"2"]
        other.close()
        cache.close()


def test_a_full_redis_is_read_on_and_said_once_until_it_has_room(
    redis_server: RedisServer,
    cache: Cache,
    client: redis.Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    cache.put("answer", "before", b"1", 60)
    client.config_set("maxmemory", "100kb")  # less than an empty one takes; nothing is evicted
    for number in range(20):
        cache.put("answer", f"{number}", b"2", 60)
        assert cache.get("answer", f"{number}") == b"2"
        time.sleep(0.01)
    other = Cache(redis_server.url, Metrics(CollectorRegistry()))
    assert other.get("answer", "before") == b"1"
    other.close()
    assert caplog.text.count("redis refused=OutOfMemoryError") == 1
    assert down_lines(caplog) == 0
    client.config_set("maxmemory", "0")

    def stored() -> bool:
        cache.put("answer", "after", b"3", 60)
        return len(keys(client)) == 2

    assert eventually(stored)
    assert caplog.text.count("redis refused=nothing") == 1


def test_a_wrong_password_is_said_once_and_memory_serves(
    redis_server: RedisServer, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.config_set("requirepass", "right")
    for address in (redis_server.url, redis_server.url.replace("//", "//:wrong@")):
        caplog.clear()
        cache = Cache(address, Metrics(CollectorRegistry()), redis_retry_s=0.05)
        for number in range(20):
            cache.put("answer", f"{number}", b"1", 60)
            assert cache.get("answer", f"{number}") == b"1"
            time.sleep(0.01)
        assert down_lines(caplog) == 1
        assert "AuthenticationError" in caplog.text
        assert "wrong" not in caplog.text
        cache.close()


def test_an_answer_to_another_question_is_a_miss(
    redis_server: RedisServer, cache: Cache, client: redis.Redis
) -> None:
    cache.put("answer", "цена", b"1", 60)
    (key,) = keys(client)
    cache.put("answer", "гарантия", b"2", 60)
    (another,) = set(keys(client)) - {key}
    with redis.Redis(port=redis_server.port) as raw:
        raw.copy(key, another, replace=True)
    other = Cache(redis_server.url, Metrics(CollectorRegistry()))
    assert other.get("answer", "цена") == b"1"
    assert other.get("answer", "гарантия") is None
    other.close()


@pytest.mark.parametrize("reply", [b"\x00\xff junk\r\n", b":x\r\n", b"$zz\r\n", b"$5\r\nab", b""])
def test_rubbish_instead_of_redis_is_a_miss(metrics: Metrics, reply: bytes) -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        cache = Cache(f"redis://127.0.0.1:{server.server_address[1]}/0", metrics)
        assert cache.get("answer", "a") is None
        cache.put("answer", "a", b"1", 60)
        assert cache.get("answer", "a") == b"1"
        server.shutdown()


def test_a_key_of_another_type_is_a_miss_and_redis_stays_in_use(
    redis_server: RedisServer,
    cache: Cache,
    client: redis.Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache.put("answer", "a", b"1", 60)
    (key,) = keys(client)
    client.delete(key)
    client.rpush(key, "x")
    other = Cache(redis_server.url, Metrics(CollectorRegistry()))
    assert other.get("answer", "a") is None
    assert down_lines(caplog) == 0
    other.put("answer", "b", b"2", 60)
    assert len(keys(client)) == 2
    other.close()


def test_bytes_that_somebody_else_wrote_are_a_miss(
    redis_server: RedisServer, cache: Cache, client: redis.Redis
) -> None:
    cache.put("speech", "a", b"\x01\x02" * 100, 60)
    (key,) = keys(client)
    other = Cache(redis_server.url, Metrics(CollectorRegistry()))
    for rubbish in ("", "abc", "junk" * 50):
        client.set(key, rubbish)
        assert other.get("speech", "a") is None
    other.close()


def test_a_malformed_address_names_the_variable(metrics: Metrics) -> None:
    with pytest.raises(SettingError, match=r"^REDIS_URL: "):
        Cache("localhost:6379", metrics)


def test_memory_is_bounded_by_bytes_and_drops_the_oldest_unused() -> None:
    lru = ByteLru(max_bytes=30, clock=lambda: 0.0)
    lru.put("a", bytes(9), 60)
    lru.put("b", bytes(9), 60)
    lru.put("c", bytes(9), 60)
    assert lru.get("a") is not None
    lru.put("d", bytes(9), 60)
    assert lru.get("b") is None
    assert lru.get("a") is not None
    lru.put("huge", bytes(100), 60)
    assert lru.get("huge") is None
    assert lru.get("d") is not None


def test_memory_forgets_what_expired() -> None:
    now = [0.0]
    lru = ByteLru(max_bytes=100, clock=lambda: now[0])
    lru.put("a", b"1", 10)
    now[0] = 9.9
    assert lru.get("a") == b"1"
    now[0] = 10.0
    assert lru.get("a") is None
