"""The audio leg, the clock, Redis and the database in trouble in the middle of a call."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import pytest
import requests

from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.tcpproxy import TcpProxy
from tests.lab.wallclock import WallClock
from tests.lab.worker import Worker

HOUR_S = 3600
QUIET_S = 1.5
"""Longer than from a filler to the answer, when the machine is busy."""


@dataclass(frozen=True)
class Lab:
    """A worker and what a test can spoil of its surroundings."""

    worker: Worker
    asterisk: Asterisk
    to_asterisk: TcpProxy
    to_redis: TcpProxy
    clock: WallClock

    def hang_up_leg(self) -> None:
        """Somebody ends the channel of the leg, and Asterisk closes its connection."""
        (leg,) = [one for one in self.asterisk.channels() if one["id"].startswith("mv-leg-")]
        requests.delete(
            f"{self.asterisk.http_url}/ari/channels/{leg['id']}",
            auth=(self.asterisk.ari_user, self.asterisk.ari_password),
            timeout=10,
        ).raise_for_status()

    def given_back(self) -> int:
        """How many callers have come out of the assistant into the dialplan."""
        return int(self.asterisk.get("asterisk/variable?variable=GIVEN_BACK")["value"] or 0)

    def unwritten(self) -> list[str]:
        """The files of calls that could not be written."""
        return [path.name for path in self.worker.database.parent.glob("unwritten-*")]


@pytest.fixture(scope="module")
def lab(
    asterisk: Asterisk,
    redis_server: RedisServer,
    cloud: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("worker")
    clock = WallClock(folder)
    with (
        TcpProxy(("127.0.0.1", asterisk.http_port)) as to_asterisk,
        TcpProxy(("127.0.0.1", redis_server.port)) as to_redis,
    ):
        ways = {
            "ARI_URL": f"http://127.0.0.1:{to_asterisk.port}",
            "REDIS_URL": f"redis://127.0.0.1:{to_redis.port}/0",
            "RETENTION_DAYS_CALLS": "1",
        }
        environment = cloud | asterisk.environment() | ways | clock.environment
        with Worker(environment, folder) as worker:
            yield Lab(worker, asterisk, to_asterisk, to_redis, clock)


def test_a_leg_lost_in_a_sentence_costs_no_more_than_that_and_a_clock_that_is_set_nothing(
    lab: Lab, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Какая гарантия на испытательную машину?"
    openai_service.answer("Гарантия год.")
    began_s = time.monotonic()
    with phone.dial("100", caller_id=CALLER) as call:
        assert call.wait_speech(call.answered_at) is not None
        time.sleep(0.5)
        assert lab.to_asterisk.cut(b"/media/") == 1
        lab.clock.step(HOUR_S)
        assert call.wait_speech(time.monotonic() + 0.1) is not None  # the sentence again
        hear_out(call)
        ask(call, words)
        call.wait_quiet(QUIET_S)
    record = lab.worker.wait_for_call()
    lasted_s = time.monotonic() - began_s
    assert record["status"] == "Completed"
    said = [(line.get("kind"), line.get("interrupted")) for line in record["lines"]]
    assert said == [("greeting", False), (None, None), ("answer", False)]
    began, ended = (datetime.fromisoformat(record[one]) for one in ("startTime", "endTime"))
    assert 0 < (ended - began).total_seconds() < lasted_s + 1
    for line in record["lines"]:
        assert began <= datetime.fromisoformat(line["at"]) <= ended
    assert lab.asterisk.left_behind() == []


def test_a_leg_lost_again_and_again_gives_the_caller_back_to_the_dialplan(
    lab: Lab, phone: Phone
) -> None:
    before = lab.given_back()
    with phone.dial("100", caller_id=CALLER) as call:
        assert call.wait_speech(call.answered_at) is not None
        lab.worker.output.clear()
        lab.hang_up_leg()
        lab.worker.wait_for_log("media leg renewed")
        assert lab.to_asterisk.cut(b"/media/") == 1
        assert call.ended.wait(20.0)
    assert lab.given_back() == before + 1
    assert lab.worker.wait_for_call()["status"] == "Failed"
    assert lab.asterisk.left_behind() == []


def test_a_locked_database_and_a_late_redis_cost_a_call_nothing_and_the_log_no_line(
    lab: Lab, phone: Phone, words: bytes
) -> None:
    lab.worker.output.clear()
    with closing(sqlite3.connect(lab.worker.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")  # from before the call until the worker has gone
        lab.to_redis.delay_s = 2.0
        with phone.dial("100", caller_id=CALLER) as call:
            hear_greeting(call)
            assert ask(call, words) < 10.0  # each of a turn's look-ups would be 2 s
            call.wait_quiet(QUIET_S)
        lab.worker.wait_for_log("call ended")
        lab.worker.stop()
    said = "".join(lab.worker.output)
    assert len(lab.unwritten()) == 1
    lab.worker.start()
    record = lab.worker.wait_for_call(2)
    assert lab.unwritten() == []
    assert said.count("call log away") == 1
    assert said.count("redis state=down") <= 1
    assert CALLER not in said
    assert (record["callerId"], record["status"]) == (CALLER, "Completed")
    assert [line["role"] for line in record["lines"]] == ["bot", "user", "bot"]
