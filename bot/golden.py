"""The golden questions (``kb/golden.jsonl``): what callers ask and what a true answer holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import KnowledgeError
from bot.llm import Exchange
from bot.retrieval import Base

GOLDEN_PATH = Path("kb/golden.jsonl")

Kind = Literal[
    "plain", "recognised", "numbers", "follow_up", "other_base", "no_answer", "off_topic",
    "hostile", "small_talk", "paraphrase",
]  # fmt: skip
"""What sort of question it is.

``plain``: typed as one would write it. ``recognised``: as a recogniser writes, without
punctuation, with small errors, units spelled out. ``numbers``: about figures, prices, units.
``follow_up``: needs ``history``. ``other_base``: its words suggest the base that does not answer
it. ``no_answer``: about the company or its machines, yet neither base tells. ``off_topic``:
about anything else. ``hostile``: injections, insults, gibberish. ``small_talk``: greetings,
thanks, «повторите». ``paraphrase``: another way to ask the question ``same_as``.
"""
REFUSED: frozenset[Kind] = frozenset({"no_answer", "off_topic", "hostile"})
"""Kinds whose right answer is that there is none."""


class GoldenQuestion(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    kind: Kind
    question: str
    """As the caller says it, before :func:`bot.normalize.normalize`. May be empty (hostile)."""
    history: tuple[Exchange, ...] = ()
    """The dialogue before it, oldest first."""
    base: Base | None = None
    """The base that answers it; ``None`` when neither does."""
    headings: tuple[str, ...] = ()
    """Headings of the passages that answer it (any of them is right), as in the base."""
    contains: tuple[str, ...] = ()
    """Words that a right answer holds, as written in the base; ``a|b``: either of them."""
    lacks: tuple[str, ...] = ()
    """Words that no right answer holds."""
    same_as: str | None = None
    """Id of the question that this one paraphrases."""
    control: str | None = None
    """Small talk: what is asked for (:data:`bot.smalltalk.CONTROLS`)."""

    @model_validator(mode="after")
    def _is_whole(self) -> "GoldenQuestion":
        answerable = self.kind not in REFUSED and self.kind != "small_talk"
        if answerable != (self.base is not None and bool(self.headings)):
            raise ValueError("base and headings belong to answerable questions, and only to them")
        if (self.kind == "follow_up") != bool(self.history):
            raise ValueError("a follow-up, and nothing else, has a history")
        if (self.kind == "small_talk") != (self.control is not None):
            raise ValueError("small talk, and nothing else, has a control")
        if (self.kind == "paraphrase") != (self.same_as is not None):
            raise ValueError("a paraphrase, and nothing else, is the same as another question")
        return self


def read_golden(path: Path = GOLDEN_PATH) -> tuple[GoldenQuestion, ...]:
    """The questions of a file, checked; :class:`KnowledgeError` names the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: файл не читается: {error}") from error
    questions = [_read(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    _check_ids(path, questions)
    return tuple(questions)


def _read(path: Path, number: int, line: str) -> GoldenQuestion:
    try:
        return GoldenQuestion.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(f"{path}: строка {number}: {place}: {first['msg']}") from error


def _check_ids(path: Path, questions: Sequence[GoldenQuestion]) -> None:
    ids = [question.id for question in questions]
    for question in questions:
        if ids.count(question.id) > 1:
            raise KnowledgeError(f"{path}: {question.id} встречается дважды")
        if question.same_as is not None and question.same_as not in ids:
            raise KnowledgeError(f"{path}: {question.id} повторяет вопрос, которого нет")


def is_held_out(question: GoldenQuestion) -> bool:
    """Whether a question is of the half that nothing may be fitted to.

    Half of the questions of each kind, told apart by the id alone; a paraphrase goes with the
    question it repeats.
    """
    digits = (question.same_as or question.id).encode()
    return sum(digits) % 2 == 1
