"""The questions left unanswered in a real Chromium: from the question to the base and back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ask import ask
from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine, now
from tests.agent.parts import GENERAL
from tests.webadmin.answering import KEY
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, NOT_ASKED
from tests.webadmin.knowledgelab import KNOWLEDGE, PARKING, Desk, open_desk
from tests.webadmin.serving import served
from tests.webadmin.visiting import visiting
from webadmin.answering import answering

UNANSWERED = "/logs-ui/unanswered"
QUESTION = "Где у вас парковка?"
CARD = ".unanswered"
EDITED = PARKING.removeprefix(GENERAL)


@pytest.fixture
def desk(shelf: Path, tmp_path: Path) -> Desk:
    return open_desk(shelf, tmp_path)


@pytest.fixture
def calls(desk: Desk) -> Iterator[CallLog]:
    """A call in which the assistant itself had no answer."""
    opened = CallLog(desk.place.settings.database_address)
    with desk.place.app.app_context():
        answered = ask(answering().agent, (), QUESTION)
    assert answered.trace.unanswered
    add_call(opened, answered.question, answered.text, answered.trace)
    yield opened
    opened.close()


def add_call(calls: CallLog, question: str, text: str, trace: AnswerTrace) -> int:
    number = calls.start_call("+79610000001", "channel", "worker")
    calls.append(number, UserLine(question, question.lower(), now()))
    calls.append(number, BotLine(text, now(), trace=trace))
    calls.end_call(number, "Completed")
    return number


@pytest.fixture
def site(desk: Desk, calls: CallLog) -> Iterator[str]:
    with served(desk.place.app) as address:
        yield address


@pytest.fixture
def browser(chromium: Browser, site: str) -> Iterator[Browser]:
    """The list, grouped."""
    with visiting(chromium, site, UNANSWERED) as visitor:
        open_list(visitor, site)
        yield visitor


def open_list(browser: Browser, site: str, query: str = "") -> None:
    """The list once what was asked before is grouped."""
    browser.open(f"{site}{UNANSWERED}{query}")
    browser.wait_for("!document.querySelector('.grouping[hx-get]')")
    if browser.run("document.querySelector('.grouping') !== null"):
        browser.open(f"{site}{UNANSWERED}{query}")
    browser.wait_for("document.readyState === 'complete'")


def settle(browser: Browser) -> None:
    browser.wait_for("!document.querySelector('.htmx-added, .htmx-settling, .htmx-swapping')")
    browser.wait_for("!document.querySelector('.htmx-request')")


def give_key(browser: Browser) -> None:
    browser.wait_for(ASKED)
    browser.type(KEY)
    browser.press("Tab")
    browser.type("Анна")
    browser.press("Enter")
    browser.wait_for(NOT_ASKED)


def button(words: str) -> str:
    """The first button or link of a card with these words, marked so that a mouse finds it."""
    return f"[...document.querySelectorAll('{CARD} .btn')].find(one => one.innerText === '{words}')"


def click(browser: Browser, words: str) -> None:
    settle(browser)
    browser.wait_for(button(words))
    browser.run(f"{button(words)}.classList.add('wanted')")
    browser.click(".wanted")


def test_the_whole_way_from_the_question_to_its_answer_by_mouse(
    browser: Browser, site: str, desk: Desk, calls: CallLog
) -> None:
    assert QUESTION in browser.text(CARD)
    assert "Не ответили: 1" in browser.text(CARD)
    assert "ушли или позвали человека: 1" in browser.text(CARD)
    click(browser, "Проверить снова")
    browser.wait_for_text(".unanswered-check", "Ответа по-прежнему нет")
    click(browser, "Открыть в базе")
    browser.wait_for(f"location.pathname === '{KNOWLEDGE}/general/edit'")
    browser.wait_for("new URLSearchParams(location.search).get('heading') !== null")
    browser.wait_for("document.readyState === 'complete'")
    assert browser.run("text.value.slice(text.selectionStart, text.selectionStart + 3)") == "## "
    browser.run("text.setSelectionRange(text.value.length, text.value.length)")
    browser.type(EDITED)
    browser.wait_for_text("#preview", "Парковка есть у ворот.")
    browser.click(".save")
    give_key(browser)
    browser.wait_for_text("#draft-state", "Опубликован выпуск 5")
    open_list(browser, site)
    click(browser, "Проверить снова")
    browser.wait_for_text(".unanswered-check", "Теперь отвечает [general]")
    told = browser.text(".unanswered-check")
    assert "Парковка есть у ворот." in told
    assert "выпуск 5" in told
    assert "уверенность 0," in told
    click(browser, "Решено")
    browser.wait_for_text(CARD, "Решено: Анна")
    open_list(browser, site)
    browser.wait_for_text("main", "Все вопросы разобраны")
    open_list(browser, site, "?state=resolved")
    click(browser, "Вернуть")
    browser.wait_for_text(CARD, "Открыть в базе")
    click(browser, "Решено")
    browser.wait_for_text(CARD, "Решено: Анна")
    add_call(calls, QUESTION, "Не знаю.", AnswerTrace(unanswered=True))
    open_list(browser, site)
    browser.wait_for_text(CARD, "вернулся: был решён")
    assert "Не ответили: 2" in browser.text(CARD)


def test_a_question_is_tried_and_resolved_by_keyboard(browser: Browser) -> None:
    browser.press("j", code="KeyJ")
    browser.wait_for(f"document.activeElement.closest('{CARD}')")
    settle(browser)
    browser.run(f"{button('Проверить снова')}.focus()")
    browser.press("Enter")
    browser.wait_for_text(".unanswered-check", "Ответа по-прежнему нет")
    settle(browser)
    browser.wait_for(f"{button('Проверить снова')} === document.activeElement")
    browser.press("Tab")
    assert browser.focused().startswith("mark-")
    browser.press("Enter")
    give_key(browser)
    browser.wait_for_text(CARD, "Решено: Анна")
    browser.wait_for_text("#toasts-success", "решено")
    settle(browser)
    browser.wait_for("document.activeElement.innerText === 'Вернуть'")


def test_the_calls_are_a_click_away_and_back_keeps_the_view(browser: Browser, site: str) -> None:
    open_list(browser, site, "?period=all&sort=recent")
    assert browser.text(".facet:last-of-type .chip[aria-current]") == "Сначала свежие"
    browser.click(".unanswered-calls a")
    browser.wait_for_text(".dialogue", QUESTION)
    browser.back()
    browser.wait_for("location.search === '?period=all&sort=recent'")
    browser.wait_for_text(CARD, QUESTION)
    browser.click(".unanswered-facts a")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, site: str, scheme: str) -> None:
    click(browser, "Проверить снова")
    browser.wait_for_text(".unanswered-check", "Ответа по-прежнему нет")
    browser.prefer(scheme)
    open_list(browser, site)
    assert axe(browser) == []
    assert browser.received_bytes < 300_000  # two visits
