"""The key is asked for once, in a dialog, and kept where nobody finds it."""

from pathlib import Path

from tests.webadmin.browser import Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.frame.dialog import ASKED, KEY, NOT_ASKED
from tests.webadmin.probe import Probe
from tests.webadmin.serving import served
from webadmin import create_app


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
