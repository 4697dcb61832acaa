"""Turns measured on the caller's telephone: a question, a repeated one, an interruption."""

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bot.softphone.phone import Call, Phone
from tests.bench.behaviours.voice import Voices
from tests.bench.figures import Figure, NotMetError, figure
from tests.bench.hearing import AT_LENGTH
from tests.bench.services import ASR_S, FIRST_TOKEN_S, TOKEN_S, TTS_S, Services
from tests.lab.openai_chat import tokens
from tests.lab.worker import Worker

PATIENCE_S = 30.0
CALLS = 4
"""At once, while turns and interruptions are measured."""
MODELS = ("РЭМ-5", "РЭМ-10", "РЭМ-50", "РЭМ-100", "РЭМ-200", "РЭМ-300", "РЭМ-600", "РГМ-1000")


@dataclass(frozen=True)
class Turn:
    """One answered question, in seconds; the services' own times are known."""

    heard_s: float
    """End of the caller's speech to the first sound of the answer, on the telephone."""
    endpoint_s: float
    """End of the caller's speech to the decision that the turn is over."""
    overhead_s: float
    """From when it could have been heard at the earliest, by the services' own times, to then."""


class Caller:
    """Asks different questions, so that no answer is kept already."""

    def __init__(self, services: Services, worker: Worker, phone: Phone, words: bytes) -> None:
        self.services = services
        self.worker = worker
        self.phone = phone
        self.words = words
        self._numbers = itertools.count(1)

    def prepare(self, long: bool = False, words: bytes | None = None) -> str:
        """The next question: what ``words``, or our own, say from now on."""
        number = next(self._numbers)
        begins = f"{AT_LENGTH}, сколько" if long else "Сколько"
        question = f"{begins} стоит {MODELS[number % len(MODELS)]}, если взять {number} штук?"
        self.services.means(words or self.words, question)
        return question

    def dial(self, name: str = "bench") -> Call:
        """Call, and wait for the greeting to end."""
        call = self.phone.dial("100", caller_id=name)
        if call.wait_speech(call.answered_at, PATIENCE_S) is None:
            raise NotMetError("no greeting")
        call.wait_quiet(0.8, PATIENCE_S)
        return call

    def ask(self, call: Call, words: bytes | None = None) -> tuple[float, float]:
        """Speak; monotonic times of our last word and of the answer's first sound."""
        call.play(words or self.words)
        call.wait_played()
        asked_at = call.last_sent_speech_at
        if asked_at is None or (heard_at := call.wait_speech(asked_at, PATIENCE_S)) is None:
            raise NotMetError("no answer")
        return asked_at, heard_at


