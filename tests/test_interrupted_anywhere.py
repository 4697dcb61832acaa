"""A caller interrupts a scripted answer at every 20 ms of it, in every way that callers do."""

from dataclasses import dataclass, field

import pytest

from bot.playout import Playout
from bot.turnevents import (
    Commit,
    Discard,
    Fill,
    Flush,
    Pause,
    Prompt,
    Recognised,
    Resume,
    SpeechBegan,
    SpeechEnded,
    StartAsr,
    Tick,
    TurnAction,
    TurnEvent,
    VoiceStarted,
    VoiceStopped,
)
from bot.turns import TurnMachine
from bot.turntiming import TurnTiming

TICK_S = 0.02
ASR_S, THINKING_S = 0.35, 0.5
ANSWER = "Гарантия на машины составляет двадцать четыре месяца со дня ввода в эксплуатацию."
ANSWER_S = 4.0
PATIENT = TurnTiming(idle_s=(60.0, 70.0, 80.0))
QUESTION = "А сколько стоит доставка?"


@dataclass
class _Line:
    """A caller, a machine, a mouth and a recogniser on one virtual clock."""

    now: float = 100.0
    machine: TurnMachine = field(default_factory=lambda: TurnMachine(100.0, PATIENT))
    playout: Playout | None = None
    paused: bool = False
    played_s: float = 0.0
    history: list[tuple[str, float]] = field(default_factory=list)
    """What the assistant believes was heard of each answer, and how much was played really."""
    answers: int = 0
    heard_text: str | None = None
    failing: bool = False
    due: list[tuple[float, TurnEvent]] = field(default_factory=list)

    def event(self, event: TurnEvent) -> None:
        if isinstance(event, SpeechBegan):
            assert self.playout is None, "two utterances at once"
            self.playout, self.paused, self.played_s = Playout(self.now), False, 0.0
            self.playout.sentence(ANSWER)
            self.playout.sent(ANSWER_S, self.now)
        for action in self.machine.handle(event, self.now):
            self._carry_out(action)

    def _carry_out(self, action: TurnAction) -> None:
        match action:
            case StartAsr(revision):
                known = Recognised(revision, self.heard_text, self.failing)
                self.due.append((self.now + ASR_S, known))
            case Commit() | Prompt():
                self.answers += 1
                self.due = [one for one in self.due if not isinstance(one[1], SpeechBegan)]
                self.due.append((self.now + THINKING_S, SpeechBegan()))
            case Pause():
                assert self.playout is not None
                assert not self.paused
                self.playout.pause(self.now)
                self.paused = True
            case Resume():
                assert self.playout is not None
                assert self.paused
                self.playout.resume(self.now)
                self.paused = False
            case Flush():
                assert self.playout is not None
                self._over()
            case Fill() | Discard():
                pass
            case _:  # Prepare, Abandon: what is not heard does not matter here
                pass

    def _over(self) -> None:
        assert self.playout is not None
        self.history.append((self.playout.heard(self.now), self.played_s))
        self.playout = None

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now += TICK_S
            if self.playout is not None and not self.paused:
                self.played_s += TICK_S
                if self.played_s >= ANSWER_S:
                    self._over()
                    self.event(SpeechEnded())
            for due in [one for one in self.due if one[0] <= self.now]:
                self.due.remove(due)
                self.event(due[1])
            self.event(Tick())

    def say(self, seconds: float) -> None:
        self.event(VoiceStarted())
        self.wait(seconds)
        ended_at = self.now
        self.wait(0.1)
        self.event(VoiceStopped(ended_at))


WAYS = {
    "a question": (QUESTION, 1.5, False),
    "a command": ("Стоп.", 0.3, False),
    "a murmur": ("Угу.", 0.3, False),
    "a cough": (None, 0.3, False),
    "long noise": (None, 2.0, False),
    "noise without an end": (None, 6.0, False),
    "a long story": (QUESTION, 6.0, False),
    "words that nobody understood": (None, 1.5, True),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_is_interrupted_anywhere(way: str) -> None:
    text, seconds, failing = WAYS[way]
    for offset in range(0, int(ANSWER_S * 1000) - 200, 20):
        line = _Line(heard_text=QUESTION)
        line.say(1.0)
        line.wait(0.2 + ASR_S + THINKING_S)
        assert line.playout is not None
        line.wait(offset / 1000)
        line.heard_text, line.failing = text, failing
        assert line.playout is not None
        before = line.answers
        line.say(seconds)
        line.wait(2.0)
        wants_answer = text in (QUESTION, "Стоп.") or failing
        assert line.answers == before + wants_answer, offset
        assert not line.paused, offset
        line.failing = False
        line.wait(5.0)
        assert line.playout is None, offset
        for heard, played_s in line.history:
            words, truth = len(heard.split()), played_s / ANSWER_S * len(ANSWER.split())
            assert abs(words - truth) <= 1.5, (offset, heard, played_s)
        assert len(line.history) == line.answers, offset
