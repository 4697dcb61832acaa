"""Whether an answer holds the words that a right one must hold, or must not."""

import re
from collections.abc import Iterable

from bot.normalize import normalize
from bot.routing import fold

_BLANKS = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("–—‑−", "-"))


def missing(answer: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of ``wanted`` that ``answer`` lacks; ``a|b`` is there when either is.

    Case, ё/е, kinds of dashes and the spelling of units do not count. A word may be the
    beginning of one in the answer («гаранти»), but a number must be the whole number.
    """
    forms = _forms(answer)
    return tuple(
        words for words in wanted if not any(_holds(forms, one) for one in words.split("|"))
    )


def present(answer: str, unwanted: Iterable[str]) -> tuple[str, ...]:
    """Those of ``unwanted`` that ``answer`` holds; compared as in :func:`missing`."""
    forms = _forms(answer)
    return tuple(words for words in unwanted if any(_holds(forms, one) for one in words.split("|")))


def _forms(text: str) -> tuple[str, str]:
    """The text as written, and with its units as the normaliser writes them."""
    return _plain(text), _plain(normalize(text))


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", fold(text).translate(_DASHES)).strip()


def _holds(forms: tuple[str, str], words: str) -> bool:
    return any(
        form and re.search(_whole(form), text)
        for form, text in zip(_forms(words), forms, strict=True)
    )


def _whole(words: str) -> str:
    """A pattern for ``words`` that begin where a word does and cut no number short."""
    before = r"(?<![\w])(?<!\d[.,])" if words[0].isalnum() else ""
    after = r"(?!\d|[.,]\d)" if words[-1].isdigit() else ""
    return f"{before}{re.escape(words)}{after}"
