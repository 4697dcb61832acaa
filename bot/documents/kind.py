"""What a file is: by its first bytes, and whether its name says the same."""

import re
from enum import StrEnum
from pathlib import PurePath

from bot.errors import KnowledgeError


class Kind(StrEnum):
    """The forms a knowledge base is taken in."""

    TEXT = "text"
    DOCX = "docx"
    PDF = "pdf"


SUFFIXES = {
    ".md": Kind.TEXT,
    ".markdown": Kind.TEXT,
    ".txt": Kind.TEXT,
    ".docx": Kind.DOCX,
    ".pdf": Kind.PDF,
}
ACCEPTED = "принимаются " + ", ".join(SUFFIXES)

_NAMES = {Kind.TEXT: "текст", Kind.DOCX: "документ Word (.docx)", Kind.PDF: "документ PDF"}
_PDF_WITHIN_BYTES = 1024
"""Readers look for the header that far: printers put their own lines before it."""

_OTHER_ARCHIVES = (
    (b"xl/workbook.", "это книга Excel: сохраните её как .docx или .pdf"),
    (b"ppt/presentation.", "это презентация PowerPoint: сохраните её как .pdf"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument",
        "это документ LibreOffice: сохраните как .docx",
    ),
    (b"mimetypeapplication/epub", "это книга EPUB: сохраните её как .pdf"),
    (b"Index/Document.iwa", "это документ Apple Pages: экспортируйте его в .docx или .pdf"),
)
_OTHER_FILES = (
    (b"{\\rtf", "это документ RTF: откройте его в Word и сохраните как .docx"),
    (b"\xff\xd8\xff", "это картинка, а не документ: нужен распознанный текст"),
    (b"\x89PNG", "это картинка, а не документ: нужен распознанный текст"),
    (b"II*\x00", "это картинка, а не документ: нужен распознанный текст"),
    (b"MM\x00*", "это картинка, а не документ: нужен распознанный текст"),
    (b"AT&TFORM", "это DjVu: сохраните его как .pdf с распознанным текстом"),
    (b"Rar!", "это архив RAR: распакуйте его и загрузите документ"),
    (b"7z\xbc\xaf", "это архив 7-Zip: распакуйте его и загрузите документ"),
    (b"\x1f\x8b", "это архив gzip: распакуйте его и загрузите документ"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file: Word before 2007, and any Office document with a password ([MS-OFFCRYPTO])."""


def kind_of(name: str, data: bytes) -> Kind:
    """What the file is; raises :class:`KnowledgeError` that says what to do with any other."""
    said = SUFFIXES.get(PurePath(name).suffix.lower())
    found = _content(data)
    if said is None:
        raise KnowledgeError(f"{_suffix(name)}: {ACCEPTED}")
    if not data.strip(b"\0\t\n\r "):
        raise KnowledgeError("файл пуст")
    if said is not found:
        raise KnowledgeError(_contradiction(said, found, PurePath(name).suffix))
    return found


def _suffix(name: str) -> str:
    suffix = PurePath(name).suffix
    return f"файлы {suffix[:20]} не читаются" if suffix else "у имени файла нет расширения"


def _content(data: bytes) -> Kind:
    """The kind by the bytes; raises :class:`KnowledgeError` for a known one that is not taken."""
    if b"%PDF-" in data[:_PDF_WITHIN_BYTES]:
        return Kind.PDF
    if data.startswith(_OLE):
        raise KnowledgeError(_compound(data))
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data)
    for magic, reason in _OTHER_FILES:
        if data.startswith(magic):
            raise KnowledgeError(reason)
    return Kind.TEXT


def _archive(data: bytes) -> Kind:
    """Which archive it is: the names of its files stand in it as they are."""
    if re.search(rb"word/\w+\.xml", data):
        return Kind.DOCX
    for mark, reason in _OTHER_ARCHIVES:
        if mark in data:
            raise KnowledgeError(reason)
    raise KnowledgeError("это архив ZIP, а не документ Word: распакуйте его и загрузите документ")


def _compound(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "документ защищён паролем: снимите пароль в Word (Файл → Сведения) и сохраните снова"
    if "WordDocument".encode("utf-16-le") in data:
        return "это документ старого Word (.doc): откройте его в Word и сохраните как .docx"
    return "это файл старого Microsoft Office: откройте его и сохраните как .docx или .pdf"


def _contradiction(said: Kind, found: Kind, suffix: str) -> str:
    if found is Kind.TEXT:
        return f"это не {_NAMES[said]}, хотя файл назван {suffix}: проверьте, тот ли это файл"
    return f"это {_NAMES[found]}, хотя файл назван {suffix}: переименуйте его в .{found}"
