"""The form as it was sent: prompts as their file would hold them, and what is wrong with them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from bot.prompts import Prompts, wrong_variables_of
from bot.retrieval import BASES
from bot.smalltalk import CONTROLS
from bot.wrongfield import wrong_fields
from webadmin.prompts.fields import FILLERS, LONGEST_LINE, TEXT_TITLES, title_of
from webadmin.prompts.merging import by_places

PART = "part"
"""Names the lists that the form holds: one without a line sends nothing else."""
VARIABLE, VALUE = "variable", "value"

_UNREADABLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\\N{REPLACEMENT CHARACTER}]")

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What keeps the form from being published."""

    place: str
    words: str

    @property
    def told(self) -> str:
        """For a list of problems."""
        return f"{title_of(self.place)}: {self.words}"


def prompts_of(form: MultiDict[str, str]) -> Json:
    """What the form says, unchecked. Parts that it does not hold are not in the result."""
    found: Json = {name: _text(form[name]) for name in TEXT_TITLES if name in form}
    variables = variables_of(form)
    if variables:
        found["variables"] = variables
    parts = form.getlist(PART)
    talk = {
        control: {
            "phrases": _lines(form, f"small_talk.{control}.phrases"),
            "answer": _text(form.get(f"small_talk.{control}.answer", "")),
        }
        for control in CONTROLS
        if f"small_talk.{control}" in parts
    }
    if talk:
        found["small_talk"] = talk
    if FILLERS.place in parts:
        found["fillers"] = _lines(form, FILLERS.place)
    found["routing"] = {
        kb: _lines(form, f"routing.{kb}") for kb in BASES if f"routing.{kb}" in parts
    }
    return found


def variables_of(form: MultiDict[str, str]) -> dict[str, str]:
    """The variables by their names; of lines without anything in them nothing is known."""
    rows = zip(form.getlist(VARIABLE), form.getlist(VALUE), strict=False)
    named = ((_name(name), " ".join(value.split())) for name, value in rows)
    return {name: value for name, value in named if name or value}


def problems_of(form: MultiDict[str, str], prompts: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with what the form says."""
    texts = {place: text for place, text in by_places(prompts).items() if _is_text(place)}
    found = [*_twice(form), *_unreadable(prompts)]
    try:
        found += _too_long(Prompts.model_validate(prompts))
    except ValidationError as error:
        found += [Problem(_place(place), words) for place, words in wrong_fields(error).items()]
    wrong = wrong_variables_of(texts, prompts.get("variables", {}))
    return found + [Problem(place, words) for place, words in wrong]


def _is_text(place: str) -> bool:
    return place in TEXT_TITLES or place.endswith(".answer")


def _twice(form: MultiDict[str, str]) -> Iterator[Problem]:
    names = [_name(name) for name in form.getlist(VARIABLE) if _name(name)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("variables", f"{{{name}}} стоит дважды")


def _unreadable(prompts: Mapping[str, Any]) -> Iterator[Problem]:
    """What a broken copy leaves: neither a voice nor a model can do anything with it."""
    for place, value in by_places(prompts).items():
        text = value if isinstance(value, str) else " ".join(value)
        if _UNREADABLE.search(text):
            yield Problem(_place(place), "нечитаемый знак, сотрите его")


def _too_long(prompts: Prompts) -> Iterator[Problem]:
    lists = {f"routing.{kb}": words for kb, words in prompts.routing.items()}
    for control, talk in prompts.small_talk.items():
        lists[f"small_talk.{control}.phrases"] = talk.phrases
    for place, lines in lists.items():
        for line in lines:
            if len(line) > LONGEST_LINE:
                yield Problem(place, f"строка длиннее {LONGEST_LINE} знаков: «{line[:40]}…»")


def _place(place: str) -> str:
    """The field of the form that a place belongs to."""
    for kind in ("phrases", "routing.general", "routing.tech", "fillers"):
        before, found, _ = place.partition(kind)
        if found:
            return before + found
    return "variables" if place.startswith("variables") else place


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _name(value: str) -> str:
    return value.strip().removeprefix("{").removesuffix("}").strip()


def _lines(form: MultiDict[str, str], name: str) -> list[str]:
    """Each line once, blanks put right."""
    lines = (" ".join(line.split()) for line in form.getlist(name))
    return list(dict.fromkeys(line for line in lines if line))
