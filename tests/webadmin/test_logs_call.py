"""The page of one call: where the time went, what failed, where it stands, what is new in it."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import (
    AnswerTrace,
    BotLine,
    Failure,
    FoundPassage,
    Stage,
    UserLine,
)
from bot.settings import Settings
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.serving import served
from webadmin import create_app
from webadmin.logs.trouble import replacement
from webadmin.logs.waterfall import Waterfall, seconds

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
TOOK: dict[Stage, float] = {
    "endpoint": 600.0, "asr": 350.0, "retrieval": 40.0, "llm_first_token": 540.0,
    "tts_first_audio": 180.0, "answer": 1250.0,
}  # fmt: skip
BEGAN: dict[Stage, float] = {
    "endpoint": 0.0, "asr": 200.0, "retrieval": 550.0, "llm_first_token": 550.0,
    "tts_first_audio": 1060.0, "answer": 0.0,
}  # fmt: skip


def a_call(calls: CallLog, *lines: UserLine | BotLine) -> int:
    number = calls.start_call("+79610000001", "channel-1", "worker-1")
    for line in lines:
        calls.append(number, line)
    return number


def page_of(client: FlaskClient, number: int, query: str = "") -> str:
    return re.sub(r"\s+", " ", client.get(f"/logs-ui/{number}{query}").text)


def test_a_bar_stands_where_its_stage_began_and_is_as_long_as_it_took() -> None:
    fall = Waterfall.of(TOOK, BEGAN)
    assert fall is not None
    assert fall.is_measured
    assert fall.span_ms == 1250
    assert [(bar.stage, bar.begin_ms, bar.end_ms) for bar in fall.bars] == [
        ("endpoint", 0, 600),
        ("asr", 200, 550),
        ("retrieval", 550, 590),
        ("llm_first_token", 550, 1090),
        ("tts_first_audio", 1060, 1240),
        ("answer", 0, 1250),
    ]
    assert (fall.share(0), fall.share(625), fall.share(1250)) == ("0.00%", "50.00%", "100.00%")
    assert fall.ticks_ms == [500, 1000]


def test_stages_of_earlier_versions_stand_in_a_row() -> None:
    fall = Waterfall.of(TOOK, {})
    assert fall is not None
    assert not fall.is_measured
    begins = {bar.stage: bar.begin_ms for bar in fall.bars}
    assert begins == {
        "endpoint": 0, "asr": 0, "answer": 0, "retrieval": 350, "llm_first_token": 350,
        "tts_first_audio": 890,
    }  # fmt: skip


@pytest.mark.parametrize("span_ms", [0.0, 0.4, 49, 655, 1250, 3255, 19_999, 900_000])
def test_the_axis_has_few_moments_and_all_within_the_span(span_ms: float) -> None:
    fall = Waterfall.of({"answer": span_ms}, {"answer": 0.0})
    assert fall is not None
    assert len(fall.ticks_ms) <= 4
    assert all(0 < tick <= fall.span_ms for tick in fall.ticks_ms)


def test_nothing_measured_is_nothing_drawn() -> None:
    assert Waterfall.of({}, {}) is None
    assert Waterfall.of({"mood": 7.0}, {}) is None


def test_a_moment_is_short() -> None:
    assert [seconds(ms) for ms in (50, 500, 1000, 20_000)] == ["0,05 с", "0,5 с", "1 с", "20 с"]


def test_every_turn_has_its_waterfall_as_a_picture_and_in_words(
    client: FlaskClient, calls: CallLog
) -> None:
    answer = BotLine("Да.", AT, trace=AnswerTrace(), timings_ms=TOOK, starts_ms=BEGAN)
    number = a_call(calls, UserLine("А?", "", AT), answer, UserLine("Б?", "", AT), answer)
    page = page_of(client, number)
    assert page.count('class="waterfall"') == 2
    assert re.search(r'class="fill-asr" x="16.00%" y="2" width="28.00%"', page)
    assert re.search(
        r"распознавание</dt> <dd class=\"time\"> 350 мс<span[^>]*>, начало через", page
    )
    assert "полосы стоят по порядку" not in page
    assert "style=" not in page


def test_a_call_of_an_earlier_version_says_that_its_bars_are_in_a_row(
    client: FlaskClient, calls: CallLog
) -> None:
    number = a_call(calls, BotLine("Да.", AT, trace=AnswerTrace(), timings_ms=TOOK))
    assert "полосы стоят по порядку" in page_of(client, number)


def test_a_failure_and_a_replaced_service_are_told_at_the_line(
    client: FlaskClient, calls: CallLog
) -> None:
    number = a_call(
        calls,
        BotLine("Повторите.", AT, "apology", failure=Failure("asr", "openai", "quota")),
        BotLine(
            "Да.", AT, trace=AnswerTrace(fallbacks=["gpt-4o-mini: timeout", "yandex-grpc: quota"])
        ),
        BotLine(
            "Да.", AT,
            trace=AnswerTrace(
                fallbacks=["embeddings: late"], by_letters=True, continued_by="gpt-6-luna"
            ),
        ),
    )  # fmt: skip
    page = page_of(client, number)
    assert "Речь не распознана: служба OpenAI — исчерпан лимит или баланс (quota)" in page
    assert "Сработала замена: gpt-4o-mini — не ответила вовремя (timeout)" in page
    assert "Сработала замена: голос Yandex (gRPC) — исчерпан лимит или баланс (quota)" in page
    assert "Сработала замена: служба векторов — запоздала (late)" in page
    assert "Искали без векторов, по словам и буквам." in page
    assert "Ответ оборвался, его продолжала gpt-6-luna." in page
    assert "сбой: 1" in page
    assert "замена службы: 2" in page


def test_what_is_told_of_a_failure_is_never_lost() -> None:
    assert replacement("new-service: mood") == "new-service — mood"
    assert replacement("без двоеточия") == "без двоеточия"


def test_the_totals_are_of_all_turns_and_lead_to_the_slowest(
    client: FlaskClient, calls: CallLog
) -> None:
    slow = TOOK | {"answer": 4000.0}
    number = a_call(
        calls,
        UserLine("А?", "", AT),
        BotLine("Да.", AT, trace=AnswerTrace(cached=True), timings_ms=TOOK, starts_ms=BEGAN),
        UserLine("Б?", "", AT),
        BotLine("Да.", AT, trace=AnswerTrace(), timings_ms=slow, starts_ms=BEGAN),
    )
    page = page_of(client, number)
    assert "из кэша: 1" in page
    assert re.search(r'<td>2,62 с</td> <td> <a href="#line-3">4,00 с</a>', page)
    assert 'id="line-3"' in page


def test_what_was_heard_of_nothing_is_told_as_nothing(client: FlaskClient, calls: CallLog) -> None:
    number = a_call(calls, BotLine("Да.", AT, trace=AnswerTrace(), interrupted=True, heard=""))
    page = page_of(client, number)
    assert "перебили до первого слова" in page
    assert re.search(r"<s[^>]*><span[^>]*>не услышано: </span>Да\.</s>", page)


def test_a_damaged_number_is_a_damaged_record(
    client: FlaskClient, calls: CallLog, tmp_path: Path
) -> None:
    number = a_call(calls)
    line = '[{"role":"bot","text":"","at":"2025-08-01T09:30:00Z","timings_ms":{"asr":%s}}]'
    for value in ("NaN", "1e999", '"x"'):
        with sqlite3.connect(tmp_path / "log.sqlite") as file:
            file.execute("UPDATE logs SET transcript_json = ?", (line % value,))
        assert "повреждена" in client.get(f"/logs-ui/{number}").text
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("UPDATE logs SET transcript_json = ?", (line % -5,))
    assert client.get(f"/logs-ui/{number}").status_code == 200


def test_its_place_within_the_filter_is_told_and_kept(client: FlaskClient, calls: CallLog) -> None:
    numbers = [a_call(calls) for _ in range(5)]
    for number in numbers[:3]:
        calls.end_call(number, "Completed")
    page = page_of(client, numbers[1], "?status=Completed&offset=20")
    assert "2 из 3" in page
    assert f'href="/logs-ui/{numbers[0]}?status=Completed&amp;offset=20"' in page
    assert f'href="/logs-ui/{numbers[2]}?status=Completed&amp;offset=20"' in page
    assert "2 из 5" in page_of(client, numbers[3])
    assert not re.search(r"\d из \d", page_of(client, numbers[4], "?status=Completed"))


def test_a_call_that_goes_on_says_so_and_asks_for_what_is_new(
    client: FlaskClient, calls: CallLog
) -> None:
    number = a_call(calls, UserLine("А?", "", AT))
    page = page_of(client, number, "?q=%D0%B0")
    assert "Разговор ещё идёт" in page
    address = re.search(r'hx-get="(/logs-ui/\d+/news[^"]*)"', page)
    assert address
    asked = address[1].replace("&amp;", "&")
    assert client.get(asked).status_code == 204
    calls.append(number, BotLine("Да.", AT))
    told = client.get(asked).text
    assert "Новых реплик: 1." in told
    assert f'href="/logs-ui/{number}?q=' in told
    calls.end_call(number, "Completed")
    assert "Разговор закончен: завершён." in client.get(f"/logs-ui/{number}/news?lines=2").text
    assert "Разговор ещё идёт" not in page_of(client, number)


@pytest.mark.parametrize("query", ["", "?lines=-1", "?lines=many", "?lines=" + "9" * 5000])
def test_news_of_a_call_are_asked_for_in_any_way(
    client: FlaskClient, calls: CallLog, query: str
) -> None:
    number = a_call(calls, UserLine("А?", "", AT))
    assert client.get(f"/logs-ui/{number}/news{query}").status_code in (200, 204)
    assert client.get(f"/logs-ui/{number + 1}/news{query}").status_code == 404


@pytest.fixture
def site(settings: Settings, calls: CallLog) -> Iterator[str]:
    passages = (FoundPassage("tech", "Усилия", 0.82), FoundPassage("general", "Цены", 0.1))
    trace = AnswerTrace(
        source="tech", passages=passages, fallbacks=["gpt-4o-mini: timeout"], cached=True
    )
    talk = (
        UserLine("Есть РЭМ на 1000 кН?", "есть рэм на тысячу", AT),
        BotLine(
            "Да, есть напольные машины.", AT, trace=trace, timings_ms=TOOK, starts_ms=BEGAN,
            interrupted=True, heard="Да, есть",
        ),
        BotLine("Повторите.", AT, "apology", failure=Failure("asr", "openai", "timeout")),
    )  # fmt: skip
    for _ in range(3):
        calls.end_call(a_call(calls, *talk), "Completed")
    a_call(calls, *talk)
    with served(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def complaints(browser: Browser) -> list[str]:
    return [said for said in browser.complaints if "Policy" in said or "Error:" in said]


def test_the_page_is_read_by_everybody_on_every_screen(browser: Browser, site: str) -> None:
    for scheme, width in (("light", 390), ("dark", 1280)):
        browser.forget()
        browser.prefer(scheme)
        browser.resize(width, 900)
        browser.open(f"{site}/logs-ui/4")
        browser.run("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelector('.bar').getBoundingClientRect().width") > 150
        assert axe(browser) == []
        assert complaints(browser) == []
        assert browser.foreign_requests(site) == []


def test_a_call_that_goes_on_is_read_on_by_mouse(
    browser: Browser, site: str, calls: CallLog
) -> None:
    browser.open(f"{site}/logs-ui/4")
    calls.append(4, UserLine("А гарантия?", "", AT))
    browser.wait_for("document.querySelector('.going-on [hx-get]')['htmx-internal-data']?.initHash")
    browser.run("document.dispatchEvent(new Event('visibilitychange'))")
    browser.wait_for_text(".going-on", "Новых реплик: 1")
    browser.click(".news")
    browser.wait_for_text(".dialogue", "А гарантия?")
    assert complaints(browser) == []


def test_printing_is_a_button_and_prints_the_dialogue_alone(browser: Browser, site: str) -> None:
    browser.open(f"{site}/logs-ui/1")
    browser.run("window.print = () => { window.printed = true }")
    browser.run("document.querySelector('[data-print]').focus()")
    browser.press("Enter")
    browser.wait_for("window.printed")
    browser.look_printed()
    unseen = ".frame, .call-nav, .totals, .behind, .track, .toasts"
    assert browser.run(
        f"[...document.querySelectorAll('{unseen}')].every(one => one.offsetHeight === 0)"
    )
    assert browser.run("document.querySelector('.bubble').offsetHeight > 0")
    browser.prefer("light")
