"""Preparing a base: what must hold for any Markdown, and for the bases that ship."""

import itertools
import random
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.retrieval import Base
from bot.search.knowledge import (
    CHUNK_CHARS,
    LARGEST_BYTES,
    OVERLAP_CHARS,
    chunks,
    headings,
    prepare,
    read_base,
)
from bot.search.passages import passages, sentences

KB = Path(__file__).parent.parent / "kb"
SHIPPED: tuple[tuple[Base, Path], ...] = (("general", KB / "general.md"), ("tech", KB / "tech.md"))

SENTENCE = "Машина работает в тёплом помещении и не требует отдельного фундамента. "


def read(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "base.md"
    path.write_bytes(data)
    return read_base(path)


def test_each_heading_of_any_level_is_repeated_as_a_plain_line() -> None:
    markdown = "".join(f"{'#' * level} Раздел {level}\nТекст\n" for level in range(1, 7))
    for level in range(1, 7):
        assert (
            f"\n{'#' * level} Раздел {level}\nРаздел {level}\nТекст\n" in f"\n{prepare(markdown)}"
        )


def test_closing_hashes_and_a_missing_last_newline_do_not_matter() -> None:
    assert prepare("## Оплата ##") == "## Оплата ##\nОплата\n"


@pytest.mark.parametrize(
    "line", ["#без пробела", "####### семь", "    # код", "текст # не в начале", "# ", "#"]
)
def test_what_only_looks_like_a_heading_is_left_alone(line: str) -> None:
    assert prepare(f"{line}\nтекст\n") == f"{line}\nтекст\n"


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_a_hash_inside_a_code_fence_is_not_a_heading(fence: str) -> None:
    markdown = f"# До\n{fence}sh\n# комментарий\n{fence}\n# После\n"
    assert [heading.title for heading in headings(markdown)] == ["До", "После"]


def test_a_shorter_fence_does_not_close_a_longer_one() -> None:
    assert [h.title for h in headings("````\n```\n# нет\n````\n# да\n")] == ["да"]


def test_no_chunk_crosses_the_separator() -> None:
    prepared = prepare("# А\nпервый\n<<->>\n\n## Б\nвторой\n<<->>\n   \n<<->>третий")
    assert [chunk.text for chunk in chunks(prepared, "general")] == [
        "# А\nА\nпервый", "## Б\nБ\nвторой", "третий",
    ]  # fmt: skip


def random_base(seed: int) -> str:
    dice = random.Random(seed)
    parts = []
    for number in range(dice.randint(3, 12)):
        parts.append(f"{'#' * dice.randint(1, 6)} Раздел {number}\n")
        parts.append("".join([SENTENCE] * dice.randint(0, 120)).strip())
        parts.append(dice.choice(["\n\n", "\n<<->>\n", "\n\n<<->>\n\n", "\n"]))
    return "".join(parts) + "Ы" * dice.choice([0, 9000])


@pytest.mark.parametrize("seed", range(20))
def test_chunks_are_exact_slices_of_at_most_4000_with_200_of_overlap(seed: int) -> None:
    prepared = prepare(random_base(seed))
    found = chunks(prepared, "tech")
    covered = set[int]()
    for chunk in found:
        assert prepared[chunk.start : chunk.start + len(chunk.text)] == chunk.text
        assert 0 < len(chunk.text) <= CHUNK_CHARS
        assert "<<->>" not in chunk.text
        assert chunk.kb == "tech"
        covered.update(range(chunk.start, chunk.start + len(chunk.text)))
    for before, after in itertools.pairwise(found):
        overlap = before.start + len(before.text) - after.start
        assert overlap == OVERLAP_CHARS or prepared[before.start : after.start].count("<<->>")
    left_out = "".join(c for i, c in enumerate(prepared) if i not in covered)
    assert left_out.replace("<<->>", "").strip() == ""


def test_a_long_text_is_cut_where_a_sentence_ends() -> None:
    prepared = prepare("# Всё\n" + SENTENCE * 200)
    for chunk in chunks(prepared, "general")[:-1]:
        assert chunk.text.rstrip().endswith(".")


@pytest.mark.parametrize("seed", range(20))
def test_passages_hold_all_the_text_once_except_for_the_overlap(seed: int) -> None:
    prepared = prepare(random_base(seed))
    found = passages(prepared, "tech", chunks(prepared, "tech"))
    for passage in found:
        assert prepared[passage.start : passage.start + len(passage.text)] == passage.text
        assert passage.text == passage.text.strip() != ""
        assert "#" not in passage.text
    spans = [(p.start, p.start + len(p.text)) for p in found]
    assert spans == sorted(spans)
    assert len(set(spans)) == len(spans)
    for (_, end), (start, later_end) in itertools.pairwise(spans):
        assert start >= end - OVERLAP_CHARS
        assert later_end > end
    words = sum(text.count("Машина работает") for text in (p.text for p in found))
    assert words >= prepared.count("Машина работает")


def test_a_passage_knows_the_headings_above_it() -> None:
    prepared = prepare("до\n# А\n## Б\nб\n### В\nв\n<<->>\n## Г\nг\n# Д\n## Е\nе\n")
    found = passages(prepared, "general", chunks(prepared, "general"))
    assert [(p.heading_path, p.text) for p in found] == [
        ((), "до"),
        (("А", "Б"), "б"),
        (("А", "Б", "В"), "в"),
        (("А", "Г"), "г"),
        (("Д", "Е"), "е"),
    ]


def test_a_heading_without_text_makes_no_passage() -> None:
    prepared = prepare("# Пусто\n## Полно\nтекст\n## Снова пусто\n")
    found = passages(prepared, "general", chunks(prepared, "general"))
    assert [p.heading_path[-1] for p in found] == ["Полно"]


def test_sentences_are_as_one_would_say_them() -> None:
    markdown = (
        "Масса **900 кг**, см. [паспорт](http://x). Питание 380 В. Ул. Мира, д. 5.\n"
        "Вторая строка того же абзаца!\n\n- первый пункт\n- второй `пункт`. И ещё\n\n"
        "| Модель | Масса |\n|---|---|\n| РЭМ-5 | 85 кг |\n\n> ОБРАЗЕЦ: данные\n"
    )
    assert sentences(markdown) == [
        "Масса 900 кг, см. паспорт.",
        "Питание 380 В.",
        "Ул. Мира, д. 5.",
        "Вторая строка того же абзаца!",
        "первый пункт",
        "второй пункт.",
        "И ещё",
        "Модель, Масса",
        "РЭМ-5, 85 кг",
        "ОБРАЗЕЦ: данные",
    ]


@pytest.mark.parametrize(("kb", "path"), SHIPPED)
def test_the_shipped_bases_have_a_passage_for_every_section(kb: Base, path: Path) -> None:
    prepared = prepare(read_base(path))
    found = passages(prepared, kb, chunks(prepared, kb))
    assert 30 <= len(found) <= 45
    assert all(sentences(passage.text) for passage in found)


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf\n"])
def test_an_empty_base_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(KnowledgeError, match=r"base\.md: файл пуст"):
        read(tmp_path, data)


def test_a_base_in_another_encoding_is_refused_with_the_place(tmp_path: Path) -> None:
    data = b"# Good\nok\n" + "Цена".encode("cp1251")
    with pytest.raises(KnowledgeError, match=r"base\.md: не UTF-8: строка 3, байт 10 \(0xD6\)"):
        read(tmp_path, data)


def test_a_base_without_headings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="нет ни одного заголовка"):
        read(tmp_path, "просто текст\n```\n# код\n```\n".encode())


def test_a_missing_base_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"nowhere\.md: файл не читается"):
        read_base(tmp_path / "nowhere.md")


def test_a_mark_and_foreign_line_ends_are_taken_away(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf# A\r\ntext\rmore\r\n") == "# A\ntext\nmore\n"


def test_a_file_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "base.md"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(KnowledgeError, match=r"base\.md: файл слишком велик: 1024 МБ"):
        read_base(path)
