"""Cutting a long text where a reader would pause."""

import re
from collections.abc import Iterator

_PAUSES = tuple(
    re.compile(pattern) for pattern in (r"[.!?…;](?=\s)", r"[,:)»](?=\s)|\s[—–](?=\s)", r"(?=\s)")
)
_SHORTEST = 4
"""A cut before this fraction of the limit gives a fragment; a weaker pause is better."""


def clauses(text: str, limit: int) -> Iterator[str]:
    """``text`` in pieces of at most ``limit`` characters, in order, runs of spaces made one.

    Cut after a sentence, else after a clause, else between words; inside a word only when
    the word alone is longer than ``limit``.
    """
    rest = " ".join(text.split())
    while len(rest) > limit:
        cut = _cut(rest, limit)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _cut(text: str, limit: int) -> int:
    """Where the first piece of a text longer than ``limit`` ends."""
    window = text[: limit + 1]
    last_ends = [
        max((found.end() for found in pause.finditer(window) if found.end() <= limit), default=0)
        for pause in _PAUSES
    ]
    for end in last_ends:
        if end >= limit // _SHORTEST:
            return end
    return max(last_ends) or limit
