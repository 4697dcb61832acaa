"""What a document becomes, in this process: quick, and an error in our code is seen."""

from bot.documents.docx.convert import docx_blocks
from bot.documents.markdown import Heading, render
from bot.documents.pdf.convert import pdf_blocks


def docx_markdown(data: bytes) -> str:
    """Markdown of a .docx, without the line end after it."""
    return render(docx_blocks(data)).removesuffix("\n")


def pdf_markdown(data: bytes) -> str:
    """Markdown of a PDF, without the line end after it."""
    return render(pdf_blocks(data)).removesuffix("\n")


def pdf_headings(data: bytes) -> list[tuple[int, str]]:
    """The headings of a PDF with their levels."""
    return [(b.level, b.text) for b in pdf_blocks(data) if isinstance(b, Heading)]
