"""Pages of PDF files without tags: read as the eye reads them."""

import textwrap

import pytest

from tests.documents.conversion import pdf_headings, pdf_markdown
from tests.documents.pdf import Sheet

TEXT = (
    "Машину привезут через сорок рабочих дней после аванса: это изготовление и дорога. "
    "Дорога по России занимает от трёх до десяти дней, отгрузка идёт по пятницам. "
)
OTHER = (
    "Гарантия на машину длится двадцать четыре месяца со дня пуска. Ремонт по гарантии делают "
    "наши инженеры, они приезжают за неделю и привозят запасные части с собой. "
)


def sections() -> Sheet:
    sheet = Sheet("ООО «Метротест», каталог 2026", "Стр. {page} из 3")
    for number, words in enumerate(("Доставка", "Гарантия", "Аренда"), 1):
        if number > 1:
            sheet.add_page()
        sheet.say(f"{number}. {words}", 16, bold=True)
        sheet.say(f"{words}. {TEXT * number}")
        sheet.say("Подробности", bold=True)
        sheet.say(OTHER * 5)
        sheet.say(f"Это последний абзац раздела «{words}».")
    return sheet


def test_headings_are_seen_by_size_and_weight() -> None:
    assert pdf_headings(sections().done()) == [
        (1, "1. Доставка"), (2, "Подробности"), (1, "2. Гарантия"), (2, "Подробности"),
        (1, "3. Аренда"), (2, "Подробности"),
    ]  # fmt: skip


def test_lines_become_paragraphs_and_running_headers_and_page_numbers_are_gone() -> None:
    markdown = pdf_markdown(sections().done())
    assert (OTHER * 5).strip() in markdown.split("\n\n")
    assert "Метротест" not in markdown
    assert "Стр." not in markdown
    assert "Это последний абзац раздела «Гарантия»." in markdown.split("\n\n")


def test_headers_that_only_one_chapter_has_are_gone_too() -> None:
    sheet = Sheet()
    for number in range(8):
        if number:
            sheet.add_page()
        sheet.text_at(20, 10, "Глава о ценах" if number < 4 else "Глава о сроках", 8)
        sheet.say("Раздел" if number else "Цены", 16, bold=True)
        sheet.say(f"Страница о машине номер {number * 7}. {TEXT * (1 + number)}")
    assert "Глава" not in pdf_markdown(sheet.done())


def test_a_heading_of_its_number_on_every_page_is_not_a_page_number() -> None:
    sheet = Sheet(bottom="{page}")
    for number in (1, 2, 3):
        if number > 1:
            sheet.add_page()
        sheet.say(f"Лот {number}", 18, bold=True)
        sheet.say(f"Машина номер {number}. {TEXT}")
    markdown = pdf_markdown(sheet.done())
    assert [line for line in markdown.splitlines() if line.startswith("#")] == [
        "# Лот 1", "# Лот 2", "# Лот 3",
    ]  # fmt: skip
    assert not any(line.strip().isdigit() for line in markdown.splitlines())


def test_a_paragraph_that_goes_on_over_the_page_is_one() -> None:
    sheet = Sheet("Каталог", "{page}")
    sheet.say("Доставка", 16, bold=True)
    sheet.say(TEXT * 40)
    assert sheet.page_no() > 1
    assert pdf_markdown(sheet.done()).split("\n\n")[1] == (TEXT * 40).strip()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Это гидрав-", "лическая машина."], "Это гидравлическая машина."),
        (["Это элект\u2010", "рическая машина."], "Это электрическая машина."),
        (["Есть модель РЭМ-", "100 и другие."], "Есть модель РЭМ-100 и другие."),
        (["Нужна какая-", "то машина."], "Нужна какая-то машина."),
        (["Отправим по-", "русски письмо."], "Отправим по-русски письмо."),
    ],
)
def test_words_divided_at_a_line_end_are_whole(lines: list[str], said: str) -> None:
    sheet = Sheet()
    sheet.say("Машины", 16, bold=True)
    for number, line in enumerate(lines):
        sheet.text_at(20, 50 + 5 * number, line)
    assert pdf_markdown(sheet.done()) == f"# Машины\n\n{said}"


def test_where_words_are_never_divided_a_hyphen_at_a_line_end_is_written() -> None:
    sheet = Sheet()
    sheet.say("Машины", 16, bold=True)
    for number in range(60):
        ends = {20: "Есть испытательно-", 40: "и гидрав-"}.get(number, f"Строка номер {number} и")
        begins = {21: "диагностический ", 41: "лическая, "}.get(number, "")
        gap = "слово гидравлическая " if number == 50 else ""
        sheet.text_at(20, 40 + 4 * number, f"{begins}{gap}{ends}")
    markdown = pdf_markdown(sheet.done())
    assert "испытательно-диагностический" in markdown
    assert "гидрав-" not in markdown


def test_a_sentence_that_ends_a_line_early_ends_its_paragraph() -> None:
    sheet = Sheet()
    sheet.say("Сроки", 16, bold=True)
    lines = [*textwrap.wrap(TEXT, 80), *textwrap.wrap(OTHER, 80)]
    for number, line in enumerate(lines):
        sheet.text_at(20, 50 + 5 * number, line)
    assert pdf_markdown(sheet.done()).split("\n\n")[1:] == [TEXT.strip(), OTHER.strip()]


