"""The probe's page in a real Chromium."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.webadmin.browser import Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.frame.dialog import KEY
from tests.webadmin.probe import Probe
from tests.webadmin.serving import served
from tests.webadmin.visiting import as_if_new
from webadmin import create_app


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    as_if_new(chromium)
    return chromium


@pytest.fixture
def probe() -> Iterator[Probe]:
    made = Probe()
    yield made
    made.may_go_on.set()


@pytest.fixture
def keyed_app(make_settings: MakeSettings, probe: Probe) -> Flask:
    app = create_app(make_settings(api_secret_key=KEY, admin_password="пароль"))
    probe.add_to(app)
    return app


@pytest.fixture
def site(keyed_app: Flask) -> Iterator[str]:
    with served(keyed_app) as address:
        yield address


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Browser]:
    """The page of the probe; whatever a test does there, the policy is kept to."""
    browser.open(f"{site}/logs-ui/probe")
    yield browser
    assert [said for said in browser.complaints if "Policy" in said or "Error:" in said] == []
    assert browser.foreign_requests(site) == []
