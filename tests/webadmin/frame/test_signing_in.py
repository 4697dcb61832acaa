"""The operators' password in a browser."""

from tests.webadmin.axe import axe
from tests.webadmin.browser import STRANGER, Browser
from tests.webadmin.probe import Probe


def test_an_operator_comes_in_by_password_and_goes_out(
    site: str, browser: Browser, probe: Probe
) -> None:
    there = site.replace("127.0.0.1", STRANGER)
    browser.go(f"{there}/logs-ui/probe?a=b")
    browser.wait_for("location.pathname === '/logs-ui/login' && document.readyState === 'complete'")
    assert browser.focused() == "password"
    assert axe(browser) == []
    browser.type("не тот")
    browser.press("Enter")
    browser.wait_for_text("#problem", "не подошёл")
    assert axe(browser) == []
    browser.type("пароль")
    browser.press("Enter")
    browser.wait_for("location.pathname + location.search === '/logs-ui/probe?a=b'")
    browser.wait_for("document.readyState === 'complete'")
    browser.click("#free")
    browser.wait_for_text("#toasts-success", "Проверено.")
    assert "operator" not in browser.run("document.cookie")

    browser.run("fetch('/logs-ui/login')", awaited=True)
    browser.click(".frame-tools form button")
    browser.wait_for("location.pathname === '/logs-ui/login'")
    assert probe.changes == ["free None"]
    assert browser.foreign_requests(there) == []


def test_a_page_whose_session_ended_leads_to_the_password(site: str, browser: Browser) -> None:
    there = site.replace("127.0.0.1", STRANGER)
    browser.go(f"{there}/logs-ui/login?next=/logs-ui/probe")
    browser.wait_for("document.readyState === 'complete' && document.getElementById('password')")
    browser.type("пароль")
    browser.press("Enter")
    browser.wait_for("document.readyState === 'complete' && document.getElementById('crash')")
    browser.forget_cookies()
    browser.click("#crash")
    browser.wait_for("location.search === '?next=/logs-ui/probe'")
