"""axe-core: what keeps people from using a page, as far as a program can tell.

``python -m tests.webadmin.axe`` fetches the pinned version.
"""

import sys
from pathlib import Path
from typing import Any

from tests.webadmin.browser import Browser
from webadmin.vendor import Asset, fetch

FOLDER = Path(__file__).parent / "vendor"
AXE = Asset(
    "axe-core@4.14.1",
    "axe.min.js",
    "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    "MPL-2.0",
)
_GRAVE = ("serious", "critical")


def axe(page: Browser) -> list[str]:
    """The serious and critical violations of the page as it is now, with where they are."""
    page.run((FOLDER / AXE.name).read_text("utf-8"))
    found = page.run("axe.run(document, {resultTypes: ['violations']})", awaited=True)
    return [_told(violation) for violation in found["violations"] if violation["impact"] in _GRAVE]


def _told(violation: dict[str, Any]) -> str:
    places = ", ".join(str(node["target"]) for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']} – {places}"


if __name__ == "__main__":
    sys.exit(fetch((AXE,), FOLDER))