def test_columns_are_read_one_after_the_other() -> None:
    sheet = Sheet()
    sheet.say("Условия", 16, bold=True)
    with sheet.text_columns(ncols=2, gutter=10) as columns:
        sheet.set_font("DejaVu", size=10)
        columns.write(TEXT * 2 + "\n\n" + OTHER * 3)
    parts = pdf_markdown(sheet.done()).split("\n\n")
    assert " ".join(parts[1:]) == f"{TEXT * 2}{OTHER * 3}".strip()


def test_columns_that_were_set_line_by_line_across_the_page_are_taken_apart() -> None:
    sheet = Sheet()
    sheet.say("Условия", 16, bold=True)
    pairs = zip(textwrap.wrap(TEXT * 3, 40), textwrap.wrap(OTHER * 3, 40), strict=False)
    left = right = ""
    for number, (one, two) in enumerate(pairs):
        sheet.text_at(20, 50 + 5 * number, one, 9)
        sheet.text_at(112, 50 + 5 * number, two, 9)
        left, right = f"{left} {one}", f"{right} {two}"
    assert pdf_markdown(sheet.done()).split("\n\n")[1:] == [left.strip(), right.strip()]


def test_a_table_is_read_row_by_row_also_where_cells_have_several_lines() -> None:
    sheet = Sheet()
    sheet.say("Модели", 16, bold=True)
    sheet.say(TEXT)
    sheet.set_font("DejaVu", size=10)
    rows = [
        ("Модель", "Назначение", "Цена"),
        ("РЭМ-5", "проволока и плёнка, настольная машина с одним столбом", "900 тысяч рублей"),
        ("РЭМ-100", "металл", "3,2 миллиона рублей с НДС, без захватов и без доставки"),
    ]
    with sheet.table(col_widths=(30, 60, 60)) as grid:
        for row in rows:
            grid.row(row)
    sheet.ln(6)
    sheet.say(OTHER)
    assert pdf_markdown(sheet.done()).split("\n\n")[2:] == [
        f"| {' | '.join(rows[0])} |\n| --- | --- | --- |\n"
        f"| {' | '.join(rows[1])} |\n| {' | '.join(rows[2])} |",
        OTHER.strip(),
    ]


def test_typed_bullets_and_numbers_begin_items() -> None:
    sheet = Sheet()
    sheet.say("Порядок", 16, bold=True)
    for number, line in enumerate(["• раз", "• два и", "три", "1. Первое", "2. второе"]):
        sheet.text_at(20, 50 + 5 * number, line)
    assert pdf_markdown(sheet.done()) == "# Порядок\n\n- раз\n- два и три\n\n1. Первое\n\n2. второе"


def test_a_dash_begins_an_item_after_a_colon_and_goes_on_a_sentence() -> None:
    sheet = Sheet()
    sheet.say("Масса", 16, bold=True)
    for number, line in enumerate(["Масса РЭМ-50", "— 550 кг. В комплекте:", "— кабель", "— ключ"]):
        sheet.text_at(20, 50 + 5 * number, line)
    assert pdf_markdown(sheet.done()).split("\n\n")[1:] == [
        "Масса РЭМ-50 — 550 кг. В комплекте:", "— кабель", "— ключ",
    ]  # fmt: skip


def test_bookmarks_make_headings_that_look_like_text() -> None:
    sheet = Sheet()
    for level, title in ((0, "Цены"), (1, "Скидки"), (1, "Аренда")):
        sheet.start_section(title, level)
        sheet.say(title)
        sheet.say(TEXT)
    assert pdf_headings(sheet.done()) == [(1, "Цены"), (2, "Скидки"), (2, "Аренда")]


def test_dotted_lines_of_the_contents_are_left_out() -> None:
    sheet = Sheet()
    sheet.say("Каталог", 16, bold=True)
    sheet.say("Цены ............................ 5")
    sheet.say(TEXT)
    assert pdf_markdown(sheet.done()) == f"# Каталог\n\n{TEXT.strip()}"


def test_a_sentence_in_larger_or_bold_letters_is_text() -> None:
    sheet = Sheet()
    sheet.say("Доставка", 16, bold=True)
    sheet.say("Доставка идёт пять дней. Подъём на этаж не входит.", 12)
    sheet.say("Обратите внимание, цена без НДС.", bold=True)
    sheet.say(TEXT * 3)
    assert pdf_headings(sheet.done()) == [(1, "Доставка")]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_that_is_shown_turned_is_read_as_it_is_shown(quarters: int) -> None:
    upright = Sheet()
    upright.say("Доставка", 16, bold=True)
    upright.say(TEXT)
    expected = pdf_markdown(upright.done())
    turned = Sheet()
    with turned.rotation(90 * quarters, 105, 148.5):
        turned.say("Доставка", 16, bold=True)
        turned.say(TEXT)
    data = turned.done().replace(b"/Type /Page\n", b"/Type /Page\n/Rotate %d\n" % (90 * quarters))
    assert b"/Rotate" in data
    assert pdf_markdown(data) == expected


def test_a_watermark_across_the_page_is_not_read() -> None:
    sheet = Sheet()
    with sheet.rotation(45, 105, 148):
        sheet.text_at(60, 148, "ЧЕРНОВИК", 60)
    sheet.say("Доставка", 16, bold=True)
    sheet.say(TEXT)
    assert "ЧЕРНОВИК" not in pdf_markdown(sheet.done())
