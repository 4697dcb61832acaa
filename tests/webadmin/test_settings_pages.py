"""The settings' pages: shown, changed by one of two operators, brought back, and no secret."""

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.calllog import CallLog
from bot.errors import OvertakenError
from bot.livesettings import LiveSettings
from bot.records import AnswerTrace, BotLine, UserLine, now
from bot.releases.publisher import Publisher
from bot.releases.store import ReleaseStore
from bot.settings import Settings
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.knowledgelab import words_of
from webadmin import create_app
from webadmin.settings.explained import EXPLAINED

SETTINGS = "/logs-ui/settings"
KEY = "ключ-k"
HTMX = {"HX-Request": "true"}
SHOWN = {
    "kb_top_k": "3", "kb_fallback_threshold": "0,2", "llm_model_primary": "gpt-4o-mini",
    "llm_model_fallback": "gpt-6-luna", "llm_temperature": "0,2",
}  # fmt: skip


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings(api_secret_key=KEY)


@pytest.fixture
def store(settings: Settings) -> ReleaseStore:
    return ReleaseStore(settings.persist_directory)


def post(client: FlaskClient, path: str, by: str = "Анна", **fields: object) -> TestResponse:
    headers = {"X-API-Key": KEY.encode().decode("latin-1"), "X-Author": quote(by)} | HTMX
    return client.post(path, data=fields, headers=headers)


def save(
    client: FlaskClient, based_on: int = 1, by: str = "Анна", **changed: object
) -> TestResponse:
    return post(client, SETTINGS, by, **(SHOWN | changed | {"based_on": based_on}))


def changed_settings(store: ReleaseStore) -> dict[str, object]:
    return dict(store.content(store.record(store.in_service())).settings)


def values(page: str) -> dict[str, str]:
    """The fields of the form as they are shown."""
    found = {}
    for name in LiveSettings.model_fields:
        field = re.search(rf'<input[^>]*\bid="{name}".*?>', page, re.DOTALL)
        assert field
        found[name] = re.search(r'value="([^"]*)"', field[0])[1]  # type: ignore[index]
    return found


def test_every_setting_is_explained_and_shown_as_it_is_in_service(client: FlaskClient) -> None:
    assert {one.name for one in EXPLAINED} == set(LiveSettings.model_fields)
    page = client.get(SETTINGS).text
    assert values(page) == SHOWN
    for one in EXPLAINED:
        assert one.about in page
        assert one.advice in page


def test_a_saved_setting_is_a_release_and_the_page_says_when_callers_get_it(
    client: FlaskClient, store: ReleaseStore
) -> None:
    answer = save(client, kb_fallback_threshold="0,35", note="часто не о том")
    assert answer.status_code == 200
    assert changed_settings(store) == {"kb_fallback_threshold": 0.35}
    record = store.record(2)
    assert (record.author, record.note) == ("Анна", "часто не о том")
    assert "Выпуск 2 ещё не применён: агент не запущен" in words_of(answer.text)
    assert "В .env (KB_FALLBACK_THRESHOLD): 0,2" in words_of(answer.text)
    assert answer.headers["HX-Replace-Url"] == SETTINGS


def test_a_value_that_env_has_too_follows_env_again(
    client: FlaskClient, store: ReleaseStore
) -> None:
    save(client, kb_top_k=7)
    save(client, 2, kb_top_k=3)
    assert (store.in_service(), changed_settings(store)) == (3, {})


