"""Text that SpeechKit speaks as it is meant: in words, its markup taken out (protocols.md, 1.5)."""

import re

from bot.russian.spoken import speakable

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


def in_words(text: str) -> str:
    """``text`` for SpeechKit with its figures and signs in words.

    The service promises to read numbers and abbreviations by itself (yandex.cloud,
    ``speechkit/tts/markup``) and asks for words where another sign stands
    (``speechkit/tts/markup/ssml``, ``<sub alias="ртуть">Hg</sub>``): the case of «на 100 кН»,
    units, a telephone's groups and models' names are not promised.
    """
    return speakable(plain(text))
