"""A caller's words made fit to be worked with, whatever was recognised, typed or sent. Pure."""

import re
import unicodedata

LONGEST_CHARS = 600
"""As much as a caller says in the 40 s that are kept of an utterance. What a page of typed text
asks is in its beginning, and embedding it all would keep a core from the calls for seconds."""
_NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories: control and invisible characters, torn surrogates, what has no meaning."""
_WORDLESS = re.compile(r"[\W_]*")


def question_of(text: str) -> str:
    """``text`` on one line without characters that nobody can say, at most 600 of them.

    Cut after a word. Empty when no letter or digit is left: there is nothing to answer.
    """
    kept = text[: 2 * LONGEST_CHARS]
    plain = "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in kept)
    line = " ".join(plain.split())
    if len(line) > LONGEST_CHARS:
        cut = line[: LONGEST_CHARS + 1]
        line = cut.rpartition(" ")[0] or cut[:LONGEST_CHARS]
    return "" if _WORDLESS.fullmatch(line) else line
