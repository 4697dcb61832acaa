"""Which stretches of a PDF are headings: by its tags, its bookmarks, or their look."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.documents.markdown import MAX_LEVEL
from bot.documents.pdf.passage import Passage, Stretch
from bot.documents.pdf.run import Look
from bot.documents.pdf.source import Bookmark

Levels = Mapping[Stretch, int]
"""The level from 1 of each stretch that is a heading."""

_LONGEST = 200
"""Characters of a heading in larger letters; one in bold alone is at most the next figure."""
_LONGEST_BOLD = 120
_LARGER = 1.06
"""To the size of the text: a smaller step is not seen."""
_MUCH_LARGER = 1.3
"""A title may be a sentence when nobody can take it for text."""
_LARGEST_SHARE = 0.3
"""Of all letters: a look that so much of the text has is not that of headings."""
_SENTENCE_END = re.compile(r"[.,;…]$")
_SENTENCES = re.compile(r"[^\W\d]{2,}[.!?]\s+[«\"]?[A-ZА-ЯЁ]")
_NUMBERED = re.compile(r"^(?:глава|раздел|§)?\s*\d+(?:\.\d+)*\.?\s", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"^\d+(?:\.\d+)*\.?\s*")
_WORD = re.compile(r"\w+")


def heading_levels(passages: Sequence[Passage], bookmarks: Sequence[Bookmark]) -> Levels:
    """Tags are the author's own word and stand alone. Bookmarks name some of the headings; the
    others are seen by their look, as all are in a file that has neither."""
    stretches = [passage for passage in passages if isinstance(passage, Stretch)]
    tagged = {found: found.level for found in stretches if found.level is not None}
    if tagged:
        shift = 0 if min(tagged.values()) else 1
        return {found: min(level + shift, MAX_LEVEL) for found, level in tagged.items()}
    named = _bookmarked(stretches, bookmarks)
    return {**_by_look(_seen(stretches), named), **named}


def _bookmarked(stretches: Sequence[Stretch], bookmarks: Sequence[Bookmark]) -> dict[Stretch, int]:
    """Stretches that say what a bookmark to their page says."""
    titles = {(mark.page, _words(mark.title)): mark.level for mark in reversed(bookmarks)}
    titles.pop((0, ""), None)
    found: dict[Stretch, int] = {}
    for stretch in stretches:
        level = titles.get((stretch.page, _words(stretch.text)))
        if level is not None and len(stretch.text) <= _LONGEST:
            found[stretch] = min(level, MAX_LEVEL)
    return found


def _words(text: str) -> str:
    """What two forms of one title have in common: a bookmark may lack the number."""
    return " ".join(_WORD.findall(_LEADING_NUMBER.sub("", text).lower()))


def _seen(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches that look like headings."""
    letters: Counter[Look] = Counter()
    for stretch in stretches:
        letters[stretch.look] += len(stretch.text)
    if not letters:
        return []
    body = letters.most_common(1)[0][0]
    most = _LARGEST_SHARE * letters.total()
    rare = {look for look, count in letters.items() if count <= most}
    return [found for found in stretches if found.look in rare and _stands_out(found, body)]


def _stands_out(stretch: Stretch, body: Look) -> bool:
    look, length = stretch.look, len(stretch.text)
    if stretch.depth is not None or not _WORD.search(stretch.text):
        return False
    ended = _SENTENCE_END.search(stretch.text) and not _NUMBERED.match(stretch.text)
    if ended or _SENTENCES.search(stretch.text):
        return look.size >= _MUCH_LARGER * body.size and length <= _LONGEST_BOLD
    bolder = look.bold and not body.bold and look.size >= body.size / _LARGER
    larger = look.size > _LARGER * body.size
    return (larger and length <= _LONGEST) or (bolder and length <= _LONGEST_BOLD)


def _by_look(seen: Sequence[Stretch], named: Mapping[Stretch, int]) -> dict[Stretch, int]:
    """Larger letters are a higher level, bold ones are above others of their size.

    A look that bookmarked headings have is of their level; smaller ones are below all of them.
    """
    known: dict[Look, int] = {}
    for look, group in itertools.groupby(sorted(named, key=_prominence), key=lambda s: s.look):
        known[look] = Counter(named[stretch] for stretch in group).most_common(1)[0][0]
    level = 0
    levels: dict[Look, int] = {}
    for look in sorted({*known, *(stretch.look for stretch in seen)}, key=_rank, reverse=True):
        level = max(known[look], level) if look in known else level + 1
        levels[look] = min(level, MAX_LEVEL)
    return {stretch: levels[stretch.look] for stretch in seen if stretch not in named}


def _prominence(stretch: Stretch) -> tuple[float, bool]:
    return _rank(stretch.look)


def _rank(look: Look) -> tuple[float, bool]:
    return look.size, look.bold
