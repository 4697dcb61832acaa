"""The letters of a page from PDFium, put together to runs."""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from bot.documents.pdf.run import ARTIFACT, NO_MARK, Look, Run

_BOLD_NAME = re.compile(r"bold|black|heavy|demi|полужирный|жирный", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
"""A flag of the font (ISO 32000-1, table 123)."""
_STROKED_TOO = 2
"""Text rendering mode «fill and stroke»: how Word thickens a font that has no bold."""

_HYPHENS = frozenset(["\x02", "\ufffe"])
"""What PDFium gives for a hyphen at the end of a line."""
_NAME_BYTES = 200
_ARTIFACT_NAME = "Artifact\0".encode("utf-16-le")
_LEAN = 0.1
"""Watermarks and stamps run across the page: the sine above which text is not read."""


@dataclass(frozen=True, slots=True)
class _Letter:
    char: str
    x: float
    right: float
    y: float
    look: Look
    mark: int


@dataclass(frozen=True)
class Letters:
    """What a page has: its runs in the order they were set, and how well they are known.

    ``unknown`` letters have no Unicode in the file, so that their text is noise.
    """

    runs: tuple[Run, ...]
    known: int
    unknown: int


class PageText:
    """Reads one page: what several letters share is asked for once."""

    def __init__(self, page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> None:
        self._text = text
        self._quarters = page.get_rotation() // 90
        self._size: tuple[float, float] = page.get_size()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._box, self._matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        self._looks: dict[int, tuple[Look, int] | None] = {}
        self._bold_fonts: dict[int, bool] = {}

    def letters(self) -> Letters:
        """The runs of the page; what runs across it or has no look is left out."""
        known = unknown = 0
        letters: list[_Letter | None] = []
        for number in range(raw.FPDFText_CountChars(self._text)):
            if raw.FPDFText_HasUnicodeMapError(self._text, number):
                unknown += 1
            elif letter := self._letter(number):
                known += not letter.char.isspace()
                letters.append(letter)
            else:
                letters.append(None)
        return Letters(tuple(_runs(letters)), known, unknown)

    def _letter(self, number: int) -> _Letter | None:
        """A letter, or None where a run ends: at a line break and at text that is not read."""
        code = raw.FPDFText_GetUnicode(self._text, number)
        char = chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"
        if char in "\r\n":
            return None
        shared = self._shared(number)
        if shared is None:
            return None
        raw.FPDFText_GetCharOrigin(self._text, number, self._x, self._y)
        raw.FPDFText_GetLooseCharBox(self._text, number, self._box)
        x, y = self._upright(self._x.value, self._y.value)
        width = abs(self._box.right - self._box.left)
        if self._quarters % 2:
            width = abs(self._box.top - self._box.bottom)
        char = "-" if char in _HYPHENS else char
        return _Letter(char, x, x + width, y, *shared)

    def _shared(self, number: int) -> tuple[Look, int] | None:
        """Look and mark of the text object a letter is in. Generated blanks have none of their
        own and take the last one's; None for text that leans."""
        found = raw.FPDFText_GetTextObject(self._text, number)
        address = ctypes.addressof(found.contents) if found else 0
        if address not in self._looks:
            self._looks[address] = self._look(number, found) if found else None
        shared = self._looks[address]
        if found:
            self._looks[0] = shared
        return shared

    def _look(self, number: int, found: object) -> tuple[Look, int] | None:
        raw.FPDFText_GetMatrix(self._text, number, self._matrix)
        along, across = self._turned(self._matrix.a, self._matrix.b)
        length = math.hypot(along, across)
        if along <= 0 or abs(across) > _LEAN * length:
            return None
        height = math.hypot(self._matrix.c, self._matrix.d)
        size = round(raw.FPDFText_GetFontSize(self._text, number) * height, 1)
        if not 0 < size < math.inf:
            return None
        return Look(size, self._is_bold(found)), _mark(found)

    def _is_bold(self, found: object) -> bool:
        font = raw.FPDFTextObj_GetFont(found)
        address = ctypes.addressof(font.contents) if font else 0
        if address not in self._bold_fonts:
            self._bold_fonts[address] = _is_bold_font(font)
        stroked: bool = raw.FPDFTextObj_GetTextRenderMode(found) == _STROKED_TOO
        return stroked or self._bold_fonts[address]

    def _turned(self, x: float, y: float) -> tuple[float, float]:
        """A direction as it is on the page that a reader sees, which may be turned clockwise."""
        return ((x, y), (y, -x), (-x, -y), (-y, x))[self._quarters % 4]

    def _upright(self, x: float, y: float) -> tuple[float, float]:
        width, height = self._size
        turned_x, turned_y = self._turned(x, y)
        return (
            turned_x + (width if self._quarters in (2, 3) else 0.0),
            turned_y + (height if self._quarters in (1, 2) else 0.0),
        )


def _is_bold_font(font: object) -> bool:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    raw.FPDFFont_GetBaseFontName(font, name, _NAME_BYTES)
    said = _BOLD_NAME.search(name.value.decode("utf-8", "replace")) is not None
    return said or bool(raw.FPDFFont_GetFlags(font) & _FORCE_BOLD)


def _mark(found: object) -> int:
    """The marked content a text object is in (ISO 32000-1, 14.6), an artifact before others."""
    name, length = (ctypes.c_ushort * _NAME_BYTES)(), ctypes.c_ulong()
    for number in range(raw.FPDFPageObj_CountMarks(found)):
        mark = raw.FPDFPageObj_GetMark(found, number)
        raw.FPDFPageObjMark_GetName(mark, name, _NAME_BYTES, length)
        if bytes(name).startswith(_ARTIFACT_NAME):
            return ARTIFACT
    content: int = raw.FPDFPageObj_GetMarkedContentID(found)
    return max(content, NO_MARK)


_BASELINE_SHIFT = 0.1
"""Of the size: a larger step is another line, an index or an exponent."""
_WORD_GAPS = 1.5
"""Of the size: a wider one is between columns or cells."""
_BACK = 0.5
"""Of the size: letters that step back farther begin anew; kerning does not."""


def _runs(letters: list[_Letter | None]) -> Iterator[Run]:
    pending: list[_Letter] = []
    for letter in letters:
        if pending and (letter is None or _breaks(pending[-1], letter)):
            yield _run(pending)
            pending = []
        if letter is not None:
            pending.append(letter)
    if pending:
        yield _run(pending)


def _breaks(last: _Letter, letter: _Letter) -> bool:
    size = last.look.size
    return (
        letter.look != last.look
        or letter.mark != last.mark
        or abs(letter.y - last.y) > _BASELINE_SHIFT * size
        or not -_BACK * size < letter.x - last.right < _WORD_GAPS * size
    )


def _run(letters: list[_Letter]) -> Run:
    first = letters[0]
    text = "".join(letter.char for letter in letters)
    right = max(letter.right for letter in letters)
    return Run(text, first.x, right, first.y, first.look, first.mark)
