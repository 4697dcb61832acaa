"""Ending a worker: whom it still talks to, who takes the next caller, and what a caller hears."""

import signal
import time
from collections.abc import Callable

import pytest

from bot.prompts import read_prompts
from bot.softphone.phone import Phone
from bot.softphone.sip import CallRefused
from tests.calls.dialogue import PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, START_TIMEOUT_S, Worker

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
MakeWorker = Callable[..., Worker]
LIMIT_S = 8


def entrance_opened(asterisk: Asterisk) -> str:
    """What a worker logs that lets callers of ``Stasis()`` in."""
    return f"asterisk connected app={asterisk.ari_app}\n"


def started(workers: list[Worker]) -> list[Worker]:
    """Both, started at once: first the one that has the entrance, for the other lost it."""
    for worker in workers:
        worker.spawn()
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        standing_by = [one for one in workers if "standing by" in "".join(one.output)]
        if len(standing_by) == 1:
            standing_by[0].output.clear()
            return sorted(workers, key=lambda one: one in standing_by)
        time.sleep(0.05)
    raise TimeoutError("neither worker lost the entrance to the other")


def terminate(worker: Worker) -> None:
    assert worker.process is not None
    worker.process.send_signal(signal.SIGTERM)


def exit_code(worker: Worker) -> int:
    assert worker.process is not None
    return worker.process.wait(30)


def test_one_worker_drains_while_another_takes_the_callers(
    own_worker: MakeWorker, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.forget()
    openai_service.plan.transcript = "Какая гарантия на машину?"
    with Asterisk() as asterisk, Phone(asterisk.sip_server) as phone:
        shared = asterisk.environment() | {"MAX_CALLS": "1", "DRAIN_TIMEOUT_S": str(LIMIT_S)}
        old, new = started([own_worker(shared | {"WORKER_NAME": name}) for name in "ab"])

        talking = phone.dial("100")
        hear_greeting(talking)
        terminate(old)
        old.wait_for_log("draining calls=1")
        with phone.dial("200") as claimed:  # only the new one claims
            claimed.wait_speech(claimed.answered_at, PATIENCE_S)
            refused = phone.dial("200")  # it is full, and says so
            ask(talking, words)  # the old one still answers
            hear_out(talking)
            assert refused.ended.wait(PATIENCE_S)
        assert talking.ended.wait(PATIENCE_S)
        assert talking.ended_by == "them"
        assert exit_code(old) == 0
        record = old.wait_for_call(0)
        spoken = [line["kind"] for line in record["lines"] if line["role"] == "bot"]
        assert (spoken[:2], spoken[-1]) == (["greeting", "answer"], "goodbye")
        assert record["lines"][-1]["text"] == PROMPTS.too_long
        assert record["status"] == "Completed"
        assert new.wait_for_call(1)["lines"][0]["text"] == PROMPTS.all_busy

        new.wait_for_log(entrance_opened(asterisk))  # nobody had it any more
        with phone.dial("100") as last:
            hear_greeting(last)
            terminate(new)
            new.wait_for_log("draining calls=1")
            terminate(new)
            assert last.ended.wait(PATIENCE_S)
            assert exit_code(new) == 0
        for extension in ("100", "200"):  # nobody is there: the dialplan goes on
            with pytest.raises(CallRefused):
                phone.dial(extension)
        assert asterisk.left_behind() == []
