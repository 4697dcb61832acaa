"""Redis, Asterisk or the worker itself goes away, and what callers notice of it."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from bot.prompts import read_prompts
from bot.softphone.phone import Phone
from bot.softphone.sip import CallRefused
from tests.calls.dialogue import CALLER, ask, ask_once, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_faults import server_error
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.lab.redis import RedisServer
from tests.lab.tcpproxy import TcpProxy
from tests.lab.worker import REPO, Worker
from tests.lab.yandex_server import YandexServer

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
MakeWorker = Callable[..., Worker]
LOST_S = 10.0


@pytest.fixture
def own_asterisk() -> Iterator[Asterisk]:
    with Asterisk() as server:
        yield server


def test_redis_may_stop_in_the_middle_of_a_call(
    own_worker: MakeWorker,
    own_asterisk: Asterisk,
    openai_service: OpenAIServer,
    words: bytes,
) -> None:
    openai_service.plan.transcript = "Какая гарантия на машину?"
    with (
        RedisServer() as redis,
        Phone(own_asterisk.sip_server) as phone,
        own_worker(own_asterisk.environment() | {"REDIS_URL": redis.url}) as worker,
        phone.dial("100") as call,
    ):
        hear_greeting(call)
        ask(call, words)
        hear_out(call)
        redis.stop()
        openai_service.plan.transcript = "Какие есть захваты?"
        ask(call, words)
        hear_out(call)
        call.hangup()
        lines = worker.wait_for_call()["lines"]
    assert [line["source"] for line in lines if line["role"] == "bot"] == [None, "general", "tech"]


def test_a_caller_above_the_limit_is_told_so(
    own_worker: MakeWorker, own_asterisk: Asterisk
) -> None:
    with (
        own_worker(own_asterisk.environment() | {"MAX_CALLS": "1"}) as worker,
        Phone(own_asterisk.sip_server) as phone,
        phone.dial("100") as first,
    ):
        hear_greeting(first)
        second = phone.dial("100", caller_id="+79610000002")
        assert second.ended.wait(30.0)
        assert second.ended_by == "them"
        assert second.heard.speech_at()
        assert not first.ended.is_set()
        refused = worker.wait_for_call(1)
        assert refused["lines"][0]["text"] == PROMPTS.all_busy


def test_another_process_that_takes_the_application_over_stops_the_worker(
    own_worker: MakeWorker, own_asterisk: Asterisk
) -> None:
    with (
        own_worker(own_asterisk.environment()) as first,
        own_worker(own_asterisk.environment()) as second,
    ):
        line = first.wait_for_log("taken over")
        assert own_asterisk.ari_app in line
        process = first.process
        assert process is not None
        assert process.wait(20) == 3
        assert second.process is not None
        assert second.process.poll() is None


def test_calls_of_a_killed_worker_are_closed_and_its_channels_freed_by_the_next(
    own_worker: MakeWorker, own_asterisk: Asterisk
) -> None:
    first = own_worker(own_asterisk.environment())
    with first, Phone(own_asterisk.sip_server) as phone:
        call = phone.dial("100")
        hear_greeting(call)
        process = first.process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        with own_worker(own_asterisk.environment(), first.folder) as second:
            record = second.wait_for_call(0)
            assert record["status"] == "Failed"
            assert record["lines"][0]["kind"] == "greeting"
            assert call.ended.wait(10.0)
            assert own_asterisk.left_behind() == []


def test_the_worker_takes_calls_again_after_asterisk_was_restarted(
    own_worker: MakeWorker, own_asterisk: Asterisk
) -> None:
    with own_worker(own_asterisk.environment()) as worker:
        with Phone(own_asterisk.sip_server) as phone:
            call = phone.dial("100")
            hear_greeting(call)
            worker.output.clear()
            own_asterisk.restart()
            worker.wait_for_log(f"asterisk connected app={own_asterisk.ari_app}\n")
            assert worker.wait_for_call(0)["status"] in ("Completed", "NoInput", "Failed")
        with Phone(own_asterisk.sip_server) as phone, phone.dial("100") as call:
            hear_greeting(call)


def test_a_call_goes_on_while_the_events_are_lost_for_ten_seconds(
    own_worker: MakeWorker, own_asterisk: Asterisk, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.forget()
    openai_service.plan.transcript = "Какая гарантия на машину?"
    with TcpProxy(("127.0.0.1", own_asterisk.http_port)) as proxy:
        environment = own_asterisk.environment() | {"ARI_URL": f"http://127.0.0.1:{proxy.port}"}
        with own_worker(environment) as worker, Phone(own_asterisk.sip_server) as phone:
            leaving = phone.dial("100")
            with phone.dial("100", caller_id=CALLER) as talking:
                hear_greeting(talking)
                lost_at = time.monotonic()
                proxy.refused = b"GET /ari/events"
                assert proxy.cut(proxy.refused) == 2  # the entrance's, and the worker's own
                worker.output.clear()
                ask(talking, words)
                hear_out(talking)
                leaving.hangup()  # which nobody hears of
                with pytest.raises(CallRefused):  # the dialplan goes on at once
                    phone.dial("100")
                time.sleep(max(0.0, lost_at + LOST_S - time.monotonic()))
                assert not talking.ended.is_set()
                assert "InProgress" in statuses(worker)
                proxy.refused = b""
                worker.wait_for_log(f"asterisk connected app={own_asterisk.ari_app}\n")
                assert worker.wait_for_call(0)["status"] == "NoInput"
                ask(talking, words)
                hear_out(talking)
            lines = worker.wait_for_call(1)["lines"]
            assert [line["kind"] for line in lines if line["role"] == "bot"].count("answer") == 2
    assert own_asterisk.left_behind() == []


def statuses(worker: Worker) -> list[str]:
    return [call["status"] for call in worker.calls()]


def test_an_unreachable_asterisk_is_waited_for_and_said_with_advice(
    own_worker: MakeWorker,
) -> None:
    worker = own_worker({"ARI_URL": f"http://127.0.0.1:{free_port()}", "ARI_PASSWORD": "x"})
    process = worker.spawn()
    line = worker.wait_for_log("asterisk unreachable")
    assert "bot.check" in line
    assert process.poll() is None


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"KB_TOP_K": "many"}, "KB_TOP_K"),
        ({"ARI_URL": "127.0.0.1:8088"}, "ARI_URL"),
        ({"TIMEZONE": "Moscow"}, "TIMEZONE"),
        ({"BOT_PROCESSES": "0"}, "BOT_PROCESSES"),
        ({"WORKER_NAME": "два"}, "WORKER_NAME"),
        ({"DRAIN_TIMEOUT_S": "soon"}, "DRAIN_TIMEOUT_S"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(
    own_worker: MakeWorker, wrong: dict[str, str], names: str
) -> None:
    worker = own_worker(wrong)
    result = subprocess.run(
        worker.command, env=worker.environment, cwd=worker.folder, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode != 0
    assert len(result.stderr.strip().splitlines()) == 1
    assert names in result.stderr


def test_without_any_recogniser_the_caller_is_asked_to_repeat_and_it_is_counted(
    own_worker: MakeWorker, own_asterisk: Asterisk, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.forget()
    openai_service.fail("transcription", server_error(), times=3)
    with own_worker(own_asterisk.environment() | {"ASR_STAND_BY": "none"}) as worker:
        with Phone(own_asterisk.sip_server) as phone, phone.dial("100") as call:
            hear_greeting(call)
            ask(call, words)
            hear_out(call)
            openai_service.forget()
            openai_service.plan.transcript = "Какая гарантия?"
            ask(call, words)
            hear_out(call)
        lines = worker.wait_for_call()["lines"]
        metrics = requests.get(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=5).text
    assert [line["text"] for line in lines[1:3]] == [PROMPTS.not_heard, "Какая гарантия?"]
    assert lines[1]["failure"] == {"stage": "asr", "provider": "openai", "kind": "transient"}
    assert lines[3]["failure"] is None
    assert 'bot_provider_errors_total{kind="transient",provider="openai"}' in metrics


@pytest.mark.parametrize("trouble", ["refused", "hanging"])
def test_a_dead_recogniser_costs_the_caller_nothing_while_another_stands_by(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes, trouble: str
) -> None:
    if trouble == "refused":
        openai_service.fail("transcription", server_error(), times=9)
    else:
        openai_service.plan.asr_s = 30.0
    ask_once(phone, words)
    lines = worker.wait_for_call()["lines"]
    assert [line["asr_provider"] for line in lines if line["role"] == "user"] == ["local"]
    assert lines[-1]["kind"] == "answer"


def test_a_dead_model_and_a_dead_voice_still_leave_an_answer(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    words: bytes,
) -> None:
    openai_service.plan.transcript = "Какие бывают твердомеры?"
    openai_service.fail("chat", server_error(), times=2)
    yandex.grpc.plan.always = yandex.http.plan.always = "unavailable"
    ask_once(phone, words)
    answer = worker.wait_for_call()["lines"][-1]
    assert answer["source"] == "tech"
    assert len(answer["trace"]["fallbacks"]) == 4
    assert set(answer["trace"]["fallbacks"][-2:]) == {
        "yandex-grpc: transient",
        "yandex-http: transient",
    }
    assert answer["failure"] is None
