"""A base as text: its sections, its HTML, what is wrong with it, and two edits of it."""

from html.parser import HTMLParser

import pytest

from webadmin.knowledge.checks import warnings_of
from webadmin.knowledge.merging import merged
from webadmin.knowledge.rendering import render
from webadmin.knowledge.sections import find_section, sections_of

BASE = "# База\n\n## Цена РЭМ-100\n\nОт 3 миллионов.\n\n<<->>\n\n## Доставка\n\nБесплатно.\n"


class Seen(HTMLParser):
    """What a browser would make of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)


def slugs(text: str) -> list[str]:
    return [section.slug for section in sections_of(text)]


def test_a_section_is_named_after_its_title_whatever_stands_before_it() -> None:
    assert slugs(BASE) == ["база", "цена-рэм-100", "доставка"]
    assert slugs("# Новое\n\n" + BASE)[2:] == ["цена-рэм-100", "доставка"]


def test_sections_of_one_title_are_told_apart_also_from_those_that_are_named_so() -> None:
    assert slugs("# А\n# А\n# А 2\n# А\n") == ["а", "а-2", "а-2-2", "а-3"]
    assert slugs("# ???\n# !!!\n") == ["section", "section-2"]


def test_a_section_is_found_by_its_title_or_its_slug() -> None:
    sections = sections_of(BASE)
    by_title, by_slug = (find_section(sections, name) for name in ("Цена РЭМ-100", "цена-рэм-100"))
    assert by_title is by_slug is sections[1]
    assert BASE[sections[1].start :].startswith("## Цена РЭМ-100\n")
    assert find_section(sections, "Скидки") is None


def test_headings_go_one_level_down_and_have_anchors_and_links_to_the_editor() -> None:
    html = render(BASE, lambda section: f"/edit?at={section.slug}").html
    assert '<h3 id="s-цена-рэм-100">Цена РЭМ-100<a href="/edit?at=цена-рэм-100"' in html
    assert '<h2 id="s-база">' in html
    assert "<h1" not in html


def test_borders_of_passages_become_lines_and_underlined_words_no_headings() -> None:
    html = render("# А\n\n<<->>\n\nТак\n===\n").html
    assert '<hr class="cut" />' in html
    assert "&lt;&lt;-&gt;&gt;" not in html
    assert html.count("<h") == 2  # the heading and the line


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[раз](javascript:alert(1))",
        "[раз](  JaVaScRiPt:alert(1))",
        "[раз](data:text/html;base64,PHNjcmlwdD4=)",
        "![вид](https://evil.example/x.png)",
        "![](//evil.example/x.png)",
        '# <b hx-get="/x">',
        "<div hx-post='/logs-ui/knowledge' hx-trigger=load>",
        "| <script> |\n|---|\n| <style> |",
        "```<script>\nx\n```",
        "&lt;script&gt;",
    ],
)
def test_nothing_in_a_base_becomes_markup_a_script_or_a_request(hostile: str) -> None:
    seen = Seen()
    seen.feed(render(f"# А\n\n{hostile}\n", lambda section: "/edit").html)
    assert seen.tags <= set("h2 a p span code pre table thead tbody tr th td".split())
    assert {name for name, _ in seen.attributes} <= {"id", "href", "class", "aria-label"}
    assert {value for name, value in seen.attributes if name == "href"} == {"/edit"}


def test_broken_markdown_is_shown_as_far_as_it_goes() -> None:
    broken = "# А\n" + "> " * 500 + "вглубь\n\n" + "[" * 5000 + "\n\n**не закрыто\n```\nконец"
    assert "конец" in render(broken).html


def test_a_text_in_order_has_no_warnings() -> None:
    assert warnings_of(BASE) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# А\nтекст\n# А\nтекст\n", "Повторяются заголовки: «А» (2)"),
        ("# А\nтекст\n# Б\n\n<<->>\n# В\nтекст\n", "нет текста: «Б»"),
        ("# А\n" + "слово " * 700, "Разделы длиннее 4000 знаков разрежутся на части: «А»"),
        ("# А\nтекст\n##Доставка\nтекст\n", "заголовок, но им не станет: «##Доставка»"),
        ("# А\nтекст\n\nДоставка\n===\nтекст\n", "заголовок, но им не станет: «Доставка»"),
        ("# А\nтекст\n<-->\nтекст\n", "границу отрывков, но ею не станет: <-->"),
        ("# А\nтекст\n```\n# Б\nтекст\n", "Не закрыт блок ```"),
    ],
)
def test_what_may_be_a_mistake_is_told(text: str, words: str) -> None:
    (warning,) = warnings_of(text)
    assert words in warning


def test_of_many_mistakes_some_are_named_and_the_rest_counted() -> None:
    text = "".join(f"# {title}\nтекст\n# {title}\nтекст\n" for title in "абвгдежз")
    (warning,) = warnings_of(text)
    assert "«а» (2), «б» (2), «в» (2), «г» (2), «д» (2) и ещё 3" in warning


def test_two_edits_of_different_places_go_together() -> None:
    mine = BASE.replace("3 миллионов", "4 миллионов")
    theirs = BASE.replace("Бесплатно", "За ваш счёт") + "\n## Ещё\n\nДа.\n"
    both = theirs.replace("3 миллионов", "4 миллионов")
    assert merged(BASE, mine, theirs) == merged(BASE, theirs, mine) == both


def test_two_edits_of_one_place_do_not_unless_they_are_the_same() -> None:
    mine = BASE.replace("Бесплатно", "По договору")
    theirs = BASE.replace("Бесплатно", "За ваш счёт")
    assert merged(BASE, mine, theirs) is None
    assert merged(BASE, mine, mine) == mine
    assert merged(BASE, mine, BASE) == mine
    assert merged(BASE, BASE + "\nА\n", BASE + "\nБ\n") is None
