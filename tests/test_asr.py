"""Recognition by OpenAI: the requests by model family, and how failures come back."""

import io
import wave
from collections.abc import Iterator

import numpy as np
import openai
import pytest
from numpy.typing import NDArray

from bot.asr.openai import OpenAIRecogniser, keywords, wav_file
from bot.audio import RATE_HZ
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.openai_client import openai_client
from bot.settings import Settings
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer

HINT = "РЭМ-100, кН, <экстензометр>, захваты"


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


def tone(seconds: float, amplitude: float = 3000.0) -> bytes:
    steps = np.arange(int(seconds * RATE_HZ))
    wave_form: NDArray[np.int16] = (amplitude * np.sin(steps * 0.7)).astype("<i2")
    return wave_form.tobytes()


def test_whisper_is_asked_for_segments_in_russian_with_the_hint(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.hear(" Какая гарантия? ")
    server.plan.no_speech_prob = 0.4
    heard = OpenAIRecogniser(client, "whisper-1").transcribe(tone(1), HINT, Deadline(5))
    assert (heard.text, heard.provider, heard.no_speech_prob) == ("Какая гарантия?", "openai", 0.4)
    request = server.requests("transcription")[0]
    assert request.body == {
        "model": "whisper-1",
        "language": "ru",
        "response_format": "verbose_json",
        "prompt": HINT,
    }
    assert request.filename == "utterance.wav"


def test_the_audio_arrives_as_it_was_heard(server: OpenAIServer, client: openai.OpenAI) -> None:
    OpenAIRecogniser(client, "whisper-1").transcribe(tone(0.5), "", Deadline(5))
    request = server.requests("transcription")[0]
    with wave.open(io.BytesIO(request.file)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 1, 2)
        assert wav.readframes(wav.getnframes()) == tone(0.5)
    assert "prompt" not in request.body


@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
def test_gpt_4o_transcribe_is_asked_for_plain_json(
    server: OpenAIServer, client: openai.OpenAI, model: str
) -> None:
    heard = OpenAIRecogniser(client, model).transcribe(tone(1), HINT, Deadline(5))
    assert heard.text
    assert heard.no_speech_prob is None
    body = server.requests("transcription")[0].body
    assert (body["language"], body["response_format"]) == ("ru", "json")


def test_gpt_transcribe_gets_languages_and_clean_keywords(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    heard = OpenAIRecogniser(client, "gpt-transcribe").transcribe(tone(1), HINT, Deadline(5))
    assert heard.text
    body = server.requests("transcription")[0].body
    assert body["languages[]"] == ["ru"]
    assert body["keywords[]"] == ["РЭМ-100", "кН", "экстензометр", "захваты"]
    assert "language" not in body


def test_keywords_are_single_lines_without_brackets_or_repeats() -> None:
    assert keywords("кН,, <b>МПа</b>\nГОСТ\t1497; кН,  ") == ["кН", "b МПа /b", "ГОСТ 1497"]
    assert keywords("") == []


def test_less_than_a_tenth_of_a_second_is_not_sent(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    recogniser = OpenAIRecogniser(client, "whisper-1")
    assert recogniser.transcribe(tone(0.09), "", Deadline(5)).text == ""
    assert recogniser.transcribe(b"", "", Deadline(5)).text == ""
    assert server.count("transcription") == 0
    recogniser.transcribe(tone(0.1), "", Deadline(5))
    assert server.count("transcription") == 1


def test_a_service_without_segments_is_asked_without_from_then_on(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    recogniser = OpenAIRecogniser(client, "whisper-1")
    server.fail("transcription", faults.response_format_refused())
    for _ in range(2):
        assert recogniser.transcribe(tone(1), "", Deadline(5)).text
    formats = [request.body["response_format"] for request in server.requests("transcription")]
    assert formats == ["verbose_json", "json", "json"]


def test_silence_to_the_service_is_an_empty_transcript(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.hear("")
    heard = OpenAIRecogniser(client, "whisper-1").transcribe(tone(1), "", Deadline(5))
    assert (heard.text, heard.no_speech_prob) == ("", None)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.bad_key(), "authentication"),
        (faults.rate_limited(), "transient"),
        (faults.out_of_quota(), "quota"),
        (faults.overloaded(), "transient"),
        (faults.too_large(), "permanent"),
        (faults.cut(), "transient"),
        (faults.stall(), "timeout"),
    ],
)
def test_failures_are_classified_and_not_repeated(
    server: OpenAIServer, client: openai.OpenAI, fault: faults.Fault, kind: ErrorKind
) -> None:
    server.fail("transcription", fault)
    with pytest.raises(ProviderError) as caught:
        OpenAIRecogniser(client, "whisper-1").transcribe(tone(1), "", Deadline(0.5))
    assert caught.value.kind == kind
    assert server.count("transcription") == 1


def test_nothing_is_sent_when_no_time_is_left(server: OpenAIServer, client: openai.OpenAI) -> None:
    late = Deadline(10)
    late.cancel()
    with pytest.raises(ProviderError) as caught:
        OpenAIRecogniser(client, "whisper-1").transcribe(tone(1), "", late)
    assert caught.value.kind == "timeout"
    assert server.count("transcription") == 0


def test_utterances_share_one_connection(server: OpenAIServer, client: openai.OpenAI) -> None:
    recogniser = OpenAIRecogniser(client, "whisper-1")
    for _ in range(3):
        recogniser.transcribe(tone(0.2), "", Deadline(5))
    assert server.count("connections") == 1


def test_a_torn_sample_does_not_spoil_the_file() -> None:
    with wave.open(io.BytesIO(wav_file(tone(0.2) + b"\x01"))) as wav:
        assert wav.getnframes() == 1600
