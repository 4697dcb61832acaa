"""The prompts in a real browser: changed by mouse and by keyboard, listened to, never lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.releases.publisher import Publisher
from tests.webadmin.answering import KEY, Place, open_place
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, NOT_ASKED
from tests.webadmin.promptslab import PROMPTS, prompts_in_service, save
from tests.webadmin.serving import served
from tests.webadmin.visiting import visiting

COUNT = "document.getElementById('greeting-count').innerText"
UNSAVED = "document.querySelector('.unsaved').innerText"


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Place:
    return open_place(built, tmp_path)


@pytest.fixture
def site(place: Place) -> Iterator[str]:
    with served(place.app) as address:
        yield address


@pytest.fixture
def browser(chromium: Browser, site: str) -> Iterator[Browser]:
    with visiting(chromium, site, PROMPTS) as visitor:
        yield visitor
        stay(visitor)


def know_key(browser: Browser) -> None:
    """As if the dialog had been answered before."""
    browser.run(f"sessionStorage.setItem('api-key', {KEY!r})")


def write(browser: Browser, field: str, text: str) -> None:
    """Replace what a field says, as by typing."""
    browser.run(f"document.getElementById({field!r}).select()")
    browser.run(f"document.getElementById({field!r}).focus()")
    browser.type(text)


def stay(browser: Browser) -> None:
    """Forget the edits, so that the browser leaves the page without a question."""
    browser.run("document.getElementById('prompts')?.setAttribute('data-saved', 'yes')")


def test_a_greeting_is_changed_by_mouse(browser: Browser, place: Place) -> None:
    browser.click("#greeting")
    write(browser, "greeting", "Здравствуйте, слушаю вас!")
    assert browser.run(COUNT) == "25 из 400"
    assert browser.run(UNSAVED) == "Есть несохранённые правки."
    browser.click(".save")
    browser.wait_for(ASKED)
    browser.type(KEY)
    browser.press("Enter")
    browser.wait_for(NOT_ASKED)
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 2")
    browser.wait_for_text(".taken-up", "Выпуск 2")
    assert browser.run("document.getElementById('greeting').value") == "Здравствуйте, слушаю вас!"
    assert prompts_in_service(place)["greeting"] == "Здравствуйте, слушаю вас!"


def test_lines_come_and_go_by_keyboard_alone(browser: Browser, place: Place) -> None:
    know_key(browser)
    talk = "document.querySelector('[value=\"small_talk.repeat\"]').closest('details')"
    browser.run(f"{talk}.querySelector('summary').focus()")
    browser.press("Enter")
    browser.run(f"{talk}.querySelector('.add').focus()")
    browser.press("Enter")
    browser.type("как вы сказали")
    browser.press("Enter")
    browser.type("не расслышал")
    browser.press("Enter")
    browser.press("Backspace")
    assert browser.run("document.activeElement.value") == "не расслышал"
    browser.press("s", "Control", code="KeyS")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 2")
    phrases = prompts_in_service(place)["small_talk"]["repeat"]["phrases"]
    assert phrases == ["как вы сказали", "не расслышал", "повторите", "ещё раз"]


def test_a_line_is_removed_and_a_variable_added_by_mouse(browser: Browser, place: Place) -> None:
    know_key(browser)
    talk = "#prompts details:has([value='small_talk.repeat'])"
    browser.click(f"{talk} summary")
    browser.click(f"{talk} .item .remove")
    browser.click("fieldset:has(.variables) .add")
    browser.type("телефон")
    browser.press("Tab")
    browser.type("123")
    write(browser, "goodbye", "Звоните: {телефон}.")
    browser.click(".save")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 2")
    prompts = prompts_in_service(place)
    assert prompts["small_talk"]["repeat"]["phrases"] == ["ещё раз"]
    assert prompts["variables"] == {"телефон": "123"}
    assert prompts["goodbye"] == "Звоните: {телефон}."


def test_a_column_of_phrases_is_pasted_as_lines(browser: Browser) -> None:
    browser.run(
        "(() => { const input = document.querySelector('[name=\"routing.tech\"]');"
        " const clipboardData = new DataTransfer(); clipboardData.setData('text', 'один\\nдва');"
        " const paste = new ClipboardEvent('paste', {clipboardData, bubbles: true});"
        " input.dispatchEvent(paste) })()"
    )
    shown = browser.run(
        "[...document.querySelectorAll('[name=\"routing.tech\"]')].map((one) => one.value)"
    )
    assert shown[1:3] == ["один", "два"]
    assert browser.run(UNSAVED)


def test_what_is_wrong_is_shown_at_its_place_and_stays_in_the_form(
    browser: Browser, place: Place
) -> None:
    know_key(browser)
    browser.run("document.getElementById('small_talk.thanks.answer').value = 'Я {имя}.'")
    browser.run(f"document.getElementById('apology').value = {'а' * 401!r}")
    write(browser, "greeting", "Новое приветствие.")
    browser.click(".save")
    browser.wait_for_text("#apology-problem", "длиннее 400 знаков")
    browser.wait_for_text("#toasts-error", "подстановки {имя} нет")
    assert browser.focused() == "apology"
    assert browser.run("document.getElementById('apology').ariaInvalid") == "true"
    answer = "document.getElementById('small_talk.thanks.answer')"
    assert browser.run(f"{answer}.closest('details').open") is True
    assert browser.run(f"{answer}.value") == "Я {имя}."
    assert browser.run("document.getElementById('greeting').value") == "Новое приветствие."
    assert axe(browser) == []
    assert not browser.run("dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    assert place.release == 1
    browser.wait_for_complaint("422")
    browser.complaints.clear()


def test_of_two_operators_the_second_decides_what_becomes_of_both_edits(
    browser: Browser, place: Place
) -> None:
    know_key(browser)
    save(place, "Борис", greeting="Слушаю.", apology="Простите.")
    write(browser, "greeting", "Алло.")
    write(browser, "goodbye", "Пока.")
    browser.click(".save")
    browser.wait_for_text("#overtaken", "Пока вы правили, подсказки изменили: выпуск 2, Борис")
    assert browser.run("document.getElementById('greeting').value") == "Алло."
    assert axe(browser) == []
    assert place.release == 2
    browser.complaints.clear()
    browser.click("#overtaken [value=theirs]")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 3")
    prompts = prompts_in_service(place)
    assert (prompts["greeting"], prompts["apology"], prompts["goodbye"]) == (
        "Слушаю.", "Простите.", "Пока.",
    )  # fmt: skip
    browser.complaints.clear()


def test_a_phrase_is_heard_on_the_page(browser: Browser) -> None:
    write(browser, "greeting", "Здравствуйте!")
    browser.click("[aria-label='Послушать: Приветствие']")
    browser.wait_for("document.querySelector('.heard audio')?.duration > 0.3")
    browser.run("document.querySelector('.heard audio').play()", awaited=True)
    browser.wait_for("document.querySelector('.heard audio').currentTime > 0")


def test_what_is_missing_is_taken_from_the_sample_and_published(
    site: str, browser: Browser, place: Place
) -> None:
    prompts = prompts_in_service(place)
    del prompts["small_talk"]
    Publisher(place.settings).change_prompts(prompts, "Анна")
    browser.open(f"{site}{PROMPTS}")
    know_key(browser)
    browser.click("#missing a.btn-primary")
    browser.wait_for_text("#missing", "Из образца добавлено")
    browser.wait_for("document.readyState === 'complete'")
    assert browser.run(UNSAVED)
    browser.click(".save")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 3")
    assert "operator" in prompts_in_service(place)["small_talk"]


def test_older_prompts_are_compared_and_published_again(
    site: str, browser: Browser, place: Place
) -> None:
    save(place, "Борис", greeting="Слушаю.")
    browser.open(f"{site}{PROMPTS}/history")
    know_key(browser)
    browser.click(".release-links a")
    browser.wait_for_text("h1", "выпуск 1 → выпуск 2")
    assert browser.text("ins, .diff-added .diff-text").strip() == "Слушаю."
    browser.back()
    browser.wait_for_text("h1", "История подсказок")
    browser.wait_for("document.readyState === 'complete'")
    browser.run("document.querySelector('[aria-label^=\"Опубликовать снова\"]').focus()")
    browser.press("Enter")
    browser.wait_for(ASKED)
    browser.press("Enter")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 3")
    assert prompts_in_service(place)["greeting"] == "Да."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(
    site: str, browser: Browser, place: Place, scheme: str
) -> None:
    save(place, "Борис", greeting="Слушаю.")
    browser.prefer(scheme)
    for path in (PROMPTS, f"{PROMPTS}/history", f"{PROMPTS}/compare?old=1&new=2"):
        browser.resize(1280, 900)
        browser.open(f"{site}{path}")
        browser.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert axe(browser) == []
        browser.resize(390, 844)
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_the_page_is_light(site: str, browser: Browser) -> None:
    browser.forget()
    browser.open(f"{site}{PROMPTS}")
    assert browser.received_bytes < 150_000
