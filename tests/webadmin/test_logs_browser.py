"""The list of calls in a real Chromium: searched, filtered, sorted, paged, deleted from."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from bot.calllog import CallLog
from bot.calllog.log import FinalStatus
from bot.records import AnswerTrace, BotLine, UserLine, now
from bot.settings import Settings
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.frame.dialog import ASKED, KEY
from tests.webadmin.serving import served
from tests.webadmin.visiting import as_if_new
from webadmin import create_app

START = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
ROWS = "document.querySelectorAll('#calls tbody tr').length"


class Clock:
    """Moments that a test chooses."""

    moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings(api_secret_key=KEY)


@pytest.fixture
def calls(settings: Settings) -> Iterator[CallLog]:
    """Twenty-five calls an hour apart, every fifth about tariffs, every second failed."""
    clock = Clock()
    opened = CallLog(settings.database_address, clock=clock)
    for place in range(25):
        clock.moment = START + timedelta(hours=place)
        question = "О тарифах расскажите" if place % 5 == 0 else "Какая гарантия?"
        add_call(opened, clock, question, place, "Failed" if place % 2 else "Completed")
    yield opened
    opened.close()


def add_call(calls: CallLog, clock: Clock, question: str, seconds: int, status: FinalStatus) -> int:
    number = calls.start_call(f"+7961000{seconds:04}", "channel", "worker")
    calls.append(number, UserLine(question, "", clock.moment))
    calls.append(number, BotLine("Да.", clock.moment, trace=AnswerTrace(source="tech")))
    clock.moment += timedelta(seconds=seconds)
    calls.end_call(number, status)
    return number


@pytest.fixture
def site(settings: Settings, calls: CallLog) -> Iterator[str]:
    with served(create_app(settings)) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Browser]:
    """The list; whatever a test does there, the policy is kept to."""
    as_if_new(chromium)
    chromium.open(f"{site}/logs-ui/")
    yield chromium
    assert [said for said in chromium.complaints if "Policy" in said or "Error:" in said] == []
    assert chromium.foreign_requests(site) == []


def wait_until_it_works(page: Browser, selector: str) -> None:
    """htmx makes what came with a swap work some milliseconds after it is to be seen."""
    page.wait_for(f"document.querySelector('{selector}')['htmx-internal-data']?.initHash")


def wait_for_query(page: Browser, query: str) -> None:
    page.wait_for(f"decodeURIComponent(location.search) === '{query}'")


def test_words_are_searched_while_they_are_typed_and_back_undoes_each_step(page: Browser) -> None:
    page.press("/", code="Slash")
    assert page.focused() == "q"
    page.type("тарифы")
    page.wait_for(f"{ROWS} === 5")
    wait_for_query(page, "?q=тарифы")
    assert page.focused() == "q"
    assert (
        page.run("[...document.querySelectorAll('mark')].map(mark => mark.innerText)")
        == ["тарифах"] * 5
    )
    page.run("[...document.querySelectorAll('.chip')].find(a => /сбой/.test(a.innerText)).focus()")
    page.press("Enter")
    page.wait_for(f"{ROWS} === 2")
    wait_for_query(page, "?q=тарифы&status=Failed")
    assert page.run("document.getElementById('q').value") == "тарифы"
    page.run("document.getElementById('q').select()")
    page.type("гарантия")
    wait_for_query(page, "?q=гарантия&status=Failed")
    page.wait_for(f"{ROWS} === 10")
    page.back()
    page.wait_for(f"{ROWS} === 2")
    assert page.run("document.getElementById('q').value") == "тарифы"
    page.back()
    page.wait_for(f"{ROWS} === 5")
    page.back()
    page.wait_for(f"{ROWS} === 20")
    assert page.run("document.getElementById('q').value") == ""


def test_headings_sort_and_say_how(page: Browser) -> None:
    def sorted_by() -> dict[str, str]:
        heads = (
            "[...document.querySelectorAll('th[aria-sort]')].map(h => [h.innerText, h.ariaSort])"
        )
        return {words.split()[0]: how for words, how in page.run(heads)}

    assert sorted_by() == {"Начало": "descending", "Длительность": "none", "Итог": "none"}
    page.click("th:nth-child(3) a")
    wait_for_query(page, "?sort=durationS")
    assert sorted_by() == {"Начало": "none", "Длительность": "descending", "Итог": "none"}
    page.wait_for("document.querySelector('tbody tr td:nth-child(3)').innerText === '24 с'")
    page.click("th:nth-child(3) a")
    wait_for_query(page, "?sort=durationS&order=asc")
    page.wait_for("document.querySelector('tbody tr td:nth-child(3)').innerText === '0 с'")
    page.click("th:nth-child(4) a")
    wait_for_query(page, "?sort=status")
    page.wait_for("document.querySelector('tbody tr td:nth-child(4)').innerText === 'сбой'")


def test_days_are_chosen_by_a_range_and_by_what_is_asked_most(page: Browser, site: str) -> None:
    page.run("document.getElementById('date_from').value = '2025-08-02'")
    page.run("document.getElementById('date_from').dispatchEvent(new Event('change'))")
    wait_for_query(page, "?date_from=2025-08-02")
    page.wait_for(f"{ROWS} === 13")
    page.run("[...document.querySelectorAll('.chip')].find(a => a.innerText === 'Сегодня').click()")
    page.wait_for(f"{ROWS} === 0")
    page.wait_for_text("#calls", "Ничего не нашлось")
    today = page.run("new URLSearchParams(location.search).get('date_to')")
    assert page.run("document.getElementById('date_from').value") == today
    assert page.text(".chip[aria-current]") == "Сегодня"
    page.click("#calls .card a")  # let go of the filter
    page.wait_for(f"{ROWS} === 20")


def test_a_page_may_be_longer_and_its_address_says_so(page: Browser) -> None:
    page.click(".sizes .chip:nth-child(2)")
    wait_for_query(page, "?limit=50")
    page.wait_for(f"{ROWS} === 25")
    page.press("/", code="Slash")
    page.type("тарифы")
    wait_for_query(page, "?q=тарифы&limit=50")


def test_new_calls_announce_themselves(page: Browser, calls: CallLog) -> None:
    clock = Clock()
    clock.moment = now()
    for place in range(2):
        add_call(calls, clock, "Какая гарантия?", place, "Completed")
    page.run("document.dispatchEvent(new Event('visibilitychange'))")  # the tab is looked at again
    page.wait_for_text("#calls", "Новых звонков: 2. Показать")
    assert page.run(f"{ROWS}") == 20
    page.click(".news")
    page.wait_for_text("[role=status]", "Показано 1–20 из 27")
    page.wait_for("document.querySelector('.news') === null")


def test_a_call_is_deleted_by_mouse_and_brought_back(page: Browser, calls: CallLog) -> None:
    page.click("#call-25 .delete")
    page.wait_for(ASKED)
    assert "№ 25" in page.text("#ask-title")
    page.type(KEY)
    page.click("#ask-agree")
    page.wait_for("document.getElementById('call-25') === null")
    page.wait_for_text(".undo", "Звонок № 25 удалён.")
    page.wait_for_text("#toasts-success", "Звонок № 25 удалён.")
    assert calls.call(25) is None
    wait_until_it_works(page, ".undo button")
    page.click(".undo button")
    page.wait_for("document.getElementById('call-25') !== null")
    page.wait_for("document.querySelector('.undo') === null")
    assert calls.call(25) is not None


def test_all_calls_are_deleted_by_keyboard_and_brought_back(page: Browser, calls: CallLog) -> None:
    page.run("document.querySelector('.list-tools button').focus()")
    page.press("Enter")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for_text("#calls", "Звонков пока нет")
    wait_until_it_works(page, ".undo button")
    page.run("document.querySelector('.undo button').focus()")
    page.press("Enter")
    page.wait_for(f"{ROWS} === 20")


def test_who_does_not_agree_deletes_nothing(page: Browser, calls: CallLog) -> None:
    page.click("#call-25 .delete")
    page.wait_for(ASKED)
    page.press("Escape")
    page.wait_for("!document.getElementById('ask').open")
    assert calls.call(25) is not None


def test_a_call_is_read_within_the_search_and_its_neighbours_are_a_key_away(
    page: Browser, site: str
) -> None:
    page.open(f"{site}/logs-ui/?q={quote('тариф')}")
    page.press("j", code="KeyJ")
    page.press("j", code="KeyJ")
    page.press("Enter")
    page.wait_for("location.pathname === '/logs-ui/16'")
    page.wait_for("document.querySelectorAll('.bubble mark').length === 1")
    page.wait_for("document.readyState === 'complete'")
    page.press("j", code="KeyJ")
    page.wait_for("location.pathname === '/logs-ui/11'")
    page.wait_for("document.readyState === 'complete'")
    page.press("k", code="KeyK")
    page.wait_for("location.pathname === '/logs-ui/16'")
    page.wait_for("document.querySelector('[data-previous]').href.includes('/logs-ui/21?q=')")
    page.click(".to-list")
    page.wait_for(f"{ROWS} === 5")


def test_the_page_of_a_call_that_is_deleted_leads_to_the_list_with_the_way_back(
    page: Browser, site: str
) -> None:
    page.open(f"{site}/logs-ui/25")
    page.click(".call-nav [hx-delete]")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for("location.pathname === '/logs-ui/'")
    page.wait_for_text(".undo", "Звонок № 25 удалён.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["?q=%D1%82%D0%B0%D1%80%D0%B8%D1%84&status=Failed", "?q=no", "25"])
def test_axe_finds_nothing_serious(page: Browser, site: str, scheme: str, path: str) -> None:
    page.prefer(scheme)
    page.open(f"{site}/logs-ui/{path}")
    assert axe(page) == []
