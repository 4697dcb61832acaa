"""The operators' pages: what they show, and that what callers say stays text."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, FoundPassage, UserLine
from webadmin.logs.display import duration, milliseconds, plain
from webadmin.logs.paging import Pages

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}\u202e\x07"


def one_call(calls: CallLog, caller: str = "+79610000001") -> int:
    number = calls.start_call(caller, "channel-1", "worker-1")
    trace = AnswerTrace(
        source="tech",
        passages=(FoundPassage("tech", "Усилия", 0.82),),
        first_base="general",
        matched_words=("купить",),
        scores={"general": 0.12, "tech": 0.82},
        same_as="А на тысячу килоньютонов?",
        release=7,
        model="gpt-4o-mini",
        fallbacks=["openai: timeout"],
    )
    calls.append(number, BotLine("Здравствуйте!", AT, "greeting"))
    calls.append(number, UserLine("Есть РЭМ на 1000 кН?", "есть рэм на тысячу", AT))
    calls.append(
        number,
        BotLine(
            "Да, есть напольные машины.",
            AT,
            trace=trace,
            timings_ms={"asr": 350.4, "answer": 1231.0},
            interrupted=True,
            heard="Да, есть",
        ),
    )
    calls.end_call(number, "Completed")
    return number


def test_the_list_shows_a_call(client: FlaskClient, calls: CallLog) -> None:
    number = one_call(calls)
    page = client.get("/logs-ui/").text
    for shown in (
        "+79610000001",
        "завершён",
        "[tech]",
        "Есть РЭМ на 1000 кН?",
        "Показано 1–1 из 1",
    ):
        assert shown in page
    assert f'href="/logs-ui/{number}"' in page


def test_times_are_shown_in_the_operators_zone(client: FlaskClient, calls: CallLog) -> None:
    number = one_call(calls)
    call = calls.call(number)
    assert call is not None
    page = client.get(f"/logs-ui/{number}").text
    assert "12:30:00" in page  # 09:30 UTC of the lines
    assert f'datetime="{call.start_time.isoformat()}"' in page


def test_the_dialogue_shows_sources_timings_and_what_was_not_heard(
    client: FlaskClient, calls: CallLog
) -> None:
    page = re.sub(r"\s+", " ", client.get(f"/logs-ui/{one_call(calls)}").text)
    for shown in ("приветствие", "[tech]", "350 мс", "1,23 с", "перебили", "есть рэм на тысячу"):
        assert shown in page
    assert re.search(
        r"Да, есть <span class=\"cut\">здесь перебили</span> "
        r"<s[^>]*><span[^>]*>не услышано: </span>напольные машины\.</s>",
        page,
    )
    for behind in ("Усилия", "0,82", "Выпуск: 7", "gpt-4o-mini", "купить"):
        assert behind in page
    assert "Сработала замена: служба OpenAI — не ответила вовремя (timeout)" in page
    assert "Ответ из кэша, на вопрос: А на тысячу килоньютонов?" in page


@pytest.mark.parametrize("path", ["/logs-ui/", "/logs-ui/1"])
def test_nothing_a_caller_says_becomes_markup(
    client: FlaskClient, calls: CallLog, path: str
) -> None:
    number = calls.start_call(HOSTILE, HOSTILE, "worker-1")
    calls.append(number, UserLine(HOSTILE, HOSTILE + "!", AT))
    trace = AnswerTrace(
        source="tech", passages=(FoundPassage("tech", HOSTILE, 1),), fallbacks=[HOSTILE]
    )
    calls.append(number, BotLine(HOSTILE, AT, trace=trace, interrupted=True, heard=HOSTILE[:9]))
    page = client.get(path).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{7*7}}" in page
    assert "\u202e" not in page
    assert "\x07" not in page


def test_htmx_gets_the_table_and_others_the_page(client: FlaskClient, calls: CallLog) -> None:
    one_call(calls)
    fragment = client.get("/logs-ui/", headers=HTMX)
    page = client.get("/logs-ui/")
    assert fragment.text.strip().startswith('<section id="calls"')
    assert "<html" not in fragment.text
    assert "<html" in page.text
    assert fragment.text.strip() in page.text
    assert "HX-Request" in fragment.headers["Vary"]
    assert "HX-Request" in page.headers["Vary"]


def test_pages_keep_the_filter_and_say_where_one_is(client: FlaskClient, calls: CallLog) -> None:
    for _ in range(45):
        calls.start_call("Ёж & Co", "channel", "worker")
    page = client.get("/logs-ui/", query_string={"caller": "&", "offset": 20}).text
    assert "Показано 21–40 из 45" in page
    assert 'href="/logs-ui/?caller=%26&amp;offset=40"' in page
    assert 'href="/logs-ui/?caller=%26"' in page
    assert page.count('aria-current="page"') == 2  # the section, and the page of its list
    assert "limit=20" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Звонков пока нет"),
        ("?q=нет", "Ничего не нашлось"),
    ],
)
def test_an_empty_list_says_why(client: FlaskClient, query: str, words: str) -> None:
    assert words in client.get(f"/logs-ui/{query}").text


def test_a_page_after_the_last_leads_back(client: FlaskClient, calls: CallLog) -> None:
    one_call(calls)
    page = client.get("/logs-ui/?offset=500").text
    assert "На этой странице звонков нет" in page
    assert "К первой странице" in page


def test_a_call_without_words_yet_is_shown(client: FlaskClient, calls: CallLog) -> None:
    number = calls.start_call("", "channel", "worker")
    page = client.get(f"/logs-ui/{number}").text
    assert "Пока ничего не сказано" in page
    assert "не определён" in page
    assert "идёт" in page


@pytest.mark.parametrize("broken", ["не JSON", "{}", '[{"role": "user"}]', "[1]", ""])
def test_a_damaged_transcript_is_said_to_be_damaged(
    client: FlaskClient, calls: CallLog, tmp_path: Path, broken: str
) -> None:
    number = one_call(calls)
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("UPDATE logs SET transcript_json = ?", (broken,))
    answer = client.get(f"/logs-ui/{number}")
    assert "повреждена" in answer.text
    assert client.get("/logs-ui/").status_code == 200


def test_fields_of_a_later_version_are_passed_over(
    client: FlaskClient, calls: CallLog, tmp_path: Path
) -> None:
    number = one_call(calls)
    later = '[{"role":"bot","text":"Да.","at":"2025-08-01T09:30:00+00:00","mood":7,"source":"new"}]'
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("UPDATE logs SET transcript_json = ?, status = 'Paused'", (later,))
    page = client.get(f"/logs-ui/{number}").text
    assert "[new]" in page
    assert "Paused" in page


def test_no_page_has_inline_script_or_style(client: FlaskClient, calls: CallLog) -> None:
    number = one_call(calls)
    for path in ("/logs-ui/", f"/logs-ui/{number}", "/logs-ui/999"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", page)
        assert not re.search(r"(src|href)=\"(https?:)?//", page)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "—"), (0.4, "0 с"), (12.3, "12 с"), (65, "1 мин 05 с"), (3725, "1 ч 02 мин")],
)
def test_a_duration_is_read_at_a_glance(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("value", "words"), [(0.4, "0 мс"), (350.4, "350 мс"), (1231, "1,23 с")])
def test_a_stage_is_in_milliseconds_or_seconds(value: float, words: str) -> None:
    assert milliseconds(value) == words


def test_hidden_characters_are_made_visible_and_the_rest_kept() -> None:
    assert plain("+7\u202e961\x00\u200f") == "+7\ufffd961\ufffd\ufffd"
    assert plain("ёлка\n\tמספר 5 мм/с — да") == "ёлка\n\tמספר 5 мм/с — да"


@pytest.mark.parametrize(
    ("offset", "total", "numbers"),
    [
        (0, 1, [1]),
        (0, 41, [1, 2, 3]),
        (100, 400, [1, None, 4, 5, 6, 7, 8, None, 20]),
        (380, 400, [1, None, 18, 19, 20]),
        (5000, 41, [1, None, 3]),
    ],
)
def test_the_ends_and_the_neighbours_are_offered(
    offset: int, total: int, numbers: list[int | None]
) -> None:
    assert Pages(offset, 20, total).numbers == numbers
