"""The bodies that answers have; their descriptions are read in the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.records import LineKind, Stage, Status
from bot.retrieval import Base
from webadmin.jobrecords import State


class ErrorDetails(BaseModel):
    """Что не так."""

    code: str = Field(description="Причина одним словом, для программ.", examples=["not_found"])
    message: str = Field(description="Причина и что делать, по-русски.")
    id: str | None = Field(default=None, description="Номер ошибки в журнале программы.")


class Error(BaseModel):
    """Ошибка."""

    error: ErrorDetails


class CallRecording(BaseModel):
    """Запись разговора."""

    url: str = Field(description="Адрес звука.")
    seconds: float = Field(description="Длина, секунды.")


class Call(BaseModel):
    """Звонок или разговор через WebSocket."""

    id: int = Field(description="Номер.")
    callerId: str = Field(description="Кто звонил.")
    startTime: datetime = Field(description="Начало, UTC.")
    endTime: datetime | None = Field(description="Конец, UTC; null — разговор идёт.")
    status: Status = Field(
        description=(
            "InProgress — идёт, Completed — завершён, Failed — сбой, NoInput — абонент молчал, "
            "Transferred — переведён на сотрудника, Abandoned — брошен до ответа."
        )
    )
    transcript_json: str = Field(
        description="Реплики: текст JSON, внутри массив.",
        json_schema_extra={
            "contentMediaType": "application/json",
            "contentSchema": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        },
    )
    channelId: str = Field(description="Канал Asterisk; ws — WebSocket.")
    worker: str = Field(description="Какой процесс вёл разговор.")
    durationS: float | None = Field(description="Длительность, секунды.")
    sources: tuple[Base, ...] = Field(description="Базы, из которых отвечали.")
    firstQuestion: str = Field(description="Первый вопрос.")
    recording: CallRecording | None = Field(description="Запись; null — её нет.")


class Line(BaseModel):
    """Реплика внутри transcript_json; полей со временем прибавляется."""

    model_config = ConfigDict(extra="allow")

    role: Literal["user", "bot"] = Field(description="Абонент или помощник.")
    text: str = Field(description="Что сказано.")
    at: datetime = Field(description="Когда, UTC.")
    source: Base | None = Field(description="База, из которой ответ; null — ни из какой.")
    raw: str = Field(default="", description="Как слова абонента распознаны.")
    kind: LineKind | None = Field(default=None, description="Что за реплика помощника.")
    interrupted: bool = Field(default=False, description="Абонент перебил.")
    heard: str | None = Field(default=None, description="Что он успел услышать.")
    timings_ms: dict[Stage, float] = Field(default={}, description="Время этапов, мс.")
    trace: dict[str, Any] = Field(default={}, description="Как получился ответ, см. Trace.")


class Deleted(BaseModel):
    """Что удалено и как это отменить."""

    deletion: int = Field(description="Номер удаления.")
    undo: str = Field(description="Адрес, POST на который отменяет удаление.")
    undoUntil: datetime = Field(description="До какого времени это можно, UTC.")


class Undone(BaseModel):
    """Удаление отменено."""

    undone: int = Field(description="Номер удаления.")


class JobBody(BaseModel):
    """Долгая работа: она идёт сама, за ней можно следить."""

    id: str = Field(description="Номер работы.")
    kind: str = Field(description="Что за работа.")
    title: str = Field(description="Её название для людей.")
    author: str = Field(description="Кто начал.")
    started_at: datetime = Field(description="Когда, UTC.")
    state: State = Field(
        description=(
            "queued — ждёт, running — идёт, done — сделана, failed — не удалась, "
            "interrupted — прервана остановкой программы."
        )
    )
    done: int = Field(description="Сколько шагов сделано.")
    of: int = Field(description="Из скольких; 0 — ещё не известно.")
    words: str = Field(description="Что делается сейчас.")
    message: str = Field(description="Чем кончилось.")
    ended_at: datetime | None = Field(description="Когда кончилась, UTC.")


class Changed(BaseModel):
    """Что стало после правки."""

    release: int = Field(description="Номер выпуска, который теперь отвечает.")
    changed: bool = Field(description="false — всё уже было так, нового выпуска нет.")


class Health(BaseModel):
    """Панель работает."""

    model_config = ConfigDict(extra="allow")

    status: Literal["ok"] = Field(description="Всегда ok.")


class Readiness(BaseModel):
    """Может ли панель делать своё дело."""

    status: Literal["ok", "unavailable"] = Field(description="unavailable — что-то не работает.")
    failed: dict[str, str] = Field(description="Что не работает и почему, по частям.")
    release: int = Field(description="Номер выпуска, который отвечает; 0 — выпусков нет.")
