"""What a page is made of once its lines are put together: stretches of text and tables."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from bot.documents.markdown import Table
from bot.documents.pdf.joining import joined
from bot.documents.pdf.line import Line
from bot.documents.pdf.run import Look


@dataclass(frozen=True)
class Stretch:
    """Lines that belong together: a paragraph, a heading, an item of a list.

    ``level`` and ``depth`` are those of the file's own tags, ``label`` the mark of the item.
    """

    lines: tuple[Line, ...]
    level: int | None = None
    depth: int | None = None
    label: str = ""

    @cached_property
    def text(self) -> str:
        """One line of text, words that were divided at line ends whole again."""
        return joined([line.text for line in self.lines])

    @cached_property
    def look(self) -> Look:
        """The size of most letters; bold only when all lines are."""
        sizes: Counter[float] = Counter()
        for line in self.lines:
            sizes[line.look.size] += len(line.text)
        return Look(sizes.most_common(1)[0][0], all(line.look.bold for line in self.lines))

    @property
    def page(self) -> int:
        """The page it begins on, from 0."""
        return self.lines[0].page


Passage = Stretch | Table
