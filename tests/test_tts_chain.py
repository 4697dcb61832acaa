"""Voices standing by for each other: strict stand-ins, real local voices, no mock."""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.audio import duration_s
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError, SettingError
from bot.failover.breaker import ADJUST_S, REST_S
from bot.settings import Settings
from bot.tts.chain import SynthesiserChain
from bot.tts.choose import choose_synthesiser
from bot.tts.guard import Guard
from bot.tts.yandex_account import Credentials
from bot.tts.yandex_http import YandexHttp
from tests.lab import yandex_rules as rules
from tests.lab.speechlike import CHARACTER_S, speech_like
from tests.lab.yandex_server import YandexServer

SENTENCE = "Гарантия на машину двенадцать месяцев."


class Tally:
    """What the chain reported."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []
        self.fallbacks: list[str] = []

    def error(self, provider: str, kind: ErrorKind) -> None:
        self.errors.append((provider, kind))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture
def tally() -> Tally:
    return Tally()


def settings(yandex: YandexServer, **values: Any) -> Settings:
    environment = {name.lower(): value for name, value in yandex.environment().items()}
    return Settings(_env_file=None, **(environment | values))  # type: ignore[call-arg]


@pytest.fixture
def chain(yandex: YandexServer, tally: Tally) -> Iterator[SynthesiserChain]:
    made = choose_synthesiser(settings(yandex), tally.error, tally.fallbacks.append)
    yield made
    made.close()


def spoken(voice: SynthesiserChain | Guard, seconds: float = 30.0) -> bytes:
    return b"".join(voice.synthesise(SENTENCE, Deadline(seconds)))


def test_grpc_speaks_and_nothing_else_is_asked(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally
) -> None:
    assert spoken(chain) == speech_like(SENTENCE)
    assert (yandex.grpc.plan.completed, yandex.http.plan.attempts) == (1, 0)
    assert (tally.errors, tally.fallbacks) == ([], [])


@pytest.mark.parametrize("fault", ["unavailable", "internal", "quota", "stall"])
def test_http_speaks_when_grpc_gives_no_audio(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally, fault: Any
) -> None:
    yandex.grpc.plan.always = fault
    assert spoken(chain) == speech_like(SENTENCE)
    assert yandex.http.plan.completed == 1
    assert [provider for provider, _kind in tally.errors] == ["yandex-grpc"]
    assert tally.fallbacks == ["tts"]


def test_http_speaks_as_well_when_grpc_is_late_and_grpc_then_rests(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally
) -> None:
    yandex.grpc.plan.latency_s = 20.0
    replaced: list[str] = []
    began = time.monotonic()
    for _ in range(3):
        heard = b"".join(chain.synthesise(SENTENCE, Deadline(30), replaced=replaced.append))
        assert heard == speech_like(SENTENCE)
    assert time.monotonic() - began < 19
    assert (yandex.grpc.plan.attempts, yandex.http.plan.completed) == (1, 3)
    assert tally.errors == [("yandex-grpc", "timeout")]
    assert replaced == ["yandex-grpc: late", *["yandex-grpc: timeout"] * 2]


def test_http_speaks_when_the_grpc_port_refuses(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally
) -> None:
    yandex.grpc.refuse()
    assert spoken(chain) == speech_like(SENTENCE)
    assert tally.errors == [("yandex-grpc", "transient")]


def test_the_local_voice_speaks_when_yandex_is_gone(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally
) -> None:
    yandex.grpc.refuse()
    yandex.http.refuse()
    assert duration_s(spoken(chain)) > 1.5
    assert [provider for provider, _kind in tally.errors] == ["yandex-grpc", "yandex-http"]
    assert tally.fallbacks == ["tts"]


LONG = "Гарантия на машину двенадцать месяцев, а продлить её можно до тридцати шести."
CHUNKS_HEARD_S = 0.13 + 0.37 + 0.05 + 0.61


@pytest.mark.parametrize("fault", ["unavailable_midway", "stall_midway", "drip_midway"])
def test_the_rest_of_a_sentence_that_broke_off_is_said_by_the_next_voice_and_nothing_twice(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally, fault: Any
) -> None:
    spoken(chain)  # tells how fast the voice speaks
    yandex.grpc.plan.midway, yandex.grpc.plan.faults = 4, [fault]
    replaced: list[str] = []
    heard = b"".join(chain.synthesise(LONG, Deadline(30), replaced=replaced.append))
    rest = yandex.http.plan.heard[0].text
    began = LONG.removesuffix(rest)
    assert 0 < len(began) < len(LONG)
    assert began.endswith(" ")
    broke_off_at = CHUNKS_HEARD_S / CHARACTER_S
    assert abs(len(began) - broke_off_at) < 12
    assert heard.endswith(speech_like(rest))
    assert heard.startswith(speech_like(LONG)[: round(CHUNKS_HEARD_S * 16_000)])
    kind = "transient" if fault == "unavailable_midway" else "timeout"
    assert (replaced, tally.fallbacks) == ([f"yandex-grpc: {kind}"], ["tts"])


def test_a_refused_account_is_said_once_and_not_tried_with_each_sentence(
    yandex: YandexServer, tally: Tally, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = settings(yandex, yandex_api_key="AQVN-wrong")
    chain = choose_synthesiser(wrong, tally.error, tally.fallbacks.append)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            assert spoken(chain)
    chain.close()
    assert (yandex.grpc.plan.attempts, yandex.http.plan.attempts) == (1, 1)
    assert tally.errors == [("yandex-grpc", "authentication"), ("yandex-http", "authentication")]
    assert len(tally.fallbacks) == 4
    said = [line for line in caplog.messages if "service_failed" in line]
    assert len(said) == 2
    assert "AQVN-wrong" not in caplog.text


def test_a_wrong_voice_is_tried_once_and_the_stand_by_speaks(
    yandex: YandexServer, tally: Tally
) -> None:
    wrong = settings(yandex, yandex_tts_voice="levitan")
    chain = choose_synthesiser(wrong, tally.error, tally.fallbacks.append)
    assert [spoken(chain) for _ in range(3)] == [speech_like(SENTENCE)] * 3
    chain.close()
    assert (yandex.grpc.plan.attempts, yandex.http.plan.attempts) == (1, 3)
    assert tally.errors == [("yandex-grpc", "permanent")]


def test_a_sentence_refused_by_a_proven_voice_does_not_silence_that_voice(
    yandex: YandexServer, chain: SynthesiserChain
) -> None:
    spoken(chain)
    yandex.grpc.plan.faults = ["bad_request"]
    spoken(chain)
    spoken(chain)
    assert (yandex.grpc.plan.attempts, yandex.http.plan.attempts) == (3, 1)


def test_when_all_fail_the_last_error_is_raised(yandex: YandexServer, tally: Tally) -> None:
    yandex.grpc.refuse()
    yandex.http.refuse()
    chain = choose_synthesiser(
        settings(yandex), tally.error, tally.fallbacks.append, path="/nonexistent"
    )
    with pytest.raises(ProviderError, match=r"^yandex-http"):
        spoken(chain)
    chain.close()


def test_nobody_else_is_asked_once_the_sentence_is_called_off(
    yandex: YandexServer, chain: SynthesiserChain, tally: Tally
) -> None:
    yandex.grpc.plan.always = "stall"
    deadline = Deadline(30)
    threading.Timer(0.2, deadline.cancel).start()
    with pytest.raises(ProviderError):
        list(chain.synthesise(SENTENCE, deadline))
    assert yandex.http.plan.attempts == 0
    assert tally.errors == [], "a caller who interrupts is no failure of the service"


def test_a_text_without_words_asks_nobody(yandex: YandexServer, chain: SynthesiserChain) -> None:
    assert list(chain.synthesise("…", Deadline(30))) == []
    assert (yandex.grpc.plan.attempts, yandex.http.plan.attempts) == (0, 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(yandex: YandexServer, tally: Tally, clock: Clock) -> Iterator[Guard]:
    """One voice over HTTP, with a clock that the test moves."""
    voice = YandexHttp(Credentials(api_key=rules.SERVICE_KEY), yandex.http.url)
    guarded = Guard(voice, tally.error, clock)
    yield guarded
    guarded.close()


def fail(guard: Guard) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        spoken(guard)
    return caught.value


def test_a_voice_that_failed_rests_and_is_then_tried_again(
    yandex: YandexServer, guard: Guard, clock: Clock
) -> None:
    yandex.http.plan.faults = ["unavailable"]
    fail(guard)
    assert "rests" in str(fail(guard))
    assert (yandex.http.plan.attempts, guard.service.resting) == (1, True)
    clock.now += REST_S
    assert spoken(guard)
    assert not guard.service.resting


def test_rests_grow_while_the_service_stays_away_and_shrink_when_it_is_back(
    yandex: YandexServer, guard: Guard, clock: Clock
) -> None:
    yandex.http.plan.always = "unavailable"
    for rest_s in (2, 4, 8, 16, 30, 30):
        fail(guard)
        clock.now += rest_s - 0.1
        assert "rests" in str(fail(guard))
        clock.now += 0.1
    assert yandex.http.plan.attempts == 6
    yandex.http.plan.always = None
    assert spoken(guard)
    yandex.http.plan.faults = ["unavailable"]
    fail(guard)
    clock.now += REST_S
    assert spoken(guard)


def test_only_one_sentence_tries_whether_a_resting_voice_is_back(
    yandex: YandexServer, guard: Guard, clock: Clock
) -> None:
    yandex.http.plan.faults = ["unavailable"]
    fail(guard)
    clock.now += REST_S
    first = guard.synthesise(SENTENCE, Deadline(30))
    yandex.http.plan.latency_s = 0.5
    trying = threading.Thread(target=lambda: list(first))
    trying.start()
    while yandex.http.plan.attempts < 2:
        trying.join(0.01)
    assert "rests" in str(fail(guard))
    trying.join()
    assert spoken(guard)
    assert yandex.http.plan.attempts == 3


def test_a_refused_account_rests_ten_minutes(
    yandex: YandexServer, guard: Guard, clock: Clock
) -> None:
    yandex.http.plan.faults = ["forbidden"]
    assert fail(guard).kind == "authentication"
    clock.now += ADJUST_S - 1
    assert fail(guard).kind == "authentication"
    clock.now += 1
    assert spoken(guard)


def test_yandex_is_chosen_by_its_key_and_the_local_voice_without_one(
    yandex: YandexServer, tally: Tally
) -> None:
    keyed = choose_synthesiser(settings(yandex), tally.error, tally.fallbacks.append)
    local = choose_synthesiser(
        settings(yandex, yandex_api_key=None), tally.error, tally.fallbacks.append
    )
    assert keyed.voice_key.startswith("yandex-grpc:marina")
    assert local.voice_key.startswith("festival:")
    assert spoken(local)
    keyed.close()
    local.close()


def test_no_local_voice_where_it_is_needed_names_the_packages(
    yandex: YandexServer, tally: Tally
) -> None:
    with pytest.raises(SettingError, match=r"^TTS_PROVIDER: .*festival and festvox-ru"):
        choose_synthesiser(
            settings(yandex, tts_provider="local"),
            tally.error,
            tally.fallbacks.append,
            path="/nonexistent",
        )


def test_espeak_speaks_when_festival_cannot_be_started(
    yandex: YandexServer, tally: Tally, tmp_path: Any
) -> None:
    (tmp_path / "festival").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "festival").chmod(0o755)
    (tmp_path / "espeak-ng").symlink_to("/usr/bin/espeak-ng")
    local = settings(yandex, tts_provider="local")
    chain = choose_synthesiser(local, tally.error, tally.fallbacks.append, path=str(tmp_path))
    chain.warm_up()
    assert duration_s(spoken(chain)) > 1
    assert tally.errors == [("festival", "transient")]
    chain.close()
