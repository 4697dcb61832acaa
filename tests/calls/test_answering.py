"""A caller asks on a real Asterisk, hears the answer, and it is on record."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from bot.prompts import read_prompts
from bot.records import STAGES
from bot.russian.spoken import speakable
from bot.softphone.phone import Phone
from tests.calls.dialogue import (
    CALLER,
    ask,
    ask_once,
    hear_greeting,
    hear_out,
)
from tests.lab.asterisk import Asterisk
from tests.lab.openai_faults import stream_refused
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, Worker
from tests.lab.yandex_server import YandexServer

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
GENERAL = (REPO / "kb" / "general.md").read_text(encoding="utf-8")


def test_the_greeting_is_heard_and_on_record(worker: Worker, phone: Phone) -> None:
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
    (line,) = worker.wait_for_call()["lines"]
    assert (line["role"], line["kind"], line["text"]) == ("bot", "greeting", PROMPTS.greeting)


def test_a_question_is_answered_from_the_right_base_with_every_stage_on_record(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, yandex: YandexServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Какой у вас гарантийный срок?"
    ask_once(phone, words)
    record = worker.wait_for_call()
    greeting, question, answer = record["lines"]
    assert record["callerId"] == CALLER
    assert record["status"] == "Completed"
    assert greeting["kind"] == "greeting"
    assert question["raw"] == "Какой у вас гарантийный срок?"
    assert answer["source"] == "general"
    assert "гаранти" in answer["trace"]["passages"][0]["heading"].lower()
    assert all(sentence in GENERAL for sentence in re.split(r"(?<=[.]) ", answer["text"]))
    assert "|" not in answer["text"]
    assert not answer["interrupted"]
    assert set(answer["timings_ms"]) == set(answer["starts_ms"]) == set(STAGES)
    began = answer["starts_ms"]
    assert began["endpoint"] == began["answer"] == 0
    assert 0 <= began["asr"] < began["retrieval"] < began["tts_first_audio"]
    assert began["tts_first_audio"] < answer["timings_ms"]["answer"]
    assert answer["failure"] is None
    assert answer["trace"]["release"]
    assert answer["trace"]["requests"] == {"embedding": 1, "llm": 1}
    spoken = " ".join(heard.text for heard in yandex.grpc.plan.heard)
    said_first = speakable(answer["text"].split(". ")[0])
    assert said_first in spoken
    assert re.search(r"\d", answer["text"]), "the record keeps the written form"
    assert not re.search(r"\d", spoken)


def test_units_are_normalised_before_the_agent_and_kept_as_recognised(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Какая точность силы у машины на сто килоньютон?"
    ask_once(phone, words)
    _, question, answer = worker.wait_for_call()["lines"]
    assert question["text"] == "Какая точность силы у машины на сто кН?"
    assert question["raw"] == "Какая точность силы у машины на сто килоньютон?"
    assert answer["source"] == "tech"


def test_the_second_question_may_depend_on_the_first(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Сколько стоит РЭМ-100?"
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        ask(call, words)
        hear_out(call)
        openai_service.plan.transcript = "А какая у неё скорость?"
        ask(call, words)
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    second = lines[-1]
    assert second["source"] == "tech"
    assert "РЭМ-100" in second["trace"]["rewritten"]
    asked = openai_service.requests("chat")[-1].body["messages"]
    assert any("Сколько стоит РЭМ-100?" in message["content"] for message in asked[1:-1])


def test_a_repeated_question_is_answered_without_any_service_but_the_recogniser(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, yandex: YandexServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Где вы находитесь?"
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        ask(call, words)
        hear_out(call)
        openai_service.plan.transcript = "где вы находитесь"
        before = (openai_service.count("chat"), yandex.grpc.plan.attempts)
        ask(call, words)
        hear_out(call)
        assert (openai_service.count("chat"), yandex.grpc.plan.attempts) == before
    lines = worker.wait_for_call()["lines"]
    assert lines[-1]["trace"]["cached"]
    assert lines[-1]["text"] == lines[2]["text"]


def test_grpc_refused_is_http_used(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, yandex: YandexServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Какие документы прилагаются к машине?"
    yandex.grpc.plan.always = "unavailable"
    spoken_before = yandex.http.plan.completed
    ask_once(phone, words)
    assert worker.wait_for_call()["lines"][-1]["source"] == "general"
    assert yandex.http.plan.completed > spoken_before


def test_a_model_that_refuses_streaming_still_answers(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Как оплатить машину?"
    openai_service.fail("chat", stream_refused(), stream=True)
    ask_once(phone, words)
    answer = worker.wait_for_call()["lines"][-1]
    assert answer["source"] == "general"
    assert openai_service.requests("chat")[-1].body.get("stream") in (None, False)


def test_two_callers_at_once_get_their_own_answers(
    worker: Worker, phone: Phone, asterisk: Asterisk, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.asr_s = 0.3
    openai_service.plan.transcript = "Сколько стоит обучение?"

    def one(caller: str) -> None:
        with phone.dial("100", caller_id=caller) as call:
            hear_greeting(call)
            ask(call, words)
            hear_out(call)

    seen = len(worker.calls())
    with ThreadPoolExecutor() as pool:
        list(pool.map(one, ("+79610000011", "+79610000012")))
    assert asterisk.left_behind() == []
    calls = [worker.wait_for_call(seen), worker.wait_for_call(seen + 1)]
    assert {call["callerId"] for call in calls} == {"+79610000011", "+79610000012"}
    for call in calls:
        assert [line["role"] for line in call["lines"]] == ["bot", "user", "bot"]
        assert call["lines"][-1]["source"] == "general"


def test_numbers_and_words_of_callers_are_not_in_the_log(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Моя фамилия Кукушкин, сколько стоит ремонт?"
    with phone.dial("100", caller_id="+79619998877") as call:
        hear_greeting(call)
        ask(call, words)
    call_id = worker.wait_for_call()["id"]
    line = worker.wait_for_log(f"turn call_id={call_id} ")
    assert re.search(r"endpoint_ms=\d+ asr_ms=\d+ retrieval_ms=\d+ .*answer_ms=\d+", line)
    output = "".join(worker.output)
    assert "Кукушкин" not in output
    assert "9998877" not in output
    assert worker.environment["ARI_PASSWORD"] not in output
    assert worker.environment["OPENAI_API_KEY"] not in output


def test_invented_words_are_no_turn(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        for invented in ("Субтитры сделал DimaTorzok", "Продолжение следует..."):
            openai_service.plan.transcript = invented
            asked = openai_service.count("transcription")
            call.play(words)
            call.wait_played()
            assert openai_service.wait_for("transcription", asked + 1)
            time.sleep(1.0)
    record = worker.wait_for_call()
    assert {line["role"] for line in record["lines"]} == {"bot"}
    assert record["status"] == "NoInput"
