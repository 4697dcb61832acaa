"""What is kept of a dialogue: its lines, as the call log stores and the admin shows them."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bot.errors import ErrorKind
from bot.retrieval import Base

Status = Literal["InProgress", "Completed", "Failed", "NoInput", "Transferred", "Abandoned"]
STATUSES: tuple[Status, ...] = (
    "InProgress", "Completed", "Failed", "NoInput", "Transferred", "Abandoned",
)  # fmt: skip
Stage = Literal["endpoint", "asr", "retrieval", "llm_first_token", "tts_first_audio", "answer"]
STAGES: tuple[Stage, ...] = (
    "endpoint", "asr", "retrieval", "llm_first_token", "tts_first_audio", "answer",
)  # fmt: skip
LineKind = Literal["greeting", "answer", "prompt", "apology", "goodbye", "transfer"]


@dataclass(frozen=True)
class Failure:
    """A service failed and nobody stood by: the caller heard an apology, or half an answer.

    ``provider`` and ``kind`` are those of :class:`bot.errors.ProviderError`.
    """

    stage: Literal["asr", "answer"]
    provider: str
    kind: ErrorKind


@dataclass(frozen=True)
class FoundPassage:
    """A passage behind an answer: where it stands and how relevant it was (0…1)."""

    kb: Base
    heading: str
    relevance: float


@dataclass
class AnswerTrace:
    """How one answer came about; filled by the agent while it answers.

    Times are milliseconds since the agent was asked.
    """

    source: Base | None = None
    first_base: Base | None = None
    matched_words: tuple[str, ...] = ()
    base_fallback: bool = False
    passages: tuple[FoundPassage, ...] = ()
    scores: dict[Base, float] = field(default_factory=dict)
    """The best relevance that each base reached, 0…1; bases that were asked."""
    release: int = 0
    """Number of the release that answered (:mod:`bot.release`)."""
    control: str = ""
    """What small talk asked for (:mod:`bot.smalltalk`); empty for a question."""
    retrieval_ms: float | None = None
    llm_first_token_ms: float | None = None
    cached: bool = False
    same_as: str = ""
    """The question whose kept answer was given, when it was another one of the same sense."""
    rewritten: str = ""
    model: str = ""
    requests: dict[str, int] = field(default_factory=dict)
    """Requests made for this turn by service: ``embedding``, ``llm``."""
    fallbacks: list[str] = field(default_factory=list)
    """Each service that a stand-by replaced: ``"gpt-4o-mini: timeout"``, ``"yandex-grpc: …"``."""
    by_letters: bool = False
    """The bases were searched without the question's vector: the embedder failed."""
    continued_by: str = ""
    """Who wrote the answer on where its model broke off."""
    unanswered: bool = False


@dataclass(frozen=True)
class UserLine:
    """What the caller said: ``raw`` as recognised, ``text`` after the normaliser."""

    text: str
    raw: str
    at: datetime
    asr_provider: str = ""


@dataclass(frozen=True)
class BotLine:
    """What the assistant said.

    ``timings_ms`` is how long each :data:`Stage` took; ``starts_ms`` is when it began, counted
    from the end of the caller's voice.
    """

    text: str
    at: datetime
    kind: LineKind = "answer"
    trace: AnswerTrace | None = None
    timings_ms: dict[Stage, float] = field(default_factory=dict)
    interrupted: bool = False
    heard: str | None = None
    """The part of ``text`` that was played before the caller interrupted."""
    starts_ms: dict[Stage, float] = field(default_factory=dict)
    failure: Failure | None = None
    """Why there was no answer, or no more of it."""


Line = UserLine | BotLine


def line_as_json(line: Line) -> dict[str, Any]:
    """One element of ``transcript_json`` (contract.md): role, text, at, source and the rest."""
    if isinstance(line, UserLine):
        row = {"role": "user", "source": None, **asdict(line)}
    else:
        trace = asdict(line.trace) if line.trace else {}
        row = {"role": "bot", "source": trace.pop("source", None), **asdict(line), "trace": trace}
    row["at"] = line.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return row


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)
