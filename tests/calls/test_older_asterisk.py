"""Whole calls on Asterisks without chan_websocket: the same agent, the same log."""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pytest

from bot.checks.check import examine
from bot.checks.telephony import ASTERISK
from bot.softphone.phone import Call, Phone
from tests.agent.parts import lab_settings
from tests.calls.dialogue import ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.asterisk_tree import NEWEST, OLDEST, Release
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker

WAYS: dict[str, tuple[Release, tuple[str, ...]]] = {
    "audiosocket": (NEWEST, ("chan_websocket",)),
    "rtp": (OLDEST, ()),
}
LONG_ANSWER = " ".join(
    f"Это предложение номер {number} очень длинного ответа о машинах.|" for number in range(1, 13)
)
NOISE = np.random.default_rng(3).normal(0, 5000, 2400).astype("<i2").tobytes()
STATES = ("set-up", "speaking", "paused", "listening")
CALLER = "+79610000007"
Each = TypeVar("Each")
Result = TypeVar("Result")


class Installation(NamedTuple):
    """A telephone system of a customer's, with our worker on it."""

    way: str
    asterisk: Asterisk
    worker: Worker
    phone: Phone


@pytest.fixture(scope="module")
def older(
    cloud: dict[str, str], redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Installation]]:
    """Both ways at once: a test waits for the slower one alone."""
    with ExitStack() as stack:

        def install(way: str) -> Installation:
            release, left_out = WAYS[way]
            asterisk = stack.enter_context(Asterisk(release=release, left_out=left_out))
            environment = asterisk.environment() | {"REDIS_URL": redis_server.url} | cloud
            folder = tmp_path_factory.mktemp(f"worker-{way}")
            worker = stack.enter_context(Worker(environment, folder))
            return Installation(
                way, asterisk, worker, stack.enter_context(Phone(asterisk.sip_server))
            )

        yield at_once(install, list(WAYS))


def at_once(do: Callable[[Each], Result], each: list[Each]) -> list[Result]:
    """Do it for each of them at the same time."""
    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(do, each))


