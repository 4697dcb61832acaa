"""The form of the prompts: everything in it can be changed, and nothing is lost or overwritten."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.prompts import SAMPLE_PATH, Prompts
from bot.releases.publisher import Publisher
from bot.releases.serving import ReleaseFolder
from bot.releases.store import ReleaseStore, digests
from bot.releases.takeup import TakeUps
from bot.smalltalk import CONTROLS
from tests.webadmin.answering import Place, open_place
from tests.webadmin.knowledgelab import words_of
from tests.webadmin.promptslab import (
    PROMPTS,
    changed,
    form_of,
    last_author,
    prompts_in_service,
    save,
    send,
)
from webadmin.prompts.fields import SPOKEN, TEXT_TITLES, TOLD, talk_field, title_of


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Place:
    return open_place(built, tmp_path)


def test_every_part_of_the_prompts_has_a_field_with_words_for_it() -> None:
    texts = {name for name, field in Prompts.model_fields.items() if field.annotation is str}
    assert set(TEXT_TITLES) == texts
    assert set(Prompts.model_fields) - texts == {"fillers", "routing", "small_talk", "variables"}
    for field in (*SPOKEN, *TOLD, *(talk_field(control).answer for control in CONTROLS)):
        assert field.limit > 0
        assert re.search("[а-я]", field.title)
    assert title_of("small_talk.robot.phrases") == "Просьба «Спросить, кто говорит»"


def test_the_form_sent_back_as_it_is_changes_nothing(place: Place) -> None:
    before = prompts_in_service(place)
    answer = save(place)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, PROMPTS)
    assert "Ничего не изменилось" in place.client.get(PROMPTS).text
    assert (place.release, prompts_in_service(place)) == (1, before)


def test_everything_can_be_changed_and_is_one_release(place: Place) -> None:
    answer = save(
        place, "Анна К.",
        greeting="  Слушаю вас.\r\nГоворите, {телефон}. ", asr_terms="кН, МПа",
        routing__tech=["рэм", " ", "сил", "рэм"],
        small_talk__thanks__phrases=["спасибо", "  благодарю   вас "],
        small_talk__thanks__answer="Не за что.",
        variable=["{телефон}", "", "часы"], value=[" 123 45 67 ", "", "с восьми"],
        note="проще",
    )  # fmt: skip
    assert answer.status_code == 200
    prompts = prompts_in_service(place)
    assert place.release == 2
    assert prompts["greeting"] == "Слушаю вас.\nГоворите, {телефон}."
    assert prompts["routing"]["tech"] == ["рэм", "сил"]
    assert prompts["small_talk"]["thanks"] == {
        "phrases": ["спасибо", "благодарю вас"], "answer": "Не за что.",
    }  # fmt: skip
    assert prompts["variables"] == {"телефон": "123 45 67", "часы": "с восьми"}
    assert prompts["system_prompt"] == "Отвечай кратко."
    assert last_author(place) == "Анна К."
    assert json.loads((place.folder / "prompts.json").read_text("utf-8")) == prompts


def test_a_changed_prompt_is_in_force_at_a_workers_next_turn_and_the_page_says_since_when(
    place: Place,
) -> None:
    with TakeUps(place.settings.persist_directory, "agent") as taken_up:
        worker = ReleaseFolder(place.settings, model_key(place), taken_up)
        assert worker.current().prompts.greeting == "Да."
        save(place, greeting="Слушаю вас.")
        assert "ещё не применён. Агент пока отвечает по выпуску 1" in page(place)
        assert worker.current().prompts.greeting == "Слушаю вас."
        assert re.search(r"Применено агентом [\d.]+ в \d\d:\d\d:\d\d , выпуск 2", page(place))


@pytest.mark.parametrize(
    ("change", "wrong_at", "told"),
    [
        ({"greeting": " "}, "greeting", "Приветствие: не может быть пустым"),
        ({"greeting": "а" * 401}, "greeting", "Приветствие: длиннее 400 знаков"),
        (
            {"goodbye": "Звоните: {номер}."}, "goodbye",
            "Прощание после тишины: подстановки {номер} нет; здесь их не бывает",
        ),
        (
            {"small_talk__robot__answer": "Я {имя}.", "variable": ["кто"], "value": ["помощник"]},
            "small_talk.robot.answer",
            "Просьба «Спросить, кто говорит»: подстановки {имя} нет; есть {кто}",
        ),
        (
            {"small_talk__robot__phrases": ["робот " * 30]}, "small_talk.robot.phrases",
            "строка длиннее 120 знаков: «робот робот",
        ),
        ({"apology": "Прост\x00ите."}, "apology", "нечитаемый знак"),
        ({"routing__tech": ["рэм\N{REPLACEMENT CHARACTER}"]}, "routing.tech", "нечитаемый знак"),
        ({"variable": ["мой номер"], "value": ["1"]}, "variables", "недопустимые знаки"),
        ({"variable": ["номер"], "value": [""]}, "variables", "не может быть пустым"),
        ({"variable": ["а", "а"], "value": ["1", "2"]}, "variables", "{а} стоит дважды"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_at_its_place_and_nothing_is_published(
    place: Place, change: dict[str, str | list[str]], wrong_at: str, told: str
) -> None:
    answer = send(place, changed(form_of(place), **change))
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (422, "none")
    events = json.loads(answer.headers["HX-Trigger"])
    assert [one["place"] for one in events["prompts-wrong"]["problems"]] == [wrong_at]
    assert told in events["toast"]["text"]
    assert "всё осталось в форме" in events["toast"]["text"]
    assert place.release == 1


def test_all_that_is_wrong_is_told_at_once(place: Place) -> None:
    answer = save(
        place, greeting="", goodbye="а" * 401, apology="{я}", variable=["а", "а"], value=["1", "2"]
    )
    problems = json.loads(answer.headers["HX-Trigger"])["prompts-wrong"]["problems"]
    assert [one["place"] for one in problems] == ["variables", "greeting", "goodbye", "apology"]


def test_no_change_without_the_key(place: Place) -> None:
    answer = send(place, changed(form_of(place), greeting="Алло."), key=None)
    assert answer.status_code == 401
    assert place.release == 1


def test_of_two_operators_the_second_is_told_and_both_edits_can_be_published(place: Place) -> None:
    mine = changed(
        form_of(place), goodbye="Пока.", small_talk__thanks__phrases=["спасибо", "мерси"]
    )
    save(place, "Борис", greeting="Слушаю.", small_talk__thanks__phrases=["благодарю"])
    answer = send(place, mine)
    assert answer.status_code == 409
    told = words_of(answer.text)
    assert "выпуск 2, Борис" in told
    assert "Изменено: Приветствие; Просьба «Поблагодарить»" in told
    assert "Одно и то же" not in told
    assert place.release == 2
    together = send(place, changed(mine, onto="2"))
    assert together.status_code == 200
    prompts = prompts_in_service(place)
    assert (prompts["greeting"], prompts["goodbye"]) == ("Слушаю.", "Пока.")
    assert prompts["small_talk"]["thanks"]["phrases"] == ["благодарю", "мерси"]


@pytest.mark.parametrize(("keep", "greeting"), [("mine", "Алло."), ("theirs", "Слушаю.")])
def test_where_both_changed_the_same_the_operator_decides(
    place: Place, keep: str, greeting: str
) -> None:
    mine = changed(form_of(place), greeting="Алло.", goodbye="Пока.")
    save(place, "Борис", greeting="Слушаю.", no_answer="Не знаю.")
    told = words_of(send(place, mine).text)
    assert "Одно и то же изменили оба: Приветствие у вас: Алло. в выпуске 2: Слушаю." in told
    send(place, changed(mine, onto="2", keep=keep))
    prompts = prompts_in_service(place)
    assert (prompts["greeting"], prompts["goodbye"]) == (greeting, "Пока.")
    assert prompts["no_answer"] == "Не знаю."


def test_an_edit_that_nobody_has_been_shown_is_shown_first(place: Place) -> None:
    mine = changed(form_of(place), goodbye="Пока.")
    for greeting in ("Раз.", "Два."):
        save(place, "Борис", greeting=greeting)
    assert send(place, changed(mine, onto="2")).status_code == 409
    assert place.release == 3


def test_a_change_of_the_settings_meanwhile_is_in_nobodys_way(place: Place) -> None:
    mine = changed(form_of(place), goodbye="Пока.")
    place.post("/api/settings", {"kb_top_k": 5})
    assert send(place, mine).status_code == 200
    assert place.release == 3


@pytest.fixture
def older(built: Path, tmp_path: Path) -> Place:
    """Prompts from before there was small talk."""
    place = open_place(built, tmp_path)
    prompts = prompts_in_service(place)
    del prompts["small_talk"], prompts["transfer_notice"]
    Publisher(place.settings).change_prompts(prompts, "Анна")
    return place


def test_what_older_prompts_lack_is_told_and_taken_from_the_sample(older: Place) -> None:
    told = page(older)
    assert "нет: «Перед переводом на сотрудника»; «Просьбы, на которые отвечают сразу»." in told
    assert "transfer_notice, small_talk: скопируйте их из kb/prompts.sample.json" in told
    assert 'name="small_talk.' not in older.client.get(PROMPTS).text
    assert save(older, goodbye="Пока.").status_code == 200  # without them, as before
    form = form_of(older, f"{PROMPTS}?sample=missing")
    assert older.release == 3
    assert send(older, form).status_code == 200
    sample = json.loads(SAMPLE_PATH.read_text("utf-8"))
    prompts = prompts_in_service(older)
    assert prompts["transfer_notice"] == sample["transfer_notice"]
    assert prompts["small_talk"] == sample["small_talk"]
    assert prompts["goodbye"] == "Пока."
    assert "Файл подсказок старше" not in page(older)


def test_prompts_that_this_program_cannot_take_are_told_with_what_to_do(place: Place) -> None:
    store = ReleaseStore(place.settings.persist_directory)
    record = store.record(1)
    prompts = prompts_in_service(place)
    del prompts["too_long"]
    older = replace(store.content(record), prompts=json.dumps(prompts))
    for file in (store.directory / "releases" / "1").iterdir():
        file.unlink()
    store.write(record.model_copy(update={"files": digests(older)}), older)
    answer = place.client.get(PROMPTS)
    assert answer.status_code == 422
    assert "выпуск 1: too_long: этого поля не хватает. Исправьте" in words_of(answer.text)
    assert "по образцу kb/prompts.sample.json" in words_of(answer.text)


def page(place: Place, path: str = PROMPTS) -> str:
    return words_of(place.client.get(path).text)


def model_key(place: Place) -> str:
    """That of the embedder that the index was built with."""
    store = ReleaseStore(place.settings.persist_directory)
    return store.builds.manifest(store.record(1).build_id).model_key
