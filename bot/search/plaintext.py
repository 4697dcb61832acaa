"""A passage's Markdown as the sentences one would say."""

import re
from collections.abc import Iterator

_SENTENCE_GAP = re.compile(r"(?<=[.!?…])[»”\")]*(\s+)(?=[«“\"(]*[А-ЯЁA-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:(?<!\d )\b[а-яёa-z]|\b(?:ул|им|см|ст|рис|доб|тел|тыс|просп|стр|пер|обл|руб|млн|млрд))\.$",
    re.IGNORECASE,
)
"""A letter with a full stop is an initial, unless a number before it makes it a unit."""
_LONGEST_ABBREVIATION = len("просп.")
_LINE_MARK = re.compile(r"\s*(?:[-*+•>]|\d{1,3}[.)])\s+")
_TABLE_RULE = re.compile(r"[\s|:+=-]+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def sentences(markdown: str) -> list[str]:
    """The sentences of a passage as one would say them: no bullets, emphasis, links or tables'
    rules; lines of a list and rows of a table are sentences of their own."""
    return [one for block in _blocks(markdown) for one in _split(plain(block))]


def _split(paragraph: str) -> list[str]:
    found: list[str] = []
    start = 0
    for gap in _SENTENCE_GAP.finditer(paragraph):
        end = gap.start()
        if not _ABBREVIATION.search(paragraph, max(0, end - _LONGEST_ABBREVIATION), end):
            found.append(paragraph[start : gap.start(1)])
            start = gap.end()
    return [*found, paragraph[start:]] if paragraph[start:] else found


def plain(line: str) -> str:
    """One line of Markdown without its markup."""
    text = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    text = _LINK.sub(r"\1", text) if "](" in text else text
    text = _EMPHASIS.sub("", text) if "*" in text or "_" in text or "`" in text else text
    text = text.strip()
    if text.startswith("|"):
        text = ", ".join(cell.strip() for cell in text.strip("|").split("|") if cell.strip())
    return " ".join(text.split())


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs with their lines joined; list items and table rows each alone."""
    paragraph: list[str] = []
    for line in [*markdown.split("\n"), ""]:
        alone = line.lstrip().startswith("|")
        if paragraph and (alone or not line.strip() or _LINE_MARK.match(line)):
            yield " ".join(paragraph)
            paragraph = []
        if _TABLE_RULE.fullmatch(line):
            continue
        if alone:
            yield line
        elif line.strip():
            paragraph.append(line.strip() if paragraph else line)
