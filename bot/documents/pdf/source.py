"""Opening a PDF: its pages as lines, its bookmarks; what cannot be read is refused here."""

from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from bot.documents.limits import MARKDOWN_BYTES, PAGES
from bot.documents.pdf.letters import PageText
from bot.documents.pdf.pages import Content, Page, pages_of
from bot.documents.pdf.run import Run
from bot.documents.pdf.tags import tags_of
from bot.errors import KnowledgeError

_UNKNOWN_SHARE = 0.2
"""Some symbols without a name are harmless; letters without one are noise."""
_FOREIGN_SHARE = 0.3
"""Of the letters: accented Latin ones in such number are Russian read with a wrong table."""
_SCANNED_SHARE = 0.5

_DAMAGED = "файл PDF повреждён: откройте его в программе просмотра и сохраните (напечатайте) заново"
_SCANNED = (
    "в файле только картинки: нужен распознанный текст. Распознайте скан (например, в FineReader "
    "или OCRmyPDF) или загрузите исходный документ"
)
_SILENT = (
    "в файле нет текста (буквы могли быть переведены в кривые): загрузите исходный документ "
    ".docx или распознайте текст"
)
_NOISE = (
    "в файле нет таблицы букв (шрифты без ToUnicode), вместо текста читается бессмыслица: "
    "загрузите исходный документ .docx или распознайте текст"
)


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline: ``level`` from 1, ``page`` from 0."""

    title: str
    level: int
    page: int


@dataclass(frozen=True)
class Source:
    """A whole PDF as text."""

    pages: tuple[Page, ...]
    bookmarks: tuple[Bookmark, ...]


def read_source(data: bytes) -> Source:
    """Raises :class:`KnowledgeError` for a PDF that is damaged, protected, too long or has no
    readable text."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise KnowledgeError(_why_closed(error)) from error
    try:
        if len(document) > PAGES:
            raise KnowledgeError(
                f"в документе {len(document)} страниц, больше {PAGES}: разделите его на части"
            )
        if not len(document):
            raise KnowledgeError(_DAMAGED)
        return Source(tuple(pages_of(list(_contents(document)))), tuple(_bookmarks(document)))
    finally:
        document.close()


def _why_closed(error: pypdfium2.PdfiumError) -> str:
    if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return "файл PDF защищён паролем: снимите пароль и сохраните его снова"
    return _DAMAGED


def _contents(document: pypdfium2.PdfDocument) -> Iterator[Content]:
    known = unknown = foreign = silent = 0
    for number in range(len(document)):
        page = _load(document, number)
        text = page.get_textpage()
        found = PageText(page, text).letters()
        known, unknown = known + found.known, unknown + found.unknown
        foreign += sum(map(_accented, found.runs))
        silent += not found.known and _has_pictures(page)
        if known > MARKDOWN_BYTES:
            raise KnowledgeError("в документе больше 2 МБ текста: разделите его на части")
        yield Content(found.runs, tags_of(page))
        text.close()
        page.close()
    if unknown > _UNKNOWN_SHARE * (known + unknown) or foreign > _FOREIGN_SHARE * known:
        raise KnowledgeError(_NOISE)
    if not known or silent > _SCANNED_SHARE * len(document):
        raise KnowledgeError(_SCANNED if silent else _SILENT)


def _accented(run: Run) -> int:
    """How many letters of the upper half of Latin-1 a run has: «Öåíû» was «Цены»."""
    return sum("À" <= char <= "ÿ" for char in run.text)


def _load(document: pypdfium2.PdfDocument, number: int) -> pypdfium2.PdfPage:
    try:
        return document[number]
    except pypdfium2.PdfiumError as error:
        raise KnowledgeError(f"страница {number + 1} не читается: {_DAMAGED}") from error


def _has_pictures(page: pypdfium2.PdfPage) -> bool:
    return next(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]), None) is not None


def _bookmarks(document: pypdfium2.PdfDocument) -> Iterator[Bookmark]:
    for entry in document.get_toc(max_depth=9):
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield Bookmark(entry.get_title(), entry.level + 1, page)
