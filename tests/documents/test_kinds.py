"""What a file is: told by its content, and what is not taken is refused by its name."""

import io
import zipfile

import pytest

from bot.documents import markdown_of
from bot.documents.limits import UPLOAD_BYTES
from bot.errors import KnowledgeError
from tests.documents.pdf import Sheet
from tests.documents.word import p, word

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def a_docx() -> bytes:
    return word(p("Цены", "1") + p("По запросу."))


def a_pdf() -> bytes:
    sheet = Sheet()
    sheet.say("Цены", 16, bold=True)
    sheet.say("По запросу, за один рабочий день.")
    return sheet.done()


def an_archive(*names: str) -> bytes:
    with io.BytesIO() as data:
        with zipfile.ZipFile(data, "w") as archive:
            for name in names:
                archive.writestr(name, "содержимое")
        return data.getvalue()


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(KnowledgeError) as caught:
        markdown_of(name, data)
    return str(caught.value)


@pytest.mark.parametrize("name", ["база.md", "База.MD", "base.markdown", "base.txt"])
def test_text_passes_through_as_it_is(name: str) -> None:
    assert markdown_of(name, "\ufeff# Цены\r\nПо запросу.\r\n".encode()) == (
        "# Цены\nПо запросу.\n"
    )


def test_documents_become_markdown_whatever_the_case_of_their_extension() -> None:
    assert markdown_of("Цены.DOCX", a_docx()) == "# Цены\n\nПо запросу.\n"
    assert markdown_of("Цены.Pdf", a_pdf()) == "# Цены\n\nПо запросу, за один рабочий день.\n"


@pytest.mark.parametrize("name", ["base.xlsx", "base.html", "base", "base.docx.exe", ".pdf"])
def test_other_extensions_are_refused_with_the_list_of_those_accepted(name: str) -> None:
    assert "принимаются .md, .markdown, .txt, .docx, .pdf" in refusal(name, b"# A\ntext\n")


def test_a_renamed_document_is_told_what_it_is() -> None:
    assert "это документ Word (.docx), хотя файл назван .pdf" in refusal("a.pdf", a_docx())
    assert "это документ PDF, хотя файл назван .docx" in refusal("a.docx", a_pdf())
    assert "это документ PDF, хотя файл назван .md" in refusal("a.md", a_pdf())
    assert "это не документ Word" in refusal("a.docx", b"# A\ntext\n")
    assert "это не документ PDF" in refusal("a.pdf", b"# A\ntext\n")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "защищён паролем"),
        ("a.docx", OLE + "WordDocument".encode("utf-16-le"), "старого Word (.doc)"),
        ("a.docx", OLE, "старого Microsoft Office"),
        ("a.docx", an_archive("xl/workbook.xml"), "книга Excel"),
        ("a.docx", an_archive("ppt/presentation.xml"), "презентация PowerPoint"),
        ("a.docx", an_archive("внутри.docx"), "архив ZIP"),
        ("a.md", b"{\\rtf1 text}", "RTF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "картинка"),
        ("a.pdf", b"", "файл пуст"),
        ("a.docx", b"\0\0\0\0", "файл пуст"),
        ("a.md", b"", "файл пуст"),
        ("a.md", "# Цены".encode("cp1251"), "не UTF-8"),
        ("a.md", b"text\n", "нет ни одного заголовка"),
        ("a.md", b"# A\n" * (UPLOAD_BYTES // 4 + 1), "больше 20 МБ"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_name(name: str, data: bytes, reason: str) -> None:
    assert reason in refusal(name, data)


def test_documents_without_headings_are_refused_with_advice() -> None:
    assert "отметьте названия разделов стилями «Заголовок 1»" in refusal(
        "a.docx", word(p("По запросу."))
    )
    sheet = Sheet()
    sheet.say("Просто текст без единого заголовка.")
    assert "не видно заголовков" in refusal("a.pdf", sheet.done())


def test_documents_without_text_are_refused() -> None:
    assert "нет текста" in refusal("a.docx", word("<w:p/>"))
    assert "нет текста" in refusal("a.pdf", Sheet().done())
