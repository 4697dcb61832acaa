"""Every documented fault of SpeechKit's two protocols, before and in the middle of a sentence."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest

from bot.deadline import Deadline
from bot.errors import ErrorKind
from bot.tts.chain import SynthesiserChain
from bot.tts.guard import Guard
from bot.tts.yandex_account import Credentials
from bot.tts.yandex_grpc import YandexGrpc
from bot.tts.yandex_http import YandexHttp
from tests.lab.speechlike import speech_like
from tests.lab.yandex_plan import Plan
from tests.lab.yandex_rules import SERVICE_KEY
from tests.lab.yandex_server import YandexServer

LONG = "Гарантия на машину двенадцать месяцев, а продлить её можно до тридцати шести."
Protocol = Literal["grpc", "http"]
BEFORE = [
    ("unavailable", "transient"),
    ("internal", "transient"),
    ("quota", "quota"),
    ("forbidden", "authentication"),
    ("unknown_account", "authentication"),
    ("bad_request", "permanent"),
    ("late", "timeout"),
    ("stall", "late"),
]
ONLY_HTTP = [("cut", "transient"), ("garbage", "transient")]
MIDWAY = [
    ("unavailable_midway", "transient"),
    ("stall_midway", "timeout"),
    ("drip_midway", "timeout"),
]
PROTOCOLS: Sequence[Protocol] = ("grpc", "http")


class Voices:
    """A chain whose first voice is the one that will fail; the other stands by."""

    def __init__(self, yandex: YandexServer, first: Protocol) -> None:
        self.errors: list[tuple[str, ErrorKind]] = []
        self.replaced: list[str] = []
        self.clock = 1000.0
        account = Credentials(api_key=SERVICE_KEY)
        self._grpc = self._guard(YandexGrpc(account, yandex.grpc.target, insecure=True))
        self._http = self._guard(YandexHttp(account, yandex.http.url))
        order = [self._grpc, self._http] if first == "grpc" else [self._http, self._grpc]
        self.chain = SynthesiserChain(order, lambda _stage: None)
        self.failing: Plan = getattr(yandex, first).plan
        self.other: Plan = (yandex.http if first == "grpc" else yandex.grpc).plan

    def _guard(self, voice: YandexGrpc | YandexHttp) -> Guard:
        return Guard(
            voice, lambda name, kind: self.errors.append((name, kind)), lambda: self.clock,
            late_s=1.0, late_bounds_s=(1.0, 1.0),
        )  # fmt: skip

    def speak(self) -> bytes:
        said = self.chain.synthesise(LONG, Deadline(30), replaced=self.replaced.append)
        return b"".join(said)


@pytest.fixture(scope="module")
def service() -> Iterator[YandexServer]:
    with YandexServer() as running:
        yield running


@pytest.fixture
def yandex(service: YandexServer) -> YandexServer:
    for plan in (service.grpc.plan, service.http.plan):
        plan.change({"reset": True})
        plan.midway, plan.retry_after = 1, None
    return service


@pytest.mark.parametrize(
    ("first", "fault", "kind"),
    [(first, *one) for first in PROTOCOLS for one in BEFORE]
    + [("http", *one) for one in ONLY_HTTP],
)
def test_a_voice_that_does_not_begin_is_stood_in_for(
    yandex: YandexServer, first: Protocol, fault: Any, kind: str
) -> None:
    voices = Voices(yandex, first)
    voices.failing.faults = [fault]
    assert voices.speak() == speech_like(LONG)
    voices.chain.close()
    assert voices.replaced == [f"yandex-{first}: {kind}"]
    assert voices.errors == [(f"yandex-{first}", "timeout" if kind == "late" else kind)]


@pytest.mark.parametrize(
    ("first", "fault", "kind"), [(first, *one) for first in PROTOCOLS for one in MIDWAY]
)
def test_the_rest_of_a_broken_sentence_is_said_by_the_next_and_its_beginning_is_not(
    yandex: YandexServer, first: Protocol, fault: Any, kind: str
) -> None:
    voices = Voices(yandex, first)
    voices.failing.midway, voices.failing.faults = 4, [fault]
    heard = voices.speak()
    voices.chain.close()
    rest = voices.other.heard[0].text
    assert heard.endswith(speech_like(rest))
    assert 10 < len(rest) < len(LONG) - 10
    assert LONG.endswith(rest)
    assert voices.replaced == [f"yandex-{first}: {kind}"]


@pytest.mark.parametrize(("says", "asked_again_after_s"), [(None, 2.0), ("60", 60.0)])
def test_over_the_limit_a_voice_is_left_alone_until_the_service_says(
    yandex: YandexServer, says: str | None, asked_again_after_s: float
) -> None:
    voices = Voices(yandex, "http")
    voices.failing.retry_after, voices.failing.faults = says, ["quota"]
    voices.speak()
    voices.clock += asked_again_after_s - 0.5
    voices.speak()
    assert voices.failing.attempts == 1
    voices.clock += 0.6
    voices.speak()
    voices.chain.close()
    assert voices.failing.attempts == 2
