"""Broken, protected, enormous and hostile documents: refused, with no harm to this process."""

import contextlib
import os
import random
import re
import resource
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from fpdf.enums import EncryptionMethod
from PIL import Image

from bot.documents import markdown_of
from bot.documents.isolation import converted
from bot.documents.kind import Kind
from bot.documents.limits import MEGABYTE, UNPACKED_BYTES, ChildLimits
from bot.errors import KnowledgeError
from tests.documents.conversion import docx_markdown
from tests.documents.pdf import Sheet, flate_bomb, of_content, of_pages
from tests.documents.test_docx_text import LISTS
from tests.documents.word import cell, item, p, table, word, word_files, zipped

GOOD = p("Цены", "1") + p("По запросу.")
SHORT = ChildLimits(memory_bytes=512 * MEGABYTE, cpu_s=2, deadline_s=20.0)


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(KnowledgeError) as caught:
        markdown_of(name, data)
    return str(caught.value)


def a_sheet() -> Sheet:
    sheet = Sheet()
    sheet.say("Цены", 16, bold=True)
    sheet.say("По запросу, за один рабочий день.")
    return sheet


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = {"word/media/image1.xml": b"\0" * (UNPACKED_BYTES // 2)}
    assert "распаковывается в слишком большой объём" in refusal(
        "a.docx", zipped({**word_files(GOOD), **bomb})
    )


def test_a_directory_of_too_much_altogether_is_refused_whatever_the_ratio() -> None:
    noise = os.urandom(MEGABYTE)
    files = {f"word/media/{n}": noise[n:] + noise[:n] for n in range(3)}
    data = bytearray(zipped({**word_files(GOOD), **files}))
    for entry in re.finditer(rb"PK\x01\x02", data):
        data[entry.start() + 24 : entry.start() + 28] = (40 * MEGABYTE).to_bytes(4, "little")
    assert "слишком большой объём" in refusal("a.docx", bytes(data))


def test_a_directory_that_lies_about_the_size_unpacks_no_more_than_it_says() -> None:
    files = word_files(GOOD)
    files["word/document.xml"] += b" " * (60 * MEGABYTE)
    data = bytearray(zipped(files))
    for entry in re.finditer(rb"PK\x01\x02", data):
        data[entry.start() + 24 : entry.start() + 28] = (1000).to_bytes(4, "little")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(KnowledgeError, match="повреждён"):
        docx_markdown(bytes(data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024  # KiB


def test_an_archive_inside_is_not_unpacked() -> None:
    inner = zipped({"bomb": b"\0" * (20 * MEGABYTE)})
    assert docx_markdown(zipped({**word_files(GOOD), "word/inner.docx": inner})) == (
        "# Цены\n\nПо запросу."
    )


def test_entities_are_refused_before_they_grow() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ха">{laughs}]>'.encode()
    files = word_files(p("&l9;", "1"))
    declared = files["word/document.xml"].split(b"?>", 1)
    files["word/document.xml"] = b"?>".join([declared[0], bomb + declared[1]])
    assert "объявлены сущности XML" in refusal("a.docx", zipped(files))


def test_an_external_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("тайна")
    files = word_files(p("&x;", "1"))
    declared = files["word/document.xml"].split(b"?>", 1)
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    files["word/document.xml"] = b"?>".join([declared[0], entity + declared[1]])
    assert "тайна" not in refusal("a.docx", zipped(files))


def test_a_tree_without_end_is_refused() -> None:
    deep = "<w:ins>" * 50_000 + "</w:ins>" * 50_000
    assert "слишком много вложенных частей" in refusal("a.docx", word(f"<w:p>{deep}</w:p>"))


def test_a_tree_as_deep_as_is_taken_is_read() -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 60 + p("Внутри", "1") + "</w:tc></w:tr></w:tbl>" * 60
    assert docx_markdown(word(nested)) == "# Внутри"


def test_too_much_text_is_refused() -> None:
    chance = random.Random(1)
    words = " ".join("".join(chance.choices("абвгдеклмнопрст", k=7)) for _ in range(150_000))
    assert "больше 2 МБ текста" in refusal("a.docx", word(p("Цены", "1") + p(words)))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_truncated_document_is_refused(share: float) -> None:
    docx, pdf = word(GOOD), a_sheet().done()
    assert re.search("повреждён|архив ZIP", refusal("a.docx", docx[: int(len(docx) * share)]))
    assert refusal("a.pdf", pdf[: int(len(pdf) * share / 2)])


def test_a_document_of_ten_thousand_pages_is_refused_by_their_number() -> None:
    assert "10000 страниц, больше 500" in refusal("a.pdf", of_pages(10_000))


@pytest.mark.parametrize(
    "method", [EncryptionMethod.RC4, EncryptionMethod.AES_128, EncryptionMethod.AES_256]
)
def test_a_pdf_with_a_password_is_refused(method: EncryptionMethod) -> None:
    sheet = a_sheet()
    sheet.set_encryption("owner", "user", encryption_method=method)
    assert "PDF защищён паролем" in refusal("a.pdf", sheet.done())


def test_a_pdf_that_opens_without_a_password_is_read() -> None:
    sheet = a_sheet()
    sheet.set_encryption("owner", encryption_method=EncryptionMethod.AES_128)
    assert markdown_of("a.pdf", sheet.done()).startswith("# Цены\n\nПо запросу")


def test_an_archive_with_a_password_is_refused() -> None:
    data = bytearray(word(GOOD))
    for entry in re.finditer(rb"PK\x01\x02", data):
        data[entry.start() + 8] |= 1
    assert "защищён паролем" in refusal("a.docx", bytes(data))


def test_a_scan_is_refused_with_what_to_do() -> None:
    sheet = Sheet()
    sheet.image(Image.effect_noise((200, 280), 90), 0, 0, 210)
    assert "только картинки: нужен распознанный текст" in refusal("a.pdf", sheet.done())


def test_letters_without_unicode_are_refused_as_noise() -> None:
    sheet = a_sheet()
    sheet.set_compression(False)
    data = sheet.done().replace(b"/ToUnicode", b"/ToUnicorn")
    assert "нет таблицы букв" in refusal("a.pdf", data)


def test_russian_read_with_the_table_of_another_alphabet_is_refused_as_noise() -> None:
    sheet = Sheet()
    for size, words in ((20, "Цены"), (11, "По запросу, за один рабочий день.")):
        sheet.set_font("Helvetica", size=size)
        sheet.text(20, 20 + size, words.encode("cp1251").decode("latin-1"))
    assert "нет таблицы букв" in refusal("a.pdf", sheet.done())


@pytest.mark.parametrize(
    "data",
    [
        of_content(flate_bomb(1000), b"/Filter [/FlateDecode /FlateDecode]"),
        of_content(b"/F0 Do", b"", [b"/F%d Do " % (n + 1) * 10 for n in range(30)]),
        of_content(b"/F0 Do", b"", [b"/F0 Do /F0 Do"]),
        of_content(b"q " * 3_000_000),
    ],
    ids=["packed twice", "forms in forms", "a form in itself", "states without end"],
)
def test_a_hostile_pdf_ends_with_the_process_that_reads_it(data: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(KnowledgeError):
        converted(Kind.PDF, data, SHORT)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB


def test_a_process_past_its_deadline_is_ended() -> None:
    late = ChildLimits(memory_bytes=512 * MEGABYTE, cpu_s=60, deadline_s=0.01)
    with pytest.raises(KnowledgeError, match="не хватило времени"):
        converted(Kind.PDF, a_sheet().done(), late)
    assert not [
        child for child in psutil.Process().children() if "bot.documents.child" in child.cmdline()
    ]


def test_the_reading_process_sees_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    endless = of_content(b"/F0 Do", b"", [b"/F%d Do " % (n + 1) * 10 for n in range(30)])
    reading = threading.Thread(target=refused, args=(partial(converted, Kind.PDF, endless, SHORT),))
    reading.start()
    seen: dict[str, str] = {}
    while reading.is_alive() and not seen:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if "bot.documents.child" in child.cmdline():
                    seen = child.environ()
    reading.join()
    assert set(seen) == {"LC_ALL"}


def refused(read: Callable[[], object]) -> bool:
    """Whether a document was refused; any other error is ours."""
    try:
        read()
    except KnowledgeError:
        return True
    return False


def mutated(data: bytes, seed: int) -> bytes:
    """Some bytes changed, cut out or doubled."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
            case _:
                changed[at:at] = changed[at : at + chance.randint(1, 40)]
    return bytes(changed)


def test_a_changed_docx_is_read_or_refused() -> None:
    data = word(GOOD + table(cell("а") + cell("б"), cell("в") + cell("г")))
    count = sum(refused(partial(docx_markdown, mutated(data, seed))) for seed in range(300))
    assert 0 < count < 300


def test_changed_xml_of_a_docx_is_read_or_refused() -> None:
    files = word_files(GOOD + item("раз", 1), numbering=LISTS)
    changed = [
        zipped({**files, name: mutated(files[name], seed)}) for name in files for seed in range(60)
    ]
    count = sum(refused(partial(docx_markdown, data)) for data in changed)
    assert 0 < count < len(changed)


def test_a_changed_pdf_is_read_or_refused() -> None:
    data = a_sheet().done()
    for seed in range(8):
        changed = b"%PDF-1.7\n" + mutated(data, seed)
        refused(partial(markdown_of, "a.pdf", changed))
