"""Text of Word documents: what a reader sees is kept, what he does not see is not."""

import io

import docx
import pytest

from tests.documents.conversion import docx_markdown
from tests.documents.word import cell, item, p, r, table, word

HEAD = p("Раздел", "1")


def text(body: str, **parts: str) -> str:
    markdown = docx_markdown(word(HEAD + body, **parts))
    assert markdown.startswith("# Раздел\n\n")
    return markdown.removeprefix("# Раздел\n\n")


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (f"<w:ins>{r('новое')}</w:ins><w:del><w:r><w:delText>старое</w:delText></w:r></w:del>",
         "новое"),
        (f"<w:moveTo>{r('здесь')}</w:moveTo><w:moveFrom>{r('там')}</w:moveFrom>", "здесь"),
        (f"{r('видно ')}{r('скрыто', '<w:vanish/>')}", "видно"),
        (f"{r('видно', '<w:vanish w:val=' + chr(34) + '0' + chr(34) + '/>')}", "видно"),
        (f"<w:hyperlink>{r('наш сайт')}</w:hyperlink>", "наш сайт"),
        ("<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
         f"<w:r><w:fldChar w:fldCharType='separate'/></w:r>{r('7')}", "7"),
        (f"{r('РЭМ')}<w:r><w:noBreakHyphen/></w:r>{r('100')}", "РЭМ-100"),
        (f"{r('мож')}<w:r><w:softHyphen/></w:r>{r('но')}", "можно"),
        (r("мо\u00adжет\u00a0быть\u202f5\u200b"), "может быть 5"),
        (r("и\u0306"), "й"),
        (f"{r('а')}<w:r><w:tab/></w:r>{r('б')}", "а б"),
        (f"{r('а')}<w:r><w:br/></w:r>{r('б')}", "а\nб"),
        ("<m:oMath><m:r><m:t>F=ma</m:t></m:r></m:oMath>", "F=ma"),
        (f"<w:smartTag>{r('внутри')}</w:smartTag>", "внутри"),
        (f"<w:ins><w:hyperlink>{r('глубже')}</w:hyperlink></w:ins>", "глубже"),
    ],
)  # fmt: skip
def test_a_paragraph_says_what_is_seen(runs: str, said: str) -> None:
    assert text(f"<w:p>{runs}</w:p>") == said


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('Врезка')}</w:txbxContent>"
    both = (
        f"<mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert text(f"<w:p>{r('До.')}<w:r>{both}</w:r></w:p>{p('После.')}") == (
        "До.\n\nВрезка\n\nПосле."
    )


def test_headers_and_footers_are_not_there() -> None:
    assert text(p("Текст."), header1=p("Колонтитул"), footer1=p("Страница 1")) == "Текст."


def test_a_note_follows_the_paragraph_that_marks_it() -> None:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{p("---")}</w:footnote>'
        f'<w:footnote w:id="2">{p("без доставки")}</w:footnote>'
    )
    body = f"<w:p>{r('Цена 900 тысяч')}{mark}{r(' рублей.')}</w:p>" + p("Дальше.")
    assert text(body, footnotes=notes) == (
        "Цена 900 тысяч рублей.\n\nПримечание: без доставки\n\nДальше."
    )


@pytest.mark.parametrize("line", ["# не заголовок", "``` не код", "~~~", "###### и это"])
def test_text_that_looks_like_markdown_does_not_become_a_heading_or_code(line: str) -> None:
    assert text(p(line)) == f"\\{line}"


def test_a_separator_that_the_author_typed_divides_and_is_not_doubled() -> None:
    body = p("До.") + p("&lt;&lt;-&gt;&gt;") + p("Второй", "1") + p("После.")
    assert text(body) == "До.\n\n<<->>\n\n# Второй\n\nПосле."


LISTS = """
<w:abstractNum w:abstractNumId="5">
  <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="6">
  <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/></w:lvl>
  <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="6"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="6"/>
  <w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>
"""


