"""Failures of services in an operator's words."""

from typing import Final

from pydantic import BaseModel

_KINDS: Final = {
    "transient": "временный сбой",
    "timeout": "не ответила вовремя",
    "late": "запоздала",
    "quota": "исчерпан лимит или баланс",
    "authentication": "не приняла ключ",
    "permanent": "отказала",
}
_WHAT_FAILED: Final = {"asr": "Речь не распознана", "answer": "Ответ не получился"}
_SERVICES: Final = {
    "openai": "служба OpenAI",
    "embeddings": "служба векторов",
    "yandex-grpc": "голос Yandex (gRPC)",
    "yandex-http": "голос Yandex (HTTP)",
    "festival": "местный голос festival",
    "espeak-ng": "местный голос espeak-ng",
    "extractive": "цитирование баз",
    "local": "местная модель",
    "assistant": "сам помощник",
}


class ShownFailure(BaseModel):
    """Why there was no answer; see :class:`bot.records.Failure`."""

    stage: str
    provider: str
    kind: str

    @property
    def words(self) -> str:
        """«Речь не распознана: служба OpenAI — не ответила вовремя (timeout)»."""
        what = _WHAT_FAILED.get(self.stage, self.stage)
        return f"{what}: {_told(self.provider, self.kind)}"


def replacement(fallback: str) -> str:
    """What stands in ``trace.fallbacks``, ``"gpt-4o-mini: timeout"``, in words."""
    service, _, kind = fallback.rpartition(": ")
    return _told(service, kind) if service else fallback


def _told(service: str, kind: str) -> str:
    reason = f"{_KINDS[kind]} ({kind})" if kind in _KINDS else kind
    return f"{_SERVICES.get(service, service)} — {reason}"
