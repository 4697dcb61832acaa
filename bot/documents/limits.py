"""How much of a document is read: what a company's own papers need, and no more."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024

UPLOAD_BYTES = 20 * MEGABYTE
"""A catalogue of 500 pages with pictures; also what fits in the admin's memory several times."""

PAGES = 500
"""Two orders above a knowledge base; 10,000 pages are a mistake or an attack."""

MARKDOWN_BYTES = 2 * MEGABYTE
"""About 1.1 million Russian letters: as much as 500 full pages hold."""

ARCHIVE_FILES = 5000
"""Files in one .docx: Word writes about twenty and one for each picture."""

UNPACKED_BYTES = 100 * MEGABYTE
"""All files of a .docx together: pictures are stored as they are, text unpacks about tenfold."""

UNPACK_RATIO = 100
"""Unpacked to packed bytes of one file. Apache POI draws its zip-bomb line at the same ratio."""

UNPACK_RATIO_FROM_BYTES = MEGABYTE
"""Smaller files may be packed better: a long table of equal rows is honest, and costs nothing."""

XML_DEPTH = 200
"""Elements inside elements: a table in a table in a text box needs about forty."""


@dataclass(frozen=True)
class ChildLimits:
    """What the converting process may take: address space, processor time and wall time."""

    memory_bytes: int
    cpu_s: int
    deadline_s: float


CHILD_LIMITS = ChildLimits(memory_bytes=1024 * MEGABYTE, cpu_s=45, deadline_s=60.0)
"""The largest document takes two thirds of the memory and half of the processor time; an operator
waits no longer than a minute, also when the process gives way to calls."""
