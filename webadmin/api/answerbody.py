"""What ``POST /api/ask`` takes and gives."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.ask import Answered
from bot.retrieval import Base

LONGEST_TEXT = 20_000
LONGEST_SESSION = 100


class Question(BaseModel):
    """Вопрос, набранный текстом."""

    text: str = Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="Вопрос по-русски. Отвечают на первые 600 знаков.",
        examples=["Какая гарантия на машины?"],
    )
    session: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_SESSION,
        description=(
            "Имя диалога, придумывает клиент. Вопросы с одним именем продолжают друг друга: "
            "«А сколько она стоит?» Помнятся последние шесть, полчаса. "
            "Диалог виден тому, кто знает имя: берите случайное."
        ),
    )


class Passage(BaseModel):
    """Отрывок базы знаний, по которому дан ответ."""

    model_config = ConfigDict(from_attributes=True)

    kb: Base = Field(description="База, из которой отрывок.")
    heading: str = Field(description="Заголовок, под которым он стоит.")
    relevance: float = Field(description="Уверенность от 0 до 1: насколько отрывок о том же.")


class Timings(BaseModel):
    """Сколько времени занял каждый шаг, мс от начала; null — шага не было."""

    retrieval: float | None = Field(description="Поиск в базах.")
    llm_first_token: float | None = Field(description="Первое слово от модели.")
    first_sentence: float | None = Field(description="Первое готовое предложение.")
    total: float = Field(description="Весь ответ.")


class Trace(BaseModel):
    """Как получился ответ."""

    model_config = ConfigDict(from_attributes=True)

    release: int = Field(description="Номер выпуска, по которому отвечали.")
    first_base: Base | None = Field(description="База, которую спросили первой.")
    matched_words: tuple[str, ...] = Field(description="Слова вопроса, выбравшие её.")
    base_fallback: bool = Field(description="В первой базе не нашлось, ответила другая.")
    scores: dict[Base, float] = Field(description="Лучшая уверенность в каждой из баз.")
    control: str = Field(description="Что попросили, если это не вопрос: repeat, goodbye, …")
    rewritten: str = Field(description="Что искали, если вопрос понят из разговора до него.")
    cached: bool = Field(description="Ответ уже давали, он взят из памяти.")
    same_as: str = Field(description="Другой вопрос того же смысла, чей ответ повторён.")
    model: str = Field(description="Кто писал ответ.")
    requests: dict[str, int] = Field(description="Сколько раз обращались к платным службам.")
    fallbacks: tuple[str, ...] = Field(description="Какие службы не ответили и были заменены.")
    unanswered: bool = Field(description="Ответа в базах нет.")


class Answer(BaseModel):
    """Ответ помощника и откуда он взят."""

    question: str = Field(description="Вопрос, как его понял помощник.")
    answer: str = Field(description="Ответ целиком.")
    sentences: tuple[str, ...] = Field(description="Он же по предложениям.")
    source: Base | None = Field(description="База, из которой ответ; null — ни из какой.")
    passages: tuple[Passage, ...] = Field(description="Отрывки, самые уверенные первыми.")
    timings_ms: Timings
    trace: Trace
    session: str | None = Field(description="Имя диалога из запроса.")

    @classmethod
    def of(cls, answered: Answered, session: str | None) -> Self:
        """The answer to one question."""
        trace = answered.trace
        return cls(
            question=answered.question,
            answer=answered.text,
            sentences=answered.sentences,
            source=trace.source,
            passages=tuple(map(Passage.model_validate, trace.passages)),
            timings_ms=Timings(
                retrieval=_tenth(trace.retrieval_ms),
                llm_first_token=_tenth(trace.llm_first_token_ms),
                first_sentence=_tenth(answered.first_sentence_ms),
                total=round(answered.total_ms, 1),
            ),
            trace=Trace.model_validate(trace),
            session=session,
        )


class Text(BaseModel):
    """Слова, как их распознали или набрали."""

    text: str = Field(
        max_length=LONGEST_TEXT, examples=["Есть РЭМ на тысячу килоньютон?"], description="Текст."
    )


class Normalized(BaseModel):
    """Слова до и после приведения единиц и названий к одному виду."""

    raw: str = Field(description="Как было.")
    normalized: str = Field(description="Как ищут: «1000 кН», «5 мм/с», «РЭМ-100».")


def _tenth(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 1)
