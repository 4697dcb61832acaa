"""Recognition: the requests to OpenAI by model family, and Whisper on this machine."""

import io
import shutil
import subprocess
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openai
import pytest
from numpy.typing import NDArray

from bot.asr.bundled import SHA256, bundled_whisper, cache_folder
from bot.asr.local import LocalRecogniser, gain, most_tokens, waveform
from bot.asr.openai import OpenAIRecogniser, keywords, wav_file
from bot.audio import RATE_HZ, level_dbfs, samples, silence
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError, SettingError
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


# ---- OpenAI


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


# ---- this machine


@pytest.fixture(scope="module")
def local() -> LocalRecogniser:
    recogniser = LocalRecogniser()
    recogniser.warm_up()
    return recogniser


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A question by a synthetic caller, with the pause before and after that a call has."""
    folder = tmp_path_factory.mktemp("speech")
    raw, wav = folder / "raw.wav", folder / "question.wav"
    text = "Как с вами связаться и где вы находитесь?\n".encode()
    voice = ["text2wave", "-eval", "(voice_msu_ru_nsh_clunits)", "-o", str(raw)]
    subprocess.run(voice, input=text, check=True, capture_output=True, timeout=60)
    resample = ["sox", str(raw), "-r", "8000", "-c", "1", "-b", "16", str(wav)]
    subprocess.run([*resample, "pad", "0.5", "0.3"], check=True, timeout=60)
    with wave.open(str(wav), "rb") as file:
        return file.readframes(file.getnframes())


def quieter(pcm: bytes, by_db: float) -> bytes:
    softer: NDArray[np.int16] = np.multiply(samples(pcm), 10 ** (-by_db / 20)).astype("<i2")
    return softer.tobytes()


@pytest.mark.parametrize("by_db", [0, 30])
def test_russian_is_understood_on_loud_and_on_quiet_lines(
    local: LocalRecogniser, spoken: bytes, by_db: float
) -> None:
    heard = local.transcribe(quieter(spoken, by_db), "", Deadline(60))
    assert "связаться" in heard.text.lower()
    assert "находитесь" in heard.text.lower()
    assert heard.no_speech_prob is not None
    assert heard.no_speech_prob < 0.3


def test_clips_on_both_sides_of_the_short_window_are_read_to_the_end(
    local: LocalRecogniser, spoken: bytes
) -> None:
    for pause_s in (13.2, 14.0):
        pcm = silence(pause_s - len(spoken) / 16000) + spoken
        assert "находитесь" in local.transcribe(pcm, "", Deadline(60)).text.lower()


def test_the_hint_is_used_only_by_who_asks_for_it(local: LocalRecogniser, spoken: bytes) -> None:
    misleading = "Бетховен, Моцарт, Чайковский, Бетховен, Моцарт, Чайковский"
    plain = local.transcribe(spoken, "", Deadline(60))
    assert local.transcribe(spoken, misleading, Deadline(60)) == plain
    hinted = LocalRecogniser(use_hint=True).transcribe(spoken, misleading, Deadline(60))
    assert hinted.no_speech_prob != plain.no_speech_prob


def test_silence_and_noise_are_told_by_their_probability(local: LocalRecogniser) -> None:
    noise = np.random.default_rng(1).normal(0, 300, 24_000).astype("<i2").tobytes()
    for pcm in (silence(2), noise):
        heard = local.transcribe(pcm, "", Deadline(60))
        assert not heard.text or (heard.no_speech_prob or 0.0) > 0.6


def test_next_to_nothing_is_not_recognised_at_all() -> None:
    unloadable = LocalRecogniser("/no/such/model")
    assert unloadable.transcribe(tone(0.05), "", Deadline(5)).text == ""


def test_a_call_that_waits_for_a_recogniser_gives_up_in_time(
    local: LocalRecogniser, spoken: bytes
) -> None:
    with pytest.raises(ProviderError) as caught:
        local.transcribe(spoken, "", Deadline(0.0))
    assert caught.value.kind == "timeout"


def test_more_callers_than_recognisers_are_all_served(
    local: LocalRecogniser, spoken: bytes
) -> None:
    texts: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: texts.append(local.transcribe(spoken, "", Deadline(60)).text)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 4
    assert len(set(texts)) == 1


@pytest.mark.parametrize("model", ["/no/such/folder", "./nowhere"])
def test_a_model_that_is_not_there_names_the_setting(model: str) -> None:
    with pytest.raises(SettingError, match="ASR_LOCAL_MODEL"):
        LocalRecogniser(model).warm_up()


def test_a_folder_without_a_model_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="ASR_LOCAL_MODEL"):
        LocalRecogniser(str(tmp_path)).warm_up()


def test_a_folder_with_a_model_is_used_as_it_is(tmp_path: Path, spoken: bytes) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(bundled_whisper(cache_folder()), folder)
    heard = LocalRecogniser(str(folder)).transcribe(spoken, "", Deadline(60))
    assert "связаться" in heard.text.lower()


# ---- the weights


def test_weights_are_joined_once_and_mended_when_damaged(tmp_path: Path) -> None:
    folder = bundled_whisper(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(SHA256)
    made = (folder / "model.bin").stat().st_mtime_ns
    assert bundled_whisper(tmp_path) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made
    with (folder / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damage")
    assert bundled_whisper(tmp_path) == folder
    assert (folder / "model.bin").stat().st_mtime_ns != made
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_processes_that_join_the_weights_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    folders: list[Path] = []
    threads = [
        threading.Thread(target=lambda: folders.append(bundled_whisper(tmp_path))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folders) == 3
    assert [path.name for path in tmp_path.iterdir()] == [folders[0].name]


# ---- the waveform


def test_quiet_speech_is_lifted_and_loud_speech_left_alone() -> None:
    quiet, loud = tone(1, amplitude=100), tone(1, amplitude=20_000)
    lifted = (np.clip(waveform(quiet), -1, 1) * 32767).astype("<i2").tobytes()
    assert level_dbfs(lifted) == pytest.approx(-23, abs=1)
    assert np.abs(waveform(loud)).max() == pytest.approx(20_000 / 32768, rel=0.05)


def test_lifting_never_clips_and_never_divides_by_nothing() -> None:
    click = np.zeros(8000, dtype=np.float32)
    click[4000] = 0.5
    assert gain(click + np.float32(0.001)) <= 0.95 / 0.5
    assert gain(np.zeros(8000, dtype=np.float32)) == 1.0
    assert gain(np.zeros(10, dtype=np.float32)) == 1.0


def test_the_wave_is_twice_as_many_samples() -> None:
    assert len(waveform(tone(1))) == 16_000


def test_a_text_is_never_longer_than_the_decoder_takes() -> None:
    assert most_tokens(0.2) >= 20
    assert most_tokens(600.0) == 200


def test_a_torn_sample_does_not_spoil_the_file() -> None:
    with wave.open(io.BytesIO(wav_file(tone(0.2) + b"\x01"))) as wav:
        assert wav.getnframes() == 1600
