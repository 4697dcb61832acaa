"""The operators' instruction: whole, true to the panel, and readable by everybody."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.records import STAGES, STATUSES
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.serving import served
from tests.webadmin.visiting import visiting
from webadmin.instruction.rendering import FILE, render
from webadmin.logs.dialogue import STAGE_NAMES
from webadmin.logs.display import status_name
from webadmin.navigation import SECTIONS

TEXT = FILE.read_text(encoding="utf-8")
ADDRESSES = {
    "/logs-ui/", "/logs-ui/live", "/logs-ui/knowledge", "/logs-ui/prompts", "/logs-ui/settings",
    "/logs-ui/reports", "/logs-ui/unanswered", "/logs-ui/api",
}  # fmt: skip


@pytest.fixture
def html(client: FlaskClient) -> str:
    return client.get("/logs-ui/instruction").text


def test_every_heading_is_in_the_contents_and_every_link_leads_there(html: str) -> None:
    headings = re.findall(r'<h[23] id="([^"]+)"', html)
    links = list(map(unquote, re.findall(r'href="#([^"]+)"', html)))
    assert len(headings) == len(set(headings)) > 20
    assert set(headings) < set(links)
    assert [link for link in links if html.count(f'id="{link}"') != 1] == []


def test_every_section_of_the_panel_is_told_and_led_to(html: str, client: FlaskClient) -> None:
    linked = set(re.findall(r'<a href="(/logs-ui/[^"]*)"', html.split("<article")[1]))
    assert linked == ADDRESSES
    for section in SECTIONS:
        assert section.title in TEXT
    there = {rule.rule for rule in client.application.url_map.iter_rules()}
    for address in linked & there:
        assert client.get(address).status_code == 200


def test_the_words_are_those_of_the_panel() -> None:
    for word in [*map(status_name, STATUSES), *(STAGE_NAMES[stage] for stage in STAGES)]:
        assert word in TEXT or word in pictures()


@pytest.mark.parametrize(
    "label",
    [
        "Скачать CSV", "Распознано", "Откуда ответ", "Править", "Сохранить и опубликовать",
        "Что изменено и зачем", "Применено агентом", "Проверить вопрос", "Обновить БЗ (general)",
        "История", "Вернуть", "Передать человеку", "Положить трубку",
        "Спросить базы", "Проверить все", "Проверка служб", "Сохранить",
        "Послушать", "Добавить строку", "Опубликовать снова", "Взять из образца",
    ],
)  # fmt: skip
def test_what_is_quoted_is_to_be_found_on_the_pages(label: str) -> None:
    assert label in TEXT
    pages = "".join(file.read_text("utf-8") for file in FILE.parent.rglob("templates/**/*.html"))
    assert label.replace("(general)", "({{ card.kb }})") in pages


def pictures() -> str:
    return "".join(file.read_text("utf-8") for file in (FILE.parent / "instruction").rglob("*.svg"))


def test_pictures_stand_in_the_page_and_say_what_they_show(html: str) -> None:
    drawn = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
    assert len(drawn) == TEXT.count("![") == 6
    for picture in drawn:
        title, about = re.search(r'aria-labelledby="(\S+) (\S+)"', picture).groups()  # type: ignore[union-attr]
        assert f'<title id="{title}">' in picture
        assert f'<desc id="{about}">' in picture
    assert "<img" not in html.split("<main")[1]
    assert "<p><figure" not in html


def test_nothing_in_the_page_is_against_the_policy(html: str) -> None:
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r"(src|href)=\"(https?:)?//", html)


def test_markup_in_the_text_stays_text() -> None:
    shown = render("# Раз\n\n<script>alert(1)</script> <b>два</b>\n").html
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown


@pytest.mark.parametrize(
    "source", ["http://evil.example/a.svg", "../../.env", "instruction/pictures/../routes.py", ""]
)
def test_no_other_file_gets_into_the_page(source: str) -> None:
    with pytest.raises(ValueError, match="no picture of ours"):
        render(f"![картинка]({source})\n")


@pytest.fixture
def page(chromium: Browser, app: Flask) -> Iterator[Browser]:
    with served(app) as site, visiting(chromium, site, "/logs-ui/instruction") as visitor:
        yield visitor


def top_of(page: Browser, heading: str) -> float:
    return float(page.run(f"document.getElementById('{heading}').getBoundingClientRect().top"))


def test_the_contents_lead_on_by_mouse_and_keyboard(page: Browser) -> None:
    page.click(".instruction-contents a[href='#отчёты']")
    page.wait_for("document.getElementById('отчёты').getBoundingClientRect().top < 100")
    page.back()
    page.wait_for("location.hash === ''")
    page.run("document.querySelector('.instruction-contents a[href=\"#клавиши\"]').focus()")
    page.press("Enter")
    page.wait_for("location.hash && scrollY > 0")
    assert 0 <= top_of(page, "клавиши") < 900


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(page: Browser, scheme: str) -> None:
    page.prefer(scheme)
    page.wait_for(f"document.documentElement.dataset.bsTheme === '{scheme}'")
    assert axe(page) == []
    text = page.run("getComputedStyle(document.querySelector('.pic-text')).fill")
    assert text == page.run("getComputedStyle(document.body).color")


def test_a_narrow_window_scrolls_pictures_and_not_the_page(page: Browser) -> None:
    page.resize(390, 800)
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.run(
        "[...document.querySelectorAll('.picture-scroll')]"
        ".every(one => one.scrollWidth > one.clientWidth && one.tabIndex === 0)"
    )
    assert axe(page) == []
