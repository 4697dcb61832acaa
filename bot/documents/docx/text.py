"""The text of a paragraph, with what the eye sees of it: bold, size, marks of notes."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.documents.docx.styles import Style, Styles
from bot.documents.docx.xmltree import Element, children, switched_on, value

_CHARACTERS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = frozenset(["footnoteReference", "endnoteReference"])
_MATHS = frozenset(["oMath", "oMathPara"])


@dataclass(frozen=True)
class Piece:
    """Text of one look. ``note`` names the note marked here, as ``footnoteReference 2``."""

    text: str
    bold: bool = False
    half_points: int = 0
    note: str = ""


def pieces(paragraph: Element, style: Style, styles: Styles) -> Iterator[Piece]:
    """The runs of a paragraph in order; hidden and deleted text and field codes are not there."""
    for child in children(paragraph):
        if child.tag == "r":
            yield from _run(child, style, styles)
        elif child.tag in _MATHS:
            yield Piece("".join(part.text or "" for part in child.iter("t")))


def _run(run: Element, style: Style, styles: Styles) -> Iterator[Piece]:
    if switched_on(run, "rPr/vanish"):
        return
    own = switched_on(run, "rPr/b")
    named = value(run, "rPr/rStyle")
    bold = own if own is not None else style.bold or styles.named(named).bold
    size = value(run, "rPr/sz") or ""
    half_points = int(size) if size.isascii() and size.isdigit() else style.half_points
    for child in children(run):
        if child.tag == "t":
            yield Piece(child.text or "", bold, half_points)
        elif child.tag in _CHARACTERS:
            yield Piece(_CHARACTERS[child.tag])
        elif child.tag in _NOTES:
            yield Piece("", note=f"{child.tag} {child.get('id', '')}")
        elif child.tag == "ruby":
            yield from _base_of(child, style, styles)


def _base_of(ruby: Element, style: Style, styles: Styles) -> Iterator[Piece]:
    base = ruby.find("rubyBase")
    if base is not None:
        yield from pieces(base, style, styles)


def text_boxes(element: Element) -> Iterator[Element]:
    """The contents of the text boxes anchored in a paragraph, each once."""
    for child in children(element):
        if child.tag == "txbxContent":
            yield child
        else:
            yield from text_boxes(child)
