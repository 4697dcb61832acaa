"""A dialogue as its page shows it: from the log's JSON to lines in an operator's words."""

from datetime import datetime
from functools import cached_property

from pydantic import BaseModel, ConfigDict, FiniteFloat, TypeAdapter, ValidationError

from bot.errors import AssistantError
from bot.records import Stage
from webadmin.logs.trouble import ShownFailure
from webadmin.logs.waterfall import Waterfall

STAGE_NAMES: dict[Stage, str] = {
    "endpoint": "конец реплики",
    "asr": "распознавание",
    "retrieval": "поиск",
    "llm_first_token": "первый токен",
    "tts_first_audio": "первый звук",
    "answer": "ответ",
}
STAGE_MEANINGS: dict[Stage, str] = {
    "endpoint": "пауза, по которой понятно, что абонент договорил",
    "asr": "речь стала текстом",
    "retrieval": "в базах найдены отрывки",
    "llm_first_token": "модель начала писать ответ; поиск сюда входит",
    "tts_first_audio": "голос сделал первый звук ответа",
    "answer": "столько тишины слышал абонент",
}


class BrokenTranscriptError(AssistantError):
    """The stored transcript is not what the call log writes."""


class ShownPassage(BaseModel):
    """A passage behind an answer."""

    kb: str
    heading: str
    relevance: FiniteFloat

    @property
    def share(self) -> float:
        """The relevance as a part of a whole, 0…1."""
        return min(max(self.relevance, 0.0), 1.0)


class ShownTrace(BaseModel):
    """How an answer came about, as far as the page shows it."""

    passages: tuple[ShownPassage, ...] = ()
    first_base: str | None = None
    matched_words: tuple[str, ...] = ()
    scores: dict[str, FiniteFloat] = {}
    control: str = ""
    same_as: str = ""
    release: int = 0
    model: str = ""
    cached: bool = False
    base_fallback: bool = False
    unanswered: bool = False
    requests: dict[str, int] = {}
    fallbacks: tuple[str, ...] = ()
    by_letters: bool = False
    continued_by: str = ""
    rewritten: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything to tell of how the answer came about."""
        return self != ShownTrace()


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
    timings_ms: dict[str, FiniteFloat] = {}
    starts_ms: dict[str, FiniteFloat] = {}
    trace: ShownTrace = ShownTrace()
    failure: ShownFailure | None = None

    @cached_property
    def waterfall(self) -> Waterfall | None:
        """The stages of the turn that this line ends, if any was measured."""
        return Waterfall.of(self.timings_ms, self.starts_ms)

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
