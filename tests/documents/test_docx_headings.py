"""Headings of Word documents: by styles in any language, by outline levels, or by bold."""

import io

import docx
import pytest

from bot.documents.docx.convert import docx_blocks
from bot.documents.markdown import Heading, render
from tests.documents.word import STRICT, item, p, r, word


def headings(data: bytes) -> list[tuple[int, str]]:
    return [(b.level, b.text) for b in docx_blocks(data) if isinstance(b, Heading)]


def test_heading_styles_of_python_docx_are_kept_with_their_levels() -> None:
    document = docx.Document()
    document.add_heading("Каталог", level=0)
    document.add_heading("Цены", level=1)
    document.add_paragraph("По запросу.")
    document.add_heading("Скидки", level=2)
    document.add_paragraph("Пять процентов.")
    with io.BytesIO() as data:
        document.save(data)
        markdown = render(docx_blocks(data.getvalue()))
    assert markdown == (
        "# Каталог\n\n## Цены\n\nПо запросу.\n\n<<->>\n\n### Скидки\n\nПять процентов.\n"
    )


@pytest.mark.parametrize("namespace", ["transitional", "strict"])
def test_styles_of_russian_word_are_known_by_their_names_not_ids(namespace: str) -> None:
    body = p("Оплата", "1") + p("Текст.") + p("Лизинг", "2") + p("Текст.")
    data = word(body, **({"namespace": STRICT} if namespace == "strict" else {}))
    assert headings(data) == [(1, "Оплата"), (2, "Лизинг")]


@pytest.mark.parametrize("name", ["Заголовок 2", "heading 2", "Heading 2", "ЗАГОЛОВОК 2"])
def test_a_style_with_a_russian_name_and_no_outline_level_is_a_heading(name: str) -> None:
    styles = f'<w:style w:type="paragraph" w:styleId="zz"><w:name w:val="{name}"/></w:style>'
    assert headings(word(p("Гарантия", "zz") + p("Год."), styles=styles)) == [(2, "Гарантия")]


def test_a_style_based_on_a_heading_is_one_unless_it_says_it_is_body_text() -> None:
    body = p("Раздел", "a4") + p("Врезка", "a5") + p("Текст.")
    assert headings(word(body)) == [(2, "Раздел")]


def test_an_outline_level_makes_a_heading_without_a_style_and_body_text_of_a_styled_one() -> None:
    body = (
        p("По уровню", properties='<w:outlineLvl w:val="2"/>')
        + p("Снят", "1", properties='<w:outlineLvl w:val="9"/>')
        + p("Текст.")
    )
    assert headings(word(body)) == [(3, "По уровню")]


def test_a_title_stands_above_the_first_headings() -> None:
    body = p("Каталог", "a3") + p("Цены", "1") + p("Скидки", "2") + p("Текст.")
    assert headings(word(body)) == [(1, "Каталог"), (2, "Цены"), (3, "Скидки")]


def test_levels_below_the_sixth_become_the_sixth() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="h9"><w:name w:val="heading 9"/></w:style>'
    assert headings(word(p("Мелочь", "h9") + p("Текст."), styles=styles)) == [(6, "Мелочь")]


def test_a_numbered_heading_is_a_heading_and_not_an_item_of_a_list() -> None:
    place = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    assert headings(word(p("Оплата", "1", properties=place) + p("Текст."))) == [(1, "Оплата")]


def test_a_heading_of_several_lines_and_blanks_is_one_line() -> None:
    broken = "<w:p><w:pPr><w:pStyle w:val='1'/></w:pPr>" + r("Сроки") + "<w:r><w:br/></w:r>"
    body = broken + r(" и\u00a0доставка\u00ad") + "</w:p>" + p("Текст.")
    assert render(docx_blocks(word(body))) == "# Сроки и доставка\n\nТекст.\n"


def test_empty_headings_are_no_headings() -> None:
    assert headings(word(p("", "1") + p(" \u00a0", "2") + p("Есть", "1"))) == [(1, "Есть")]


def test_short_bold_paragraphs_are_headings_where_no_style_is_larger_ones_above() -> None:
    body = (
        p("Каталог", run='<w:b/><w:sz w:val="36"/>')
        + p("Машины для испытаний, выпускаемые нашим заводом.")
        + p("Цены", run="<w:b/>")
        + p("Цены мы называем по запросу, это быстро.")
        + f"<w:p>{r('Важно: ', '<w:b/>')}{r('цены без доставки.')}</w:p>"
        + p("Это предложение жирное, но оно предложение.", run="<w:b/>")
    )
    assert headings(word(body)) == [(1, "Каталог"), (2, "Цены")]


def test_bold_paragraphs_are_text_where_there_are_heading_styles() -> None:
    body = p("Цены", "1") + p("Внимание", run="<w:b/>") + p("Текст.")
    assert headings(word(body)) == [(1, "Цены")]


def test_below_a_title_alone_bold_paragraphs_are_headings() -> None:
    body = p("Каталог", "a3") + p("Цены", run="<w:b/>") + p("Цены мы называем по запросу.")
    assert headings(word(body)) == [(1, "Каталог"), (2, "Цены")]


def test_bold_means_nothing_where_most_is_bold() -> None:
    body = "".join(p(f"Пункт {n}", run='<w:rStyle w:val="a6"/>') for n in range(9)) + p("Текст.")
    assert headings(word(body)) == []


def test_bold_list_items_and_cells_are_not_headings() -> None:
    body = p("Оплата", run="<w:b/>") + p("Текст про оплату, обычный.") + item("жирный", 1)
    assert headings(word(body)) == [(1, "Оплата")]


def test_the_contents_are_left_out() -> None:
    control = (
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>"
        f"</w:sdtPr><w:sdtContent>{p('Оплата 3', '1')}</w:sdtContent></w:sdt>"
    )
    body = control + p("Оплата\t3", "11") + p("Оплата", "1") + p("Текст.")
    assert render(docx_blocks(word(body))) == "# Оплата\n\nТекст.\n"


def test_headings_in_content_controls_and_frames_are_kept() -> None:
    control = f"<w:sdt><w:sdtContent>{p('В поле', '1')}</w:sdtContent></w:sdt>"
    frame = f"<w:tbl><w:tr><w:tc>{p('В рамке', '2')}{p('Текст.')}</w:tc></w:tr></w:tbl>"
    assert headings(word(control + frame)) == [(1, "В поле"), (2, "В рамке")]
