"""Opening another page as the answer to a change."""

from flask import Response, make_response, redirect

from webadmin.extensions import htmx

_SEE_OTHER = 303


def go_to(address: str) -> Response:
    """Open another page, whether a script or the browser itself asked."""
    if not htmx:
        return make_response(redirect(address, _SEE_OTHER))
    answer = make_response("")
    answer.headers["HX-Redirect"] = address
    return answer
