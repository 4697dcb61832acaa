"""Speech as a call gets it: kept per voice, trimmed, in frames, ready when it must be."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bot.audio import FRAME_BYTES, level_dbfs
from bot.cache import Cache
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.metrics import Metrics
from bot.settings import Settings
from bot.speech import Speech
from bot.tts.choose import choose_synthesiser
from tests.lab.speechlike import LEADING_SILENCE_S, speech_like
from tests.lab.yandex_server import YandexServer

SENTENCE = "Гарантия на машину двенадцать месяцев."
GREETING = "Здравствуйте, слушаю вас."


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture
def cache() -> Iterator[Cache]:
    """In-process: nothing answers at that Redis."""
    made = Cache("redis://127.0.0.1:1/0", Metrics(CollectorRegistry()))
    yield made
    made.close()


def make_speech(
    yandex: YandexServer, cache: Cache, path: str | None = None, **values: Any
) -> Speech:
    environment = {name.lower(): value for name, value in yandex.environment().items()}
    settings = Settings(_env_file=None, **(environment | values))  # type: ignore[call-arg]

    def ignore(_provider: str, _kind: ErrorKind) -> None:
        """Counted elsewhere."""

    return Speech(choose_synthesiser(settings, ignore, lambda _stage: None, path), cache)


@pytest.fixture
def speech(yandex: YandexServer, cache: Cache) -> Iterator[Speech]:
    made = make_speech(yandex, cache)
    yield made
    made.close()


def spoken(speech: Speech, text: str = SENTENCE) -> bytes:
    return b"".join(speech.speak(text, Deadline(30)))


def trimmed(text: str) -> bytes:
    """What must be left of the stand-in's speech, but for the fill of the last frame."""
    return speech_like(text)[round((LEADING_SILENCE_S - 0.02) * 8000) * 2 :]


def test_speech_begins_20_ms_before_its_first_sound(speech: Speech) -> None:
    heard = spoken(speech)
    assert heard.rstrip(b"\0") == trimmed(SENTENCE).rstrip(b"\0")
    assert level_dbfs(heard[:320]) == -100
    assert level_dbfs(heard[320:640]) > -40


def test_speech_comes_in_whole_frames(speech: Speech) -> None:
    chunks = list(speech.speak(SENTENCE, Deadline(30)))
    assert len(chunks) > 3
    assert all(chunk and len(chunk) % FRAME_BYTES == 0 for chunk in chunks)


def test_a_repeated_sentence_asks_no_service(yandex: YandexServer, speech: Speech) -> None:
    first = spoken(speech)
    assert spoken(speech, f"  {SENTENCE.replace(' ', '  ')} ") == first
    assert yandex.grpc.plan.attempts == 1


def test_another_voice_does_not_get_this_ones_speech(
    yandex: YandexServer, cache: Cache, speech: Speech
) -> None:
    spoken(speech)
    for options in ({"yandex_tts_voice": "jane"}, {"yandex_tts_speed": 1.2}):
        other = make_speech(yandex, cache, **options)
        spoken(other)
        other.close()
    assert [one.voice for one in yandex.grpc.plan.heard] == ["marina", "jane", "marina"]


def test_another_pace_is_another_sound_and_kept_too(yandex: YandexServer, speech: Speech) -> None:
    usual = spoken(speech)
    slow = [b"".join(speech.speak(SENTENCE, Deadline(30), 0.7)) for _ in range(2)]
    assert slow[0] == slow[1]
    assert len(slow[0]) > 1.3 * len(usual)
    assert spoken(speech) == usual
    assert [heard.speed for heard in yandex.grpc.plan.heard] == [1.0, 0.7]


def test_a_phrase_at_hand_is_of_the_normal_pace(speech: Speech) -> None:
    speech.prepare([GREETING])
    slow = b"".join(speech.speak(GREETING, Deadline(30), 0.7))
    assert speech.ready(GREETING) is not None
    assert len(slow) > 1.3 * len(speech.ready(GREETING) or b"")
    assert speech.ready(GREETING, 0.7) is None


