"""An agent of real parts for tests: small bases, a real index, the local embedder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from bot.agent import Agent, Sentence
from bot.agent_setup import build_agent
from bot.cache import Cache
from bot.deadline import Deadline
from bot.embeddings import Embedder
from bot.llm import Exchange
from bot.metrics import Metrics
from bot.records import AnswerTrace
from bot.releases.publisher import Publisher
from bot.settings import Settings
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port

GENERAL = """# Общая база

## Гарантия

Гарантия на машины составляет 24 месяца. Гарантию можно продлить до 36 месяцев.

## Доставка

Доставляем машины по всей России автомобилем. Доставка в Казань занимает три дня.

## Цена РЭМ-100

РЭМ-100 стоит от 3,2 миллиона рублей. Точная цена зависит от комплекта.

## Часы работы

Мы работаем по будням с восьми до семнадцати. Суббота и воскресенье — выходные.
"""
TECH = """# Техническая база

## РЭМ-100

РЭМ-100 — машина с наибольшим усилием 100 кН. Скорость РЭМ-100 — от 0,005 до 500 мм/мин.

## РГМ-1000

РГМ-1000 — гидравлический пресс с усилием 1000 кН. Скорость РГМ-1000 — до 100 мм/мин.

## Питание

Машины питаются от сети 380 В. Машине нужно заземление не больше 4 Ом.

## Монтажные условия

Фундамент машине не нужен, хватает ровного бетонного пола.
"""
NO_ANSWER = "К сожалению, ответа на это у меня нет. Позвоните, пожалуйста, нашим сотрудникам."
ROUTING = {
    "general": ["гарант", "достав", "цен", "стои", "монтаж"],
    "tech": ["скорост", "усили", "рэм", "ргм", "питан"],
}

SMALL_TALK = {
    "repeat": {"phrases": ["повторите", "ещё раз"], "answer": "Повторять пока нечего."},
    "slower": {"phrases": ["помедленнее"], "answer": "Хорошо, буду говорить медленнее."},
    "goodbye": {"phrases": ["до свидания"], "answer": "Всего доброго!"},
    "greeting": {"phrases": ["здравствуйте"], "answer": "Здравствуйте! Слушаю вас."},
    "thanks": {"phrases": ["спасибо"], "answer": "Пожалуйста!"},
    "acknowledgement": {"phrases": ["угу"], "answer": "Слушаю вас."},
    **{control: {"phrases": [], "answer": "Да."} for control in ("operator", "robot", "presence")},
}


def write_prompts(path: Path, **changes: object) -> None:
    """A prompts file with the fields that matter here."""
    texts: dict[str, object] = dict.fromkeys(
        ["greeting", "contextualiser_prompt", "asr_terms", "apology", "not_heard", "idle_prompt",
         "idle_prompt_again", "goodbye", "all_busy", "too_long", "closing_soon",
         "transfer_notice", "recording_notice"],
        "Да.",
    )  # fmt: skip
    texts |= {"system_prompt": "Отвечай кратко.", "no_answer": NO_ANSWER}
    texts |= {"fillers": ["Сейчас."], "routing": ROUTING, "small_talk": SMALL_TALK} | changes
    path.write_text(json.dumps(texts), encoding="utf-8")


def lab_settings(folder: Path, **changes: object) -> Settings:
    """Settings that keep everything in ``folder`` and name no service."""
    return Settings.model_validate(
        {
            "knowledge_base_path": folder / "general.md",
            "knowledge_base2_path": folder / "tech.md",
            "prompts_file_path": folder / "prompts.json",
            "persist_directory": folder / "index",
            "redis_url": f"redis://127.0.0.1:{free_port()}/0",
            "llm_provider": "extractive",
            "answer_within_s": 20.0,  # the machine is busy with other tests
            **changes,
        }
    )


def write_bases(folder: Path, embedder: Embedder, general: str = GENERAL) -> None:
    """The small bases, published as the first release in ``folder``."""
    (folder / "general.md").write_text(general, encoding="utf-8")
    (folder / "tech.md").write_text(TECH, encoding="utf-8")
    write_prompts(folder / "prompts.json")
    Publisher(lab_settings(folder), lambda: embedder).publish_files("lab")


WARRANTY = "Какая гарантия на машины?"
SPEED = "Какая скорость у РЭМ-100?"
FOREIGN = "Кто написал роман «Война и мир»?"


@dataclass
class Asked:
    """One question's answer."""

    sentences: list[Sentence]
    trace: AnswerTrace

    @property
    def text(self) -> str:
        """The whole answer."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass
class Lab:
    """An agent and what it was made of."""

    agent: Agent
    metrics: Metrics
    settings: Settings
    history: list[Exchange] = field(default_factory=list)

    def ask(
        self, text: str, history: Sequence[Exchange] = (), deadline: Deadline | None = None
    ) -> Asked:
        """The complete answer."""
        trace = AnswerTrace()
        answer = self.agent.answer(history, text, trace, deadline or Deadline(30))
        return Asked(list(answer), trace)

    def counted(self, name: str, **labels: str) -> float:
        """A metric's value."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def make_lab(folder: Path, **changes: object) -> Lab:
    """The agent that ``bot.agent_setup`` builds for the settings."""
    settings = lab_settings(folder, **changes)
    metrics = Metrics(CollectorRegistry())
    return Lab(
        build_agent(settings, metrics, Cache(settings.redis_url, metrics)), metrics, settings
    )


def chat_settings(server: OpenAIServer) -> dict[str, object]:
    """The settings that make the stand-in the chat model."""
    return {
        "llm_provider": "openai",
        "openai_api_key": server.key,
        "openai_base_url": server.base_url,
        "llm_model_primary": "gpt-4o-mini",
        "llm_model_fallback": "gpt-6-luna",
    }


def messages(server: OpenAIServer) -> list[dict[str, str]]:
    """The messages of the model's last request."""
    found = server.requests("chat")[-1].body["messages"]
    assert isinstance(found, list)
    return found
