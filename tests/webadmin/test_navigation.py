"""The sections: only those that are there, in one order, the current one marked."""

import re

from flask import Flask
from flask.testing import FlaskClient

from webadmin.navigation import SECTIONS


def shown(page: str) -> list[str]:
    navigation = re.search(r'<nav class="sections".*?</nav>', page, re.DOTALL)
    assert navigation
    return re.findall(r">([^<>]+)</a>", navigation[0])


def test_a_section_is_offered_once_its_pages_are_there(app: Flask) -> None:
    before = shown(app.test_client().get("/logs-ui/nowhere").text)
    missing = [section for section in SECTIONS if section.endpoint not in app.view_functions]
    assert len(before) == len(SECTIONS) - len(missing)


def test_all_are_in_the_order_of_the_work(app: Flask) -> None:
    for section in SECTIONS:
        if section.endpoint not in app.view_functions:
            app.add_url_rule(f"/logs-ui/{section.blueprint}", section.endpoint, lambda: "")
    assert shown(app.test_client().get("/logs-ui/").text) == [
        "Звонки", "Сейчас", "Базы знаний", "Подсказки", "Настройки", "Отчёты", "Без ответа",
        "Инструкция", "API",
    ]  # fmt: skip


def test_a_page_deeper_in_a_section_marks_the_section(client: FlaskClient) -> None:
    marked = r'href="/logs-ui/"\s+aria-current="(\w+)"'
    sections = [
        client.get(path).text.partition("</nav>")[0] for path in ("/logs-ui/", "/logs-ui/x")
    ]
    assert [re.findall(marked, found) for found in sections] == [["page"], []]
