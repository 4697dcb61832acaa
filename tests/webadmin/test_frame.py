"""What every page has, looked at in Chromium: the key, messages, keys, colours, login, jobs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.webadmin.axe import axe
from tests.webadmin.browser import STRANGER, Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.probe import Probe
from tests.webadmin.serving import served
from webadmin import create_app

KEY = "ключ-k"
ASKED = "document.getElementById('ask').open"
NOT_ASKED = f"!{ASKED}"


@pytest.fixture(scope="module")
def shared_browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture
def browser(shared_browser: Browser) -> Browser:
    """The browser as if new, at the size of a desk."""
    shared_browser.forget()
    shared_browser.prefer("light")
    shared_browser.resize(1280, 900)
    return shared_browser


@pytest.fixture
def probe() -> Iterator[Probe]:
    made = Probe()
    yield made
    made.may_go_on.set()


@pytest.fixture
def keyed_app(make_settings: MakeSettings, probe: Probe) -> Flask:
    app = create_app(make_settings(api_secret_key=KEY, admin_password="пароль"))
    probe.add_to(app)
    return app


@pytest.fixture
def site(keyed_app: Flask) -> Iterator[str]:
    with served(keyed_app) as address:
        yield address


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Browser]:
    """The page of the probe; whatever a test does there, the policy is kept to."""
    browser.open(f"{site}/logs-ui/probe")
    yield browser
    assert [said for said in browser.complaints if "Policy" in said or "Error:" in said] == []
    assert browser.foreign_requests(site) == []


def errors(page: Browser) -> str:
    return page.text("#toasts-error")


def successes(page: Browser) -> str:
    return page.text("#toasts-success")


# The key


def test_the_first_change_asks_for_the_key_and_the_next_does_not(
    page: Browser, probe: Probe
) -> None:
    page.click("#change")
    page.wait_for(ASKED)
    assert page.focused() == "ask-key-value"
    page.type(KEY)
    page.press("Tab")
    page.type("Иван П.")
    page.click("#ask-agree")
    page.wait_for_text("#toasts-success", "Изменено.")
    page.click("#change")
    page.wait_for(NOT_ASKED)
    while len(probe.changes) < 2:
        page.run("0")
    assert probe.changes == ["POST Иван П."] * 2


def test_the_key_stays_in_this_tab_and_out_of_the_page_and_of_addresses(page: Browser) -> None:
    page.click("#change")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#toasts-success", "Изменено.")
    assert KEY in page.run("JSON.stringify({...sessionStorage})")
    assert KEY not in page.run("JSON.stringify({...localStorage})")
    assert KEY not in page.run("document.cookie")
    assert KEY not in page.run("document.documentElement.outerHTML")
    assert page.run("[...document.querySelectorAll('input')].every(({value}) => value === '')")
    assert not [address for address in page.requests if "%D0%BA%D0%BB%D1%8E%D1%87" in address]


def test_a_wrong_key_says_so_and_is_asked_for_again_by_keyboard_alone(
    page: Browser, probe: Probe
) -> None:
    page.run("document.getElementById('change').focus()")
    page.press("Enter")
    page.wait_for(ASKED)
    page.type("неверный")
    page.press("Enter")
    page.wait_for_text("#ask-problem", "не подошёл")
    page.wait_for(ASKED)
    assert page.focused() == "ask-key-value"
    assert page.run("sessionStorage.getItem('api-key')") is None
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#toasts-success", "Изменено.")
    assert probe.changes == ["POST оператор"]  # once, without another press of the button
    assert page.focused() == "change"


def test_escape_changes_nothing_and_gives_the_focus_back(page: Browser, probe: Probe) -> None:
    page.run("document.getElementById('change').focus()")
    page.press("Space")
    page.wait_for(ASKED)
    page.type("half a ke")
    page.press("Escape")
    page.wait_for(NOT_ASKED)
    assert page.focused() == "change"
    page.wait_for("document.getElementById('ask-key-value').value === ''")
    assert probe.changes == []
    assert page.run("sessionStorage.getItem('api-key')") is None


def test_an_empty_key_is_not_sent(page: Browser, probe: Probe) -> None:
    page.click("#change")
    page.wait_for(ASKED)
    page.press("Enter")
    assert page.run(ASKED)
    assert probe.changes == []


def test_a_confirmation_and_the_key_are_one_question(page: Browser, probe: Probe) -> None:
    page.click("#sure")
    page.wait_for(ASKED)
    assert page.text("#ask-title") == "Удалить всё?"
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#toasts-success", "Изменено.")
    page.click("#sure")
    page.wait_for(ASKED)  # the key is known, the question is asked each time
    assert not page.run("document.getElementById('ask-key-value').checkVisibility()")
    page.press("Escape")
    page.wait_for(NOT_ASKED)
    assert probe.changes == ["DELETE оператор"]


def test_what_needs_no_key_is_not_asked_for_it_and_does_not_send_it(
    page: Browser, probe: Probe
) -> None:
    page.click("#peek")  # a GET that does need it
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#toasts-success", "Показано.")
    page.click("#free")
    page.wait_for_text("#toasts-success", "Проверено.")
    assert probe.changes == ["free None"]


def test_guessing_too_often_is_told_and_not_asked_again(page: Browser, site: str) -> None:
    guess = (
        f"fetch('{site}/logs-ui/probe/change', {{method: 'POST', headers: {{'X-API-Key': 'x'}}}})"
    )
    page.run(f"Promise.all(Array.from({{length: 10}}, () => {guess}))", awaited=True)
    page.click("#change")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#toasts-error", "Слишком много неверных попыток")
    assert page.run(NOT_ASKED)


def test_a_server_without_a_key_is_not_asked_for_one(
    make_settings: MakeSettings, probe: Probe, browser: Browser
) -> None:
    app = create_app(make_settings())
    probe.add_to(app)
    with served(app) as site:
        browser.open(f"{site}/logs-ui/probe")
        browser.click("#change")
        browser.wait_for_text("#toasts-error", "API_SECRET_KEY")
        assert browser.run(NOT_ASKED)


def test_a_file_is_sent_once_the_key_is_right(page: Browser, probe: Probe, tmp_path: Path) -> None:
    file = tmp_path / "база.md"
    file.write_text("# Сеть\n380 В\n")
    page.upload("#file", file)
    page.click("#send")
    for key in ("wrong", KEY):
        page.wait_for(f"{ASKED} && document.getElementById('ask-key-value').value === ''")
        page.type(key)
        page.press("Enter")
        page.wait_for(f"{NOT_ASKED} || document.getElementById('ask-problem').innerText !== ''")
    page.wait_for_text("#toasts-success", "Загружено.")
    assert probe.changes == [f"база.md {file.stat().st_size}"]


# Messages


def test_success_goes_by_itself_and_an_error_stays_until_closed(page: Browser) -> None:
    page.click("#crash")
    page.wait_for_text("#toasts-error", "Номер ошибки")
    page.click("#free")
    page.wait_for_text("#toasts-success", "Проверено.")
    page.wait_for("document.querySelectorAll('#toasts-success .toast-box').length === 0")
    assert "Номер ошибки" in errors(page)
    page.click("#toasts-error button")
    page.wait_for("document.querySelectorAll('.toast-box').length === 0")


def test_screen_readers_are_told_of_both_kinds(page: Browser) -> None:
    roles = "['error', 'success'].map(kind => document.getElementById(`toasts-${kind}`).role)"
    assert page.run(roles) == ["alert", "status"]


def test_a_message_of_the_last_page_is_shown_on_the_next_and_is_text(
    page: Browser, site: str
) -> None:
    page.open(f"{site}/logs-ui/probe/flash")
    page.wait_for_text("#toasts-success", "Удалено <b>всё</b>.")
    page.open(f"{site}/logs-ui/probe")
    assert successes(page) == ""


def test_the_same_complaint_is_shown_once(page: Browser) -> None:
    told = json.dumps({"detail": {"kind": "error", "text": "Нет связи."}})
    for _ in range(3):
        page.run(f"document.dispatchEvent(new CustomEvent('toast', {told}))")
    assert page.run("document.querySelectorAll('#toasts-error .toast-box').length") == 1


def test_the_message_of_an_element_that_is_gone_is_told_too(page: Browser, probe: Probe) -> None:
    page.click("#slow")
    page.run("document.getElementById('slow').remove()")
    probe.may_go_on.set()
    page.wait_for_text("#toasts-success", "Дождались.")
    assert page.run("document.querySelectorAll('.toast-box').length") == 1


def test_a_server_that_is_gone_is_told(keyed_app: Flask, browser: Browser) -> None:
    with served(keyed_app) as site:
        browser.open(f"{site}/logs-ui/probe")
    browser.click("#crash")
    browser.wait_for_text("#toasts-error", "Нет связи с сервером")


# The keyboard


@pytest.mark.parametrize(("key", "code"), [("/", "Slash"), (".", "Slash"), ("/", "Digit7")])
def test_slash_goes_to_the_search_in_any_layout(page: Browser, key: str, code: str) -> None:
    page.press(key, code=code)
    assert page.focused() == "words"
    assert page.run("document.getElementById('words').value") == ""


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("о", "л")])
def test_j_and_k_go_through_the_rows(page: Browser, down: str, up: str) -> None:
    seen = []
    for key in (down, down, up, down, down, down, up):
        page.press(key, code="KeyJ" if key == down else "KeyK")
        seen.append(page.focused())
    assert seen == ["row-0", "row-1", "row-0", "row-1", "row-2", "row-2", "row-1"]


def test_j_and_k_follow_the_neighbours_of_a_page_that_names_them(page: Browser) -> None:
    links = "<a href='#next' data-next>дальше</a><a href='#previous' data-previous>назад</a>"
    page.run(f'document.querySelector("main").insertAdjacentHTML("beforeend", "{links}")')
    page.press("j", code="KeyJ")
    page.wait_for("location.hash === '#next'")
    page.press("k", code="KeyK")
    page.wait_for("location.hash === '#previous'")


def test_letters_that_are_written_are_letters(page: Browser) -> None:
    page.run("document.getElementById('words').focus()")
    for key, code in (("j", "KeyJ"), ("/", "Slash"), ("?", "Slash")):
        page.press(key, code=code)
    assert page.run("document.getElementById('words').value") == "j/?"
    assert page.focused() == "words"


def test_a_question_mark_shows_the_keys_and_escape_closes_them(page: Browser) -> None:
    shown = "document.getElementById('keys').open"
    page.press("?", "Shift", code="Slash")
    page.wait_for(shown)
    assert "предыдущая" in page.text("#keys")
    assert axe(page) == []
    page.press("Escape")
    page.wait_for(f"!{shown}")
    page.press(",", "Shift", code="Slash")  # the same key in the Russian layout
    page.wait_for(shown)
    page.press("Enter")
    page.wait_for(f"!{shown}")
    page.click("#show-keys")
    page.wait_for(shown)


def test_escape_closes_the_last_message(page: Browser) -> None:
    page.click("#crash")
    page.wait_for_text("#toasts-error", "Номер ошибки")
    page.press("Escape")
    assert errors(page) == ""


def test_shortcuts_of_the_browser_are_left_alone(page: Browser) -> None:
    page.press("j", "Control", code="KeyJ")
    page.press("k", "Alt", code="KeyK")
    assert page.focused() == ""


def test_tab_comes_to_the_contents_first_and_to_everything(page: Browser) -> None:
    order = page.tab_order()
    assert order[0] == "К содержанию"
    for name in ("Звонки", "theme", "show-keys", "words", "change", "sure", "row-2", "send"):
        assert name in order
    page.run("document.activeElement.blur()")
    page.press("Tab")
    page.press("Enter")
    page.wait_for("location.hash === '#main'")
    assert page.focused() == "main"


# The frame


def test_the_sections_there_are_are_offered_and_the_current_one_is_marked(
    page: Browser, site: str
) -> None:
    page.open(f"{site}/logs-ui/")
    assert page.run("document.querySelector('.sections [aria-current=page]').innerText") == "Звонки"
    links = "[...document.querySelectorAll('.sections a')].map(({href}) => href)"
    for address in page.run(links):
        page.open(address)
        assert page.run("document.querySelectorAll('.sections [aria-current]').length") == 1


@pytest.mark.parametrize(("choice", "shown"), [("dark", "dark"), ("light", "light")])
def test_a_chosen_theme_is_kept_whatever_the_system_says(
    page: Browser, site: str, choice: str, shown: str
) -> None:
    page.prefer("light" if choice == "dark" else "dark")
    page.run("document.getElementById('theme').focus()")
    for _ in range(2 if choice == "dark" else 1):
        page.press("ArrowDown")
    for path in ("/logs-ui/probe", "/logs-ui/"):
        page.wait_for(f"document.documentElement.dataset.bsTheme === '{shown}'")
        page.open(site + path)
        assert page.run("document.getElementById('theme').value") == choice


def test_the_theme_follows_the_system_until_one_is_chosen(page: Browser) -> None:
    for scheme in ("dark", "light"):
        page.prefer(scheme)
        page.wait_for(f"document.documentElement.dataset.bsTheme === '{scheme}'")
    assert page.run("document.getElementById('theme').value") == "auto"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_keeps_people_out_and_nothing_is_cut_off(
    page: Browser, site: str, scheme: str, width: int
) -> None:
    page.prefer(scheme)
    page.resize(width, 900)
    page.open(f"{site}/logs-ui/probe")
    page.click("#crash")
    page.wait_for_text("#toasts-error", "Номер ошибки")
    page.click("#free")
    page.wait_for_text("#toasts-success", "Проверено.")
    assert axe(page) == []
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("#sure")
    page.wait_for(ASKED)
    assert axe(page) == []
    for path in ("/logs-ui/nowhere", "/logs-ui/probe/crash"):
        page.open(f"{site}{path}")
        assert axe(page) == []


# The login


def test_an_operator_comes_in_by_password_and_goes_out(
    site: str, browser: Browser, probe: Probe
) -> None:
    there = site.replace("127.0.0.1", STRANGER)
    browser.go(f"{there}/logs-ui/probe?a=b")
    browser.wait_for("location.pathname === '/logs-ui/login' && document.readyState === 'complete'")
    assert browser.focused() == "password"
    assert axe(browser) == []
    browser.type("не тот")
    browser.press("Enter")
    browser.wait_for_text("#problem", "не подошёл")
    assert axe(browser) == []
    browser.type("пароль")
    browser.press("Enter")
    browser.wait_for("location.pathname + location.search === '/logs-ui/probe?a=b'")
    browser.wait_for("document.readyState === 'complete'")
    browser.click("#free")
    browser.wait_for_text("#toasts-success", "Проверено.")
    assert "operator" not in browser.run("document.cookie")

    browser.run("fetch('/logs-ui/login')", awaited=True)
    browser.click(".frame-tools form button")
    browser.wait_for("location.pathname === '/logs-ui/login'")
    assert probe.changes == ["free None"]
    assert browser.foreign_requests(there) == []


def test_a_page_whose_session_ended_leads_to_the_password(site: str, browser: Browser) -> None:
    there = site.replace("127.0.0.1", STRANGER)
    browser.go(f"{there}/logs-ui/login?next=/logs-ui/probe")
    browser.wait_for("document.readyState === 'complete' && document.getElementById('password')")
    browser.type("пароль")
    browser.press("Enter")
    browser.wait_for("document.getElementById('crash')")
    browser.forget()
    browser.click("#crash")
    browser.wait_for("location.search === '?next=/logs-ui/probe'")


# Long work


def test_a_job_shows_how_far_it_is_survives_a_reload_and_tells_its_end(
    page: Browser, site: str, probe: Probe
) -> None:
    page.click("#work")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for("document.querySelector('#job progress')?.value === 1")
    assert "Считаю: 1 из 3" in page.text("#job")
    assert axe(page) == []
    page.open(f"{site}/logs-ui/probe")
    assert page.run("document.querySelector('#job progress').max") == 3
    page.click("#work")
    page.wait_for_text("#toasts-error", "уже выполняется")
    probe.may_go_on.set()
    page.wait_for_text("#toasts-success", "Проба сил: посчитано.")
    page.wait_for("document.querySelector('#job progress') === null")
    assert "посчитано." in page.text("#job")
    asked = len(page.requests)
    page.open(f"{site}/logs-ui/probe")
    assert "посчитано." in page.text("#job")
    assert not [address for address in page.requests[asked:] if "/jobs/" in address]
    assert successes(page) == ""
