"""Answers by a chat model: the request, the stream, and everything that goes wrong with it."""

import threading
from collections.abc import Iterator, Sequence

import openai
import pytest

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.llm import AnswerRequest, Exchange, GenerationReport
from bot.llm.openai_chat import MOST_SILENT_S, PATIENCE, OpenAIChat
from bot.openai_client import openai_client
from bot.retrieval import Hit, Passage
from bot.settings import Settings
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer

WARRANTY = Passage("general", ("Услуги", "Гарантия"), "Гарантия на машину — два года.", 0)
POWER = Passage("tech", ("Питание",), "Питание машины РЭМ-100 от сети 220 вольт.", 0)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def client(server: OpenAIServer) -> Iterator[openai.OpenAI]:
    settings = Settings.model_validate(
        {"openai_api_key": server.key, "openai_base_url": server.base_url}
    )
    with openai_client(settings) as made:
        yield made


@pytest.fixture
def chat(client: openai.OpenAI) -> OpenAIChat:
    return OpenAIChat(client)


def question(
    text: str = "Какая гарантия?",
    models: Sequence[str] = ("gpt-4o-mini", "gpt-6-luna"),
    history: Sequence[Exchange] = (),
) -> AnswerRequest:
    hits = (Hit(WARRANTY, 0.8), Hit(POWER, 0.3))
    return AnswerRequest(text, history, hits, "Отвечай кратко.", "Не знаю.", models, 0.3)


def answered(
    chat: OpenAIChat, request: AnswerRequest, seconds: float = 10.0
) -> tuple[str, GenerationReport]:
    report = GenerationReport()
    return "".join(chat.generate(request, report, Deadline(seconds))), report


def failed(
    chat: OpenAIChat, request: AnswerRequest, seconds: float = 10.0
) -> tuple[ErrorKind, GenerationReport]:
    report = GenerationReport()
    with pytest.raises(ProviderError) as caught:
        list(chat.generate(request, report, Deadline(seconds)))
    assert caught.value.provider == "openai"
    return caught.value.kind, report


def test_the_model_gets_prompt_passages_dialogue_and_question(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    answered(chat, question(history=[Exchange("Здравствуйте", "Слушаю вас"), Exchange("Э", "")]))
    body = server.requests("chat")[0].body
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "user", "user"]
    system = body["messages"][0]["content"]
    assert system.startswith("Отвечай кратко.\n")
    assert "[1] general: Услуги / Гарантия\nГарантия на машину — два года." in system
    assert "[2] tech: Питание\n" in system
    assert body["messages"][-1]["content"] == "Звонящий говорит: «Какая гарантия?»"


def test_the_text_arrives_in_pieces_and_whole(server: OpenAIServer, chat: OpenAIChat) -> None:
    server.answer("Гарантия — два года.|Продлить её можно…\u2028Да.|")
    report = GenerationReport()
    pieces = list(chat.generate(question(), report, Deadline(10)))
    assert len(pieces) > 5
    assert "".join(pieces) == "Гарантия — два года.|Продлить её можно…\u2028Да.|"
    assert (report.model, report.requests, report.fallbacks) == ("gpt-4o-mini", 1, [])


