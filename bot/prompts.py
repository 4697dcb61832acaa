"""Everything the assistant says or is told that is not from a knowledge base."""

import json
import threading
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import KnowledgeError
from bot.retrieval import Base
from bot.smalltalk import Control, PhraseBook


class SmallTalk(BaseModel):
    """What callers say to ask for one control, and what is said to it.

    An empty ``answer`` is silence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrases: tuple[str, ...]
    answer: str = Field(max_length=400)


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
    routing: dict[Base, tuple[str, ...]]
    """Word beginnings (lower case) that send a question to a base first."""
    small_talk: dict[Control, SmallTalk] = {}
    """What is answered at once, without the bases; a control that is absent is a question."""

    @cached_property
    def phrase_book(self) -> PhraseBook:
        """The phrases of the small talk, ready to be compared."""
        return PhraseBook({control: talk.phrases for control, talk in self.small_talk.items()})


class PromptsFile:
    """The prompts as last saved: re-read when the file changed, so an edit needs no restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._current: Prompts | None = None

    def current(self) -> Prompts:
        """The prompts in force.

        A broken edit is refused and the previous text stays in force; with nothing to fall
        back on it raises :class:`KnowledgeError`.
        """
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp or self._current is None:
                self._reload(stamp)
            if self._current is None:
                raise KnowledgeError(f"{self._path}: the prompts file does not exist")
            return self._current

    def _read_stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def _reload(self, stamp: tuple[int, int] | None) -> None:
        try:
            self._current = read_prompts(self._path)
        except KnowledgeError:
            if self._current is None:
                raise
        self._stamp = stamp


def read_prompts(path: Path) -> Prompts:
    """Read and check a prompts file; :class:`KnowledgeError` says what is wrong with it."""
    try:
        return Prompts.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(f"{path}: is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise KnowledgeError(f"{path}: line {error.lineno} is not JSON: {error.msg}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(f"{path}: {place}: {first['msg']}") from error
