"""Everything the assistant says or is told that is not from a knowledge base."""

import json
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import KnowledgeError
from bot.retrieval import Base
from bot.smalltalk import Control, PhraseBook
from bot.wrongfield import first_wrong_field


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
    transfer_notice: str = Field("Соединяю.", min_length=1, max_length=400)
    """Said before the caller is handed over to a person: short, as they are waiting for it."""
    routing: dict[Base, tuple[str, ...]]
    """Word beginnings (lower case) that send a question to a base first."""
    small_talk: dict[Control, SmallTalk] = {}
    """What is answered at once, without the bases; a control that is absent is a question."""

    @cached_property
    def phrase_book(self) -> PhraseBook:
        """The phrases of the small talk, ready to be compared."""
        return PhraseBook({control: talk.phrases for control, talk in self.small_talk.items()})


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
    """The prompts in a file's text; :class:`KnowledgeError` starts with ``where``."""
    try:
        return Prompts.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise KnowledgeError(f"{where}: строка {error.lineno} — не JSON: {error.msg}") from error
    except ValidationError as error:
        raise KnowledgeError(f"{where}: {first_wrong_field(error)}") from error
