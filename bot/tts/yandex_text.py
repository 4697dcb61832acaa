"""Text that SpeechKit speaks as written: its markup is taken out (protocols.md, 1.5)."""

import re

_PLUS_NUMBER = re.compile(r"\+(?=\s*\d)")
_EMPHASIS = re.compile(r"\*{2,}")
_TAGS = re.compile(r"(?:\bsil)?<\[\s*\w*\s*\]>")
_BRACKETS = re.compile(r"\[\[|\]\]|<\[|\]>")


def plain(text: str) -> str:
    """``text`` without anything that SpeechKit would obey instead of speak.

    A plus before a number is a word («+7 (34783)…» → «плюс 7 (34783)…»), any other is a
    stress mark and goes, as do ``**``, ``[[ ]]``, ``<[ ]>`` and pauses. Empty when nothing
    is left that can be pronounced, since the service refuses or ignores such a text.
    """
    spoken = _PLUS_NUMBER.sub(" плюс ", text).replace("+", "")
    spoken = _EMPHASIS.sub("", spoken)
    spoken = _BRACKETS.sub(" ", _TAGS.sub(" ", spoken))
    spoken = " ".join(spoken.split())
    return spoken if any(character.isalnum() for character in spoken) else ""
