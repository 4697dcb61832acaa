"""«Проверить вопрос»: what is found for a question, with which scores, and the answer."""

import re
from pathlib import Path

import pytest

from tests.webadmin.knowledgelab import HTMX, KNOWLEDGE, Desk, open_desk, words_of

ASK = f"{KNOWLEDGE}/ask"


@pytest.fixture(scope="module")
def desk(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(shelf, tmp_path_factory.mktemp("asked"))


def asked(desk: Desk, question: str) -> str:
    token = re.search(r'name="csrf-token" content="(.*?)"', desk.answer(ASK).text)
    assert token is not None
    headers = {"X-CSRFToken": token[1], **HTMX}
    answer = desk.place.client.post(ASK, data={"q": question}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_answer_is_shown_with_what_it_was_made_from(desk: Desk) -> None:
    page = asked(desk, "какая гарантия на рэм сто")
    said = words_of(page)
    assert "Гарантия на машины составляет 24 месяца." in said
    assert "«какая гарантия на РЭМ-100»" in said  # as it was searched for
    assert "Слова, выбравшие базу: гарантия" in said
    assert "весь ответ" in said
    assert "Порог: 0,20" in said
    for kb, heading in (("general", "Гарантия"), ("tech", "РЭМ-100")):
        assert f'href="{KNOWLEDGE}/{kb}#s-' in page
        assert heading in said
    bars = [float(width) for width in re.findall(r'score-value" width="([\d.]+)"', page)]
    assert len(bars) == 6  # kb_top_k of both bases
    assert all(0 <= width <= 100 for width in bars)
    assert bars[:3] == sorted(bars[:3], reverse=True)


def test_a_question_that_no_base_answers_is_told_as_such(desk: Desk) -> None:
    said = words_of(asked(desk, "Кто написал роман «Война и мир»?"))
    assert "ответа в базах нет" in said
    assert "ниже порога" in said


def test_small_talk_needs_no_base(desk: Desk) -> None:
    said = words_of(asked(desk, "спасибо"))
    assert "Это не вопрос, а просьба (thanks)" in said
    assert "Как искали" not in said


def test_the_address_names_the_question_and_asks_it(desk: Desk) -> None:
    page = desk.answer(f"{ASK}?q=%D0%A6%D0%B5%D0%BD%D0%B0%20%22%3Cb%3E").text
    assert 'value="Цена &#34;&lt;b&gt;"' in page
    assert 'hx-trigger="submit, load"' in page
    assert ", load" not in desk.answer(ASK).text


@pytest.mark.parametrize("question", ["", "  ", "?!…", "\x00"])
def test_nothing_asked_is_told(desk: Desk, question: str) -> None:
    answer = desk.place.client.post(ASK, data={"q": question}, headers=HTMX)
    assert answer.status_code == 400


def test_another_site_cannot_ask(desk: Desk) -> None:
    assert desk.place.client.post(ASK, data={"q": "Цена?"}).status_code == 400
