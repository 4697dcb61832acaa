"""The bases, prompts and settings over HTTP: read, changed, and heard in the next answer."""

import threading
from pathlib import Path
from typing import Any

import pytest

from bot.releases.store import ReleaseStore
from tests.webadmin.answering import KEY, Place, open_place

PATHS = ["/api/prompts", "/api/settings", "/api/model-settings"]


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Place:
    return open_place(built, tmp_path)


def asked(place: Place, text: str) -> Any:
    return place.post("/api/ask", {"text": text}).get_json()


@pytest.mark.parametrize(("path", "name"), [("/kb", "general.md"), ("/kb2", "tech.md")])
def test_a_base_is_given_as_published(place: Place, path: str, name: str) -> None:
    (place.folder / name).write_text("# Правка, которую никто не опубликовал\nНет.\n")
    answer = place.client.get(path)
    assert answer.content_type == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Общая база" if path == "/kb" else "# Техническая база")
    assert answer.headers["X-Release"] == "1"


@pytest.mark.parametrize("path", ["/kb", "/kb2", "/api/prompts", "/api/settings"])
def test_what_the_client_has_already_is_not_sent_again(place: Place, path: str) -> None:
    tag = place.client.get(path).headers["ETag"]
    again = place.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert place.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/kb", "/kb2", "/api/prompts", "/api/settings"])
def test_without_a_release_there_is_nothing_to_give(place: Place, path: str) -> None:
    (place.folder / "index" / "current").unlink()
    answer = place.client.get(path)
    assert answer.status_code == 503
    assert "python -m bot.index" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("path", PATHS)
def test_no_change_without_the_key(place: Place, path: str) -> None:
    for key in (None, "", "ключ", "ключ-операторов "):
        answer = place.post(path, {"kb_top_k": 5}, key=key)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "unauthorized")
    assert place.release == 1


def test_no_change_at_all_when_no_key_is_set(built: Path, tmp_path: Path) -> None:
    place = open_place(built, tmp_path, api_secret_key=None)
    answer = place.post("/api/settings", {"kb_top_k": 5})
    assert answer.status_code == 403
    assert "API_SECRET_KEY" in answer.get_json()["error"]["message"]


def test_one_prompt_is_changed_and_heard_in_the_next_answer(place: Place) -> None:
    before = place.client.get("/api/prompts").get_json()
    assert asked(place, "Кто такой Пушкин?")["answer"] == before["no_answer"]

    answer = place.post("/api/prompts", {"no_answer": "Не знаю."}).get_json()
    assert (answer["release"], answer["changed"]) == (2, True)
    assert answer["prompts"] == before | {"no_answer": "Не знаю."}
    assert place.client.get("/api/prompts").get_json() == answer["prompts"]
    later = asked(place, "Кто такой Пушкин?")
    assert (later["answer"], later["trace"]["release"]) == ("Не знаю.", 2)


def test_the_whole_of_the_prompts_may_be_sent_back(place: Place) -> None:
    prompts = place.client.get("/api/prompts").get_json()
    same = place.post("/api/prompts", prompts).get_json()
    assert (same["release"], same["changed"]) == (1, False)
    changed = place.post("/api/prompts", prompts | {"greeting": "Алло!"}).get_json()
    assert (changed["release"], changed["prompts"]["greeting"]) == (2, "Алло!")


def test_a_part_of_a_part_leaves_the_rest_and_null_takes_it_away(place: Place) -> None:
    thanks = {"small_talk": {"thanks": {"answer": "Не за что!"}, "greeting": None}}
    prompts = place.post("/api/prompts", thanks).get_json()["prompts"]
    assert prompts["small_talk"]["thanks"] == {"phrases": ["спасибо"], "answer": "Не за что!"}
    assert "greeting" not in prompts["small_talk"]
    assert "repeat" in prompts["small_talk"]
    assert asked(place, "Спасибо")["answer"] == "Не за что!"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"greeting": ""}, "greeting: не может быть пустым"),
        ({"greeting": None}, "greeting: этого поля не хватает"),
        ({"greeting": 5}, "greeting: должно быть текстом"),
        ({"greeting": "А" * 401}, "greeting: длиннее 400 знаков"),
        ({"greeting": "Это {город}."}, "greeting: подстановки {город} нет"),
        ({"welcome": "Алло"}, "welcome: такого поля нет"),
        ({"small_talk": {"sing": {"phrases": [], "answer": ""}}}, "small_talk.sing"),
        ({"routing": {"general": "гарант"}}, "routing.general: должно быть списком"),
    ],
)
def test_a_wrong_prompt_is_named_and_nothing_changes(
    place: Place, change: dict[str, object], named: str
) -> None:
    answer = place.post("/api/prompts", change)
    assert answer.status_code == 422
    assert named in answer.get_json()["error"]["message"]
    assert place.release == 1


