"""Who a change is signed by."""

from urllib.parse import unquote

from flask import request

HEADER = "X-Author"
LONGEST = 64
_NOBODY = "оператор"


def author() -> str:
    """The name that the request gives, for the history of releases and the list of jobs.

    From the header ``X-Author`` (UTF-8, percent-encoded: the key dialog sends it), else the
    user name of HTTP Basic. It is a signature, not a proof: all operators have the same key.
    """
    given = unquote(request.headers.get(HEADER, ""))
    if not given and request.authorization is not None:
        given = request.authorization.username or ""
    words = "".join(char if char.isprintable() else " " for char in given).split()
    return " ".join(words)[:LONGEST].strip() or _NOBODY