def test_saving_what_is_in_service_makes_no_release(
    client: FlaskClient, store: ReleaseStore
) -> None:
    answer = save(client)
    assert (answer.status_code, store.in_service()) == (200, 1)
    assert "toast" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kb_top_k", "много", "Должно быть целым числом"),
        ("kb_top_k", "0", "Должно быть не меньше 1"),
        ("kb_top_k", "", "Должно быть целым числом"),
        ("kb_fallback_threshold", "1,5", "Должно быть не больше 1"),
        ("kb_fallback_threshold", "nan", "Должно быть"),
        ("llm_temperature", "-1", "Должно быть не меньше 0"),
        ("llm_model_primary", "", "Не может быть пустым"),
        ("llm_model_primary", "м" * 300, "Длиннее 200 знаков"),
        ("llm_model_fallback", "м" * 300, "Длиннее 200 знаков"),
        ("llm_temperature", "\ufffd<b>&", "Должно быть числом"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_is_lost(
    client: FlaskClient, store: ReleaseStore, name: str, value: str, said: str
) -> None:
    typed = {"kb_top_k": "5", name: value}
    answer = save(client, 1, "Анна", **typed)
    assert (answer.status_code, store.in_service()) == (422, 1)
    problem = re.search(rf'id="problem-{name}">(.*?)</p>', answer.text, re.DOTALL)
    assert problem
    assert said in problem[1]
    assert 'aria-invalid="true"' in answer.text
    shown = values(answer.text)
    assert shown["kb_top_k"] == typed["kb_top_k"]
    assert shown[name][:10] in (value[:10], "\ufffd&lt;b&gt;&amp;"[:10])
    assert "<b>&" not in answer.text


def test_all_wrong_fields_are_told_at_once(client: FlaskClient) -> None:
    answer = save(client, kb_top_k="x", llm_temperature="y", kb_fallback_threshold="z")
    assert answer.text.count('class="problem"') == 3


def test_of_two_operators_the_second_sees_both_and_decides(
    client: FlaskClient, store: ReleaseStore
) -> None:
    save(client, by="Анна", kb_fallback_threshold="0,3")
    late = save(client, by="Борис", kb_fallback_threshold="0,4", kb_top_k=5)
    assert (late.status_code, store.in_service()) == (422, 2)
    words = words_of(late.text)
    assert "изменил другой выпуск (2, Анна" in words
    assert "Порог уверенности: 0,2 → 0,3" in words
    assert values(late.text) == SHOWN | {"kb_fallback_threshold": "0,4", "kb_top_k": "5"}
    again = save(client, 2, by="Борис", kb_fallback_threshold="0,4", kb_top_k=5)
    assert again.status_code == 200
    assert changed_settings(store) == {"kb_fallback_threshold": 0.4, "kb_top_k": 5}


def test_what_the_second_operator_did_not_touch_follows_the_first(client: FlaskClient) -> None:
    save(client, by="Анна", llm_model_primary="gpt-4.1")
    late = save(client, by="Борис", kb_top_k=5)
    assert values(late.text) == SHOWN | {"llm_model_primary": "gpt-4.1", "kb_top_k": "5"}


def test_another_base_or_prompt_meanwhile_is_in_nobodys_way(
    client: FlaskClient, store: ReleaseStore, settings: Settings
) -> None:
    publisher = Publisher(settings)
    publisher.change_settings({"kb_top_k": 4}, "lab")
    publisher.change_settings({"kb_top_k": None}, "lab")
    assert save(client, 1, llm_temperature="0,5").status_code == 200
    assert changed_settings(store) == {"llm_temperature": 0.5}


def test_who_publishes_between_the_look_and_the_publication_is_not_overwritten(
    settings: Settings, store: ReleaseStore
) -> None:
    publisher = Publisher(settings)
    seen = changed_settings(store)
    publisher.change_settings({"kb_top_k": 4}, "Анна", instead_of=seen)
    with pytest.raises(OvertakenError, match="изменил кто-то другой"):
        publisher.change_settings({"kb_top_k": 5}, "Борис", instead_of=seen)
    assert changed_settings(store) == {"kb_top_k": 4}


@pytest.mark.parametrize("based_on", ["", "x", "99"])
def test_a_form_of_no_release_is_refused(
    client: FlaskClient, store: ReleaseStore, based_on: str
) -> None:
    answer = post(client, SETTINGS, **(SHOWN | {"kb_top_k": "9", "based_on": based_on}))
    assert answer.status_code in (404, 422)
    assert store.in_service() == 1


@pytest.mark.parametrize("path", ["", "/effect", "/services", "/services/redis", "/history/1"])
def test_no_change_and_no_check_without_the_key(
    client: FlaskClient, store: ReleaseStore, path: str
) -> None:
    assert client.post(f"{SETTINGS}{path}", data=SHOWN | {"kb_top_k": 9}).status_code == 401
    assert store.in_service() == 1


def test_a_link_carries_a_proposal_without_making_it(
    client: FlaskClient, store: ReleaseStore
) -> None:
    page = client.get(f"{SETTINGS}?kb_fallback_threshold=0,55&kb_top_k=x").text
    shown = values(page)
    assert (shown["kb_fallback_threshold"], shown["kb_top_k"]) == ("0,55", "x")
    assert "Сейчас в работе: 0,2" in words_of(page)
    assert store.in_service() == 1


def test_history_tells_who_changed_what_and_brings_it_back(
    client: FlaskClient, store: ReleaseStore
) -> None:
    save(client, by="Анна", kb_top_k=5)
    save(client, 2, by="Борис", kb_top_k=9, llm_model_fallback="")
    page = words_of(client.get(f"{SETTINGS}/history").text)
    assert "№ 3 такие сейчас" in page
    assert "Борис Сколько отрывков: 5 → 9 Замена: gpt-6-luna → пусто" in page
    assert "Анна Сколько отрывков: 3 → 5" in page
    answer = post(client, f"{SETTINGS}/history/2", "Вера", based_on=3)
    assert answer.headers["HX-Redirect"] == f"{SETTINGS}/history"
    assert (store.in_service(), changed_settings(store)) == (4, {"kb_top_k": 5})
    assert store.record(4).note == "настройки как в выпуске 2"


def test_nothing_is_brought_back_over_what_the_operator_has_not_seen(
    client: FlaskClient, store: ReleaseStore
) -> None:
    save(client, kb_top_k=5)
    save(client, 2, kb_top_k=9)
    answer = post(client, f"{SETTINGS}/history/1", based_on=2)
    assert (answer.status_code, store.in_service()) == (409, 3)
    assert "toast" in answer.headers["HX-Trigger"]


def test_without_changes_the_history_says_what_counts(client: FlaskClient) -> None:
    assert "ещё никто не менял" in client.get(f"{SETTINGS}/history").text


def test_every_variable_is_there_and_no_secret_is(make_settings: MakeSettings) -> None:
    secrets = {
        "openai_api_key": "sk-тайна-1", "yandex_api_key": "тайна-2", "ari_password": "тайна-3",
        "api_secret_key": "тайна-4", "yandex_iam_token": "тайна-5",
        "redis_url": "redis://user:тайна-6@127.0.0.1:1/0",
        "database_url": None,
    }  # fmt: skip
    page = create_app(make_settings(**secrets)).test_client().get(f"{SETTINGS}/environment").text
    assert "тайна" not in page
    for name in set(Settings.model_fields) - set(LiveSettings.model_fields):
        assert f"<code>{name.upper()}</code>" in page
    words = words_of(page)
    assert "OPENAI_API_KEY ключ; с ним распознавание и ответы идут через OpenAI задан" in words
    assert "ADMIN_PASSWORD" in words
    assert "redis://user:•••@127.0.0.1:1/0" in words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Ответы цитаты из баз, без модели LLM_PROVIDER=auto, OPENAI_API_KEY не задан"),
        (
            {"openai_api_key": "sk"},
            "Распознавание речи OpenAI, whisper-1 ASR_PROVIDER=auto, OPENAI_API_KEY задан",
        ),
        (
            {"openai_api_key": "sk", "asr_provider": "local"},
            "Распознавание речи Whisper, base так велит ASR_PROVIDER=local",
        ),
        ({"yandex_api_key": "k"}, "Синтез речи Yandex SpeechKit, marina TTS_PROVIDER=auto"),
    ],
)
def test_it_is_told_who_does_the_work_and_why(
    make_settings: MakeSettings, changes: dict[str, str], said: str
) -> None:
    client = create_app(make_settings(**changes)).test_client()
    assert said in words_of(client.get(f"{SETTINGS}/environment").text)


