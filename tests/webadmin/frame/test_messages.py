"""Success is said and goes; what went wrong stays until it is read."""

import json

from flask import Flask

from tests.webadmin.browser import Browser
from tests.webadmin.probe import Probe
from tests.webadmin.serving import served


def test_success_goes_by_itself_and_an_error_stays_until_closed(page: Browser) -> None:
    page.click("#crash")
    page.wait_for_text("#toasts-error", "Номер ошибки")
    page.click("#free")
    page.wait_for_text("#toasts-success", "Проверено.")
    page.wait_for("document.querySelectorAll('#toasts-success .toast-box').length === 0")
    assert "Номер ошибки" in page.text("#toasts-error")
    page.click("#toasts-error button")
    page.wait_for("document.querySelectorAll('.toast-box').length === 0")


def test_screen_readers_are_told_of_both_kinds(page: Browser) -> None:
    roles = "['error', 'success'].map(kind => document.getElementById(`toasts-${kind}`).role)"
    assert page.run(roles) == ["alert", "status"]


def test_a_message_of_the_last_page_is_shown_on_the_next_and_is_text(
    page: Browser, site: str
) -> None:
    page.open(f"{site}/logs-ui/probe/flash")
    page.wait_for_text("#toasts-success", "Удалено <b>всё</b>.")
    page.open(f"{site}/logs-ui/probe")
    assert page.text("#toasts-success") == ""


def test_the_same_complaint_is_shown_once(page: Browser) -> None:
    told = json.dumps({"detail": {"kind": "error", "text": "Нет связи."}})
    for _ in range(3):
        page.run(f"document.dispatchEvent(new CustomEvent('toast', {told}))")
    assert page.run("document.querySelectorAll('#toasts-error .toast-box').length") == 1


def test_the_message_of_an_element_that_is_gone_is_told_too(page: Browser, probe: Probe) -> None:
    page.click("#slow")
    page.run("document.getElementById('slow').remove()")
    probe.may_go_on.set()
    page.wait_for_text("#toasts-success", "Дождались.")
    assert page.run("document.querySelectorAll('.toast-box').length") == 1


def test_a_server_that_is_gone_is_told(keyed_app: Flask, browser: Browser) -> None:
    with served(keyed_app) as site:
        browser.open(f"{site}/logs-ui/probe")
    browser.click("#crash")
    browser.wait_for_text("#toasts-error", "Нет связи с сервером")
