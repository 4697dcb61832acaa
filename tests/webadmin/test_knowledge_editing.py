"""Editing a base: what is shown, what is refused, and what two operators do to each other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.releases.takeup import TakeUps
from tests.agent.parts import GENERAL
from tests.lab.openai_server import OpenAIServer
from tests.webadmin.answering import KEY
from tests.webadmin.knowledgelab import (
    HTMX,
    KNOWLEDGE,
    LONGER,
    PARKING,
    Desk,
    open_desk,
    words_of,
)


@pytest.fixture
def desk(shelf: Path, tmp_path: Path) -> Desk:
    return open_desk(shelf, tmp_path)


@pytest.fixture
def service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def form_of(desk: Desk, path: str) -> dict[str, str]:
    """The editor as a browser reads it."""
    page = desk.answer(path).text
    textarea = re.search(r"<textarea(.*?)>\n(.*?)</textarea>", page, re.DOTALL)
    assert textarea is not None
    values = dict(re.findall(r'name="(based_on|draft)" value="(.*?)"', page))
    caret = re.search(r'data-caret="(\d+)"', textarea[1])
    assert caret is not None
    return values | {"text": textarea[2], "caret": caret[1]}


def test_both_bases_are_shown_with_who_changed_them_and_when(desk: Desk) -> None:
    page = desk.page(KNOWLEDGE)
    assert "Общая база [general] Разделов: 5" in page
    assert "Изменена выпуском 4:" in page
    assert "Анна" in page
    assert "Изменена выпуском 1:" in page  # the other one


def test_a_base_is_rendered_with_its_contents_and_links_to_the_editor(desk: Desk) -> None:
    page = desk.answer(f"{KNOWLEDGE}/general").text
    assert 'href="#s-гарантия">Гарантия</a>' in page
    assert 'id="s-гарантия">' in page
    assert f'href="{KNOWLEDGE}/general/edit?heading=%D0%B3' in page
    assert "Гарантию можно продлить до 36 месяцев." in page


def test_an_older_base_is_shown_as_such(desk: Desk) -> None:
    page = desk.page(f"{KNOWLEDGE}/general?release=2")
    assert "Парковка есть у ворот." in page
    assert "Это не то, что слышат звонящие" in page
    assert "править" not in page.lower()
    assert desk.answer(f"{KNOWLEDGE}/general?release=77").status_code == 404


def test_the_moment_of_taking_up_is_told_and_waited_for(desk: Desk) -> None:
    assert "ещё не применён: агент не запущен" in desk.page(KNOWLEDGE)
    with TakeUps(desk.store.directory, "agent") as taken_up:
        taken_up(3)
        line = desk.answer("/logs-ui/taken-up").text
        assert "Агент пока отвечает по выпуску 3" in words_of(line)
        assert 'hx-trigger="every 2s"' in line
        taken_up(4)
        line = desk.answer("/logs-ui/taken-up").text
        assert re.search(r"Применено агентом [\d.]+ в \d\d:\d\d:\d\d , выпуск 4", words_of(line))
        assert "hx-trigger" not in line
    assert "Раньше агент отвечал по выпуску 4" in desk.page(KNOWLEDGE)


@pytest.mark.parametrize("heading", ["Часы работы", "часы-работы"])
def test_the_editor_opens_at_the_heading(desk: Desk, heading: str) -> None:
    form = form_of(desk, f"{KNOWLEDGE}/general/edit?heading={heading}")
    assert form["text"] == GENERAL
    assert GENERAL[int(form["caret"]) :].startswith("## Часы работы")
    assert form["based_on"] == "4"


def test_a_heading_that_is_no_more_is_told(desk: Desk) -> None:
    page = desk.page(f"{KNOWLEDGE}/general/edit?heading=<b>Скидки")
    assert "Раздела «<b>Скидки» в базе больше нет" in page


def test_the_preview_shows_the_text_and_what_is_wrong_with_it(desk: Desk) -> None:
    page = desk.answer(f"{KNOWLEDGE}/general/edit").text
    token = re.search(r'name="csrf-token" content="(.*?)"', page)
    assert token is not None

    def preview(text: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = desk.place.client.post(
            f"{KNOWLEDGE}/general/preview", data={"text": text}, headers=headers
        )
        return answer.status_code, answer.text

    sent = {"X-CSRFToken": token[1], **HTMX}
    status, shown = preview("# А\n\nтак\n# А\nсяк\n", sent)
    assert status == 200
    assert "Повторяются заголовки" in shown
    assert '<h2 id="s-а">А</h2>' in shown
    assert "Так сохранить нельзя: нет ни одного заголовка" in preview("слова", sent)[1]
    assert preview("# А\n\nтак\n", {})[0] == 400  # a page of another site


def test_saving_publishes_and_the_page_of_the_draft_tells_it(desk: Desk) -> None:
    draft = desk.saved(PARKING)
    page = desk.page_with(draft, "Опубликован выпуск 5: общая база: строк +4 −0.")
    assert "Прежний текст сохранён в выпуске 4" in page
    assert desk.text() == PARKING
    assert (desk.folder / "general.md").read_text("utf-8") == PARKING
    assert desk.store.record(5).author == "Анна"
    assert "Не опубликовано" not in desk.page(KNOWLEDGE)


def test_saving_needs_the_key(desk: Desk) -> None:
    form = {"text": PARKING, "based_on": "4"}
    assert desk.post(f"{KNOWLEDGE}/general/edit", form, key="не тот").status_code == 401
    answer = desk.place.client.post(f"{KNOWLEDGE}/general/edit", data=form)
    assert answer.status_code == 401
    assert desk.release == 4


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 422, "текст пуст"),
        ("Просто слова", 422, "нет ни одного заголовка"),
        ("# А\n" + "слово " * 200_000, 413, "Текст больше 2 МБ"),
        ("# А\nзнак \N{REPLACEMENT CHARACTER}\n", 422, "нечитаемый знак"),
    ],
)
def test_a_text_that_cannot_be_a_base_is_refused_with_what_to_do(
    desk: Desk, text: str, status: int, words: str
) -> None:
    answer = desk.save(text)
    assert answer.status_code == status
    assert words in words_of(answer.text)
    assert (desk.release, desk.place.client.get("/api/jobs").get_json()) == (4, [])


def test_bytes_that_are_no_utf8_are_refused(desk: Desk) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    text = "# А\nПривет\n".encode("cp1251")
    answer = desk.place.client.post(
        f"{KNOWLEDGE}/general/edit",
        data=part % (b"based_on", b"4") + part % (b"text", text) + b"--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"X-API-Key": KEY.encode().decode("latin-1")},
    )
    assert answer.status_code == 422
    assert "нечитаемый знак" in words_of(answer.text)


@pytest.mark.parametrize("based_on", ["", "x", "77", "-1", "9" * 30])
def test_a_form_that_does_not_say_what_it_changes_is_refused(desk: Desk, based_on: str) -> None:
    answer = desk.save(PARKING, based_on=based_on)  # type: ignore[arg-type]
    assert answer.status_code in (404, 422)
    assert desk.release == 4


def test_the_second_of_two_operators_is_told_and_loses_nothing(desk: Desk) -> None:
    anna, boris = (form_of(desk, f"{KNOWLEDGE}/general/edit") for _ in range(2))
    assert anna == boris
    desk.published(PARKING, by="Анна")
    draft = desk.saved(LONGER, int(boris["based_on"]), by="Борис")
    page = desk.page(draft)
    assert "Пока вы правили, базу изменил другой выпуск" in page
    assert "выпуск 5, Анна" in page
    assert "+ ## Парковка" in page  # what others changed
    assert "30 месяцев" in page  # what this one wants
    assert desk.text() == PARKING
    assert "Не опубликовано Общая база: правка — Борис" in desk.page(KNOWLEDGE)


def test_edits_of_different_places_are_put_together_on_demand(desk: Desk) -> None:
    desk.published(PARKING)
    draft = desk.saved(LONGER, 4, by="Борис")
    assert "Объединить обе правки" in desk.page(draft)
    assert desk.post(f"{draft}/merge").status_code == 303
    together = PARKING.replace("24 месяца", "30 месяцев")
    assert form_of(desk, f"{KNOWLEDGE}/general/edit?draft={draft.rpartition('/')[2]}") == {
        "text": together, "based_on": "5", "draft": draft.rpartition("/")[2], "caret": "0",
    }  # fmt: skip
    page = desk.page(draft)
    assert "Что изменится" in page
    assert "Опубликовать" in page
    assert desk.text() == PARKING  # merging alone publishes nothing


def test_edits_of_one_place_are_left_to_the_operator(desk: Desk) -> None:
    desk.published(LONGER)
    draft = desk.saved(GENERAL.replace("24 месяца", "40 месяцев"), 4)
    assert "задевают одни и те же строки" in desk.page(draft)
    assert desk.post(f"{draft}/merge").status_code == 409
    name = draft.rpartition("/")[2]
    seen = form_of(desk, f"{KNOWLEDGE}/general/edit?draft={name}&onto=5")
    assert "40 месяцев" in seen["text"]
    assert seen["based_on"] == "5"  # the operator has seen release 5, and only that
    desk.page_with(desk.saved(LONGER, 5, draft=name), "Ничего не изменилось: выпуск 5")


def test_an_operator_may_publish_over_the_other_edit_but_not_over_a_third(desk: Desk) -> None:
    desk.published(PARKING)
    draft = desk.saved(LONGER, 4, by="Борис")
    desk.published(GENERAL, by="Вера")
    late = desk.post(f"{draft}/publish", {"over": "5"}, by="Борис")
    assert late.status_code == 409
    assert "изменили ещё раз" in words_of(late.text)
    assert desk.post(f"{draft}/publish", {"over": "6"}, by="Борис").status_code == 303
    desk.page_with(draft, "Опубликован выпуск 7")
    assert desk.text() == LONGER
    assert desk.store.record(7).author == "Борис"


def test_a_discarded_draft_is_gone_and_a_published_one_is_not_published_twice(desk: Desk) -> None:
    desk.published(PARKING)
    draft = desk.saved(LONGER, 4)
    assert desk.post(f"{draft}/discard").headers["Location"] == KNOWLEDGE
    assert desk.answer(draft).status_code == 404
    done = desk.saved(LONGER, 5, draft=draft.rpartition("/")[2])
    assert done != draft
    desk.page_with(done, "Опубликован выпуск 6")
    for act in ("publish", "merge", "discard"):
        assert desk.post(f"{done}/{act}").status_code == 409


def test_a_failed_build_says_why_and_keeps_the_text(
    shelf: Path, tmp_path: Path, service: OpenAIServer
) -> None:
    desk = open_desk(
        shelf, tmp_path, embeddings_provider="openai", openai_api_key="sk-withdrawn",
        openai_base_url=service.base_url,
    )  # fmt: skip
    draft = desk.saved(PARKING)
    page = desk.page_with(draft, "Не опубликовано")
    assert "openai" in page
    assert "База осталась как была, ваш текст сохранён здесь." in page
    assert "+ ## Парковка" in page
    assert (desk.release, desk.text()) == (4, GENERAL)
    name = draft.rpartition("/")[2]
    assert form_of(desk, f"{KNOWLEDGE}/general/edit?draft={name}")["text"] == PARKING


def test_a_second_publication_is_refused_with_who_and_since_when(
    shelf: Path, tmp_path: Path, service: OpenAIServer
) -> None:
    desk = open_desk(
        shelf, tmp_path, embeddings_provider="openai", openai_api_key=service.key,
        openai_base_url=service.base_url,
    )  # fmt: skip
    service.plan.embedding_s = 600.0
    draft = desk.saved(PARKING, by="Анна")
    assert service.wait_for("embedding", within_s=30)
    page = desk.page(draft)
    assert "Публикация: общая база Анна, с " in page
    assert "Готовим" in page
    assert 'hx-trigger="every 1s"' in desk.answer(draft).text  # also after a reload
    refused = desk.save(LONGER, by="Борис")
    assert refused.status_code == 409
    said = words_of(refused.text)
    assert re.search(r"«Публикация: общая база» уже выполняется: начал Анна в \d\d:\d\d:\d\d", said)
    assert "Борис" not in desk.page(KNOWLEDGE)  # his text is still in his form
    assert desk.post(f"{draft}/discard").status_code == 409
    service.stop()
    assert "Не опубликовано" in desk.page_with(draft, "Не опубликовано")


def test_without_a_release_the_page_says_what_to_do(desk: Desk) -> None:
    (desk.store.directory / "current").unlink()
    answer = desk.answer(KNOWLEDGE)
    assert answer.status_code == 503
    assert "python -m bot.index" in answer.text
