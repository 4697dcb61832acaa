"""The API page in a real browser on a real gunicorn: read, tried, and copied to a console."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.admin import Admin
from tests.lab.ports import free_port
from tests.webadmin.answering import KEY, Place, open_place, place_environment
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.visiting import visiting
from tests.webadmin.wsclient import ended, logged
from webadmin.api.openapi import OPERATIONS
from webadmin.api.openapi.schemas import component_schemas
from webadmin.api.shown import type_words


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("tried")
    shutil.copytree(built, folder, symlinks=True, dirs_exist_ok=True)
    with Admin(place_environment(folder), free_port()) as admin:
        yield admin.url


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Browser]:
    with visiting(chromium, site, "/logs-ui/api") as visitor:
        yield visitor


def form(operation: str) -> str:
    return f"#{operation} .api-form"


def fill(page: Browser, selector: str, text: str) -> None:
    page.wait_for(f"document.querySelector('{selector}')")
    page.run(f"document.querySelector('{selector}').select()")
    page.run(f"document.querySelector('{selector}').focus()")
    page.type(text)


def test_a_question_is_asked_with_the_mouse(page: Browser) -> None:
    page.click("#post-api-ask > summary")
    page.click(f"{form('post-api-ask')} [type=submit]")
    page.wait_for_text(f"{form('post-api-ask')} .api-status", "200")
    answer = page.text(f"{form('post-api-ask')} [data-answer]")
    assert "24 месяца" in answer
    assert '"source": "general"' in answer
    page.click(f"{form('post-api-ask')} .api-result summary")
    assert "application/json" in page.text(f"{form('post-api-ask')} [data-headers]")


def test_the_same_with_the_keyboard_alone(page: Browser) -> None:
    page.press("/")
    page.type("привести")
    page.wait_for("document.querySelectorAll('.api-operation:not([hidden])').length === 1")
    page.press("Tab")
    page.press("Enter")
    page.wait_for("document.getElementById('post-api-normalize-body')")
    page.press("Tab")
    assert page.focused() == "post-api-normalize-body"
    page.press("Tab")
    page.press("Enter")
    page.wait_for_text(f"{form('post-api-normalize')} [data-answer]", "тысячу кН")


def test_a_refusal_is_shown_as_it_came(page: Browser) -> None:
    page.run("document.getElementById('post-api-ask').open = true")
    fill(page, "#post-api-ask-body", '{"text": ""}')
    page.click(f"{form('post-api-ask')} [type=submit]")
    page.wait_for_text(f"{form('post-api-ask')} .api-status.api-refused", "400")
    assert "не может быть пустым" in page.text(f"{form('post-api-ask')} [data-answer]")
    # Chromium itself notes that a request was refused.
    assert page.complaints
    page.complaints.clear()


def test_a_change_asks_for_the_key_until_it_is_right(page: Browser) -> None:
    page.click("#post-api-settings > summary")
    page.click(f"{form('post-api-settings')} [type=submit]")
    for given, release in (("не тот", ""), (KEY, '"release": 2')):
        page.wait_for("document.getElementById('ask').open")
        fill(page, "#ask-key-value", given)
        page.press("Enter")
        page.wait_for_text(f"{form('post-api-settings')} [data-answer]", release)
        if not release:
            page.wait_for_text("#ask-problem", "Ключ не подошёл")
    assert KEY not in page.run("document.documentElement.outerHTML")
    page.complaints.clear()  # the refusal of the first key


def test_fields_go_into_the_query_and_the_path(page: Browser, site: str) -> None:
    page.run("document.getElementById('get-logs').open = true")
    fill(page, "#get-logs-caller", "Ё & Ко")
    page.run("document.getElementById('get-logs-status').value = 'Completed'")
    page.click(f"{form('get-logs')} [type=submit]")
    page.wait_for_text(f"{form('get-logs')} .api-status", "200")
    query = "caller=%D0%81+%26+%D0%9A%D0%BE"
    assert f"{site}/logs?status=Completed&{query}" in page.requests

    page.run("document.getElementById('get-api-jobs-id').open = true")
    fill(page, "#get-api-jobs-id-id", "a/b")
    page.click(f"{form('get-api-jobs-id')} [type=submit]")
    page.wait_for_text(f"{form('get-api-jobs-id')} .api-status", "404")
    assert f"{site}/api/jobs/a%2Fb" in page.requests
    page.complaints.clear()  # the 404


def test_the_curl_line_is_the_same_request_and_holds_no_key(page: Browser, site: str) -> None:
    page.run("document.getElementById('post-api-prompts').open = true")
    body = '{"greeting": "Д\'Артаньян $HOME `x`"}'
    fill(page, "#post-api-prompts-body", body)
    fill(page, "#post-api-prompts-X-Author", "Ира")
    words = shlex.split(page.text(f"{form('post-api-prompts')} [data-curl]"))
    assert words == [
        "curl", "-X", "POST", f"{site}/api/prompts", "-H", "X-API-Key: $API_SECRET_KEY",
        "-H", "X-Author: %D0%98%D1%80%D0%B0", "-H", "Content-Type: application/json", "-d", body,
    ]  # fmt: skip


def test_a_file_is_uploaded(page: Browser, tmp_path: Path) -> None:
    base = tmp_path / "база.md"
    base.write_text("# Гарантия\n\nГарантия теперь 36 месяцев.\n", encoding="utf-8")
    page.run(f"sessionStorage.setItem('api-key', '{KEY}')")
    page.click("#post-kb-upload > summary")
    page.wait_for("document.getElementById('post-kb-upload-file')")
    page.upload("#post-kb-upload-file", base)
    page.wait_for_text(f"{form('post-kb-upload')} [data-curl]", "-F 'file=@база.md'")
    page.click(f"{form('post-kb-upload')} [type=submit]")
    page.wait_for_text(f"{form('post-kb-upload')} .api-status", "202")


def test_a_dialogue_over_the_socket(page: Browser, site: str) -> None:
    page.click("#get-ws > summary")
    fill(page, "#get-ws-callerId", "страница-API")
    fill(page, "#get-ws-text", "Спасибо")
    for answers in (1, 2):
        page.click(f"{form('get-ws')} [type=submit]")
        page.wait_for(f"document.querySelectorAll('.api-talk li').length === {2 * answers}")
    assert "Помощник: Пожалуйста!" in page.text(".api-talk")
    page.click(f"{form('get-ws')} [data-close]")
    page.wait_for_text(".api-talk", "код 1005")
    assert logged(site, "страница-API", ended)["status"] == "Completed"


def test_a_search_that_finds_nothing_says_so(page: Browser) -> None:
    fill(page, "#api-search", "ъъъ")
    page.wait_for("!document.getElementById('api-nothing').hidden")
    assert page.run("document.querySelectorAll('.api-group:not([hidden])').length") == 0


def test_an_address_opens_its_operation(page: Browser, site: str) -> None:
    page.run("location.hash = '#schema-Answer'")
    page.wait_for_text("#schema-Answer", "timings_ms")
    page.open(f"{site}/logs-ui/api#post-api-normalize")
    page.wait_for("document.getElementById('post-api-normalize-body')")


def open_all(page: Browser) -> None:
    page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.wait_for("!document.querySelector('.api-waiting')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page: Browser, scheme: str) -> None:
    page.prefer(scheme)
    open_all(page)
    page.wait_for(f"document.documentElement.dataset.bsTheme === '{scheme}'")
    assert axe(page) == []


def test_a_narrow_window_holds_it(page: Browser) -> None:
    page.resize(390, 800)
    open_all(page)
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_operation_and_body_is_there_and_every_link_leads_somewhere(
    built: Path, tmp_path: Path
) -> None:
    place: Place = open_place(built, tmp_path)
    html = place.client.get("/logs-ui/api").text
    parts = re.findall(r'hx-get="([^"]+)"', html)
    assert len(parts) == len(set(parts)) == len(OPERATIONS) + len(component_schemas())
    links: set[str] = set()
    for part in parts:
        answer = place.client.get(part)
        assert answer.status_code == 200
        links.update(re.findall(r'href="#([^"]+)"', answer.text))
    assert len(links) > 10
    assert all(f'id="{link}"' in html for link in links)


@pytest.mark.parametrize("part", ["operations/get-nothing", "schemas/Nothing", "schemas/../x"])
def test_what_is_not_described_is_not_there(built: Path, tmp_path: Path, part: str) -> None:
    place = open_place(built, tmp_path)
    assert place.client.get(f"/logs-ui/api/{part}").status_code == 404


def test_the_page_is_light(page: Browser) -> None:
    page.run("1")
    assert page.received_bytes < 150_000


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 20}, "целое число, от 1 до 20"),
        ({"type": "string", "maxLength": 20000}, "текст, до 20\u00a0000 знаков"),
        ({"type": "string", "enum": ["asc", "desc", ""]}, "текст, одно из: asc, desc"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "число или null"),
        ({"type": ["object", "null"]}, "набор полей или null"),
        ({"$ref": "#/components/schemas/Call"}, "набор полей"),
        ({}, "что угодно"),
    ],
)
def test_a_type_is_told_in_an_operators_words(schema: dict[str, object], words: str) -> None:
    assert type_words(schema) == words
