"""What operators do with the form of the prompts, without a browser."""

import html
import re
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from bot.releases.store import ReleaseStore
from tests.webadmin.answering import KEY, Place
from webadmin.prompts.blueprint import prompts_of_release

PROMPTS = "/logs-ui/prompts"
_TEXT = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")


def form_of(place: Place, path: str = PROMPTS) -> MultiDict[str, str]:
    """What a browser would send from the form as it stands."""
    page = place.client.get(path)
    assert page.status_code == 200, page.text
    shown = re.sub(r"<template>.*?</template>", "", page.text, flags=re.DOTALL)
    shown = shown[shown.index('<form id="prompts"') :].partition("</form>")[0]
    form = MultiDict[str, str]()
    for name, text in _TEXT.findall(shown):
        form.add(name, html.unescape(text).replace("\n", "\r\n"))
    for tag in _INPUT.findall(shown):
        found = dict(re.findall(r'(name|value)="([^"]*)"', tag))
        form.add(found["name"], html.unescape(found.get("value", "")))
    return form


def send(
    place: Place,
    form: MultiDict[str, str],
    *,
    by: str = "Анна",
    key: str | None = KEY,
    path: str = PROMPTS,
) -> TestResponse:
    """Send it with the key, signed by somebody, as htmx does."""
    headers = {"X-Author": quote(by), "HX-Request": "true"}
    if key is not None:
        headers["X-API-Key"] = key.encode().decode("latin-1")
    return place.client.post(path, data=form, headers=headers)


def save(place: Place, by: str = "Анна", **changes: str | list[str]) -> TestResponse:
    """Open the form, change some fields and send it."""
    return send(place, changed(form_of(place), **changes), by=by)


def changed(form: MultiDict[str, str], **changes: str | list[str]) -> MultiDict[str, str]:
    """The form with other values; ``__`` in a name stands for a dot."""
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        form.setlist(name.replace("__", "."), values)
    return form


def prompts_in_service(place: Place) -> dict[str, Any]:
    """What callers are greeted with now, as it is written."""
    with place.app.test_request_context():
        return prompts_of_release(place.release)


def last_author(place: Place) -> str:
    """Who signed the release in service."""
    return ReleaseStore(place.settings.persist_directory).record(place.release).author
