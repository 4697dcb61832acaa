"""How much of a document is read: what a company's own papers need, and no more."""

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

CHILD_MEMORY_BYTES = 1024 * MEGABYTE
"""Address space of the converting process; 500 pages take a quarter of it."""

CHILD_CPU_S = 60
"""Processor time of the converting process; 500 pages take a tenth of it."""

DEADLINE_S = 90.0
"""Wall time, when other work leaves the converting process few turns."""
