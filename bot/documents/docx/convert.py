"""A .docx as blocks of Markdown."""

from bot.documents.docx.body import Body
from bot.documents.docx.headings import with_headings
from bot.documents.docx.package import open_package
from bot.documents.markdown import Block


def docx_blocks(data: bytes) -> list[Block]:
    """The text of the document; raises :class:`~bot.errors.KnowledgeError` with the reason."""
    return with_headings(list(Body(open_package(data)).parts()))
