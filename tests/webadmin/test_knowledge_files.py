"""Bases from files: read, shown, confirmed on the page; published at once for programs."""

from pathlib import Path

import pytest

from tests.agent.parts import GENERAL, TECH
from tests.documents.word import p, word
from tests.webadmin.knowledgelab import KNOWLEDGE, LONGER, PARKING, Desk, open_desk, words_of
from webadmin.knowledge.uploading import shown_name

DOCX = word(p("Гарантия", "1") + p("Гарантия составляет 24 месяца.") + p("Оплата", "1") + p("Да."))


@pytest.fixture
def desk(shelf: Path, tmp_path: Path) -> Desk:
    return open_desk(shelf, tmp_path)


def test_a_document_is_compared_with_the_base_before_anything_is_published(desk: Desk) -> None:
    answer = desk.upload(f"{KNOWLEDGE}/general/upload", "Новая база.docx", DOCX)
    page = desk.page_with(answer.headers["Location"], "Что изменится")
    assert "Файл «Новая база.docx» [general]" in page
    assert "− # Общая база" in page
    assert "+ Гарантия составляет 24 месяца." in page
    assert desk.release == 4
    assert "Не опубликовано Общая база: файл «Новая база.docx»" in desk.page(KNOWLEDGE)


def test_a_file_is_published_when_the_operator_says_so(desk: Desk) -> None:
    draft = desk.upload(f"{KNOWLEDGE}/general/upload", "a.md", LONGER.encode()).headers["Location"]
    desk.page_with(draft, "Что изменится")
    assert desk.post(f"{draft}/publish", by="Вера").status_code == 303
    desk.page_with(draft, "Опубликован выпуск 5")
    assert desk.text() == LONGER
    assert (desk.store.record(5).author, desk.store.record(5).note) == ("Вера", "файл a.md")
    assert desk.store.content(desk.store.record(4)).bases["general"] == GENERAL  # the backup


def test_a_file_that_says_what_the_base_says_has_nothing_to_publish(desk: Desk) -> None:
    answer = desk.upload(f"{KNOWLEDGE}/tech/upload", "tech.md", TECH.encode())
    page = desk.page_with(answer.headers["Location"], "публиковать нечего")
    assert "Опубликовать" not in page


def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(desk: Desk) -> None:
    broken = DOCX[: len(DOCX) // 2]
    draft = desk.upload(f"{KNOWLEDGE}/general/upload", "база.docx", broken).headers["Location"]
    page = desk.page_with(draft, "База осталась как была")
    assert "документ Word повреждён" in page
    assert desk.release == 4
    assert "Не опубликовано" not in desk.page(KNOWLEDGE)


def test_an_uploaded_text_that_was_overtaken_says_so(desk: Desk) -> None:
    answer = desk.upload(f"{KNOWLEDGE}/general/upload", "a.md", LONGER.encode())
    desk.page_with(answer.headers["Location"], "Что изменится")
    desk.published(PARKING)
    assert "базу изменил другой выпуск" in desk.page(answer.headers["Location"])


@pytest.mark.parametrize("path", [f"{KNOWLEDGE}/general/upload", "/kb/upload"])
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("прайс.csv", b"a;b", "файлы .csv не читаются"),
        ("база.md", b"\xcf\xf0\xe8\xe2\xe5\xf2", "сохраните файл в кодировке UTF-8"),
        ("база.md", "без заголовков".encode(), "нет ни одного заголовка"),
        ("база.md", b"", "файл пуст"),
        ("база.pdf", b"# A\n", "это не документ PDF"),
        ("база", b"# A\n", "у имени файла нет расширения"),
        ("база.md", b"# A\n" + b"b" * 21 * 1024 * 1024, "файл больше 20 МБ"),
    ],
)
def test_what_is_no_base_is_refused_at_once(
    desk: Desk, path: str, name: str, data: bytes, words: str
) -> None:
    answer = desk.upload(path, name, data)
    assert answer.status_code == 422
    assert words in words_of(answer.text)
    assert desk.place.client.get("/api/jobs").get_json() == []


@pytest.mark.parametrize("path", [f"{KNOWLEDGE}/general/upload", "/kb/upload", "/kb2/upload"])
def test_an_upload_needs_the_key_and_a_file(desk: Desk, path: str) -> None:
    assert desk.place.client.post(path).status_code == 401
    assert desk.post(path, key="нет").status_code == 401
    assert desk.post(path).status_code == 400
    assert desk.post(path, {"file": "# А"}).status_code == 400


def test_a_text_of_10_mb_is_no_text_for_a_page(desk: Desk) -> None:
    large = "# А\n".encode() + "слово\n".encode() * 1_000_000
    draft = desk.upload(f"{KNOWLEDGE}/general/upload", "a.md", large).headers["Location"]
    assert "Текст больше 2 МБ" in desk.page_with(draft, "База осталась как была")


@pytest.mark.parametrize(
    ("path", "kb", "text"), [("/kb/upload", "general", PARKING), ("/kb2/upload", "tech", TECH)]
)
def test_a_program_publishes_at_once_and_follows_the_job(
    desk: Desk, path: str, kb: str, text: str
) -> None:
    answer = desk.upload(path, "../../etc/passwd.md", text.encode())
    assert answer.status_code == 202
    job = answer.get_json()
    assert answer.headers["Location"] == f"/api/jobs/{job['id']}"
    assert job["title"] == f"Обновление БЗ ({kb})"
    ended = desk.job(job["id"])
    assert ended["state"] == "done"
    if text == PARKING:
        assert "Опубликован выпуск 5: общая база: строк +4 −0." in ended["message"]
        assert desk.place.client.get("/kb").text == PARKING
        assert desk.store.record(5).note == "файл passwd.md"
    else:
        assert "Ничего не изменилось: выпуск 4" in ended["message"]


def test_a_program_is_told_of_a_broken_file_by_its_job(desk: Desk) -> None:
    answer = desk.upload("/kb/upload", "a.docx", DOCX[: len(DOCX) // 2])
    ended = desk.job(answer.get_json()["id"])
    assert ended["state"] == "failed"
    assert "документ Word повреждён" in ended["message"]
    assert desk.release == 4


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Базы\\общая.md", "общая.md"),
        ("../../../etc/passwd.md", "passwd.md"),
        ("a\x00\n<b>.md", "a_b_.md"),
        ("\u202egnp.md", "_gnp.md"),
        ("д" * 300 + ".docx", "д" * 95 + ".docx"),
        ("//", "файл"),
    ],
)
def test_a_files_name_is_a_name_and_never_a_path(given: str, shown: str) -> None:
    assert shown_name(given) == shown
