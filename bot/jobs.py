"""Work that a call has done for it on the shared pool: recognising, answering, speaking.

A job talks to its call only by putting events into the call's inbox, and to nobody else.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.agent import Agent
from bot.asr import Recogniser
from bot.asr.invented import heard_text
from bot.deadline import Deadline
from bot.errors import AssistantError, ProviderError
from bot.listening import Spoken
from bot.llm import Exchange
from bot.llm.repeats import is_repeated
from bot.normalize import normalize
from bot.records import AnswerTrace
from bot.speech import Speech
from bot.tts.pace import NORMAL, slower

log = logging.getLogger(__name__)

Post = Callable[["JobEvent"], None]


@dataclass(frozen=True)
class Recognition:
    """What revision ``revision`` of the utterance says; ``raw`` is ``None`` when nothing.

    ``began_at`` is when its recognition began (monotonic seconds).
    """

    revision: int
    raw: str | None
    text: str = ""
    provider: str = ""
    asr_ms: float = 0.0
    error: AssistantError | None = None
    began_at: float = 0.0


@dataclass(eq=False)
class Utterance:
    """Something that the assistant is going to say, while it is being made.

    ``call_pace`` is how fast it spoke in this call so far. The moments are monotonic seconds:
    when the agent was asked, and when the first sentence went to the voice.
    """

    deadline: Deadline
    call_pace: float = NORMAL
    trace: AnswerTrace = field(default_factory=AnswerTrace)
    tts_first_audio_ms: float | None = None
    asked_at: float | None = None
    tts_began_at: float | None = None

    @property
    def pace(self) -> float:
        """How fast this is spoken: a step slower if the caller has just asked for that."""
        return slower(self.call_pace) if self.trace.control == "slower" else self.call_pace

    def voice_replaced(self, failure: str) -> None:
        """Another voice speaks a sentence in place of one that failed; told once an answer."""
        if failure not in self.trace.fallbacks:
            self.trace.fallbacks.append(failure)


@dataclass(frozen=True)
class SentenceReady:
    """The audio that follows says ``text``."""

    utterance: Utterance
    text: str


@dataclass(frozen=True)
class AudioReady:
    """More audio of the utterance's last sentence."""

    utterance: Utterance
    pcm: bytes


@dataclass(frozen=True)
class UtteranceMade:
    """Nothing more will come; ``error`` says what went wrong, if anything did."""

    utterance: Utterance
    error: AssistantError | None = None


JobEvent = Recognition | SentenceReady | AudioReady | UtteranceMade


def recognise(
    recogniser: Recogniser, revision: int, spoken: Spoken, hint: str, deadline: Deadline, post: Post
) -> None:
    """Recognise one utterance and post the :class:`Recognition`."""
    began = time.monotonic()
    try:
        transcript = recogniser.transcribe(spoken.pcm, hint, deadline)
        raw = heard_text(transcript, spoken.voiced_s)
        outcome = Recognition(
            revision, raw, normalize(raw or ""), transcript.provider, _ms_since(began),
            began_at=began,
        )  # fmt: skip
    except AssistantError as error:
        outcome = Recognition(revision, None, asr_ms=_ms_since(began), error=error, began_at=began)
    except Exception as error:  # a job's edge: the call must not wait for ever
        log.exception("recognition crashed")
        outcome = Recognition(revision, None, error=_crash(error), began_at=began)
    if not deadline.cancelled:  # else the caller spoke on, and a newer revision is under way
        post(outcome)


def answer(
    agent: Agent,
    speech: Speech,
    utterance: Utterance,
    history: tuple[Exchange, ...],
    question: str,
    post: Post,
    said: Sequence[str] = (),
) -> None:
    """Answer ``question`` sentence by sentence, each spoken while the next is written.

    ``said`` are sentences of this answer that the caller has heard before: they are left out.
    """
    utterance.asked_at = time.monotonic()
    sentences = agent.answer(history, question, utterance.trace, utterance.deadline)
    texts = (one.text for one in sentences if not is_repeated(one.text, said))
    _speak_all(texts, speech, utterance, post)


def say(texts: Sequence[str], speech: Speech, utterance: Utterance, post: Post) -> None:
    """Speak sentences of our own."""
    _speak_all((text for text in texts), speech, utterance, post)


def _speak_all(texts: Iterator[str], speech: Speech, utterance: Utterance, post: Post) -> None:
    error: AssistantError | None = None
    try:
        for text in texts:
            if utterance.deadline.cancelled:
                break
            _speak(text, speech, utterance, post)
    except AssistantError as failure:
        error = failure
    except Exception as crash:  # a job's edge: the call must not wait for ever
        log.exception("answer crashed")
        error = _crash(crash)
    finally:
        close = getattr(texts, "close", None)
        if close is not None:
            close()  # also closes the model's connection
    post(UtteranceMade(utterance, error))


def _speak(text: str, speech: Speech, utterance: Utterance, post: Post) -> None:
    began = time.monotonic()
    utterance.tts_began_at = utterance.tts_began_at or began
    post(SentenceReady(utterance, text))
    pieces = speech.speak(text, utterance.deadline, utterance.pace, utterance.voice_replaced)
    for pcm in pieces:
        if utterance.deadline.cancelled:
            return
        if utterance.tts_first_audio_ms is None:
            utterance.tts_first_audio_ms = _ms_since(began)
        post(AudioReady(utterance, pcm))


def _crash(error: Exception) -> AssistantError:
    return ProviderError("assistant", "permanent", type(error).__name__)


def _ms_since(began: float) -> float:
    return (time.monotonic() - began) * 1000.0
