"""The body of a Word document in its order: paragraphs, list items, tables."""

from collections.abc import Iterator

from bot.documents.cleaning import clean
from bot.documents.docx.headings import Line
from bot.documents.docx.numbering import Numbering
from bot.documents.docx.package import Package
from bot.documents.docx.styles import Style, Styles, list_place, outline_level
from bot.documents.docx.tables import frame, rows_of
from bot.documents.docx.text import Piece, pieces, text_boxes
from bot.documents.docx.xmltree import Element, children, value
from bot.documents.listmarks import typed_item
from bot.documents.markdown import ListItem, Table

Part = Line | ListItem | Table

_NOTE_PREFIX = "Примечание: "
_SEPARATING_NOTES = ("separator", "continuationSeparator", "continuationNotice")


class Body:
    """Reads a document once, from its beginning to its end: its lists are counted on the way."""

    def __init__(self, package: Package) -> None:
        self._document = package.document
        self._styles = Styles(package.styles)
        self._numbering = Numbering(package.numbering)
        self._notes = {
            **_notes(package.footnotes, "footnote"),
            **_notes(package.endnotes, "endnote"),
        }

    def parts(self) -> Iterator[Part]:
        """The parts in order; a note follows the paragraph that refers to it."""
        for body in self._document.findall("body"):
            yield from self._parts(body)

    def _parts(self, container: Element) -> Iterator[Part]:
        for child in children(container):
            if child.tag == "p":
                yield from self._paragraph(child)
            elif child.tag == "tbl":
                yield from self._table(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Part]:
        style = self._styles.paragraph(value(paragraph, "pPr/pStyle"))
        if style.contents:
            return
        found = list(pieces(paragraph, style, self._styles))
        text = clean("".join(piece.text for piece in found))
        if text:
            yield self._part(paragraph, style, found, text)
        for piece in found:
            if piece.note in self._notes and (note := self._note(self._notes[piece.note])):
                yield Line(_NOTE_PREFIX + note)
        for box in text_boxes(paragraph):
            yield from self._parts(box)

    def _part(self, paragraph: Element, style: Style, found: list[Piece], text: str) -> Part:
        level = outline_level(paragraph, style.heading)
        if level is not None:
            return Line(text, level)
        place = list_place(paragraph, style.place)
        if place is not None:
            return ListItem(text, place.level, self._numbering.next(place))
        seen = [piece for piece in found if piece.text.strip()]
        size = max(piece.half_points for piece in seen)
        return typed_item(text) or Line(text, None, all(piece.bold for piece in seen), size)

    def _table(self, table: Element) -> Iterator[Part]:
        framed = frame(table)
        if framed is None:
            yield from (Table(rows) for rows in [rows_of(table, self._text)] if rows)
            return
        for cell in framed:
            yield from self._parts(cell)

    def _text(self, cell: Element) -> str:
        """A cell as one line: its paragraphs one after another, divided where nothing divides."""
        joined = ""
        for part in self._parts(cell):
            text = "; ".join(_cells(part)) if isinstance(part, Table) else part.text
            gap = " " if joined.endswith((".", ",", ";", ":", "!", "?")) else "; "
            joined = f"{joined}{gap}{text}" if joined else text
        return joined

    def _note(self, note: Element) -> str:
        return " ".join(self._text(note).split())


def _cells(table: Table) -> Iterator[str]:
    return (", ".join(cell for cell in row if cell) for row in table.rows)


def _notes(root: Element | None, tag: str) -> dict[str, Element]:
    """Notes by what refers to them; the lines that Word draws above notes are kept as notes too."""
    return {
        f"{tag}Reference {note.get('id', '')}": note
        for note in (() if root is None else root.findall(tag))
        if note.get("type") not in _SEPARATING_NOTES
    }
