"""The sections of a base: where each begins, and a name for it that an address can hold."""

import re
from collections import Counter
from dataclasses import dataclass

from bot.search.knowledge import headings

_ANCHOR = "s-"
_NO_SLUG = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Section:
    """A heading and what follows until the next one.

    ``start`` and ``end`` are offsets of the whole section in the text, ``line`` is the number
    of the heading's line from 0. ``slug`` is unique in the base.
    """

    level: int
    title: str
    slug: str
    line: int
    start: int
    body: int
    """Offset of what stands below the heading's line."""
    end: int

    @property
    def anchor(self) -> str:
        """The ``id`` of its heading on a page."""
        return anchor_of(self.slug)


def anchor_of(slug: str) -> str:
    """An ``id`` that no other part of a page has, whatever a heading says."""
    return f"{_ANCHOR}{slug}"


def sections_of(text: str) -> list[Section]:
    """The sections of a base in order, by the headings that the index knows."""
    found = list(headings(text))
    ends = [*(heading.start for heading in found[1:]), *([len(text)] if found else [])]
    seen: Counter[str] = Counter()
    sections, line, counted = [], 0, 0
    for heading, end in zip(found, ends, strict=True):
        line += text.count("\n", counted, heading.start)
        counted = heading.start
        slug = _unique(slug_of(heading.title), seen)
        sections.append(
            Section(heading.level, heading.title, slug, line, heading.start, heading.end, end)
        )
    return sections


def slug_of(title: str) -> str:
    """A title as a name: lower case, words joined by dashes, Cyrillic as it is."""
    return _NO_SLUG.sub("-", title.lower()).strip("-_") or "section"


def find_section(sections: list[Section], wanted: str) -> Section | None:
    """The section with that title, or else with that slug."""
    titled = (section for section in sections if section.title == wanted)
    return next(titled, next((one for one in sections if one.slug == wanted), None))


def _unique(slug: str, seen: Counter[str]) -> str:
    """Sections of the same title are told apart by a number; no number is given twice."""
    unique = slug
    while seen[unique]:
        seen[slug] += 1
        unique = f"{slug}-{seen[slug]}"
    seen[unique] += 1
    return unique
