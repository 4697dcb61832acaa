"""«Сейчас» in Chromium over real calls: followed, hung up by mouse, handed over by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.softphone.phone import Call, Phone
from tests.calls.conftest import PEOPLE
from tests.calls.dialogue import PATIENCE_S, ask, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, Worker
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, KEY, NOT_ASKED
from tests.webadmin.serving import served
from webadmin import create_app

CALLS = "document.querySelectorAll('.live-call').length"


@pytest.fixture
def site(asterisk: Asterisk, worker: Worker, tmp_path: Path) -> Iterator[str]:
    """The admin of the worker that the calls come to."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        db_path=worker.database,
        persist_directory=REPO / "index",
        prompts_file_path=REPO / "kb" / "prompts.json",
        api_secret_key=SecretStr(KEY),
        ari_url=asterisk.http_url,
        ari_user=asterisk.ari_user,
        ari_password=SecretStr(asterisk.ari_password),
        transfer_context=PEOPLE["TRANSFER_CONTEXT"],
        transfer_extension=PEOPLE["TRANSFER_EXTENSION"],
    )
    with served(create_app(settings)) as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def number_of(worker: Worker, caller: str) -> int:
    """The number in the log of the call that goes on with this caller."""
    (call,) = (
        one for one in worker.calls() if one["callerId"] == caller and one["status"] == "InProgress"
    )
    found: int = call["id"]
    return found


def tab_to(page: Browser, address: str) -> None:
    """Press Tab until the button that sends to ``address`` has the focus."""
    for _ in range(60):
        if page.run(f"document.activeElement.getAttribute('hx-post') === '{address}'"):
            return
        page.press("Tab")
    raise AssertionError(f"{address} cannot be reached by keyboard")


def test_an_operator_follows_two_calls_ends_one_and_hands_the_other_over(
    worker: Worker, asterisk: Asterisk, site: str, browser: Browser, openai_service: OpenAIServer
) -> None:
    words = human_speech("goodbye")
    openai_service.plan.transcript = "Сколько действует гарантия?"
    with Phone(asterisk.sip_server) as telephone:
        browser.open(f"{site}/logs-ui/live")
        browser.wait_for_text("#live-situation", "Сейчас никто не разговаривает")
        person = telephone.dial("desk")
        bored = telephone.dial("100", caller_id="+79610000021")
        curious = telephone.dial("100", caller_id="+79610000022")
        browser.wait_for(f"{CALLS} === 2")
        first = number_of(worker, "+79610000021")
        second = number_of(worker, "+79610000022")
        ask(curious, words)
        browser.wait_for_text(f"#lines-{second}", "Сколько действует гарантия?")
        assert "гарантия" not in browser.text(f"#lines-{first}")
        hear_out(curious)
        browser.wait_for(f"document.querySelectorAll('#lines-{second} .line-bot').length === 2")
        assert axe(browser) == []
        hang_up_by_mouse(browser, first, bored)
        asterisk.console(f"dialplan remove context {PEOPLE['TRANSFER_CONTEXT']}")
        ask_to_hand_over(browser, second)
        browser.wait_for_text("#toasts-error", "В диалплане Asterisk нет места")
        asterisk.console("dialplan reload")
        ask_to_hand_over(browser, second)
        browser.wait_for_text("#toasts-success", "передаём сотруднику")
        browser.wait_for_text(f"#lines-{second}", "Соединяю.")
        assert heard_from(curious, person, words)
        statuses = {call["id"]: call["status"] for call in worker.calls()}
        assert statuses[second] == "Transferred"
        assert statuses[first] != "InProgress"
        browser.wait_for_text(f"#head-{second}", "переведён")
        browser.wait_for_text("#live-situation", "Сейчас никто не разговаривает")
    assert [said for said in browser.complaints if "Policy" in said or "Error:" in said] == []
    assert browser.foreign_requests(site) == []


def hang_up_by_mouse(browser: Browser, number: int, caller: Call) -> None:
    """The first change asks for the key too."""
    browser.click(f"#head-{number} .btn-outline-danger")
    browser.wait_for(ASKED)
    assert f"№ {number}" in browser.text("#ask-title")
    browser.click("#ask-key-value")
    browser.type(KEY)
    browser.click("#ask-agree")
    browser.wait_for_text("#toasts-success", "кладём трубку")
    assert caller.ended.wait(PATIENCE_S)
    assert caller.ended_by == "them"
    browser.wait_for(f"document.querySelectorAll('#head-{number} button').length === 0")


def ask_to_hand_over(browser: Browser, number: int) -> None:
    """By keyboard alone."""
    tab_to(browser, f"/logs-ui/live/{number}/transfer")
    browser.press("Enter")
    browser.wait_for(ASKED)
    browser.press("Enter")
    browser.wait_for(NOT_ASKED)


def heard_from(caller: Call, person: Call, words: bytes) -> bool:
    """Whether the person at the other extension hears the caller."""
    hear_out(person)
    caller.play(words)
    assert caller.wait_played()
    return person.wait_speech(caller.speech_sent_at[-len(words) // 320], PATIENCE_S) is not None
