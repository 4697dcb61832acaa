"""The history of the prompts: who changed what, and older ones published again."""

from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from bot.releases.publisher import Publisher
from tests.webadmin.answering import Place, open_place
from tests.webadmin.knowledgelab import words_of
from tests.webadmin.promptslab import PROMPTS, prompts_in_service, save, send

HISTORY = f"{PROMPTS}/history"


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Place:
    """Release 2 changed the settings, 3 and 4 the prompts."""
    place = open_place(built, tmp_path)
    Publisher(place.settings).change_settings({"kb_top_k": 5}, "Вера")
    save(place, "Анна", greeting="Слушаю вас.", note="короче")
    save(place, "Борис", small_talk__thanks__phrases=["спасибо", "мерси"], goodbye="Пока.")
    return place


def page(place: Place, path: str) -> str:
    answer = place.client.get(path)
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)


def test_the_history_lists_what_changed_the_prompts_in_the_operators_words(place: Place) -> None:
    told = page(place, HISTORY)
    fourth, third, first = told.index("№ 4 в работе"), told.index("№ 3"), told.index("№ 1")
    assert fourth < third < first
    assert "Борис Прощание после тишины; Просьбы, на которые отвечают сразу" in told
    assert "Анна Приветствие «короче»" in told
    assert "Вера" not in told
    assert page(place, f"{HISTORY}?before=3").count("№") == 1


def test_two_releases_are_compared_field_by_field(place: Place) -> None:
    told = page(place, f"{PROMPTS}/compare?old=3&new=4")
    assert "Прощание после тишины Строка" in told
    assert "− Да." in told
    assert "+ Пока." in told
    assert "Просьба «Поблагодарить», фразы" in told
    assert "+ мерси" in told
    assert "Приветствие" not in told
    assert "одинаковы" in page(place, f"{PROMPTS}/compare?old=1&new=2")
    assert place.client.get(f"{PROMPTS}/compare?old=1").status_code == 400
    assert place.client.get(f"{PROMPTS}/compare?old=1&new=99").status_code == 404


def again(place: Place, number: int, over: int) -> int:
    path = f"{PROMPTS}/releases/{number}/publish"
    return send(place, MultiDict({"over": str(over)}), by="Вера", path=path).status_code


def test_older_prompts_come_back_alone(place: Place) -> None:
    assert again(place, 3, 4) == 200
    prompts = prompts_in_service(place)
    assert place.release == 5
    assert (prompts["greeting"], prompts["goodbye"]) == ("Слушаю вас.", "Да.")
    assert place.client.get("/api/settings").get_json()["kb_top_k"] == 5
    told = page(place, HISTORY)
    assert "Вера" in told
    assert "«подсказки из выпуска 3»" in told


def test_older_prompts_do_not_replace_what_nobody_has_seen(place: Place) -> None:
    seen = place.release
    save(place, "Борис", greeting="Алло.")
    assert again(place, 3, seen) == 409
    assert again(place, 77, place.release) == 404
    assert prompts_in_service(place)["greeting"] == "Алло."