def test_settings_are_given_and_changed_by_the_contracts_names(place: Place) -> None:
    assert place.client.get("/api/settings").get_json() == {
        "kb_top_k": 3,
        "kb_fallback_threshold": 0.2,
        "llm_model_primary": "gpt-4o-mini",
        "llm_model_fallback": "gpt-6-luna",
        "llm_temperature": 0.2,
    }
    changed = place.post("/api/settings", {"kb_top_k": 1}).get_json()
    assert (changed["release"], changed["changed"], changed["kb_top_k"]) == (2, True, 1)
    assert len(asked(place, "Какая гарантия?")["passages"]) == 1


def test_older_clients_may_send_numbers_as_text(place: Place) -> None:
    sent = {"kb_top_k": "5", "kb_fallback_threshold": "0.35", "llm_temperature": "1"}
    answer = place.post("/api/model-settings", sent).get_json()
    assert (answer["kb_top_k"], answer["kb_fallback_threshold"], answer["llm_temperature"]) == (
        5, 0.35, 1.0,
    )  # fmt: skip
    back = place.post("/api/model-settings", {"kb_top_k": None}).get_json()
    assert (back["kb_top_k"], back["llm_temperature"]) == (3, 1.0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kb_top_k": 0}, "kb_top_k: должно быть не меньше 1"),
        ({"kb_top_k": "много"}, "kb_top_k: должно быть целым числом"),
        ({"kb_top_k": 2.5}, "kb_top_k: должно быть целым числом"),
        ({"kb_top_k": True}, "kb_top_k: должно быть числом"),
        ({"kb_top_k": 10**400}, "kb_top_k: должно быть"),
        ({"kb_fallback_threshold": 1.01}, "kb_fallback_threshold: должно быть не больше 1"),
        ({"kb_fallback_threshold": "NaN"}, "kb_fallback_threshold: должно быть"),
        ({"llm_temperature": [1]}, "llm_temperature: должно быть числом"),
        ({"llm_model_primary": ""}, "llm_model_primary: не может быть пустым"),
        ({"llm_model_primary": 4}, "llm_model_primary: должно быть текстом"),
        ({"temperature": 1}, "temperature: такого поля нет"),
        ({"kb_top_k": 4, "llm_temperature": 9}, "llm_temperature"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_changes(
    place: Place, change: dict[str, object], named: str
) -> None:
    answer = place.post("/api/model-settings", change)
    assert answer.status_code == 422
    assert named in answer.get_json()["error"]["message"]
    assert place.release == 1


def test_of_changes_that_meet_none_is_lost(place: Place) -> None:
    changes = {"greeting": "Раз.", "goodbye": "Два.", "apology": "Три.", "no_answer": "Четыре."}
    together = threading.Barrier(len(changes))

    def change(name: str, value: str) -> None:
        client = place.app.test_client()
        together.wait(30)
        headers = {"X-API-Key": KEY.encode().decode("latin-1")}
        answer = client.post("/api/prompts", json={name: value}, headers=headers)
        assert answer.status_code == 200, answer.text

    threads = [threading.Thread(target=change, args=one) for one in changes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    prompts = place.client.get("/api/prompts").get_json()
    assert {name: prompts[name] for name in changes} == changes
    assert place.release == 1 + len(changes)


@pytest.mark.parametrize(
    ("path", "change"),
    [("/api/prompts", {"greeting": "Алло!"}), ("/api/settings", {"kb_top_k": 9})],
)
def test_a_change_of_what_somebody_else_has_changed_is_refused(
    place: Place, path: str, change: dict[str, object]
) -> None:
    tag = {"If-Match": place.client.get(path).headers["ETag"]}
    assert place.post(path, change, headers=tag).status_code == 200
    late = place.post(path, change, headers=tag)
    assert (late.status_code, late.get_json()["error"]["code"]) == (412, "precondition_failed")
    assert place.release == 2


def test_a_change_is_signed_by_who_made_it(place: Place) -> None:
    place.post("/api/settings", {"kb_top_k": 2}, headers={"X-Author": "%D0%98%D1%80%D0%B0"})
    assert ReleaseStore(place.settings.persist_directory).record(2).author == "Ира"
