"""PDF files: of a library, of a real browser, and byte by byte for what no program writes."""

import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF

_FONTS = Path("/usr/share/fonts/truetype/dejavu")  # Debian's fonts-dejavu-core
_CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")


class Sheet(FPDF):
    """An A4 document in DejaVu Sans; ``top`` and ``bottom`` are repeated on its pages.

    ``bottom`` may have ``{page}``.
    """

    def __init__(self, top: str = "", bottom: str = "") -> None:
        self.top, self.bottom = top, bottom
        super().__init__()
        self.set_margins(20, 20, 20)
        self.set_auto_page_break(True, 25)
        self.add_font("DejaVu", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.add_page()

    def header(self) -> None:
        if self.top:
            self.text_at(20, 12, self.top, 8)

    def footer(self) -> None:
        if self.bottom:
            self.text_at(20, 287, self.bottom.format(page=self.page_no()), 8)

    def text_at(self, x: float, y: float, text: str, size: float = 11) -> None:
        """One line with its baseline at ``y`` millimetres from the top."""
        self.set_font("DejaVu", size=size)
        self.text(x, y, text)

    def say(self, text: str, size: float = 11, *, bold: bool = False, left: float = 20) -> None:
        """A paragraph as wide as the page."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_x(left)
        self.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def done(self) -> bytes:
        """The file."""
        return bytes(self.output())


def printed(html: str, *, furniture: bool = False) -> bytes:
    """What Chromium prints a page to, a tagged PDF; ``furniture`` is its header and footer."""
    options = () if furniture else ("--no-pdf-header-footer",)
    program = shutil.which("chromium") or "/usr/bin/chromium"
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(f'<html lang="ru"><meta charset="utf-8">{html}', encoding="utf-8")
        subprocess.run(
            [program, *_CHROMIUM, f"--user-data-dir={folder}/profile", *options,
             f"--print-to-pdf={result}", source.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        return result.read_bytes()


def written(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first one is the catalogue."""
    parts = [b"%PDF-1.7\n"]
    offsets: list[int] = []
    for number, content in enumerate(objects, 1):
        offsets.append(offsets[-1] + len(parts[-1]) if offsets else len(parts[0]))
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = offsets[-1] + len(parts[-1])
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, entries)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return b"".join([*parts, table, end])


def of_pages(count: int) -> bytes:
    """A PDF of so many empty pages."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    pages = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, kids)
    return written([b"<< /Type /Catalog /Pages 2 0 R >>", pages, *[page] * count])


def of_content(content: bytes, filters: bytes = b"", resources: Sequence[bytes] = ()) -> bytes:
    """A PDF of one page with a content stream; ``resources`` are form XObjects F0, F1, …"""
    names = b" ".join(b"/F%d %d 0 R" % (n, 5 + n) for n in range(len(resources)))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        b"/Resources << /XObject << %b >> >> >>" % names
    )
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            page,
            _stream(b"%b" % filters, content),
            *(_stream(_form(names), form) for form in resources),
        ]
    )


def flate_bomb(megabytes: int) -> bytes:
    """Blanks packed twice, a million to one."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(megabytes)) + packer.flush()
    return zlib.compress(once, 9)


def _form(names: bytes) -> bytes:
    return (
        b"/Type /XObject /Subtype /Form /BBox [0 0 200 200] "
        b"/Resources << /XObject << %b >> >>" % names
    )


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content)
