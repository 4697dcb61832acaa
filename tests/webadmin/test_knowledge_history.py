"""The releases: what changed, who did it, what is in service, and the way back."""

from pathlib import Path

import pytest

from bot.releases.content import Content
from tests.webadmin.knowledgelab import (
    HTMX,
    KNOWLEDGE,
    LONGER,
    PARKING,
    Desk,
    open_desk,
    words_of,
)
from webadmin.changedwords import Piece, WordComparison
from webadmin.difference import MOST_ROWS, ShownDifference, shown_differences
from webadmin.knowledge.history import PAGE

HISTORY = f"{KNOWLEDGE}/history"


@pytest.fixture
def desk(shelf: Path, tmp_path: Path) -> Desk:
    return open_desk(shelf, tmp_path)


def compared(old: str, new: str) -> ShownDifference:
    contents = [Content({"general": text, "tech": "# Т\n"}, "{}", {}) for text in (old, new)]
    (difference,) = shown_differences(*contents)
    return difference


def test_the_history_tells_who_changed_what_and_what_is_in_service(desk: Desk) -> None:
    page = desk.page(HISTORY)
    assert page.index("№ 4") < page.index("№ 3") < page.index("№ 2") < page.index("№ 1")
    assert "№ 4 в работе" in page
    assert page.count("в работе") == 1
    assert "Анна общая база: строк +4 −0 «нашли место для машин»" in page
    assert "снова выпуск 1" in page


def test_a_long_history_has_pages(desk: Desk) -> None:
    for number in range(5, PAGE + 3):
        record = desk.store.record(4).model_copy(update={"number": desk.store.reserve()})
        assert record.number == number
        desk.store.write(record, desk.store.content(desk.store.record(4)))
        desk.store.put_in_service(number)
    assert "№ 2 " not in desk.page(HISTORY)
    older = desk.page(f"{HISTORY}?before=3")
    assert "№ 3" not in older
    assert "№ 2 " in older
    assert "Более ранних выпусков нет" in desk.page(f"{HISTORY}?before=1")


def test_htmx_gets_the_list_without_the_page_around_it(desk: Desk) -> None:
    fragment = desk.answer(HISTORY, **HTMX).text
    assert fragment.strip().startswith('<section id="releases"')
    assert fragment.strip() in desk.answer(HISTORY).text


def test_two_releases_are_compared_with_marks_beside_the_colours(desk: Desk) -> None:
    page = desk.answer(f"{KNOWLEDGE}/compare?old=2&new=3").text
    said = words_of(page)
    assert "Выпуск 2 → выпуск 3" in said
    assert "− ## Парковка" in said
    assert "<del>24 месяца</del>" in page
    assert "<ins>30 месяцев</ins>" in page
    same = desk.page(f"{KNOWLEDGE}/compare?old=1&new=4")
    assert "Эти выпуски отвечают одинаково" in same


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?old=1", 400),
        ("?old=x&new=2", 400),
        ("?old=1&new=77", 404),
        ("?old=-1&new=" + "9" * 300, 404),
        ("?old=1&new=" + "9" * 3000, 422),
    ],
)
def test_releases_that_are_not_there_cannot_be_compared(
    desk: Desk, query: str, status: int
) -> None:
    assert desk.answer(f"{KNOWLEDGE}/compare{query}").status_code == status


def test_an_older_release_is_published_again(desk: Desk) -> None:
    address = f"{KNOWLEDGE}/releases/2/publish"
    assert desk.place.client.post(address).status_code == 401
    answer = desk.post(address, by="Вера")
    assert answer.status_code == 202
    ended = desk.job(answer.get_json()["id"])
    assert ended["title"] == "Возврат к выпуску 2"
    assert "Опубликован выпуск 5" in ended["message"]
    assert desk.text() == PARKING
    assert (desk.store.record(5).again, desk.store.record(5).author) == (2, "Вера")
    assert (desk.folder / "general.md").read_text("utf-8") == PARKING


def test_a_release_published_twice_is_told(desk: Desk) -> None:
    answer = desk.post(f"{KNOWLEDGE}/releases/4/publish")
    assert (
        "Ничего не изменилось: выпуск 4 уже в работе"
        in desk.job(answer.get_json()["id"])["message"]
    )
    assert desk.release == 4


def test_a_release_that_is_not_there_or_damaged_is_told(desk: Desk) -> None:
    assert desk.post(f"{KNOWLEDGE}/releases/77/publish").status_code == 404
    damaged = desk.store.directory / "releases" / "3" / "general.md"
    damaged.chmod(0o644)
    damaged.write_text(LONGER + "!", encoding="utf-8")
    ended = desk.job(desk.post(f"{KNOWLEDGE}/releases/3/publish").get_json()["id"])
    assert ended["state"] == "failed"
    assert "выпуск 3 повреждён" in ended["message"]
    assert desk.answer(f"{KNOWLEDGE}/compare?old=3&new=4").status_code == 422
    assert "№ 3" in desk.page(HISTORY)


def test_words_that_changed_are_marked_in_lines_that_are_alike() -> None:
    (hunk,) = compared("# А\nСрок — 24 месяца со дня.\n", "# А\nСрок — 36 месяцев со дня.\n").hunks
    removed, added = hunk[1:]
    assert (removed.mark, removed.old, removed.new) == ("-", 2, None)
    assert (added.mark, added.old, added.new) == ("+", None, 2)
    assert removed.pieces[1] == Piece("24 месяца", is_changed=True)
    assert added.pieces[1] == Piece("36 месяцев", is_changed=True)


def test_lines_that_have_little_in_common_are_not_taken_for_one() -> None:
    (hunk,) = compared("# А\nАренда машин возможна.\n", "# А\nГарантия два года.\n").hunks
    assert all(not piece.is_changed for row in hunk for piece in row.pieces)


def test_words_are_compared_as_long_as_that_costs_little() -> None:
    words = WordComparison(left=30)
    assert words.pieces("срок два года", "срок три года") is not None  # 5 words, 5 words
    assert words.pieces("срок два года", "срок три года") is None
    assert words.pieces("срок", "срок") is not None


def test_lines_that_look_like_a_diff_are_shown_as_they_are() -> None:
    (hunk,) = compared("# А\n", "# А\n++ ещё\n-- нет\n@@ -1 +1 @@\n").hunks
    assert [(row.text, row.new) for row in hunk] == [
        ("# А", 1), ("++ ещё", 2), ("-- нет", 3), ("@@ -1 +1 @@", 4),
    ]  # fmt: skip


def test_of_a_whole_new_base_as_much_is_shown_as_one_can_read() -> None:
    new = "# А\n" + "".join(f"строка {number}\n" for number in range(MOST_ROWS + 500))
    difference = compared("# А\n", new)
    rows = sum(len(hunk) for hunk in difference.hunks)
    assert rows + difference.left_out == MOST_ROWS + 501
    assert rows <= MOST_ROWS


def test_changed_settings_are_told_in_lines() -> None:
    bases = {"general": "# А\n", "tech": "# Т\n"}
    before, after = Content(bases, "{}", {}), Content(bases, "{}", {"kb_top_k": 5})  # type: ignore[arg-type]
    (difference,) = shown_differences(before, after)
    assert difference.lines == ("kb_top_k как в окружении → 5",)
    assert difference.hunks == []
