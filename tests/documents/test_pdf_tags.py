"""PDF files with tags, as Chromium prints them: structure is taken, not guessed."""

import pytest
from pypdfium2 import PdfDocument

from tests.documents.conversion import pdf_markdown
from tests.documents.pdf import printed

PAGE = """
<style>
  body { font: 10pt "DejaVu Sans"; } h2 { font-size: 10pt; font-weight: normal; }
  td, th { width: 3cm; } .next { break-before: page; } p { width: 9cm; }
</style>
<h1>Каталог</h1><p>Машину привезут через сорок рабочих дней после аванса, это изготовление.</p>
<h2>Модели</h2>
<table border="1"><tr><th>Модель<th>Назначение<tr><td>РЭМ-5<td>проволока и плёнка, настольная
машина<tr><td>РЭМ-100<td>металл</table>
<h3>Порядок</h3>
<ul><li>договор<li>аванс<ul><li>тридцать процентов</ul><li>отгрузка</ul>
<ol><li>первое<li>второе</ol>
<h2 class="next">Срок&shy;и</h2><p>Испытательная машина высокопроиз&shy;водитель&shy;ная.</p>
"""


@pytest.fixture(scope="module")
def markdown() -> str:
    return pdf_markdown(printed(PAGE))


def test_tags_say_what_is_a_heading_whatever_it_looks_like(markdown: str) -> None:
    assert [line for line in markdown.splitlines() if line.startswith("#")] == [
        "# Каталог", "## Модели", "### Порядок", "## Сроки",
    ]  # fmt: skip


def test_tags_say_what_is_a_table(markdown: str) -> None:
    assert (
        "| Модель | Назначение |\n| --- | --- |\n"
        "| РЭМ-5 | проволока и плёнка, настольная машина |\n| РЭМ-100 | металл |"
    ) in markdown.split("\n\n")


def test_tags_say_what_is_a_list_and_how_deep(markdown: str) -> None:
    assert (
        "- договор\n- аванс\n  - тридцать процентов\n- отгрузка\n1. первое\n2. второе"
    ) in markdown.split("\n\n")


def test_paragraphs_and_divided_words_are_whole(markdown: str) -> None:
    parts = markdown.split("\n\n")
    assert "Машину привезут через сорок рабочих дней после аванса, это изготовление." in parts
    assert "Испытательная машина высокопроизводительная." in parts


def test_what_the_browser_prints_around_the_page_is_left_out(markdown: str) -> None:
    data = printed(PAGE, furniture=True)
    assert "page.html" in PdfDocument(data)[0].get_textpage().get_text_range()
    assert pdf_markdown(data) == markdown
