"""Recognition on this machine: real weights, real speech, and the waveform before them."""

import shutil
import subprocess
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.asr.bundled import SHA256, bundled_whisper, cache_folder
from bot.asr.local import LocalRecogniser, gain, most_tokens, waveform
from bot.audio import RATE_HZ, level_dbfs, samples, silence
from bot.deadline import Deadline
from bot.errors import ProviderError, SettingError


def tone(seconds: float, amplitude: float = 3000.0) -> bytes:
    steps = np.arange(int(seconds * RATE_HZ))
    wave_form: NDArray[np.int16] = (amplitude * np.sin(steps * 0.7)).astype("<i2")
    return wave_form.tobytes()


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


@pytest.mark.parametrize("model", ["/no/such/folder", "./nowhere", "no-such-name"])
def test_a_model_that_is_not_there_names_the_setting(model: str) -> None:
    with pytest.raises(SettingError, match=r"^ASR_LOCAL_MODEL: [^\n]+$"):
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
