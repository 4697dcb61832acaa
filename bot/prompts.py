"""Everything the assistant says or is told that is not from a knowledge base."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import KnowledgeError
from bot.promptvariables import NAME_PATTERN, filled, told_unknown, unknown_variables
from bot.retrieval import BASES, Base
from bot.smalltalk import CONTROLS, Control, PhraseBook
from bot.wrongfield import first_wrong_field

SAMPLE_PATH = Path(__file__).resolve().parents[1] / "kb" / "prompts.sample.json"
"""The prompts as they come with the program; operators edit another file."""

VariableName = Annotated[str, Field(pattern=NAME_PATTERN)]
Filler = Annotated[str, Field(min_length=1, max_length=120)]
VariableValue = Annotated[str, Field(min_length=1, max_length=200)]


class SmallTalk(BaseModel):
    """What callers say to ask for one control, and what is said to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrases: tuple[str, ...]
    answer: str = Field(min_length=1, max_length=400)


class Prompts(BaseModel):
    """The prompts file (``kb/prompts.json``), checked. All texts are Russian."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: str = Field(min_length=1, max_length=400)
    system_prompt: str = Field(min_length=1, max_length=8000)
    contextualiser_prompt: str = Field(min_length=1, max_length=4000)
    asr_terms: str = Field(max_length=800)
    """Domain terms for the recogniser, one line."""
    no_answer: str = Field(min_length=1, max_length=400)
    """Said when neither base holds the answer."""
    apology: str = Field(min_length=1, max_length=400)
    """Said when a service failed and nothing better is left."""
    not_heard: str = Field(min_length=1, max_length=400)
    idle_prompt: str = Field(min_length=1, max_length=400)
    idle_prompt_again: str = Field(min_length=1, max_length=400)
    goodbye: str = Field(min_length=1, max_length=400)
    all_busy: str = Field(min_length=1, max_length=400)
    too_long: str = Field(min_length=1, max_length=400)
    """Said when the longest call duration is reached."""
    closing_soon: str = Field(
        "У нас осталась минута. Если есть ещё вопрос, спросите сейчас.",
        min_length=1,
        max_length=400,
    )
    """Said a minute before the longest call duration is reached."""
    transfer_notice: str = Field("Соединяю.", min_length=1, max_length=400)
    """Said before the caller is handed over to a person: short, as they are waiting for it."""
    recording_notice: str = Field("Разговор записывается.", min_length=1, max_length=400)
    """Said after the greeting where calls are recorded."""
    fillers: tuple[Filler, ...] = Field((), max_length=20)
    """Said in turn while an answer keeps the caller waiting; none: they wait in silence."""
    routing: dict[Base, tuple[str, ...]]
    """Word beginnings (lower case) that send a question to a base first."""
    small_talk: dict[Control, SmallTalk] = {}
    """What is answered at once, without the bases; a control that is absent is a question."""
    variables: dict[VariableName, VariableValue] = Field(
        {}, json_schema_extra={"additionalProperties": False}
    )
    """What stands in the texts as ``{name}``, said in its place."""

    @cached_property
    def phrase_book(self) -> PhraseBook:
        """The phrases of the small talk, ready to be compared."""
        return PhraseBook({control: talk.phrases for control, talk in self.small_talk.items()})

    def filled(self) -> "Prompts":
        """The same with the variables' values in their places."""
        said: dict[str, object] = {
            name: filled(getattr(self, name), self.variables) for name in TEXTS
        }
        said["small_talk"] = {
            control: talk.model_copy(update={"answer": filled(talk.answer, self.variables)})
            for control, talk in self.small_talk.items()
        }
        said["fillers"] = tuple(filled(one, self.variables) for one in self.fillers)
        # What the file left out is left out still: see missing_parts.
        given = said.keys() & self.model_fields_set
        return self.model_copy(update={name: said[name] for name in given})


TEXTS = (
    "greeting", "system_prompt", "contextualiser_prompt", "no_answer", "apology", "not_heard",
    "idle_prompt", "idle_prompt_again", "goodbye", "all_busy", "too_long",
    "closing_soon", "transfer_notice", "recording_notice",
)  # fmt: skip
"""The fields in which variables may stand; in the answers of the small talk they may too."""


def read_prompts(path: Path) -> Prompts:
    """Read and check a prompts file; :class:`KnowledgeError` says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KnowledgeError(f"{path}: файл не читается: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(f"{path}: не UTF-8") from error
    return check_prompts(text, str(path))


def check_prompts(text: str, where: str) -> Prompts:
    """The prompts in a file's text, as they are said; :class:`KnowledgeError` names ``where``."""
    prompts = prompts_in(text, where)
    for place, wrong in wrong_variables(prompts):
        raise KnowledgeError(f"{where}: {place}: {wrong}")
    return prompts.filled()


def published_prompts(text: str, where: str) -> Prompts:
    """The same for what is published already: an unknown variable of it is said as it stands.

    So that a release from before there were variables stays in service.
    """
    return prompts_in(text, where).filled()


def prompts_in(text: str, where: str) -> Prompts:
    """The prompts as they are written, with their variables; raises :class:`KnowledgeError`."""
    try:
        return Prompts.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise KnowledgeError(f"{where}: строка {error.lineno} — не JSON: {error.msg}") from error
    except ValidationError as error:
        raise KnowledgeError(f"{where}: {first_wrong_field(error)}") from error


def wrong_variables(prompts: Prompts) -> Iterator[tuple[str, str]]:
    """The place of each unknown variable, and what is wrong with it, in the operators' words."""
    texts = {name: getattr(prompts, name) for name in (*TEXTS, "asr_terms")}
    for control, talk in prompts.small_talk.items():
        texts[f"small_talk.{control}.answer"] = talk.answer
    texts["fillers"] = "\n".join(prompts.fillers)
    return wrong_variables_of(texts, prompts.variables)


def wrong_variables_of(
    texts: Mapping[str, str], variables: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The same for texts by their places."""
    for place, text in texts.items():
        known = () if place == "asr_terms" else variables
        for name in unknown_variables(text, known):
            yield place, told_unknown(name, known)


def missing_parts(prompts: Prompts) -> tuple[str, ...]:
    """What this program knows and the file, being older, says nothing of: ``small_talk.repeat``.

    What an operator does not want is there and empty, so that it is not missing.
    """
    newer = [name for name, field in Prompts.model_fields.items() if not field.is_required()]
    parts = [name for name in newer if name != "variables" and not _says(prompts, name)]
    if prompts.small_talk:
        parts += [f"small_talk.{one}" for one in CONTROLS if one not in prompts.small_talk]
    return (*parts, *(f"routing.{kb}" for kb in BASES if kb not in prompts.routing))


def _says(prompts: Prompts, name: str) -> bool:
    return name in prompts.model_fields_set and getattr(prompts, name) != {}


def advice_on_missing(parts: tuple[str, ...], path: Path) -> str:
    """What to copy where, in Russian, a line."""
    return (
        f"в подсказках нет частей {', '.join(parts)}: скопируйте их из kb/{SAMPLE_PATH.name} в "
        f"{path} или нажмите «Взять из образца» на странице «Подсказки»"
    )