def measure_turns(caller: Caller, turns: int, calls: int = CALLS) -> list[Turn]:
    """Different questions, each answered whole, shared among a few calls to save time."""
    voices = Voices()
    breaths = [voices.breath() for _ in range(calls)]
    with ThreadPoolExecutor(calls) as pool:
        parts = pool.map(lambda words: _turns_of_one_call(caller, turns // calls, words), breaths)
        return [turn for part in parts for turn in part]


def _turns_of_one_call(caller: Caller, turns: int, words: bytes) -> list[Turn]:
    """One caller, with a voice of their own: each asks questions that nobody else asks."""
    heard = []
    name = f"bench-{time.monotonic_ns()}"
    call = caller.dial(name)
    for _ in range(turns):
        caller.prepare(words=words)
        heard.append(caller.ask(call, words))
        call.wait_quiet(1.0, PATIENCE_S)
    call.hangup()
    lines = _answers(caller.worker, name)
    if len(lines) != turns:
        raise NotMetError(f"{len(lines)} answers to {turns} questions are on record")
    if not all(line["source"] for line in lines):
        raise RuntimeError("a question was refused: refusing takes no model's time")
    return [_turn(asked, at, line) for (asked, at), line in zip(heard, lines, strict=True)]


def _turn(asked_at: float, heard_at: float, line: dict[str, object]) -> Turn:
    """Take one turn apart: the record's wall clock against the telephone's monotonic one."""
    since_voice = _moments(line)
    sent_at = datetime.fromisoformat(str(line["at"])).timestamp() - time.time() + time.monotonic()
    heard = since_voice["answer"] + heard_at - sent_at
    first = re.split(r"(?<=\.) ", str(line["text"]))[0] + "|"
    services_s = FIRST_TOKEN_S + (len(tokens(first)) - 1) * TOKEN_S + TTS_S
    heard_s, committed = heard_at - asked_at, since_voice["endpoint"]
    after_commit_s = heard - committed
    return Turn(heard_s, heard_s - after_commit_s, heard - _possible(since_voice, services_s))


def _possible(since_voice: dict[str, float], services_s: float) -> float:
    """When the answer could have been heard at the earliest, had we taken no time ourselves.

    What was begun before the commit (speculation) counts from the recogniser's answer, what was
    begun after it from the commit; and nothing may be heard before the commit.
    """
    committed = since_voice["endpoint"]
    ahead = since_voice["asked"] < committed
    began = since_voice["asr"] + ASR_S if ahead else committed
    return max(committed, began + services_s)


def _moments(line: dict[str, object]) -> dict[str, float]:
    """Seconds since the end of the caller's voice, as the record has them."""
    timings, starts = line["timings_ms"], line["starts_ms"]
    if not isinstance(timings, dict) or not isinstance(starts, dict):
        raise TypeError("a turn without timings")
    return {
        "asr": starts["asr"] / 1000,
        "asked": starts["llm_first_token"] / 1000,
        "endpoint": timings["endpoint"] / 1000,
        "answer": timings["answer"] / 1000,
    }


def turn_figures(turns: list[Turn]) -> list[Figure]:
    """The rows about ordinary turns."""
    return [
        figure(
            "1 end of question → first sound", "s", [t.heard_s for t in turns], p50_at_most=1.15
        ),
        figure("… of it: endpoint decision", "s", [t.endpoint_s for t in turns]),
        figure(
            "… of it: own overhead",
            "ms",
            [t.overhead_s * 1000 for t in turns],
            p95_at_most=60,
        ),
    ]


def measure_repeated(caller: Caller, times: int) -> list[Figure]:
    """The same question again: seconds after the endpoint, and services asked for it."""
    call = caller.dial("repeating")
    caller.prepare()
    caller.ask(call)
    call.wait_quiet(0.8, PATIENCE_S)
    before = caller.services.asked()
    heard = []
    for _ in range(times):
        heard.append(caller.ask(call))
        call.wait_quiet(0.8, PATIENCE_S)
    after = caller.services.asked()
    call.hangup()
    lines = _answers(caller.worker, "repeating")
    waits = [_after_endpoint(line, at) for (_, at), line in zip(heard, lines[1:], strict=True)]
    asked = sum(after[name] - before[name] for name in ("model", "embeddings", "synthesis"))
    return [
        figure("13 repeated question: commit → first sound", "s", waits, p95_at_most=0.35),
        Figure(
            "… model, embedding and synthesis requests", "", asked, asked, times, "0", not asked
        ),
    ]


def _interrupt(caller: Caller) -> float:
    """One interruption: milliseconds from our first word to the last sound heard."""
    call = caller.dial()
    caller.prepare(long=True)
    caller.ask(call)
    time.sleep(1.5)
    began_at = time.monotonic()  # at most 20 ms before the first packet of it leaves
    call.play(caller.words)
    call.wait_played()
    heard = [at for at in call.heard.speech_at() if at < began_at + 1.0]
    call.hangup()
    if heard[-1] < began_at:
        raise NotMetError("the answer was over before it was interrupted")
    return (heard[-1] - began_at) * 1000


def _answers(worker: Worker, name: str) -> list[dict[str, object]]:
    """The answers on record of the call that came from ``name``, once it is closed."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        for call in worker.calls():
            if call["callerId"] == name and call["status"] != "InProgress":
                return [line for line in call["lines"] if line.get("timings_ms")]
        time.sleep(0.05)
    raise NotMetError(f"the call from {name} was not closed")


def _after_endpoint(line: dict[str, object], heard_at: float) -> float:
    timings = line["timings_ms"]
    if not isinstance(timings, dict):
        raise TypeError("a turn without timings")
    sent_at = datetime.fromisoformat(str(line["at"])).timestamp() - time.time() + time.monotonic()
    return float((timings["answer"] - timings["endpoint"]) / 1000 + heard_at - sent_at)


def measure_interruptions(caller: Caller, times: int) -> Figure:
    """The caller speaks over an answer: milliseconds until the line is silent."""
    with ThreadPoolExecutor(CALLS) as pool:
        silent_after = list(pool.map(lambda _: _interrupt(caller), range(times)))
    return figure("4 caller interrupts → line silent", "ms", silent_after, p95_at_most=200)
