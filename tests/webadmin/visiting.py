"""A visit to one of our pages, as a stranger with a new browser would make it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.webadmin.browser import Browser


@contextmanager
def visiting(chromium: Browser, site: str, page: str) -> Iterator[Browser]:
    """The browser as if new, on a page; in the end nobody has complained, nor asked elsewhere.

    ``site`` is our address without a path, ``page`` the path.
    """
    as_if_new(chromium)
    chromium.open(f"{site}{page}")
    yield chromium
    assert chromium.complaints == []
    assert chromium.foreign_requests(site, site.replace("http:", "ws:")) == []


def as_if_new(chromium: Browser) -> None:
    """Nothing remembered, in daylight, on a desk."""
    chromium.forget()
    chromium.prefer("light")
    chromium.resize(1280, 900)