def test_callers_are_greeted_answered_interrupted_and_not_by_noise(
    older: list[Installation], openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.forget()
    openai_service.plan.transcript = "Какой у вас гарантийный срок?"
    openai_service.answer(LONG_ANSWER)
    calls = at_once(lambda one: one.phone.dial("100", caller_id=CALLER), older)
    at_once(hear_greeting, calls)
    at_once(lambda call: ask(call, words), calls)
    time.sleep(1.0)
    for call in calls:
        call.play(NOISE)
    time.sleep(1.2)
    for call in calls:
        assert call.wait_speech(time.monotonic(), 10.0) is not None, "not resumed"
    openai_service.plan.transcript = "Сколько стоит доставка?"
    openai_service.forget()
    at_once(lambda call: ask(call, words), calls)
    at_once(hear_out, calls)
    at_once(Call.hangup, calls)
    for one in older:
        _check_record(one)


def _check_record(one: Installation) -> None:
    chosen = one.worker.wait_for_log("media leg chosen")
    assert f"leg={one.way} asterisk={one.asterisk.tree.version()}" in chosen
    assert "websocket needs" in chosen
    record = one.worker.wait_for_call()
    assert (record["callerId"], record["status"]) == (CALLER, "Completed")
    assert [(line["role"], line.get("interrupted", False)) for line in record["lines"]] == [
        ("bot", False), ("user", False), ("bot", True), ("user", False), ("bot", False),
    ]  # fmt: skip
    _, _, stopped, question, answer = record["lines"]
    assert 0 < len(stopped["heard"]) < len(stopped["text"])
    assert question["text"] == "Сколько стоит доставка?"
    assert answer["source"] == "general"
    assert "доставк" in answer["text"].lower()


def test_a_leg_that_is_lost_in_a_call_is_replaced(older: list[Installation]) -> None:
    calls = at_once(lambda one: one.phone.dial("100"), older)
    for one, call in zip(older, calls, strict=True):
        assert call.wait_speech(call.answered_at, 20.0) is not None
        (leg,) = (each for each in one.asterisk.channels() if each["id"].startswith("mv-leg-"))
        one.asterisk.console(f"channel request hangup {leg['name']}")
        one.worker.wait_for_log("media leg renewed")
        assert call.wait_speech(time.monotonic(), 20.0) is not None, "not heard any more"
    at_once(Call.hangup, calls)


def test_hanging_up_in_any_state_from_either_side_leaves_nothing(
    older: list[Installation], openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.forget()
    seen = [len(one.worker.calls()) for one in older]
    _end_in_every_state(older, words, first_by_us=True)
    before = [one.worker.footprint() for one in older]  # pools have grown as far as they will
    _end_in_every_state(older, words, first_by_us=False)
    for one, calls, (threads, sockets) in zip(older, seen, before, strict=True):
        for number in range(calls, calls + 2 * len(STATES)):
            status = one.worker.wait_for_call(number)["status"]
            assert status in ("Completed", "NoInput", "Abandoned")
        assert _settled(one.worker, (threads, sockets)) == (True, True)


def _end_in_every_state(older: list[Installation], words: bytes, *, first_by_us: bool) -> None:
    """As many calls at once, every second one ended by Asterisk; nothing of them is left there."""
    ends = [
        (one, state, first_by_us is (number % 2 == 0))
        for one in older
        for number, state in enumerate(STATES)
    ]
    at_once(lambda end: _end_in(*end, words), ends)
    assert [one.asterisk.left_behind() for one in older] == [[], []]


def _end_in(one: Installation, state: str, by_us: bool, words: bytes) -> None:
    """Call, and have the call end in the given state, from our side or from Asterisk's."""
    call = one.phone.dial("100", caller_id=f"{state}-{by_us}")
    if state in ("speaking", "paused"):
        assert call.wait_speech(call.answered_at, 20.0) is not None
    if state == "paused":
        call.play(words)
        time.sleep(0.4)
    if state == "listening":
        hear_greeting(call)
    if by_us:
        assert call.hangup()
    else:
        _hang_up_in_asterisk(one.asterisk, f"{state}-{by_us}", call)


def _hang_up_in_asterisk(asterisk: Asterisk, caller: str, call: Call) -> None:
    channels = [each["name"] for each in asterisk.channels() if each["caller"]["number"] == caller]
    asterisk.console(f"channel request hangup {channels[0]}")
    assert call.ended.wait(30.0)
    assert call.ended_by == "them"


def _settled(worker: Worker, most: tuple[int, int]) -> tuple[bool, bool]:
    """Whether threads and sockets fall to what they were, or below."""
    give_up_at = time.monotonic() + 30.0
    while True:
        threads, sockets = worker.footprint()
        well = (threads <= most[0], sockets <= most[1])
        if all(well) or time.monotonic() > give_up_at:
            return well
        time.sleep(0.1)


def test_an_asterisk_with_no_way_for_sound_is_refused_in_one_line(tmp_path: Path) -> None:
    with Asterisk(release=OLDEST, left_out=("chan_rtp",)) as asterisk:
        worker = Worker(asterisk.environment(), tmp_path)
        started = subprocess.run(
            worker.command, env=worker.environment, cwd=tmp_path, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        named = {name.lower(): value for name, value in asterisk.environment().items()}
        found = examine(ASTERISK, lab_settings(tmp_path, **named))
    assert started.returncode == 2
    (line,) = [line for line in started.stderr.splitlines() if line.startswith("bot: ")]
    assert "has no way for sound" in line
    assert "rtp needs chan_rtp loaded" in line
    assert not found.ok
    assert "rtp needs chan_rtp loaded" in found.detail
    assert "chan_rtp.so" in found.advice
