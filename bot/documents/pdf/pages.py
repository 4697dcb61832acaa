"""Pages as lines in reading order: the order of the tags where the file has them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.documents.pdf.line import Line, lines
from bot.documents.pdf.run import ARTIFACT, Run
from bot.documents.pdf.tags import Tag

_TAGGED_SHARE = 0.7
"""Of the letters of a document: page numbers and headers have no tags, forgotten text may have
none. Below it the tags are of no use."""


@dataclass(frozen=True)
class Content:
    """What a page has, as it was read."""

    runs: tuple[Run, ...]
    tags: dict[int, Tag]


@dataclass(frozen=True)
class Page:
    """One page. ``tags`` says what its marked content is; empty where that is not known."""

    number: int
    lines: tuple[Line, ...]
    tags: dict[int, Tag]


def pages_of(contents: Sequence[Content]) -> Iterator[Page]:
    """The pages without what the file itself calls furniture."""
    trusted = _tagged_share(contents) >= _TAGGED_SHARE
    for number, content in enumerate(contents):
        runs = [run for run in content.runs if run.mark != ARTIFACT]
        if trusted and content.tags:
            yield Page(number, tuple(_tagged_lines(number, runs, content.tags)), content.tags)
        else:
            yield Page(number, tuple(lines(runs, number)), {})


def _tagged_share(contents: Sequence[Content]) -> float:
    letters = tagged = 0
    for content in contents:
        for run in content.runs:
            letters += len(run.text) if run.mark != ARTIFACT else 0
            tagged += len(run.text) if run.mark in content.tags else 0
    return tagged / letters if letters else 0.0


def _tagged_lines(number: int, runs: Sequence[Run], tags: dict[int, Tag]) -> Iterator[Line]:
    """Lines do not cross the blocks of the tags. What has no tag is furniture here."""
    present = (run for run in runs if run.mark in tags and not tags[run.mark].left_out)
    ordered = sorted(present, key=lambda run: tags[run.mark].order)
    parts = itertools.groupby(ordered, key=lambda run: (tags[run.mark].block, tags[run.mark].label))
    for _, part in parts:
        yield from lines(list(part), number)
