"""What an operator should know of a text before it becomes a base."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.search.knowledge import CHUNK_CHARS, SEPARATOR, headings
from webadmin.knowledge.sections import Section, sections_of

_MOST_NAMED = 5
_UNDERLINE = re.compile(r"^(?!\s*$)([^\n#|>-][^\n]*)\n {0,3}(?:=+|-{3,})[ \t]*$", re.MULTILINE)
_ALMOST_HEADING = re.compile(r"^ {0,3}#{1,6}[^\s#][^\n]*$", re.MULTILINE)
_ALMOST_SEPARATOR = re.compile(r"<+\s*-+\s*>+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def warnings_of(text: str) -> list[str]:
    """What may be a mistake in a text that is good enough to be published, a line each."""
    sections = sections_of(text)
    return [
        *_repeated(sections),
        *_empty(text, sections),
        *_long(text, sections),
        *_unmarked(text),
        *_unclosed(text),
    ]


def _repeated(sections: list[Section]) -> Iterator[str]:
    """A question's passage is told by its heading: two of one name cannot be told apart."""
    counted = Counter(section.title for section in sections)
    repeated = [f"«{title}» ({times})" for title, times in counted.items() if times > 1]
    if repeated:
        yield f"Повторяются заголовки: {_named(repeated)}. Назовите разделы по-разному."


def _empty(text: str, sections: list[Section]) -> Iterator[str]:
    """A heading over other headings may be without a text of its own, any other should not."""
    nexts: list[Section | None] = [*sections[1:], None]
    empty = [
        f"«{section.title}»"
        for section, following in zip(sections, nexts, strict=True)
        if not text[section.body : section.end].replace(SEPARATOR, "").strip()
        and not (following and following.level > section.level)
    ]
    if empty:
        yield f"Под заголовками нет текста: {_named(empty)}. Ответить по ним будет нечем."


def _long(text: str, sections: list[Section]) -> Iterator[str]:
    long = [
        f"«{one.title}»"
        for one in sections
        if any(len(part) > CHUNK_CHARS for part in text[one.body : one.end].split(SEPARATOR))
    ]
    if long:
        yield (
            f"Разделы длиннее {CHUNK_CHARS} знаков разрежутся на части: {_named(long)}. "
            "Лучше разделите их заголовками сами."
        )


def _unmarked(text: str) -> Iterator[str]:
    """What was perhaps meant as a heading or a border, and is read as plain text."""
    known = {heading.start for heading in headings(text)}
    missed = [
        found.group().strip()
        for found in _ALMOST_HEADING.finditer(text)
        if found.start() not in known
    ]
    missed += [found.group(1).strip() for found in _UNDERLINE.finditer(text)]
    if missed:
        quoted = _named([f"«{one[:60]}»" for one in missed])
        yield f"Похоже на заголовок, но им не станет: {quoted}. Пишите «## Доставка», с пробелом."
    borders = sorted({one for one in _ALMOST_SEPARATOR.findall(text) if one != SEPARATOR})
    if borders:
        yield f"Похоже на границу отрывков, но ею не станет: {_named(borders)}. Пишите {SEPARATOR}."


def _unclosed(text: str) -> Iterator[str]:
    fence = ""
    for mark in (found.group(1) for found in _FENCE.finditer(text)):
        if not fence:
            fence = mark
        elif mark.startswith(fence):
            fence = ""
    if fence:
        yield f"Не закрыт блок {fence}: заголовки после него не видны."


def _named(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    listed = ", ".join(names[:_MOST_NAMED])
    return f"{listed} и ещё {rest}" if rest > 0 else listed
