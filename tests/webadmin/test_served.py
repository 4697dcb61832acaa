"""The admin as it is really run: gunicorn with its configuration, looked at in Chromium."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import requests

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from tests.lab.ports import free_port
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.conftest import PROMPTS

ROOT = Path(__file__).parents[2]
AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
HOSTILE = "<script>document.title='взлом'</script><b>жирно</b>"


def gunicorn(**variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-five calls; the newest has a dialogue with what tries to be markup."""
    path = tmp_path_factory.mktemp("served") / "log.sqlite"
    calls = CallLog(f"sqlite:///{path}")
    for caller in range(25):
        number = calls.start_call(f"+7961000{caller:04}", "channel", "worker")
        calls.append(number, UserLine(HOSTILE, "", AT))
        trace = AnswerTrace(source="general")
        timings = {"asr": 350.0, "answer": 1200.0}
        calls.append(number, BotLine("Да.", AT, trace=trace, timings_ms=timings))  # type: ignore[arg-type]
        calls.end_call(number, "Completed")
    calls.close()
    return path


@pytest.fixture(scope="module")
def site(database: Path) -> Iterator[str]:
    """The address of a real gunicorn."""
    port = free_port()
    process = gunicorn(
        ADMIN_BIND=f"127.0.0.1:{port}",
        DATABASE_URL=f"sqlite:///{database}",
        DB_PATH=str(database),
        PROMPTS_FILE_PATH=str(PROMPTS),
    )
    address = f"http://127.0.0.1:{port}"
    wait_until_live(address, process)
    yield address
    process.terminate()
    process.communicate()
    assert process.returncode == 0


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def wait_until_live(address: str, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        try:
            with urlopen(f"{address}/health/live", timeout=5):  # noqa: S310
                return
        except (URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(process.communicate()[1])


def test_an_operator_pages_and_opens_a_dialogue(site: str, browser: Browser) -> None:
    browser.open(f"{site}/logs-ui/")
    assert browser.run("document.querySelectorAll('#calls tbody tr').length") == 20
    first = browser.run("document.querySelector('#calls tbody tr').innerText")
    assert "+79610000024" in first
    assert HOSTILE in first

    browser.run("document.getElementById('page-2').click()")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 5")
    browser.wait_for("location.search === '?offset=20'")
    browser.run("history.back()")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 20")
    # Callers' numbers and words are not left behind in the browser.
    kept = browser.run("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "7961" not in kept
    assert "script" not in kept

    browser.run("document.querySelector('#calls tbody a').click()")
    browser.wait_for("location.pathname === '/logs-ui/25'")
    browser.wait_for("document.querySelectorAll('.dialogue .line').length === 2")
    answer = browser.run("document.querySelector('.line-bot').innerText")
    for shown in ("[general]", "Да.", "350 мс", "1,20 с"):
        assert shown in answer
    assert browser.run("document.querySelector('.line-user .bubble').innerText") == HOSTILE
    assert browser.run("document.querySelectorAll('.line b').length") == 0
    assert "взлом" not in browser.run("document.title")

    assert browser.complaints == []
    assert {address for address in browser.requests if not address.startswith(site)} == set()


def test_the_fragment_came_without_the_page_around_it(site: str, browser: Browser) -> None:
    browser.open(f"{site}/logs-ui/")
    browser.run("document.getElementById('page-2').click()")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 5")
    pages = [address for address in browser.requests if "/static/" not in address]
    assert pages == [f"{site}/logs-ui/", f"{site}/logs-ui/?offset=20"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_into_the_dark(
    site: str, browser: Browser, scheme: str
) -> None:
    browser.prefer(scheme)
    browser.open(f"{site}/logs-ui/")
    assert browser.run("document.documentElement.dataset.bsTheme") == scheme
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")


def test_the_policy_stops_a_script_that_got_into_the_page(site: str, browser: Browser) -> None:
    browser.open(f"{site}/logs-ui/")
    browser.run(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.broken = true'}))"
    )
    assert browser.run("window.broken") is None
    browser.wait_for_complaint("Content Security Policy")


def test_a_table_that_cannot_be_loaded_says_so(site: str, browser: Browser, database: Path) -> None:
    browser.open(f"{site}/logs-ui/")
    browser.run("document.getElementById('page-2').click()")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 5")
    browser.run("history.back()")  # this puts a new page into the window
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 20")
    browser.run("document.querySelector('#page-2').setAttribute('hx-get', '/logs-ui/?limit=x')")
    browser.run("htmx.process(document.querySelector('#page-2'))")
    browser.run("document.getElementById('page-2').click()")
    browser.wait_for("document.querySelectorAll('#toasts-error .toast-box').length === 1")
    assert "limit: целое число" in browser.run("document.getElementById('toasts-error').innerText")


def test_what_was_chosen_in_the_frame_is_still_chosen_after_back(
    site: str, browser: Browser
) -> None:
    browser.open(f"{site}/logs-ui/")
    browser.run("document.getElementById('theme').focus()")
    browser.press("End")
    browser.wait_for("document.documentElement.dataset.bsTheme === 'dark'")
    browser.click("#page-2")
    browser.wait_for("location.search === '?offset=20'")
    browser.back()
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 20")
    browser.wait_for("document.getElementById('theme').value === 'dark'")
    browser.press("?")
    browser.wait_for("document.getElementById('keys').open")
    assert browser.complaints == []


def test_a_page_weighs_no_more_than_150_kilobytes(site: str, browser: Browser) -> None:
    for path in ("/logs-ui/", "/logs-ui/25"):
        browser.forget()
        browser.open(f"{site}{path}")
        browser.wait_for("performance.getEntriesByType('resource').every(it => it.responseEnd)")
        assert 0 < browser.received_bytes < 150_000


def test_a_request_that_is_too_large_is_refused_in_words_and_not_by_hanging_up(site: str) -> None:
    answer = requests.post(f"{site}/logs-ui/login", data=b"x" * (26 * 2**20), timeout=60)
    assert answer.status_code == 413
    assert "25 МБ" in answer.text


def test_the_page_has_names_for_those_who_do_not_see_it(site: str, browser: Browser) -> None:
    browser.open(f"{site}/logs-ui/")
    assert browser.run("document.documentElement.lang") == "ru"
    assert browser.run("document.querySelectorAll('main h1').length") == 1
    assert browser.run("[...document.querySelectorAll('th')].every(head => head.scope)")
    assert browser.run("document.querySelectorAll('img:not([alt])').length") == 0
    for path in ("/logs-ui/", "/logs-ui/25"):
        browser.open(f"{site}{path}")
        assert axe(browser) == []


def test_a_narrow_window_scrolls_the_table_and_not_the_page(site: str, browser: Browser) -> None:
    browser.resize(400, 800)
    browser.open(f"{site}/logs-ui/")
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("variable", "value", "status"),
    [("TIMEZONE", "Moscow/Kremlin", 1), ("DATABASE_URL", "oracle://user:secret@host/db", 4)],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    variable: str, value: str, status: int
) -> None:
    process = gunicorn(ADMIN_BIND=f"127.0.0.1:{free_port()}", **{variable: value})
    said = process.communicate()[1]
    assert process.returncode == status
    assert [line for line in said.splitlines() if line.startswith(f"{variable}: ")]
    assert "Traceback" not in said
    assert "secret" not in said
