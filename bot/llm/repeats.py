"""Whether a sentence only says again what the caller has heard."""

import re
from collections.abc import Sequence
from typing import Final

from bot.routing import fold
from bot.search.asked import asked, told

_WORD: Final = re.compile(r"[^\W_]+")
_STEM: Final = 5
"""Letters that tell words apart here: endings of the same word do not."""
_SAME: Final = 0.8
"""So much of a sentence's words in one that was said: it is that one in other words' order."""
_MUCH: Final = 0.5
"""So much of them in all that was said: it adds little."""


def is_repeated(sentence: str, said: Sequence[str]) -> bool:
    """Whether one of the sentences ``said`` is this one, but for case, endings and order.

    Another figure makes another sentence.
    """
    words = _words(sentence)
    return any(_share(words, _words(one)) >= _SAME for one in said)


def adds(sentence: str, said: Sequence[str], question: str) -> bool:
    """Whether a sentence tells something of what is asked that those before it do not.

    Where the question asks for a fact (a price, a time, …), such a fact; else new words.
    """
    heard = " ".join(said)
    facts = asked(question)
    if facts:
        return bool(told(sentence, facts) - told(heard, facts))
    return _share(_words(sentence), _words(heard)) < _MUCH


def _words(text: str) -> frozenset[str]:
    return frozenset(word if word.isdigit() else word[:_STEM] for word in _WORD.findall(fold(text)))


def _share(words: frozenset[str], others: frozenset[str]) -> float:
    """How much of ``words`` the ``others`` have; nothing when they lack a figure."""
    if any(any(map(str.isdigit, word)) for word in words - others):
        return 0.0
    return len(words & others) / max(1, len(words))