def test_classic_and_reasoning_families_get_their_own_parameters(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    for model in ("gpt-4o-mini", "gpt-6-luna", "o3"):
        answered(chat, question(models=[model]))
    classic, new, oldest_new = (request.body for request in server.requests("chat"))
    assert (classic["temperature"], classic["max_tokens"]) == (0.3, 500)
    assert "reasoning_effort" not in classic
    for body in (new, oldest_new):
        assert (body["reasoning_effort"], body["max_completion_tokens"]) == ("none", 500)
        assert {"temperature", "max_tokens"}.isdisjoint(body)


def test_streams_share_one_connection(server: OpenAIServer, chat: OpenAIChat) -> None:
    for _ in range(4):
        answered(chat, question())
    assert server.count("chat") == 4
    assert server.count("connections") == 1


def test_closing_the_answer_closes_its_connection(server: OpenAIServer, chat: OpenAIChat) -> None:
    server.fail("chat", faults.stall(after_chunks=1))
    pieces = chat.generate(question(), GenerationReport(), Deadline(20))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert server.wait_for("abandoned", within_s=MOST_SILENT_S + 10)
    assert answered(chat, question())[0]


def test_a_model_that_may_not_stream_is_asked_without_from_then_on(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.plan.unverified_models = frozenset({"gpt-6-luna"})
    text, report = answered(chat, question(models=["gpt-6-luna"]))
    assert "два года" in text
    assert (report.requests, report.fallbacks) == (2, [])
    _, report = answered(chat, question(models=["gpt-6-luna"]))
    assert report.requests == 1
    streamed = [bool(request.body.get("stream")) for request in server.requests("chat")]
    assert streamed == [True, False, False]


def test_a_refused_parameter_is_left_out_from_then_on(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.plan.plain_models = frozenset({"o3"})
    assert answered(chat, question(models=["o3"]))[1].requests == 2
    assert answered(chat, question(models=["o3"]))[1].requests == 1
    assert "reasoning_effort" not in server.requests("chat")[-1].body


def test_a_stranger_that_wants_the_new_token_limit_gets_it(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.plan.extra_models = frozenset({"local-model"})
    refused = faults.refused(400, "no", param="max_tokens", code="unsupported_parameter")
    server.fail("chat", refused)
    assert answered(chat, question(models=["local-model"]))[1].requests == 2
    body = server.requests("chat")[-1].body
    assert "max_tokens" not in body
    assert (body["max_completion_tokens"], body["temperature"]) == (500, 0.3)


def test_a_parameter_refused_twice_is_a_failure_not_a_loop(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.refused(400, "no", param="temperature"), times=5)
    kind, report = failed(chat, question(models=["gpt-4o-mini"]))
    assert (kind, report.requests) == ("permanent", 2)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.bad_key(), "authentication"),
        (faults.forbidden(), "authentication"),
        (faults.rate_limited(), "transient"),
        (faults.out_of_quota(), "quota"),
        (faults.server_error(), "transient"),
        (faults.overloaded(), "transient"),
        (faults.too_large(), "permanent"),
        (faults.refused(404, "gone", code="model_not_found"), "permanent"),
        (faults.refused(408, "slow"), "transient"),
        (faults.error_in_stream(0), "transient"),
        (faults.cut(0), "transient"),
    ],
)
def test_the_fallback_model_answers_when_the_primary_fails(
    server: OpenAIServer, chat: OpenAIChat, fault: faults.Fault, kind: ErrorKind
) -> None:
    server.fail("chat", fault, model="gpt-4o-mini")
    text, report = answered(chat, question())
    assert "два года" in text
    assert (report.model, report.requests) == ("gpt-6-luna", 2)
    assert report.fallbacks == [f"gpt-4o-mini: {kind}"]


def test_a_silent_primary_leaves_time_for_the_fallback(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.stall(), model="gpt-4o-mini")
    text, report = answered(chat, question(), seconds=2.0)
    assert "два года" in text
    assert report.fallbacks == ["gpt-4o-mini: late"]


def test_a_model_that_hangs_again_and_again_is_left_alone(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.stall(), times=99, model="gpt-4o-mini")
    for _ in range(PATIENCE):
        assert answered(chat, question(), seconds=1.0)[1].fallbacks == ["gpt-4o-mini: late"]
    assert server.count("chat") == 2 * PATIENCE
    text, report = answered(chat, question())
    assert "два года" in text
    assert (report.requests, report.fallbacks) == (1, ["gpt-4o-mini: timeout"])


def test_one_failure_is_no_reason_to_leave_a_model_alone(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.server_error(), model="gpt-4o-mini")
    assert answered(chat, question())[1].model == "gpt-6-luna"
    assert answered(chat, question())[1].model == "gpt-4o-mini"


def test_an_empty_answer_is_given_to_the_fallback(server: OpenAIServer, chat: OpenAIChat) -> None:
    server.answer("", "Да.|")
    text, report = answered(chat, question())
    assert (text, report.fallbacks) == ("Да.|", ["gpt-4o-mini: permanent"])


def test_when_all_models_fail_the_last_failure_is_raised(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.server_error(), model="gpt-4o-mini")
    server.fail("chat", faults.out_of_quota(), model="gpt-6-luna")
    kind, report = failed(chat, question())
    assert (kind, report.requests) == ("quota", 2)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(faults.error_in_stream(2), "transient"), (faults.cut(2), "transient"),
     (faults.stall(2), "timeout")],
)  # fmt: skip
def test_text_already_given_stays_and_no_other_model_repeats_it(
    server: OpenAIServer, chat: OpenAIChat, fault: faults.Fault, kind: ErrorKind
) -> None:
    server.answer("Гарантия два года.|")
    server.fail("chat", fault)
    pieces = chat.generate(question(models=["gpt-4o-mini"]), GenerationReport(), Deadline(1.0))
    assert [next(pieces), next(pieces)] == ["Гаран", "тия"]
    with pytest.raises(ProviderError) as caught:
        next(pieces)
    assert caught.value.kind == kind
    assert server.count("chat") == 1


def test_a_stream_that_drips_past_the_deadline_is_ended(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.plan.token_s = 0.05
    server.answer("слово " * 200)
    kind, _ = failed(chat, question(models=["gpt-4o-mini"]), seconds=0.4)
    assert kind == "timeout"
    assert server.wait_for("abandoned")


def test_a_call_off_ends_the_stream_at_the_next_piece(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.plan.token_s = 0.02
    server.answer("слово " * 500)
    deadline = Deadline(30)
    pieces = chat.generate(question(), GenerationReport(), deadline)
    next(pieces)
    deadline.cancel()
    with pytest.raises(ProviderError):
        list(pieces)
    assert server.count("chat") == 1


def test_nothing_is_asked_without_time_or_without_a_model(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    late = Deadline(10)
    late.cancel()
    with pytest.raises(ProviderError, match="no time"):
        list(chat.generate(question(), GenerationReport(), late))
    assert failed(chat, question(models=["", ""]))[0] == "permanent"
    assert server.count("chat") == 0


def test_a_dead_service_is_transient(server: OpenAIServer, chat: OpenAIChat) -> None:
    answered(chat, question())
    server.stop()
    assert failed(chat, question())[0] == "transient"


def test_many_threads_share_the_client(server: OpenAIServer, chat: OpenAIChat) -> None:
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(answered(chat, question(), 30)[0]))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 40
    assert len(set(texts)) == 1


def test_the_error_names_status_and_request_but_quotes_nobody(
    server: OpenAIServer, chat: OpenAIChat
) -> None:
    server.fail("chat", faults.refused(400, "secret words of a caller", code="bad"))
    with pytest.raises(ProviderError) as caught:
        list(chat.generate(question(models=["gpt-4o"]), GenerationReport(), Deadline(5)))
    message = str(caught.value)
    assert message.startswith("openai: HTTP 400 code=bad request_id=req_")
    assert "secret" not in message
