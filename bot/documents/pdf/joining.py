"""Lines of a paragraph as one line: words divided at line ends are put together."""

import re
from collections.abc import Sequence

from bot.documents.cleaning import clean

_DIVIDED = re.compile(r"(\w+)([-\u2010\u00ad])$")
_SOFT = ("\u00ad", "\u2010")
"""The programs that divide words themselves print these; an author types ``-``."""
_PARTICLES = frozenset("то либо нибудь таки ка де с".split())
"""Written with a hyphen after a word: «какой-то», «всё-таки»."""
_FIRST_PARTS = frozenset("кое по из во в пол юго северо интернет онлайн веб".split())
"""… and before one: «кое-кто», «по-русски», «из-за», «юго-запад»."""


def joined(lines: Sequence[str]) -> str:
    """The text of the lines, cleaned. A hyphen at a line end goes when it divides a word and
    stays when it would be written: after digits and capitals (РЭМ-100), before particles."""
    text = ""
    for line in lines:
        text = _with(text, line.strip()) if text else line.strip()
    return " ".join(clean(text).split())


def _with(text: str, line: str) -> str:
    found = _DIVIDED.search(text)
    if not found or not line[:1].isalnum():
        return f"{text} {line}"
    kept = "-" if found.group(2) not in _SOFT and _is_written(found.group(1), line) else ""
    return text[: found.start(2)] + kept + line


def _is_written(before: str, line: str) -> bool:
    after = re.split(r"\W", line, maxsplit=1)[0]
    return (
        not after[:1].islower()
        or before[-1].isdigit()
        or before.isupper()
        or after in _PARTICLES
        or before.lower() in _FIRST_PARTS
    )
