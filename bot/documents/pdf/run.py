"""Text of a page as it was set: pieces of one look on one line."""

from dataclasses import dataclass

NO_MARK = -1
ARTIFACT = -2
"""The mark of running headers, page numbers and the like, in files that say so."""


@dataclass(frozen=True, slots=True)
class Look:
    """What letters look like: ``size`` in points as printed, rounded to a tenth."""

    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Text that was set without a break.

    ``left``, ``right`` and ``baseline`` are in points from the lower left corner of the page
    as it is read. ``mark`` is the marked content (MCID) it belongs to, ``NO_MARK`` or ``ARTIFACT``.
    """

    text: str
    left: float
    right: float
    baseline: float
    look: Look
    mark: int
