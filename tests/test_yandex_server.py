"""The SpeechKit stand-ins are as strict as the documentation (protocols.md, 1 and 4)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import requests
from yandex.cloud.ai.tts.v3 import tts_pb2, tts_service_pb2_grpc

from tests.lab import yandex_rules as rules
from tests.lab.speechlike import speech_like
from tests.lab.yandex_server import YandexServer

KEY = ("authorization", f"Api-Key {rules.SERVICE_KEY}")
PERSON = ("authorization", f"Bearer {rules.USER_IAM}")
RAW_8000 = tts_pb2.AudioFormatOptions(
    raw_audio=tts_pb2.RawAudio(
        audio_encoding=tts_pb2.RawAudio.AudioEncoding.LINEAR16_PCM, sample_rate_hertz=8000
    )
)


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


def request(text: str = "Здравствуйте.", **fields: Any) -> Any:
    return tts_pb2.UtteranceSynthesisRequest(
        text=text, output_audio_spec=fields.pop("spec", RAW_8000), **fields
    )


def call(yandex: YandexServer, message: Any, *metadata: tuple[str, str]) -> list[bytes]:
    with grpc.insecure_channel(yandex.grpc.target) as channel:
        stub = tts_service_pb2_grpc.SynthesizerStub(channel)
        answer = stub.UtteranceSynthesis(message, metadata=metadata or (KEY,), timeout=20)
        return [one.audio_chunk.data for one in answer]


def refusal(yandex: YandexServer, message: Any, *metadata: tuple[str, str]) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call(yandex, message, *metadata)
    return caught.value.code().name, caught.value.details()


def test_v3_speaks_in_several_uneven_chunks_of_raw_8_khz(yandex: YandexServer) -> None:
    chunks = call(yandex, request("Гарантия на машину двенадцать месяцев."))
    assert len(chunks) > 2
    assert len({len(chunk) for chunk in chunks}) > 2
    assert b"".join(chunks) == speech_like("Гарантия на машину двенадцать месяцев.")


def test_v3_without_a_format_answers_with_a_wav_of_22050_hz(yandex: YandexServer) -> None:
    chunks = call(yandex, request(spec=None))
    assert chunks[0][:4] == b"RIFF"
    assert int.from_bytes(chunks[0][24:28], "little") == 22050


@pytest.mark.parametrize(
    ("metadata", "code", "words"),
    [
        ([("x-other", "1")], "UNAUTHENTICATED", "missing"),
        ([("authorization", "Api-Key wrong")], "UNAUTHENTICATED", "Unknown"),
        ([("authorization", f"Bearer {rules.SERVICE_KEY}")], "UNAUTHENTICATED", "Unknown"),
        ([PERSON], "UNAUTHENTICATED", "You have to specify folder ID for user account"),
        ([PERSON, ("x-folder-id", "b1g-other")], "PERMISSION_DENIED", "folder"),
        ([KEY, ("x-folder-id", rules.USER_FOLDER)], "PERMISSION_DENIED", "home folder"),
        ([("authorization", f"Api-Key {rules.POWERLESS_KEY}")], "PERMISSION_DENIED", "tts.user"),
    ],
)
def test_v3_refuses_a_wrong_credential_or_folder(
    yandex: YandexServer, metadata: list[tuple[str, str]], code: str, words: str
) -> None:
    got, details = refusal(yandex, request(), *metadata)
    assert got == code
    assert words in details


def test_v3_serves_a_person_who_names_the_folder(yandex: YandexServer) -> None:
    assert call(yandex, request(), PERSON, ("x-folder-id", rules.USER_FOLDER))


def test_two_fields_in_one_hint_reach_the_service_as_one(yandex: YandexServer) -> None:
    call(yandex, request(hints=[tts_pb2.Hints(voice="jane", role="friendly")]))
    assert (yandex.grpc.plan.heard[0].voice, yandex.grpc.plan.heard[0].role) == (
        "marina",
        "friendly",
    )


@pytest.mark.parametrize(
    "message",
    [
        request("а" * 251),
        request("++ ** <[small]>"),
        request("   "),
        request(hints=[tts_pb2.Hints(voice="levitan")]),
        request(hints=[tts_pb2.Hints(voice="julia"), tts_pb2.Hints(role="friendly")]),
        request(hints=[tts_pb2.Hints(voice="julia"), tts_pb2.Hints(voice="jane")]),
        request(hints=[tts_pb2.Hints()]),
        request(hints=[tts_pb2.Hints(speed=9.0)]),
        request(spec=tts_pb2.AudioFormatOptions(raw_audio=tts_pb2.RawAudio())),
    ],
)
def test_v3_refuses_a_wrong_request(yandex: YandexServer, message: Any) -> None:
    assert refusal(yandex, message)[0] == "INVALID_ARGUMENT"


def test_v3_takes_a_long_text_in_unsafe_mode(yandex: YandexServer) -> None:
    assert call(yandex, request("а" * 251, unsafe_mode=True))


def test_v3_answers_punctuation_alone_without_sound(yandex: YandexServer) -> None:
    assert b"".join(call(yandex, request("…"))) == b""


@pytest.mark.parametrize(
    ("fault", "code"),
    [("unavailable", "UNAVAILABLE"), ("quota", "RESOURCE_EXHAUSTED"), ("internal", "INTERNAL")],
)
def test_planned_faults_are_used_up_one_a_request(
    yandex: YandexServer, fault: Any, code: str
) -> None:
    yandex.grpc.plan.faults = [fault]
    assert refusal(yandex, request())[0] == code
    assert call(yandex, request())
    assert (yandex.grpc.plan.attempts, yandex.grpc.plan.completed) == (2, 1)


def test_a_closed_port_refuses_and_opens_again(yandex: YandexServer) -> None:
    yandex.grpc.refuse()
    assert refusal(yandex, request())[0] == "UNAVAILABLE"
    yandex.grpc.open()
    assert call(yandex, request())


FORM = {"text": "Добрый день.", "format": "lpcm", "sampleRateHertz": "8000", "voice": "marina"}


def post(yandex: YandexServer, key: str = KEY[1], **form: str) -> requests.Response:
    headers = {"Authorization": key}
    return requests.post(yandex.http.url, data=FORM | form, headers=headers, timeout=20)


def test_v1_streams_headerless_pcm(yandex: YandexServer) -> None:
    answer = post(yandex)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.content == speech_like("Добрый день.")


def test_v1_does_not_see_a_folder_sent_as_json(yandex: YandexServer) -> None:
    body = FORM | {"folderId": rules.USER_FOLDER}
    headers = {"Authorization": PERSON[1]}
    answer = requests.post(yandex.http.url, json=body, headers=headers, timeout=20)
    assert answer.status_code == 401
    assert answer.json() == {
        "error_code": "UNAUTHORIZED",
        "error_message": "rpc error: code = Unauthenticated desc = "
        "You have to specify folder ID for user account",
    }


@pytest.mark.parametrize(
    "form",
    [
        {"voice": "kirill"},
        {"emotion": "strict"},
        {"text": ""},
        {"ssml": "<speak/>"},
        {"speed": "fast"},
        {"sampleRateHertz": "44100"},
    ],
)
def test_v1_refuses_a_wrong_form(yandex: YandexServer, form: dict[str, str]) -> None:
    answer = post(yandex, **form)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "BAD_REQUEST"


def test_v1_cuts_the_connection_when_it_fails_midway(yandex: YandexServer) -> None:
    yandex.http.plan.faults = ["unavailable_midway"]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(yandex)


def test_v1_closed_port_also_ends_connections_kept_alive(yandex: YandexServer) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = KEY[1]
        assert session.post(yandex.http.url, data=FORM, timeout=20).ok
        yandex.http.refuse()
        with pytest.raises(requests.exceptions.ConnectionError):
            session.post(yandex.http.url, data=FORM, timeout=20)
        yandex.http.open()
        assert session.post(yandex.http.url, data=FORM, timeout=20).ok


def test_it_runs_in_a_process_of_its_own_and_is_steered_over_http() -> None:
    command = [sys.executable, "-m", "tests.lab.yandex_server", "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        environment = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        url = environment["YANDEX_TTS_HTTP_URL"]
        control = url.replace(rules_path(url), "/_control")
        requests.post(control, json={"http": {"faults": ["quota"]}}, timeout=20)
        headers = {"Authorization": f"Api-Key {environment['YANDEX_API_KEY']}"}
        answer = requests.post(url, data=FORM, headers=headers, timeout=20)
        report = requests.get(control, timeout=20).json()
        wrong = requests.post(control, json={"http": {"faults": ["flood"]}}, timeout=20)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    assert answer.status_code == 429
    assert (report["http"]["attempts"], report["http"]["latency_s"]) == (1, 0.01)
    assert wrong.status_code == 400


def rules_path(url: str) -> str:
    return url[url.index("/speech/") :]
