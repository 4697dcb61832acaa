"""Short messages in the corner of a page: success goes by itself, an error stays until closed."""

import json
from typing import Any, Literal

from flask import Response, flash

ToastKind = Literal["success", "error"]
_HEADER = "HX-Trigger"


def add_toast(response: Response, kind: ToastKind, text: str) -> Response:
    """Let the page show ``text`` when htmx gets this response; one toast to a response."""
    return add_event(response, "toast", {"kind": kind, "text": text})


def add_event(response: Response, name: str, detail: dict[str, Any]) -> Response:
    """Let htmx fire an event on the page beside those that the response already has.

    https://htmx.org/headers/hx-trigger/ – the value is JSON, in ASCII as it is a header.
    """
    events = json.loads(response.headers.get(_HEADER, "{}"))
    response.headers[_HEADER] = json.dumps(events | {name: detail})
    return response


def toast_on_next_page(kind: ToastKind, text: str) -> None:
    """Show ``text`` on the page that comes next: for answers that are a redirect."""
    flash(text, kind)
