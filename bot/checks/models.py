"""Checks of the models: embeddings, recognition, and both language models, each really asked."""

import time

from bot.asr.choose import choose_recogniser
from bot.checks.check import Check
from bot.checks.voices import PHRASE, SERVICE_TIMEOUT_S, spoken
from bot.deadline import Deadline
from bot.embeddings.choose import choose_embedder
from bot.llm import AnswerRequest, GenerationReport
from bot.settings import Settings

_QUESTION = "Проверка связи. Ответьте одним словом: да."
_SHOWN = 60
_NO_MODEL = "ответы цитируются из баз, модели не нужны (LLM_PROVIDER, OPENAI_API_KEY)"
_MODEL_ADVICE = "проверьте имя модели в настройках, OPENAI_API_KEY и OPENAI_BASE_URL"


def _embeddings(settings: Settings) -> str:
    embedder = choose_embedder(settings)
    began = time.perf_counter()
    vector = embedder.embed_query("проверка")
    return f"{embedder.model_key}, {len(vector)} чисел за {_ms_since(began)} мс"


def _recognition(settings: Settings) -> str:
    recogniser, pcm = choose_recogniser(settings), spoken(settings, PHRASE)
    began = time.perf_counter()
    heard = recogniser.transcribe(pcm, "", Deadline(SERVICE_TIMEOUT_S))
    return f"{recogniser.name} за {_ms_since(began)} мс: услышано «{heard.text}»"


def _primary(settings: Settings) -> str:
    return _answered(settings, settings.llm_model_primary)


def _fallback(settings: Settings) -> str:
    return _answered(settings, settings.llm_model_fallback)


def _answered(settings: Settings, model: str) -> str:
    """Have one model answer as for a caller: that it is listed proves neither rights nor money."""
    from bot.llm.openai_chat import OpenAIChat
    from bot.openai_client import openai_client

    request = AnswerRequest(
        _QUESTION, (), (), "Отвечай одним словом.", "Нет.", (model,), settings.llm_temperature
    )
    began = time.perf_counter()
    with openai_client(settings) as client:
        pieces = OpenAIChat(client).generate(
            request, GenerationReport(), Deadline(SERVICE_TIMEOUT_S)
        )
        said = "".join(pieces).replace("|", " ").strip()
    return f"{model} за {_ms_since(began)} мс: «{said[:_SHOWN]}»"


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


EMBEDDINGS = Check(
    "embeddings", "Векторы (эмбеддинги)", _embeddings,
    "проверьте EMBEDDINGS_PROVIDER, EMBEDDINGS_MODEL и ключ",
)  # fmt: skip
RECOGNITION = Check(
    "recognition", "Распознавание речи", _recognition,
    "проверьте ASR_PROVIDER, ASR_MODEL и OPENAI_API_KEY",
)  # fmt: skip


def model_checks(settings: Settings) -> tuple[Check, Check]:
    """The language models that these settings name."""
    unused = _NO_MODEL if settings.llm == "extractive" else ""
    no_second = "" if settings.llm_model_fallback else "запасная модель не задана"
    return (
        Check("model-primary", "Модель: основная", _primary, _MODEL_ADVICE, unused=unused),
        Check(
            "model-fallback", "Модель: запасная", _fallback, _MODEL_ADVICE,
            needed=False, unused=unused or no_second,
        ),
    )  # fmt: skip
