"""Every documented fault of OpenAI's services, before and in the middle of an answer."""

import time
from collections.abc import Iterator

import openai
import pytest

from bot.asr.chain import RecogniserChain
from bot.asr.openai import OpenAIRecogniser
from bot.audio import silence
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.llm import AnswerRequest, GenerationReport
from bot.llm.openai_chat import OpenAIChat
from bot.llm.writing import sentences
from bot.openai_client import openai_client
from bot.settings import Settings
from tests.lab import openai_faults as faults
from tests.lab.openai_faults import Fault
from tests.lab.openai_server import OpenAIServer

REFUSALS = [
    (faults.refused(400, "wrong", param="messages", code="invalid_value"), "permanent"),
    (faults.bad_key(), "authentication"),
    (faults.forbidden(), "authentication"),
    (faults.refused(404, "no such model", code="model_not_found"), "permanent"),
    (faults.too_large(), "permanent"),
    (faults.rate_limited(), "transient"),
    (faults.rate_limited(None), "transient"),
    (faults.out_of_quota(), "quota"),
    (faults.server_error(), "transient"),
    (faults.overloaded(), "transient"),
]
SOCKETS = [
    (faults.cut(0), "transient"),
    (faults.garbage(0), "permanent"),
    (faults.stall(0), "late"),
    (faults.drip(0), "late"),
]
MIDWAY = 7
"""Pieces after which an answer breaks off: in its second sentence."""
BROKEN = [
    (faults.cut(MIDWAY), "transient"),
    (faults.error_in_stream(MIDWAY), "transient"),
    (faults.garbage(MIDWAY), "permanent"),
    (faults.stall(MIDWAY), "timeout"),
    (faults.drip(MIDWAY), "timeout"),
]
REQUEST = AnswerRequest(
    question="Какая гарантия?", history=(), hits=(), system_prompt="Отвечай.", no_answer="Нет.",
    models=("gpt-4o-mini", "gpt-6-luna"), begin_within_s=20.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def client_server() -> Iterator[tuple[openai.OpenAI, OpenAIServer]]:
    with OpenAIServer() as server:
        yield client_of(server), server


@pytest.fixture
def client(client_server: tuple[openai.OpenAI, OpenAIServer]) -> openai.OpenAI:
    return client_server[0]


@pytest.fixture
def server(client_server: tuple[openai.OpenAI, OpenAIServer]) -> OpenAIServer:
    client_server[1].forget()
    return client_server[1]


def client_of(server: OpenAIServer) -> openai.OpenAI:
    return openai_client(
        Settings.model_validate({"openai_api_key": server.key, "openai_base_url": server.base_url})
    )


def written(client: openai.OpenAI) -> tuple[list[str], GenerationReport]:
    report = GenerationReport()
    chat = OpenAIChat(client, gap_s=1.0)
    return list(sentences(chat, REQUEST, report, Deadline(30))), report


@pytest.mark.parametrize(("fault", "kind"), REFUSALS + SOCKETS)
def test_a_model_that_does_not_begin_is_answered_for_by_the_next(
    client: openai.OpenAI, server: OpenAIServer, fault: Fault, kind: str
) -> None:
    server.fail("chat", fault, model="gpt-4o-mini")
    server.plan.answer = lambda body: f"Отвечает {body['model']}.|"
    heard, report = written(client)
    assert heard == ["Отвечает gpt-6-luna."]
    assert report.fallbacks == [f"gpt-4o-mini: {kind}"]
    assert report.continued_by == ""


@pytest.mark.parametrize(("fault", "kind"), BROKEN)
def test_an_answer_that_breaks_off_is_continued_by_the_next_model(
    client: openai.OpenAI, server: OpenAIServer, fault: Fault, kind: str
) -> None:
    server.fail("chat", fault, model="gpt-4o-mini")
    server.answer("Гарантия два года.| А вот продление её возможно.|", "Гарантия — два года.|Всё.|")
    heard, report = written(client)
    assert heard == ["Гарантия два года.", "Всё."]
    assert report.fallbacks == [f"gpt-4o-mini: {kind}"]
    assert report.continued_by == "gpt-6-luna"


def test_a_model_that_may_not_stream_answers_all_the_same(
    client: openai.OpenAI, server: OpenAIServer
) -> None:
    server.fail("chat", faults.stream_refused(), model="gpt-4o-mini")
    server.answer("никогда", "Два года.|")
    heard, report = written(client)
    assert report.model == "gpt-4o-mini"
    assert (len(heard), report.fallbacks) == (1, [])


@pytest.fixture(scope="module")
def stand_by() -> Iterator[OpenAIServer]:
    with OpenAIServer() as healthy:
        healthy.plan.transcript = "Запасной."
        yield healthy


@pytest.mark.parametrize(("fault", "kind"), REFUSALS + SOCKETS)
def test_a_recogniser_that_fails_is_stood_in_for(
    client: openai.OpenAI, server: OpenAIServer, stand_by: OpenAIServer, fault: Fault, kind: str
) -> None:
    errors: list[tuple[str, ErrorKind]] = []
    counted: list[str] = []
    server.fail("transcription", fault)
    chain = RecogniserChain(
        [OpenAIRecogniser(client, "whisper-1"),
         OpenAIRecogniser(client_of(stand_by), "whisper-1")],
        lambda name, kind: errors.append((name, kind)), counted.append,
        late_s=1.0, late_bounds_s=(1.0, 1.0),
    )  # fmt: skip
    heard = chain.transcribe(silence(1.0), "", Deadline(20))
    assert (heard.text, counted) == ("Запасной.", ["asr"])
    assert errors == [("openai", "timeout" if kind == "late" else kind)]


@pytest.mark.parametrize("fault", [faults.stall(), faults.drip()], ids=["stall", "drip"])
def test_a_recogniser_alone_that_hangs_is_given_up_in_time(
    client: openai.OpenAI, server: OpenAIServer, fault: Fault
) -> None:
    server.fail("transcription", fault)
    errors: list[ErrorKind] = []
    chain = RecogniserChain(
        [OpenAIRecogniser(client, "whisper-1")], lambda _name, kind: errors.append(kind),
        lambda _stage: None, within_s=0.3,
    )  # fmt: skip
    began = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        chain.transcribe(silence(1.0), "", Deadline(60))
    assert time.monotonic() - began < 20
    assert (caught.value.kind, errors) == ("timeout", ["timeout"])
