"""Scripts and styles travel compressed, also when no proxy stands in front."""

import gzip
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, request

_COMPRESSED = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
_LEVEL = 6
_MARK = "says_nothing_of_strangers"

P = ParamSpec("P")
R = TypeVar("R")


def init_app(app: Flask) -> None:
    """Compress scripts, styles and drawings for browsers that take gzip.

    Pages are left as they are: they hold a secret (the CSRF token) beside text that a stranger
    may choose, and the length of a compressed page would tell the one by the other (BREACH).
    """
    app.after_request(_compress)


def compressed(view: Callable[P, R]) -> Callable[P, R]:
    """Compress a view's pages too: they hold nothing but our own words and numbers."""
    setattr(view, _MARK, True)
    return view


def _compress(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    if response.mimetype not in _COMPRESSED and not hasattr(view, _MARK):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not request.accept_encodings.quality("gzip"):
        return response
    response.direct_passthrough = False
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.content_encoding = "gzip"
    tag, _ = response.get_etag()
    if tag:  # the bytes are others now, but If-None-Match still means this file
        response.set_etag(tag, weak=True)
    return response
