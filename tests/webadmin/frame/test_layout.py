"""Sections, colours and widths: the frame around every page."""

import pytest

from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED


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
