"""Numbered pages over a list that is cut by offset and limit."""

from dataclasses import dataclass
from itertools import pairwise

_NEIGHBOURS = 2


@dataclass(frozen=True)
class Pages:
    """Where one page stands in the whole list; pages count from 1.

    When not ``is_exact`` there are more than ``total``, and nobody knows which page is the last.
    """

    offset: int
    limit: int
    total: int
    is_exact: bool = True

    @property
    def current(self) -> int:
        """The page shown."""
        return self.offset // self.limit + 1

    @property
    def last(self) -> int:
        """How many pages there are, or are known of; at least one."""
        return max(1, -(-self.total // self.limit))

    @property
    def first_shown(self) -> int:
        """The place of the first call shown, from 1."""
        return min(self.offset + 1, self.total)

    @property
    def last_shown(self) -> int:
        """The place of the last call shown."""
        return min(self.offset + self.limit, self.total)

    @property
    def numbers(self) -> list[int | None]:
        """The pages to offer: the ends and the neighbours; ``None`` is a gap."""
        near = range(self.current - _NEIGHBOURS, self.current + _NEIGHBOURS + 1)
        ends = {1, self.last} if self.is_exact else {1}
        offered = sorted(ends | {page for page in near if 1 <= page <= self.last})
        numbers: list[int | None] = [offered[0]]
        for before, page in pairwise(offered):
            numbers += [None, page] if page - before > 1 else [page]
        return numbers if self.is_exact else [*numbers, None]

    def offset_of(self, page: int) -> int:
        """Where a page begins."""
        return (page - 1) * self.limit
