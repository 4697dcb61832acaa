"""The settings' pages in a real browser, by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.calllog import CallLog
from bot.livesettings import LiveSettings
from bot.records import AnswerTrace, BotLine, UserLine, now
from bot.releases.takeup import TakeUps
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import KEY, Place, open_place
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, NOT_ASKED
from tests.webadmin.serving import served
from tests.webadmin.settingslab import SETTINGS, service_settings
from tests.webadmin.visiting import visiting

WARRANTY = "Какая гарантия на машины?"
_COMPRESSED_BYTES = 150_000


@pytest.fixture
def place(built: Path, tmp_path: Path, openai_service: OpenAIServer, yandex: YandexServer) -> Place:
    """An admin with a call of today: one question is known to be at 0.4, another is not known."""
    openai_service.forget()
    yandex.grpc.plan.always = yandex.http.plan.always = None
    place = open_place(built, tmp_path, **service_settings(openai_service, yandex))
    log = CallLog(place.settings.database_address)
    number = log.start_call("+79610000001", "channel", "worker")
    for question, scores in ((WARRANTY, {"general": 0.4, "tech": 0.1}), ("Какая доставка?", {})):
        trace = AnswerTrace(first_base="general", release=1, scores=scores)  # type: ignore[arg-type]
        log.append(number, UserLine(question, question, now()))
        log.append(number, BotLine("Да.", now(), trace=trace))
    log.end_call(number, "Completed")
    log.close()
    return place


@pytest.fixture
def site(place: Place) -> Iterator[str]:
    with served(place.app) as address:
        yield address


@pytest.fixture
def browser(chromium: Browser, site: str) -> Iterator[Browser]:
    with visiting(chromium, site, SETTINGS) as visitor:
        yield visitor


def know_key(browser: Browser) -> None:
    """As if the dialog had been answered before."""
    browser.run(f"sessionStorage.setItem('api-key', {KEY!r})")


def live(place: Place) -> LiveSettings:
    """The settings in service."""
    return LiveSettings.model_validate(place.client.get("/api/settings").get_json())


def wait_until_quiet(browser: Browser) -> None:
    """htmx makes what came with a swap work some milliseconds after it is to be seen."""
    browser.wait_for(
        "!document.querySelector('.htmx-added, .htmx-settling, .htmx-swapping, .htmx-request')"
    )


def is_in_sight(selector: str) -> str:
    """Whether an element is to be seen without scrolling, as JavaScript."""
    box = f"document.querySelector({selector!r}).getBoundingClientRect()"
    return f"{box}.top > -1 && {box}.bottom <= innerHeight"


def write(browser: Browser, field: str, text: str) -> None:
    """Put another text into a field, as somebody does who marks all of it and types."""
    browser.run(f"document.getElementById('{field}').select()")
    browser.type(text)


def test_a_threshold_is_tried_and_saved_by_keyboard_and_taken_up(
    browser: Browser, place: Place
) -> None:
    browser.run("slider.focus()")
    for _ in range(30):
        browser.press("ArrowRight")
    browser.wait_for_text("#effect h2", "Если порог станет 0,50 вместо 0,20")
    browser.wait_for_text(".kind-refused", "1 станут отказом")
    assert WARRANTY in browser.text(".switched tbody")
    browser.wait_for_text("#effect-said", "Порог 0,50: отказом станут 1, ответ получат 0")
    assert browser.run("document.querySelectorAll('#effect-said').length") == 1
    assert browser.run("kb_fallback_threshold.value") == "0,5"
    assert browser.run("new URLSearchParams(location.search).get('kb_fallback_threshold')") == "0,5"
    assert browser.focused() == "slider"
    assert place.release == 1
    browser.press("Tab")
    assert browser.focused() == "kb_fallback_threshold"
    browser.press("Enter")
    browser.wait_for(ASKED)
    browser.type(KEY)
    browser.press("Enter")
    browser.wait_for(NOT_ASKED)
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 2")
    browser.wait_for_text(".taken-up", "Выпуск 2 ещё не применён")
    assert live(place).kb_fallback_threshold == 0.5
    with TakeUps(place.settings.persist_directory, "worker") as taken_up:
        taken_up(2)
        browser.wait_for_text(".taken-up-complete", "Применено агентом")
    assert "выпуск 2" in browser.text(".taken-up-complete")
    assert browser.run("location.search") == ""


def test_the_field_moves_the_slider_and_nonsense_is_told(browser: Browser) -> None:
    write(browser, "kb_fallback_threshold", "0,35")
    browser.wait_for_text("#effect h2", "0,35")
    assert browser.run("slider.value") == "0.35"
    write(browser, "kb_fallback_threshold", "полтора")
    browser.wait_for_text("#effect", "Порог не сравнить: должно быть числом")
    write(browser, "kb_fallback_threshold", "0,3")
    browser.wait_for_text("#effect h2", "0,30")
    browser.wait_for_complaint("422")
    browser.complaints.clear()


def test_what_is_not_known_is_asked_by_mouse_and_the_picture_follows(browser: Browser) -> None:
    know_key(browser)
    assert browser.text(".counts th") == "Вопросов: 1"
    browser.click("#ask-again button")
    browser.wait_for_text(".counts th", "Вопросов: 2")
    assert browser.run("document.getElementById('ask-again')") is None
    assert browser.run("document.querySelectorAll('.curve-areas polygon').length") == 3


def test_a_call_is_looked_at_and_back_leads_to_the_same_threshold(browser: Browser) -> None:
    write(browser, "kb_fallback_threshold", "0,6")
    browser.wait_for_text(".switched tbody", WARRANTY)
    wait_until_quiet(browser)
    browser.click(".switched tbody a")
    browser.wait_for("location.pathname === '/logs-ui/1'")
    browser.back()
    browser.wait_for_text("#effect h2", "Если порог станет 0,60")
    assert browser.run("kb_fallback_threshold.value") == "0,6"


def test_a_wrong_value_gets_the_focus_and_the_others_stay(browser: Browser, place: Place) -> None:
    know_key(browser)
    write(browser, "kb_top_k", "много")
    write(browser, "llm_model_primary", "gpt-4.1")
    browser.click(".save")
    browser.wait_for_text("#problem-kb_top_k", "Должно быть целым числом")
    browser.wait_for("document.activeElement.id === 'kb_top_k'")
    browser.wait_for(is_in_sight("#problem-kb_top_k"))
    assert browser.run("llm_model_primary.value") == "gpt-4.1"
    assert axe(browser) == []
    write(browser, "kb_top_k", "5")
    wait_until_quiet(browser)
    browser.click(".save")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 2")
    assert (live(place).kb_top_k, live(place).llm_model_primary) == (5, "gpt-4.1")
    browser.wait_for_complaint("422")
    browser.complaints.clear()


def test_of_two_operators_the_second_sees_what_the_first_has_changed(
    browser: Browser, place: Place
) -> None:
    know_key(browser)
    place.post("/api/settings", {"kb_top_k": 7})
    write(browser, "llm_temperature", "0,9")
    browser.click(".save")
    browser.wait_for_text("#settings .alert-warning", "Сколько отрывков: 3 → 7")
    browser.wait_for(is_in_sight("#settings .alert-warning"))
    assert (place.release, browser.run("llm_temperature.value")) == (2, "0,9")
    assert axe(browser) == []
    wait_until_quiet(browser)
    browser.click(".save")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 3")
    browser.wait_for(is_in_sight(".taken-up"))
    assert (live(place).kb_top_k, live(place).llm_temperature) == (7, 0.9)
    browser.wait_for_complaint("422")
    browser.complaints.clear()


def test_a_model_is_asked_before_it_is_saved(
    browser: Browser, openai_service: OpenAIServer, place: Place
) -> None:
    know_key(browser)
    openai_service.fail("chat", faults.out_of_quota())
    write(browser, "llm_model_primary", "gpt-4.1")
    browser.click("[hx-post$=model-primary]")
    browser.wait_for_text("#checked-llm_model_primary .job-failed", "пополните счёт")
    browser.wait_for_text("#toasts-error", "Проверка: Модель: основная")
    browser.press("Escape")
    browser.run("document.querySelector('[hx-post$=model-primary]').focus()")
    browser.press("Enter")
    browser.wait_for_text("#checked-llm_model_primary .job-done", "gpt-4.1 за")
    assert place.release == 1


def test_all_services_are_checked_one_after_the_other(
    browser: Browser, site: str, yandex: YandexServer
) -> None:
    yandex.http.plan.always = "forbidden"
    know_key(browser)
    browser.open(f"{site}{SETTINGS}/services")
    browser.click(".page-head button")
    browser.wait_for_text("#check-job .job-failed", "Не работают")
    browser.wait_for("!/проверяется|ещё не проверяли/.test(document.body.innerText)")
    rows = browser.text("#check-rows")
    assert "ключ не принят или у него нет прав; проверьте YANDEX_API_KEY" in rows
    assert rows.count("не работает") == 4  # Asterisk, the worker, Redis and this voice
    assert axe(browser) == []
    yandex.http.plan.always = None
    browser.press("Escape")
    browser.run("document.querySelector('[hx-post$=yandex-http]').focus()")
    browser.press("Enter")
    browser.wait_for_text("#check-job .job-done", "с речи за")
    browser.wait_for("document.querySelectorAll('#check-rows .status-danger').length === 2")


def test_former_settings_come_back_by_keyboard(browser: Browser, site: str, place: Place) -> None:
    place.post("/api/settings", {"kb_top_k": 7})
    know_key(browser)
    browser.open(f"{site}{SETTINGS}/history")
    assert "Сколько отрывков: 3 → 7" in browser.text("tbody")
    browser.run("document.querySelector('[aria-label=\"Вернуть настройки выпуска 1\"]').focus()")
    browser.press("Enter")
    browser.wait_for(ASKED)
    assert "Базы и подсказки не изменятся" in browser.text("#ask-title")
    browser.press("Enter")
    browser.wait_for_text("#toasts-success", "Настройки снова как в выпуске 1")
    assert (place.release, live(place).kb_top_k) == (3, 3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(
    browser: Browser, site: str, place: Place, scheme: str
) -> None:
    place.post("/api/settings", {"kb_top_k": 7})
    browser.prefer(scheme)
    for path in ("", "?kb_fallback_threshold=0,6&kb_top_k=x", "/services", "/environment",
                 "/history"):  # fmt: skip
        browser.resize(1280, 900)
        browser.open(f"{site}{SETTINGS}{path}")
        assert axe(browser) == []
        browser.resize(390, 844)
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert axe(browser) == []


def test_the_page_is_light(browser: Browser, site: str) -> None:
    browser.forget()
    browser.open(f"{site}{SETTINGS}?kb_fallback_threshold=0,6")
    browser.wait_for_text("#effect h2", "0,60")
    assert 0 < browser.received_bytes < _COMPRESSED_BYTES
