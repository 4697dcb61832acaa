"""What the styles of a document say of a paragraph: heading, list, bold, size."""

import re
from dataclasses import dataclass, replace

from bot.documents.docx.xmltree import Element, switched_on, value

TITLE = 0
"""The level of a document's title: above «Заголовок 1»."""

_BODY_TEXT = 9
"""``outlineLvl`` of what is no heading (ECMA-376 part 1, 17.3.1.20)."""

_HEADING = re.compile(r"(?:heading|заголовок)\s*([1-9])?", re.IGNORECASE)
_TITLE = re.compile(r"title|название|заглавие", re.IGNORECASE)
_CONTENTS = re.compile(
    r"toc\s*(?:\d|heading)|contents\s*(?:\d|heading)|оглавление\s*\d?|заголовок оглавления",
    re.IGNORECASE,
)
"""Names in Word's English and Russian, and in LibreOffice's: Word stores English ones, other
programs and templates what their user sees."""

_DEFAULT_HALF_POINTS = 20
_LONGEST_CHAIN = 50


@dataclass(frozen=True)
class ListPlace:
    """A paragraph's place in a list: ``number_id`` of numbering.xml and the depth from 0."""

    number_id: str
    level: int


@dataclass(frozen=True)
class Style:
    """What a paragraph or a run has from its style. ``heading`` is 1–9 or ``TITLE``."""

    heading: int | None = None
    contents: bool = False
    bold: bool = False
    half_points: int = _DEFAULT_HALF_POINTS
    place: ListPlace | None = None


class Styles:
    """The styles of a document by their ids, with what each takes from the one it is based on."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._default_id = ""
        size = value(root, "docDefaults/rPrDefault/rPr/sz") or ""
        self._plain = Style(half_points=_number(size, _DEFAULT_HALF_POINTS))
        for element in () if root is None else root.findall("style"):
            style_id = element.get("styleId", "")
            self._elements[style_id] = element
            if element.get("type") == "paragraph" and element.get("default") in ("1", "true"):
                self._default_id = style_id
        self._resolved: dict[str, Style] = {}

    def paragraph(self, style_id: str | None) -> Style:
        """The style of a paragraph; the document's default one for None or an unknown id."""
        return self.named(style_id if style_id in self._elements else self._default_id)

    def named(self, style_id: str | None) -> Style:
        """The style with an id, a plain one where there is none."""
        if style_id not in self._elements:
            return self._plain
        if style_id not in self._resolved:
            self._resolved[style_id] = self._resolve(style_id)
        return self._resolved[style_id]

    def _resolve(self, style_id: str) -> Style:
        """From the base to the style itself; a circle of bases is cut."""
        chain: list[tuple[str, Element]] = []
        current: str | None = style_id
        while current in self._elements and len(chain) < _LONGEST_CHAIN:
            chain.append((current, self._elements[current]))
            current = value(self._elements[current], "basedOn")
        style = self._plain
        for name, element in reversed(chain):
            style = _over(style, name, element)
        return style


def _over(style: Style, style_id: str, element: Element) -> Style:
    """A style with what an element sets itself."""
    bold = switched_on(element, "rPr/b")
    return replace(
        style,
        heading=_heading(style, style_id, element),
        contents=_CONTENTS.fullmatch(value(element, "name") or style_id) is not None,
        bold=style.bold if bold is None else bold,
        half_points=_number(value(element, "rPr/sz") or "", style.half_points),
        place=list_place(element, style.place),
    )


def _heading(style: Style, style_id: str, element: Element) -> int | None:
    """By the name first: a template may forget the outline level, and the name is seen."""
    name = value(element, "name") or style_id
    if found := _HEADING.fullmatch(name):
        return int(found.group(1) or 1)
    if _TITLE.fullmatch(name):
        return TITLE
    return outline_level(element, style.heading)


def outline_level(element: Element, otherwise: int | None) -> int | None:
    """The level 1–9 that ``pPr`` sets for the outline, None for body text."""
    level = _number(value(element, "pPr/outlineLvl") or "", -1)
    if level < 0:
        return otherwise
    return None if level >= _BODY_TEXT else level + 1


def list_place(element: Element, otherwise: ListPlace | None) -> ListPlace | None:
    """The place in a list that ``pPr`` sets; number 0 takes a paragraph out of its list."""
    number_id = value(element, "pPr/numPr/numId")
    level = value(element, "pPr/numPr/ilvl")
    if number_id is None and (level is None or otherwise is None):
        return otherwise
    if number_id is None and otherwise is not None:
        number_id = otherwise.number_id
    if not number_id or number_id == "0":
        return None
    return ListPlace(number_id, min(_number(level or "", 0), 8))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise
