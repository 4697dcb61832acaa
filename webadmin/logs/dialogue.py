"""A dialogue as its page shows it: from the log's JSON to lines in an operator's words."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.errors import AssistantError
from bot.records import STAGES, Stage

STAGE_NAMES: dict[Stage, str] = {
    "endpoint": "конец реплики",
    "asr": "распознавание",
    "retrieval": "поиск",
    "llm_first_token": "первый токен",
    "tts_first_audio": "первый звук",
    "answer": "ответ",
}


class BrokenTranscriptError(AssistantError):
    """The stored transcript is not what the call log writes."""


class ShownPassage(BaseModel):
    """A passage behind an answer."""

    kb: str
    heading: str
    relevance: float


class ShownTrace(BaseModel):
    """How an answer came about, as far as the page shows it."""

    passages: tuple[ShownPassage, ...] = ()
    matched_words: tuple[str, ...] = ()
    scores: dict[str, float] = {}
    control: str = ""
    same_as: str = ""
    release: int = 0
    model: str = ""
    cached: bool = False
    base_fallback: bool = False
    unanswered: bool = False
    fallbacks: tuple[str, ...] = ()
    rewritten: str = ""


class ShownLine(BaseModel):
    """One line of ``transcript_json``; fields that later versions add are passed over."""

    model_config = ConfigDict(extra="ignore")

    role: str
    text: str
    at: datetime
    source: str | None = None
    raw: str = ""
    kind: str = ""
    interrupted: bool = False
    heard: str | None = None
    timings_ms: dict[str, float] = {}
    trace: ShownTrace = ShownTrace()

    @property
    def stages(self) -> list[tuple[Stage, float]]:
        """Stages that were measured, in the order in which they happen, milliseconds."""
        return [(stage, self.timings_ms[stage]) for stage in STAGES if stage in self.timings_ms]

    @property
    def played(self) -> str:
        """What the caller heard of the line."""
        return self.heard or "" if self.interrupted else self.text

    @property
    def unheard(self) -> str:
        """What was left when the caller interrupted."""
        return self.text.removeprefix(self.played).strip() if self.interrupted else ""


_LINES = TypeAdapter(tuple[ShownLine, ...])


def shown_lines(transcript_json: str) -> tuple[ShownLine, ...]:
    """The lines of a dialogue; raises :class:`BrokenTranscriptError`."""
    try:
        return _LINES.validate_json(transcript_json)
    except ValidationError as error:
        raise BrokenTranscriptError("Запись разговора в базе повреждена.") from error
