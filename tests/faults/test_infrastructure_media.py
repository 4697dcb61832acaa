"""The audio leg of a call is lost while Asterisk and the caller are still there."""

import time
from collections.abc import Iterator

import pytest
import requests

from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, ask, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.tcpproxy import TcpProxy
from tests.lab.worker import Worker


@pytest.fixture(scope="module")
def way(asterisk: Asterisk) -> Iterator[TcpProxy]:
    """The way from the worker to Asterisk: events, requests and sound."""
    with TcpProxy(("127.0.0.1", asterisk.http_port)) as proxy:
        yield proxy


def hang_up_leg(asterisk: Asterisk) -> None:
    """Somebody ends the channel of the leg, and Asterisk closes its connection."""
    (leg,) = [one["id"] for one in asterisk.channels() if one["id"].startswith("mv-leg-")]
    requests.delete(
        f"{asterisk.http_url}/ari/channels/{leg}",
        auth=(asterisk.ari_user, asterisk.ari_password),
        timeout=10,
    ).raise_for_status()


def test_a_leg_lost_in_the_middle_of_a_sentence_costs_the_caller_no_more_than_that(
    proxied_worker: Worker,
    phone: Phone,
    asterisk: Asterisk,
    way: TcpProxy,
    openai_service: OpenAIServer,
    words: bytes,
) -> None:
    openai_service.plan.transcript = "Какая гарантия на машину?"
    with phone.dial("100", caller_id=CALLER) as call:
        assert call.wait_speech(call.answered_at) is not None
        time.sleep(0.5)
        assert way.cut(b"/media/") == 1
        assert call.wait_speech(time.monotonic() + 0.1) is not None  # the sentence again
        hear_out(call)
        ask(call, words)
    record = proxied_worker.wait_for_call()
    assert record["status"] == "Completed"
    said = [(line.get("kind"), line.get("interrupted")) for line in record["lines"]]
    assert said == [("greeting", False), (None, None), ("answer", True)]
    assert asterisk.left_behind() == []


def test_a_leg_lost_again_and_again_gives_the_caller_back_to_the_dialplan(
    proxied_worker: Worker, phone: Phone, asterisk: Asterisk, way: TcpProxy
) -> None:
    before = given_back(asterisk)
    with phone.dial("100", caller_id=CALLER) as call:
        assert call.wait_speech(call.answered_at) is not None
        proxied_worker.output.clear()
        hang_up_leg(asterisk)
        proxied_worker.wait_for_log("media leg renewed")
        assert way.cut(b"/media/") == 1
        assert call.ended.wait(20.0)
    assert given_back(asterisk) == before + 1
    assert proxied_worker.wait_for_call()["status"] == "Failed"
    assert asterisk.left_behind() == []


def given_back(asterisk: Asterisk) -> int:
    """How many callers have come out of the assistant into the dialplan."""
    return int(asterisk.get("asterisk/variable?variable=GIVEN_BACK")["value"] or 0)


@pytest.fixture(scope="module")
def proxied_worker(
    asterisk: Asterisk,
    way: TcpProxy,
    cloud: dict[str, str],
    redis_server: object,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    environment = cloud | asterisk.environment() | {"ARI_URL": f"http://127.0.0.1:{way.port}"}
    with Worker(environment, tmp_path_factory.mktemp("worker")) as worker:
        yield worker
