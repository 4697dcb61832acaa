"""Redis and the database in trouble in the middle of a call: the caller does not notice."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, ask
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.tcpproxy import TcpProxy
from tests.lab.worker import Worker


def test_a_locked_database_and_a_late_redis_cost_a_call_nothing_and_the_log_no_line(
    own_worker: Callable[..., Worker],
    asterisk: Asterisk,
    redis_server: RedisServer,
    openai_service: OpenAIServer,
    words: bytes,
) -> None:
    openai_service.plan.transcript = "Какая гарантия на машину?"
    with TcpProxy(("127.0.0.1", redis_server.port)) as way, Phone(asterisk.sip_server) as phone:
        redis_url = f"redis://127.0.0.1:{way.port}/0"
        with own_worker(asterisk.environment() | {"REDIS_URL": redis_url}) as worker:
            with closing(sqlite3.connect(worker.database, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")  # from before the call until the worker has gone
                way.delay_s = 2.0
                with phone.dial("100", caller_id=CALLER) as call:
                    assert call.wait_speech(call.answered_at) is not None
                    assert ask(call, words) < 10.0  # each of a turn's look-ups would be 2 s
                worker.wait_for_log("call ended")
                worker.stop()
            said = "".join(worker.output)
            assert len(kept_beside(worker)) == 1
            worker.start()
            record = worker.wait_for_call()
        assert kept_beside(worker) == []
    assert said.count("call log away") == said.count("redis state=down") == 1
    assert CALLER not in said
    assert (record["callerId"], record["status"]) == (CALLER, "Completed")
    assert [line["role"] for line in record["lines"]] == ["bot", "user", "bot"]


def kept_beside(worker: Worker) -> list[str]:
    return [path.name for path in worker.database.parent.glob("unwritten-*")]
