"""Every page can be worked without a mouse, in the Russian layout too."""

import pytest

from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser


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
    assert page.text("#toasts-error") == ""


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
