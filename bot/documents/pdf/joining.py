"""Lines of a paragraph as one line: words that were divided at line ends are put together."""

import re
from collections.abc import Sequence

from bot.documents.cleaning import clean

_HYPHENS = ("-", "\u2010", "\u00ad")
_DIVISIONS = re.compile("[\u2010\u00ad]$")
"""What programs that divide words print, and what :mod:`bot.documents.pdf.divisions` marks."""


def joined(lines: Sequence[str]) -> str:
    """The text of the lines, cleaned; a hyphen that ends a line and divides no word is kept."""
    text = ""
    for line in lines:
        text = _with(text, line.strip()) if text else line.strip()
    return " ".join(clean(text).split())


def _with(text: str, line: str) -> str:
    within_word = text.endswith(_HYPHENS) and text[-2:-1].isalnum() and line[:1].isalnum()
    return _DIVISIONS.sub("", text) + line if within_word else f"{text} {line}"