def test_a_stand_bys_speech_is_not_given_for_the_preferred_voice(
    yandex: YandexServer, cache: Cache
) -> None:
    yandex.grpc.plan.faults = ["bad_request"]
    first = make_speech(yandex, cache, yandex_tts_http_voice="ermil")
    spoken(first)
    first.close()
    second = make_speech(yandex, cache, yandex_tts_http_voice="ermil")
    spoken(second)
    second.close()
    assert [one.voice for one in yandex.http.plan.heard] == ["ermil"]
    assert [one.voice for one in yandex.grpc.plan.heard] == ["marina"]


def test_what_is_kept_is_spoken_while_the_service_is_down(
    yandex: YandexServer, speech: Speech
) -> None:
    first = spoken(speech)
    yandex.grpc.refuse()
    assert spoken(speech) == first
    assert yandex.http.plan.attempts == 0


def test_a_sentence_that_two_voices_shared_is_not_kept(
    yandex: YandexServer, speech: Speech
) -> None:
    yandex.grpc.plan.midway = 4
    yandex.grpc.plan.faults = ["unavailable_midway"]
    assert spoken(speech)
    assert 0 < len(yandex.http.plan.heard[0].text) < len(SENTENCE)
    yandex.http.plan.faults = []
    assert spoken(speech).rstrip(b"\0") == trimmed(SENTENCE).rstrip(b"\0")


def test_a_kept_phrase_is_said_at_any_pace_when_no_voice_speaks(
    yandex: YandexServer, cache: Cache, tmp_path: Path
) -> None:
    speech = make_speech(yandex, cache, path=str(tmp_path))
    speech.prepare([GREETING])
    yandex.close()
    slowly = b"".join(speech.speak(GREETING, Deadline(30), pace=0.85))
    assert slowly.rstrip(b"\0") == trimmed(GREETING).rstrip(b"\0")
    with pytest.raises(ProviderError):
        spoken(speech, SENTENCE)
    speech.close()
    yandex.grpc.open()
    yandex.http.open()


def test_a_sentence_that_nobody_listened_to_the_end_is_not_kept(
    yandex: YandexServer, speech: Speech
) -> None:
    yandex.grpc.plan.realtime_factor = 0.2
    chunks = speech.speak(SENTENCE, Deadline(30))
    assert next(chunks)
    chunks.close()
    give_up_at = time.monotonic() + 30
    while not yandex.grpc.plan.cancelled and time.monotonic() < give_up_at:
        time.sleep(0.01)
    assert spoken(speech).rstrip(b"\0") == trimmed(SENTENCE).rstrip(b"\0")
    assert yandex.grpc.plan.attempts == 2


def test_callers_who_want_the_same_sentence_at_once_cost_one_request(
    yandex: YandexServer, speech: Speech
) -> None:
    yandex.grpc.plan.latency_s = 0.5
    heard: list[bytes] = []
    threads = [threading.Thread(target=lambda: heard.append(spoken(speech))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8
    assert len(set(heard)) == 1
    assert yandex.grpc.plan.attempts == 1


def test_a_prepared_phrase_needs_neither_service_nor_cache(
    yandex: YandexServer, speech: Speech
) -> None:
    assert speech.prepare([GREETING, SENTENCE]) == 2
    yandex.close()
    chunks = list(speech.speak(GREETING, Deadline(0.001)))
    assert b"".join(chunks).rstrip(b"\0") == trimmed(GREETING).rstrip(b"\0")
    yandex.grpc.open()
    yandex.http.open()


def test_a_phrase_that_cannot_be_prepared_stops_nothing(
    yandex: YandexServer, speech: Speech, caplog: pytest.LogCaptureFixture
) -> None:
    yandex.grpc.plan.midway = 4
    yandex.grpc.plan.faults = ["unavailable_midway"]
    assert speech.prepare([GREETING, SENTENCE]) == 1
    assert "phrase_not_prepared" in caplog.text
    assert GREETING not in caplog.text


def test_a_text_without_words_is_no_speech(speech: Speech) -> None:
    assert list(speech.speak("…", Deadline(30))) == []
