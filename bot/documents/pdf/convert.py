"""A PDF as blocks of Markdown."""

import re
from collections.abc import Sequence

from bot.documents.listmarks import typed_item
from bot.documents.markdown import Block, Heading, ListItem, Paragraph
from bot.documents.pdf.headings import Levels, heading_levels
from bot.documents.pdf.passage import Passage, Stretch
from bot.documents.pdf.passages import passages
from bot.documents.pdf.source import read_source

_NUMBER = re.compile(r"(\d{1,4})[.)]?")


def pdf_blocks(data: bytes) -> list[Block]:
    """The text of the document; raises :class:`~bot.errors.KnowledgeError` with the reason."""
    source = read_source(data)
    found = passages(source.pages)
    return _blocks(found, heading_levels(found, source.bookmarks))


def _blocks(found: Sequence[Passage], levels: Levels) -> list[Block]:
    return [
        _block(passage, levels.get(passage)) if isinstance(passage, Stretch) else passage
        for passage in found
        if not isinstance(passage, Stretch) or passage.text
    ]


def _block(stretch: Stretch, level: int | None) -> Block:
    if level is not None:
        return Heading(level, stretch.text)
    if stretch.depth is not None:
        number = _NUMBER.fullmatch(stretch.label)
        return ListItem(stretch.text, stretch.depth, int(number.group(1)) if number else None)
    return typed_item(stretch.text) or Paragraph(stretch.text)
