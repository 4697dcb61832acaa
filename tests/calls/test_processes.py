"""Several worker processes under one supervisor: who gets a caller, and what a dead one costs."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from bot.ari import AriAddress, AriClient
from bot.arievents import HANG_UP
from bot.softphone.phone import Call, Phone
from bot.softphone.sip import CallRefused
from tests.calls.dialogue import PATIENCE_S, hear_greeting
from tests.lab.asterisk import Asterisk
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker

CALLERS = 50
AT_ONCE_S = 0.8


@pytest.fixture(scope="module")
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as server:
        yield server


@pytest.fixture(scope="module")
def pair(
    asterisk: Asterisk,
    redis_server: RedisServer,
    cloud: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """Two processes under a supervisor."""
    environment = asterisk.environment() | {"REDIS_URL": redis_server.url, "BOT_PROCESSES": "2"}
    with Worker(environment | cloud, tmp_path_factory.mktemp("pair")) as worker:
        yield worker


def wait_until(is_so: Callable[[], bool], timeout_s: float = 30.0) -> bool:
    """Whether it came true in time."""
    give_up_at = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def metric(worker: Worker, name: str) -> float:
    """The sum of a metric's series on the one address."""
    text = requests.get(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=5).text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def owners(database: Path) -> dict[str, tuple[str, str]]:
    """The application and the channel of each caller's last call."""
    with sqlite3.connect(database, timeout=5) as connection:
        rows = connection.execute("SELECT callerId, worker, channelId FROM logs ORDER BY id")
        return {caller: (worker.rpartition("@")[0], channel) for caller, worker, channel in rows}


@pytest.mark.parametrize("extension", ["100", "200"], ids=["entrance", "claims"])
def test_callers_are_shared_out_counted_together_and_commanded_where_they_are(
    pair: Worker, asterisk: Asterisk, extension: str
) -> None:
    before, ended = pair.workers(), metric(pair, "bot_calls_total")
    address = AriAddress(asterisk.http_url, asterisk.ari_user, asterisk.ari_password)
    callers = [f"+7961{extension}00{number}" for number in range(4)]
    with Phone(asterisk.sip_server) as phone:
        calls = {caller: phone.dial(extension, caller_id=caller) for caller in callers}
        assert wait_until(lambda: metric(pair, "bot_calls_active") == 4)
        taken = pair.workers() - before
        assert taken.total() == 4
        assert taken.keys() == {pair.app(1), pair.app(2)}
        app, channel = owners(pair.database)[callers[0]]
        AriClient(address).send_user_event(app, HANG_UP, channel)
        assert calls[callers[0]].ended.wait(PATIENCE_S)
        assert not any(calls[caller].ended.is_set() for caller in callers[1:])
    assert wait_until(lambda: metric(pair, "bot_calls_total") - ended == 4)
    assert wait_until(lambda: metric(pair, "bot_calls_active") == 0)
    assert asterisk.left_behind() == []


def test_fifty_callers_come_in_a_second_and_half_of_them_lose_their_process(
    pair: Worker, asterisk: Asterisk
) -> None:
    first = pair.app(1)
    with Phone(asterisk.sip_server) as phone:
        calls = dial_at_once(phone)
        for call in calls.values():
            assert call.wait_speech(call.answered_at, PATIENCE_S) is not None
        assert wait_until(lambda: len(owners(pair.database).keys() & calls) == CALLERS)
        found = owners(pair.database)
        lost = [call for caller, call in calls.items() if found[caller][0] == first]
        assert 20 <= len(lost) <= 30
        pair.output.clear()
        pair.processes()[0].kill()
        for call in lost:
            assert call.ended.wait(PATIENCE_S)
            assert call.ended_by == "them"
        assert given_back(asterisk) == len(lost)
        pair.wait_for_log("calls of a killed worker closed as Failed")
        said = "".join(pair.output)  # nobody waited for the new process
        assert said.index("orphan channels evicted") < said.index("worker process started")
        assert not any(call.ended.is_set() for call in calls.values() if call not in lost)
        assert wait_until(lambda: metric(pair, "bot_calls_active") == CALLERS - len(lost))
        failed = [call["callerId"] for call in pair.calls() if call["status"] == "Failed"]
        assert sorted(failed) == sorted(one for one, call in calls.items() if call in lost)
        pair.wait_for_log("worker process ready worker=1")
        with phone.dial("100", caller_id="+79619999999") as next_caller:
            hear_greeting(next_caller)
        assert owners(pair.database)["+79619999999"][0] == first  # which has the fewest
    assert asterisk.left_behind() == []


def dial_at_once(phone: Phone) -> dict[str, Call]:
    """Fifty callers within a second, by their numbers; a line that sends nothing unless asked."""
    began_at = time.monotonic()

    def dial(number: int) -> tuple[str, Call]:
        caller = f"+79612000{number:03}"
        time.sleep(max(0.0, began_at + AT_ONCE_S * number / CALLERS - time.monotonic()))
        return caller, phone.dial("100", caller_id=caller, timeout_s=30, send_silence=False)

    with ThreadPoolExecutor(CALLERS) as pool:
        return dict(pool.map(dial, range(CALLERS)))


def given_back(asterisk: Asterisk) -> int:
    """Callers who went on in the dialplan after their ``Stasis()`` line."""
    said = asterisk.console("dialplan show globals")
    found = [line.split("=")[1] for line in said.splitlines() if "GIVEN_BACK=" in line]
    return int(found[0]) if found else 0


def test_hanging_up_while_the_call_is_set_up_leaves_nothing_behind(
    pair: Worker, asterisk: Asterisk
) -> None:
    with Phone(asterisk.sip_server) as phone:
        for wait_s in (0.0, 0.002, 0.004, 0.008, 0.016, 0.03, 0.05, 0.08) * 2:
            with suppress(CallRefused):
                phone.dial("100", timeout_s=wait_s).hangup()
        assert asterisk.left_behind() == []
        with phone.dial("100") as call:
            hear_greeting(call)
    assert wait_until(lambda: all(call["status"] != "InProgress" for call in pair.calls()))


def test_a_supervisor_ends_its_processes_with_itself(pair: Worker) -> None:
    processes = pair.processes()
    assert len(processes) == 2
    assert pair.stop() == 0
    assert not any(one.is_running() for one in processes)
