"""Where to go after the password: a page of this admin and nothing else."""

from urllib.parse import urlsplit


def safe_target(wanted: str, otherwise: str) -> str:
    """``wanted`` if it is a path on this host, else ``otherwise``.

    Browsers take ``//host`` and ``/\\host`` for another host and drop tabs and line ends before
    they look (https://url.spec.whatwg.org/#concept-basic-url-parser).
    """
    has_traps = "\\" in wanted or any(not char.isprintable() for char in wanted)
    if has_traps or not wanted.startswith("/") or wanted.startswith("//"):
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted
