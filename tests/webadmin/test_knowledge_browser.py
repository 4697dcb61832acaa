"""The bases in a real browser, by mouse and by keyboard, with a worker in another process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.agent.parts import GENERAL
from tests.documents.word import p, word
from tests.lab.worker import REPO
from tests.webadmin.answering import KEY
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, NOT_ASKED
from tests.webadmin.knowledgelab import KNOWLEDGE, LONGER, PARKING, Desk, open_desk
from tests.webadmin.serving import served
from tests.webadmin.visiting import visiting

WORKER = """
import sys
from pathlib import Path
from bot.embeddings.choose import choose_embedder
from bot.releases.serving import ReleaseFolder
from bot.releases.takeup import TakeUps
from bot.releases.watch import ReleaseWatch
from tests.webadmin.answering import place_settings

settings = place_settings(Path(sys.argv[1]))
with TakeUps(settings.persist_directory, "worker") as taken_up:
    releases = ReleaseFolder(settings, choose_embedder(settings).model_key, taken_up)
    watch = ReleaseWatch(releases, lambda release: print(release.number, flush=True), 0.1)
    watch.start()
    sys.stdin.read()
    watch.stop()
"""
EDITED = PARKING.removeprefix(GENERAL)
"""What is written at the end of the base."""


@contextmanager
def worker(folder: Path) -> Iterator[None]:
    """A process that answers from the releases of a folder as a worker does."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)],
        cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "4\n"
        yield
        process.communicate()


@pytest.fixture
def desk(shelf: Path, tmp_path: Path) -> Desk:
    return open_desk(shelf, tmp_path)


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    with served(desk.place.app) as address:
        yield address


@pytest.fixture
def browser(chromium: Browser, site: str) -> Iterator[Browser]:
    with visiting(chromium, site, "/logs-ui/") as visitor:
        yield visitor


def wait_for_page(browser: Browser, selector: str, words: str) -> None:
    """Return when the words are to be read and htmx knows the elements that came with them."""
    browser.wait_for_text(selector, words)
    browser.wait_for("document.readyState === 'complete'")
    browser.wait_for("!document.querySelector('.htmx-added, .htmx-settling, .htmx-swapping')")


def give_key(browser: Browser, name: str = "Анна") -> None:
    """Answer the dialog by keyboard."""
    browser.wait_for(ASKED)
    browser.type(KEY)
    browser.press("Tab")
    browser.type(name)
    browser.press("Enter")
    browser.wait_for(NOT_ASKED)


def know_key(browser: Browser) -> None:
    """As if the dialog had been answered before."""
    browser.run(f"sessionStorage.setItem('api-key', {KEY!r})")


def go_to_the_end(browser: Browser) -> None:
    browser.run("text.setSelectionRange(text.value.length, text.value.length)")


def test_an_edit_is_published_and_taken_up_by_mouse(
    site: str, desk: Desk, browser: Browser
) -> None:
    with worker(desk.folder):
        browser.open(f"{site}{KNOWLEDGE}")
        browser.wait_for_text(".taken-up", "Применено агентом")
        browser.click("[aria-labelledby=base-general] a.btn-primary")
        wait_for_page(browser, "h1", "Общая база")
        browser.click("#s-часы-работы .edit-link")
        wait_for_page(browser, "h1", "Правка: общая база")
        opened_at = browser.run("text.value.slice(text.selectionStart, text.selectionStart + 14)")
        assert opened_at == "## Часы работы"
        go_to_the_end(browser)
        browser.type(EDITED)
        browser.wait_for_text("#preview", "Парковка есть у ворот.")
        browser.click(".save")
        give_key(browser, "Анна К.")
        browser.wait_for(f"location.pathname.startsWith('{KNOWLEDGE}/drafts/')")
        browser.wait_for_text("#draft-state", "Опубликован выпуск 5: общая база: строк +4 −0.")
        browser.wait_for_text(".taken-up", "Применено агентом")
        assert "выпуск 5" in browser.text(".taken-up")
    assert desk.text() == PARKING
    assert desk.store.record(5).author == "Анна К."


def test_an_edit_is_published_by_keyboard_alone(site: str, desk: Desk, browser: Browser) -> None:
    browser.open(f"{site}{KNOWLEDGE}/general/edit")
    assert browser.focused() == "text"
    browser.press("End", "Control")
    browser.type(EDITED)
    browser.press("s", "Control", code="KeyS")
    give_key(browser)
    browser.wait_for_text("#draft-state", "Опубликован выпуск 5")
    assert desk.text() == PARKING


def test_an_edit_that_was_not_saved_is_not_left_without_a_question(
    site: str, browser: Browser
) -> None:
    browser.open(f"{site}{KNOWLEDGE}/general/edit")
    leaves = "dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert browser.run(leaves)
    browser.type("слово")
    assert not browser.run(leaves)
    browser.run("text.value = text.defaultValue")
    assert browser.run(leaves)


def test_the_list_of_sections_leads_to_each_of_them(site: str, browser: Browser) -> None:
    browser.open(f"{site}{KNOWLEDGE}/general/edit")
    browser.run("jump.value = 'Цена РЭМ-100'; jump.dispatchEvent(new Event('change'))")
    assert browser.focused() == "text"
    assert browser.run("text.value.slice(text.selectionStart)").startswith("## Цена РЭМ-100\n")


def test_a_refusal_leaves_the_text_in_the_form(site: str, desk: Desk, browser: Browser) -> None:
    know_key(browser)
    browser.open(f"{site}{KNOWLEDGE}/general/edit")
    browser.run("text.select()")
    browser.type("Ни одного заголовка")
    browser.wait_for_text("#preview .alert-danger", "Так сохранить нельзя")
    browser.click(".save")
    browser.wait_for_text("#toasts-error", "Не сохранено: нет ни одного заголовка")
    assert browser.run("text.value") == "Ни одного заголовка"
    assert desk.release == 4
    browser.run("text.value = text.defaultValue")
    browser.wait_for_complaint("422")
    browser.complaints.clear()


def test_of_two_operators_the_second_chooses_what_becomes_of_both_edits(
    site: str, desk: Desk, browser: Browser
) -> None:
    know_key(browser)
    browser.open(f"{site}{KNOWLEDGE}/general/edit")
    desk.published(PARKING, by="Анна")
    browser.run(f"text.value = {LONGER!r}")
    browser.click(".save")
    browser.wait_for_text("#draft-state .alert-warning", "базу изменил другой выпуск")
    assert desk.text() == PARKING
    assert axe(browser) == []
    browser.click("button[hx-post$=merge]")
    browser.wait_for_text("#toasts-success", "Правки объединены")
    wait_for_page(browser, "#draft-state", "Что изменится")
    assert "Парковка" not in browser.text(".diff-added")
    browser.back()
    browser.wait_for("location.pathname.endsWith('/edit')")


def test_an_edit_is_published_over_another_after_a_question(
    site: str, desk: Desk, browser: Browser
) -> None:
    know_key(browser)
    desk.published(PARKING, by="Анна")
    draft = desk.saved(LONGER, 4, by="Борис")
    browser.open(f"{site}{draft}")
    browser.click("button[hx-vals]")
    browser.wait_for(ASKED)
    assert "исчезнет из базы" in browser.text("#ask-title")
    browser.press("Enter")
    browser.wait_for_text("#draft-state", "Опубликован выпуск 6")
    assert desk.text() == LONGER


def test_a_document_is_uploaded_looked_at_and_published(
    site: str, desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    document = tmp_path / "Наша база.docx"
    document.write_bytes(word(p("Парковка", "1") + p("Парковка есть у ворот.")))
    know_key(browser)
    browser.open(f"{site}{KNOWLEDGE}")
    browser.drop("#file-general", document)
    assert browser.run("document.getElementById('file-general').files[0].name") == document.name
    browser.click("form[hx-post$='general/upload'] button")
    wait_for_page(browser, "#draft-state", "Что изменится")
    assert "Наша база.docx" in browser.text("h1")
    assert "Гарантия" in browser.text(".diff-removed ~ .diff-removed")
    assert desk.release == 4
    browser.click("#draft-state .btn-primary")
    browser.wait_for_text("#draft-state", "Опубликован выпуск 5")
    assert desk.text() == "# Парковка\n\nПарковка есть у ворот.\n"


def test_releases_are_compared_and_an_older_one_comes_back(
    site: str, desk: Desk, browser: Browser
) -> None:
    browser.open(f"{site}{KNOWLEDGE}/history")
    browser.click("input[name=old][value='2']")
    browser.click("input[name=new][value='3']")
    browser.press("Enter")
    wait_for_page(browser, "h1", "Выпуск 2 → выпуск 3")
    assert browser.text("ins") == "30 месяцев"
    assert axe(browser) == []
    browser.back()
    wait_for_page(browser, "h1", "История выпусков")
    browser.run("document.querySelector('[aria-label=\"Вернуть выпуск 2\"]').focus()")
    browser.press("Enter")
    browser.wait_for(ASKED)
    assert "Обе базы, подсказки и настройки" in browser.text("#ask-title")
    give_key(browser, "Вера")
    browser.wait_for_text("#toasts-success", "Опубликован выпуск 5")
    browser.wait_for_text("#releases", "№ 5")
    assert "Вера" in browser.text("#releases tbody tr")
    assert desk.text() == PARKING


def test_a_question_is_asked_and_can_be_linked(site: str, browser: Browser) -> None:
    browser.open(f"{site}{KNOWLEDGE}/ask")
    browser.press("/")
    assert browser.focused() == "q"
    browser.type("Какая гарантия?")
    browser.press("Enter")
    browser.wait_for_text("#answer", "24 месяца")
    browser.wait_for("new URLSearchParams(location.search).get('q') === 'Какая гарантия?'")
    browser.run("q.value = 'Какая доставка?'; q.form.requestSubmit()")
    browser.wait_for_text(".answer-text", "Доставляем")
    browser.back()
    browser.wait_for_text(".answer-text", "24 месяца")
    assert axe(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(site: str, desk: Desk, browser: Browser, scheme: str) -> None:
    draft = desk.saved(PARKING)
    desk.page_with(draft, "Опубликован выпуск 5")
    overtaken = desk.saved(LONGER, 4)
    browser.prefer(scheme)
    for path in (
        KNOWLEDGE, f"{KNOWLEDGE}/general", f"{KNOWLEDGE}/general?release=2",
        f"{KNOWLEDGE}/general/edit", f"{KNOWLEDGE}/history", f"{KNOWLEDGE}/ask", draft, overtaken,
        f"{KNOWLEDGE}/compare?old=2&new=3",
    ):  # fmt: skip
        browser.resize(1280, 900)
        browser.open(f"{site}{path}")
        assert axe(browser) == []
        browser.resize(390, 844)
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth"), path
