"""The prompts: their variables, and what an older file leaves out."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import KnowledgeError
from bot.prompts import (
    SAMPLE_PATH,
    Prompts,
    advice_on_missing,
    check_prompts,
    missing_parts,
    published_prompts,
)

PHONE = "+7 (900) 000-00-00"


def written(**changes: Any) -> str:
    """The sample with changes, as a file says it."""
    return json.dumps(json.loads(SAMPLE_PATH.read_text("utf-8")) | changes)


def checked(**changes: Any) -> Prompts:
    return check_prompts(written(**changes), "prompts.json")


def test_a_variable_is_said_wherever_it_stands() -> None:
    talk = {"thanks": {"phrases": ["спасибо"], "answer": "Звоните: {телефон}."}}
    prompts = checked(
        variables={"телефон": PHONE}, greeting="Это {телефон}, {телефон}.",
        system_prompt="Называй {телефон}.", small_talk=talk,
    )  # fmt: skip
    assert prompts.greeting == f"Это {PHONE}, {PHONE}."
    assert prompts.system_prompt == f"Называй {PHONE}."
    assert prompts.small_talk["thanks"].answer == f"Звоните: {PHONE}."
    assert prompts.phrase_book.control_of("спасибо") == "thanks"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"greeting": "Это {город}."}, "greeting: подстановки {город} нет; есть {телефон}"),
        ({"system_prompt": "Вот {context}"}, "system_prompt: подстановки {context} нет"),
        ({"asr_terms": "кН, {телефон}"}, "asr_terms: подстановки {телефон} нет"),
        (
            {"small_talk": {"robot": {"phrases": [], "answer": "Я {имя}."}}},
            "small_talk.robot.answer: подстановки {имя} нет",
        ),
        ({"greeting": "Это {я}.", "variables": {}}, "подстановки {я} нет; здесь их не бывает"),
        ({"variables": {"мой телефон": PHONE}}, "variables.мой телефон.[key]: недопустимые знаки"),
        ({"variables": {"телефон": ""}}, "variables.телефон: не может быть пустым"),
    ],
)
def test_an_unknown_variable_is_refused_by_its_name(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        checked(**{"variables": {"телефон": PHONE}, "small_talk": {}} | changes)
    assert told in str(refused.value)


def test_braces_around_anything_else_are_braces() -> None:
    text = 'Отвечай так: {"ответ": 1}, {}, { слово }, {1}.'
    assert checked(system_prompt=text).system_prompt == text


def test_a_release_from_before_there_were_variables_stays_in_service() -> None:
    text = written(greeting="Это {город}.")
    assert published_prompts(text, "выпуск 1").greeting == "Это {город}."


def test_what_an_older_file_leaves_out_is_told_with_what_to_copy_where() -> None:
    old = json.loads(written())
    del old["small_talk"], old["variables"]
    assert missing_parts(check_prompts(json.dumps(old), "")) == ("small_talk",)
    del old["transfer_notice"], old["closing_soon"]
    assert missing_parts(check_prompts(json.dumps(old), "")) == (
        "closing_soon",
        "transfer_notice",
        "small_talk",
    )
    talk = json.loads(written())["small_talk"]
    talk.pop("repeat")
    parts = missing_parts(checked(small_talk=talk, routing={"general": []}))
    assert parts == ("small_talk.repeat", "routing.tech")
    advice = advice_on_missing(parts, Path("kb/prompts.json"))
    assert "small_talk.repeat, routing.tech: скопируйте их из kb/prompts.sample.json" in advice
    assert " в kb/prompts.json " in advice


def test_what_is_there_and_empty_is_not_missing() -> None:
    talk = {name: {"phrases": [], "answer": "Да."} for name in json.loads(written())["small_talk"]}
    prompts = checked(small_talk=talk, routing={"general": [], "tech": []})
    assert missing_parts(prompts) == ()
    assert prompts.phrase_book.control_of("спасибо") is None
