"""The structure tree of a tagged PDF: which text is a heading, a list item, a cell.

Word, LibreOffice and browsers write one; then nothing has to be guessed from the look.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pypdfium2
from pypdfium2 import raw

_HEADING = re.compile(r"H([1-6])?")
_TITLE = "Title"
_BLOCKS = frozenset(["P", "BlockQuote", "Caption", "Note", "FENote", "Code", "BibEntry", "Aside"])
_LEFT_OUT = frozenset(["TOC", "TOCI", "Artifact", "Index"])
_DEEPEST = 100
_NAME_BYTES = 128


@dataclass(frozen=True)
class Cell:
    """A place in a table of the page; all three count from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class Tag:
    """What a piece of marked content is.

    ``order`` is its place in reading order, ``block`` the paragraph, heading, list item or cell
    it is part of. ``level`` is that of a heading (0 for a title, 1–6), ``depth`` that of a list
    item from 0. A ``label`` is the number or bullet of its item; what is ``left_out`` (the
    contents, page furniture) is no text of the document.
    """

    order: int = 0
    block: int | None = None
    level: int | None = None
    depth: int | None = None
    cell: Cell | None = None
    label: bool = False
    left_out: bool = False


def tags_of(page: pypdfium2.PdfPage) -> dict[int, Tag]:
    """Marked content (MCID) → its tag; empty when the page has no structure."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    try:
        walk = _Walk()
        for number in range(max(raw.FPDF_StructTree_CountChildren(tree), 0)):
            if child := raw.FPDF_StructTree_GetChildAtIndex(tree, number):
                walk.element(child, Tag(), list_depth=0, left=_DEEPEST)
        return walk.tags
    finally:
        raw.FPDF_StructTree_Close(tree)


@dataclass
class _Walk:
    """One pass over a tree; blocks, tables, rows and cells are counted on the way."""

    tags: dict[int, Tag] = field(default_factory=dict)
    blocks: int = 0
    tables: int = 0
    row: int = -1
    column: int = -1

    def element(self, element: object, around: Tag, list_depth: int, left: int) -> None:
        if left == 0:
            return
        role = _role(element)
        tag = self._tag(role, around, list_depth)
        for number in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
            child = raw.FPDF_StructElement_GetChildAtIndex(element, number)
            if child:
                self.element(child, tag, list_depth + (role == "L"), left - 1)
            else:
                self._content(raw.FPDF_StructElement_GetChildMarkedContentID(element, number), tag)

    def _content(self, mark: int, tag: Tag) -> None:
        if mark < 0:
            return
        block = self._new_block() if tag.block is None else tag.block
        self.tags.setdefault(mark, replace(tag, order=len(self.tags), block=block))

    def _tag(self, role: str, around: Tag, list_depth: int) -> Tag:
        """What the content of an element is. Whatever is inside a cell is the cell's."""
        if role in _LEFT_OUT:
            return replace(around, left_out=True)
        if around.cell is not None:
            return around
        if role in ("Table", "TR", "TH", "TD"):
            return self._in_table(role, around)
        if role == "LI":
            return replace(around, block=self._new_block(), depth=max(list_depth - 1, 0))
        if role == "Lbl" and around.depth is not None:
            return replace(around, label=True)
        found = _HEADING.fullmatch(role)
        if found or role == _TITLE:
            level = int(found.group(1) or 1) if found else 0
            return replace(around, block=self._new_block(), level=level)
        if role in _BLOCKS and around.depth is None:
            return replace(around, block=self._new_block())
        return around

    def _in_table(self, role: str, around: Tag) -> Tag:
        if role == "Table":
            self.tables, self.row = self.tables + 1, -1
        elif role == "TR":
            self.row, self.column = self.row + 1, -1
        else:
            self.column += 1
            cell = Cell(self.tables, max(self.row, 0), self.column)
            return replace(around, block=self._new_block(), cell=cell)
        return around

    def _new_block(self) -> int:
        self.blocks += 1
        return self.blocks


def _role(element: object) -> str:
    """The standard role: PDFium has looked up the file's own names in its role map."""
    name = ctypes.create_string_buffer(_NAME_BYTES)
    length = raw.FPDF_StructElement_GetType(element, name, _NAME_BYTES)
    return name.raw[: max(min(length, _NAME_BYTES) - 2, 0)].decode("utf-16-le", "replace")


def levels(tags: dict[int, Tag]) -> Iterator[int]:
    """The levels of the headings among the tags."""
    return (tag.level for tag in tags.values() if tag.level is not None)
