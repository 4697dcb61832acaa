"""``make demo``: everything on this machine, one real SIP call, and what came of it."""

import os
import shutil
import signal
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis
from dotenv import dotenv_values

from bot.records import STAGES
from bot.softphone.phone import Call, Phone
from tests.lab.admin import Admin
from tests.lab.asterisk import Asterisk
from tests.lab.ports import free_port
from tests.lab.redis import RedisServer
from tests.lab.voices import speak
from tests.lab.worker import REPO, Worker

CALLER = "+79610000001"
EXTENSION = "100"
QUESTIONS = ["Какой гарантийный срок на машину?", "А какое у неё напряжение питания?"]
ADMIN_PORT = 9000
ANSWER_TIMEOUT_S = 30.0
FOLDER = REPO / "data" / "demo"
PROVIDER_VARIABLES = ("OPENAI_", "ASR_", "LLM_", "EMBEDDINGS_", "TTS_", "YANDEX_")


class DemoError(Exception):
    """The caller got no answer; the message says why."""


class Steps:
    """What is going on, a line each, with the seconds since the start."""

    def __init__(self) -> None:
        self._began_at = time.monotonic()

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began_at:5.1f} s] {text}", flush=True)


def main() -> int:
    """Run the demo; 0 when the caller was answered. Nothing is left running, also on SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            _demo(stack, Steps())
    except (DemoError, RuntimeError) as error:
        print(f"demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped")
    return 0


def _demo(stack: ExitStack, steps: Steps) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    redis_url = _redis_url(stack)
    steps.say(f"Redis     {redis_url}")
    asterisk = stack.enter_context(Asterisk())
    steps.say(f"Asterisk  SIP 127.0.0.1:{asterisk.sip_port}, ARI {asterisk.http_url}")
    environment = _providers() | asterisk.environment() | {"REDIS_URL": redis_url}
    worker = stack.enter_context(Worker(environment, FOLDER))
    steps.say(f"worker    application {asterisk.ari_app}, log {_short(FOLDER / 'app.log')}")
    admin = stack.enter_context(Admin(worker.environment, _admin_port()))
    steps.say(f"admin     {admin.url}/logs-ui/")
    voices = speak(QUESTIONS)
    steps.say(f"call      {CALLER} dials {EXTENSION}")
    phone = stack.enter_context(Phone(asterisk.sip_server))
    seen = len(worker.calls())
    latencies = _talk(phone, voices, steps)
    call = worker.wait_for_call(seen)
    _print_transcript(call)
    _print_latencies(call, latencies)
    print(f"\nRecording of what the caller heard: {_short(FOLDER / 'call.wav')}")
    if not any(line.get("source") for line in call["lines"]):
        raise DemoError("no answer came from a knowledge base")
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(
            f"\nStill serving. Admin: {admin.url}/logs-ui/ — dial sip:{EXTENSION}@127.0.0.1:"
            f"{asterisk.sip_port} with a softphone on this machine. Ctrl-C ends it."
        )
        while True:
            time.sleep(1)


def _talk(phone: Phone, voices: list[bytes], steps: Steps) -> list[float]:
    """Hold the conversation; seconds from the end of each question to the first answer heard."""
    latencies = []
    with phone.dial(EXTENSION, caller_id=CALLER) as call:
        if call.wait_quiet(1.0, ANSWER_TIMEOUT_S) is None:
            raise DemoError("no greeting was heard")
        steps.say("caller    heard the greeting")
        for question, voice in zip(QUESTIONS, voices, strict=True):
            latencies.append(_ask(call, voice))
            steps.say(f"caller    «{question}» — heard an answer after {latencies[-1]:.2f} s")
            call.wait_quiet(1.5, ANSWER_TIMEOUT_S)
        call.save(FOLDER / "call.wav")
    return latencies


def _ask(call: Call, voice: bytes) -> float:
    call.play(voice)
    call.wait_played()
    asked_at = call.last_sent_speech_at or time.monotonic()
    answered_at = call.wait_speech(asked_at, ANSWER_TIMEOUT_S)
    if answered_at is None:
        raise DemoError(f"the caller heard nothing for {ANSWER_TIMEOUT_S:.0f} s after a question")
    return answered_at - asked_at


def _print_transcript(call: dict[str, Any]) -> None:
    print(f"\nCall {call['id']} from {call['callerId']}: {call['status']}\n")
    for line in call["lines"]:
        if line["role"] == "user":
            print(f"  caller     {line['text']}")
            if line["raw"] != line["text"]:
                print(f"             (recognised as: {line['raw']})")
        else:
            print(f"  assistant  [{line['source'] or line['kind']}] {line['text']}")


def _print_latencies(call: dict[str, Any], latencies: list[float]) -> None:
    answers = [line["timings_ms"] for line in call["lines"] if line.get("timings_ms")]
    print("\n  milliseconds      " + "".join(f"turn {n + 1:<5}" for n in range(len(answers))))
    for stage in STAGES:
        cells = "".join(
            f"{turn[stage]:<10.0f}" if stage in turn else f"{'–':<10}" for turn in answers
        )
        print(f"  {stage:<18}{cells}")
    print("  " + f"{'heard by caller':<18}" + "".join(f"{s * 1000:<10.0f}" for s in latencies))
    print("\n  answer = end of the caller's speech to the first audio sent;")
    print("  heard by caller = the same, measured on the caller's telephone")


def _providers() -> dict[str, str]:
    """The services' keys and choices of ``.env`` and the environment, and nothing else of them."""
    known = {key: value for key, value in dotenv_values(REPO / ".env").items() if value}
    known |= os.environ
    return {key: value for key, value in known.items() if key.startswith(PROVIDER_VARIABLES)}


def _redis_url(stack: ExitStack) -> str:
    """The configured Redis if it answers, else one of our own."""
    configured = os.environ.get("REDIS_URL")
    if configured:
        try:
            redis.Redis.from_url(configured, socket_timeout=1).ping()
        except redis.RedisError:
            print(f"REDIS_URL {configured} does not answer: starting one")
        else:
            return configured
    return stack.enter_context(RedisServer()).url


def _admin_port() -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", ADMIN_PORT))
        except OSError:
            return free_port()
    return ADMIN_PORT


def _short(path: Path) -> str:
    return str(path.relative_to(REPO))


if __name__ == "__main__":
    sys.exit(main())