def test_without_a_release_the_pages_say_what_to_do(app: Flask, store: ReleaseStore) -> None:
    (store.directory / "current").unlink()
    answer = app.test_client().get(SETTINGS)
    assert answer.status_code == 503
    assert "python -m bot.index" in answer.text


def test_what_callers_said_of_themselves_is_hidden_from_whoever_may_not_see_it(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(api_secret_key=KEY, mask_personal_data=True)
    log = CallLog(settings.database_address)
    number = log.start_call("+79610000001", "channel", "worker")
    trace = AnswerTrace(first_base="general", release=1, scores={"general": 0.4, "tech": 0.1})
    log.append(number, UserLine("Перезвоните на +7 961 123-45-67", "", now()))
    log.append(number, BotLine("Да.", now(), trace=trace))
    log.close()
    client = create_app(settings).test_client()
    address = f"{SETTINGS}?kb_fallback_threshold=0,6"
    assert "123-45-67" not in client.get(address).text
    key = {"X-API-Key": KEY.encode().decode("latin-1")}
    assert "+7 961 123-45-67" in client.get(address, headers=key).text


def test_a_threshold_is_told_with_all_its_digits(client: FlaskClient) -> None:
    page = words_of(client.get(f"{SETTINGS}?kb_fallback_threshold=0,125").text)
    assert "Если порог станет 0,125 вместо 0,20" in page


@pytest.mark.parametrize("query", ["kb_fallback_threshold=x", "kb_fallback_threshold="])
def test_a_threshold_that_is_none_is_told_and_no_crash(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{SETTINGS}/effect?{query}", headers=HTMX)
    assert answer.status_code == 422
    assert "должно быть числом" in answer.text
