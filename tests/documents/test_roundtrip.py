"""The bundled bases made into documents and back: their headings and sentences survive."""

import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from bot.documents import markdown_of
from bot.search.knowledge import headings
from bot.search.passages import sentences
from tests.documents.pdf import Sheet, printed

KB = Path(__file__).parents[2] / "kb"
BASES = [path.name for path in sorted(KB.glob("*.md"))]
STYLE = "<style>body { font: 11pt 'DejaVu Serif'; text-align: justify; hyphens: auto }</style>"


def blocks(markdown: str) -> list[tuple[int, str]]:
    """Level (0 for text) and text of each paragraph; the separators are left out."""
    found = []
    for part in re.split(r"\n\s*\n", markdown.replace("<<->>", "")):
        text = part.strip().lstrip("#>").strip()
        level = len(part.strip()) - len(part.strip().lstrip("#"))
        found += [(level, text)] if text else []
    return found


def as_docx(markdown: str) -> bytes:
    document = docx.Document()
    for level, text in blocks(markdown):
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    with io.BytesIO() as data:
        document.save(data)
        return data.getvalue()


def as_tagged_pdf(markdown: str) -> bytes:
    tags = {0: "p", **{level: f"h{level}" for level in range(1, 7)}}
    body = "".join(
        f"<{tags[level]}>{html.escape(text)}</{tags[level]}>" for level, text in blocks(markdown)
    )
    return printed(STYLE + body, furniture=True)


def as_plain_pdf(markdown: str) -> bytes:
    sheet = Sheet("База знаний", "{page}")
    for level, text in blocks(markdown):
        sheet.say(text, (11, 20, 16, 13)[level], bold=level > 0)
    return sheet.done()


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    ("suffix", "made"),
    [("docx", as_docx), ("pdf", as_tagged_pdf), ("pdf", as_plain_pdf)],
    ids=["docx", "tagged pdf", "plain pdf"],
)
def test_a_base_survives_being_a_document(
    base: str, suffix: str, made: Callable[[str], bytes]
) -> None:
    markdown = (KB / base).read_text(encoding="utf-8")
    back = markdown_of(f"base.{suffix}", made(markdown))
    assert titles(back) == titles(markdown)
    said = [one for level, text in blocks(markdown) if not level for one in sentences(text)]
    assert len(said) > 100
    assert [one for one in said if one not in back] == []


def titles(markdown: str) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in headings(markdown)]