def test_lists_have_their_marks_depth_and_numbers() -> None:
    body = (
        item("раз", 1) + item("два", 1) + p("Порядок:") + item("первое", 2) + item("подпункт", 2, 1)
        + item("второе", 2) + p("Между.") + item("третье", 2) + item("с четырёх", 3)
    )  # fmt: skip
    assert text(body, numbering=LISTS) == (
        "- раз\n- два\n\nПорядок:\n\n1. первое\n  1. подпункт\n2. второе\n\n"
        "Между.\n\n3. третье\n\n4. с четырёх".replace("третье\n\n4", "третье\n4")
    )


def test_a_list_style_makes_items_and_number_zero_takes_one_out() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="lb"><w:name w:val="List Bullet"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    out = p("нет", "lb", properties='<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert text(p("да", "lb") + out, styles=styles, numbering=LISTS) == "- да\n\nнет"


def test_a_bullet_that_was_typed_makes_an_item() -> None:
    assert text(p("• раз") + p("\uf0b7\tдва")) == "- раз\n- два"


def test_a_list_without_a_definition_has_bullets() -> None:
    assert text(item("сирота", 77)) == "- сирота"


def test_tables_become_markdown_tables() -> None:
    body = table(cell("Модель") + cell("Усилие, кН"), cell("РЭМ|100") + cell("100"))
    assert text(body) == "| Модель | Усилие, кН |\n| --- | --- |\n| РЭМ\\|100 | 100 |"


def test_merged_cells_say_their_text_in_each_row_and_column_they_cover() -> None:
    down, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        cell("Серия") + cell("Усилие", '<w:gridSpan w:val="2"/>'),
        cell("РЭМ", down) + cell("5") + cell("10"),
        cell("", more) + cell("50") + cell("100"),
        cell("Гидравлика", '<w:gridSpan w:val="3"/>'),
        cell("РГМ") + cell("1000"),
    )
    assert text(body).splitlines() == [
        "| Серия | Усилие | Усилие |", "| --- | --- | --- |", "| РЭМ | 5 | 10 |",
        "| РЭМ | 50 | 100 |", "| Гидравлика |  |  |", "| РГМ | 1000 |  |",
    ]  # fmt: skip


def test_paragraphs_lists_and_tables_inside_a_cell_are_one_line() -> None:
    inner = table(cell("а") + cell("б"), cell("в") + cell("г"))
    full = f"<w:tc>{p('Первое.')}{p('второе')}{item('третье', 1)}{inner}</w:tc>"
    assert text(table(full + cell("рядом")), numbering=LISTS).splitlines()[0] == (
        "| Первое. второе; третье; а, б; в, г | рядом |"
    )


def test_rows_that_were_deleted_and_empty_rows_are_not_there() -> None:
    deleted = f"<w:trPr><w:del/></w:trPr>{cell('старое')}{cell('1')}"
    body = table(cell("да") + cell("1"), deleted, cell("") + cell(""))
    assert text(body) == "| да | 1 |\n| --- | --- |"


def test_lists_in_a_frame_are_counted_once() -> None:
    framed = f"<w:tc>{item('первое', 2)}{item('второе', 2)}</w:tc>"
    assert text(table(framed), numbering=LISTS) == "1. первое\n2. второе"


def test_lists_and_tables_of_word_s_own_template_are_kept() -> None:
    document = docx.Document()
    document.add_heading("Раздел", 1)
    for style in ("List Bullet", "List Bullet 2", "List Number", "List Number"):
        document.add_paragraph(style.lower(), style)
    grid = document.add_table(2, 2)
    for number, name in enumerate("абвг"):
        grid.cell(number // 2, number % 2).text = name
    with io.BytesIO() as data:
        document.save(data)
        markdown = docx_markdown(data.getvalue())
    assert markdown.split("\n\n")[1:] == [
        "- list bullet\n- list bullet 2\n1. list number\n2. list number",
        "| а | б |\n| --- | --- |\n| в | г |",
    ]
