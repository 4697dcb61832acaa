"""What operators ask of the list of calls: each kind of view, with other words, days and pages
each time it is asked for, so that no answer is only remembered."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from tests.bench.scale_calls.talk import BEGIN, MEAN_GAP_S, PRODUCTS, SEED, words_by_use

Kind = Literal["first page", "filter or sort", "search", "report"]
AT_MOST_MS: dict[Kind, float] = {
    "first page": 100, "filter or sort": 150, "search": 200, "report": 300,
}  # fmt: skip
"""The issue's targets, for the slowest of twenty answers."""

Fields = Mapping[str, Sequence[str]]
"""Values of a query, to be taken in turn."""

_LIST = "/logs-ui/"
_REPORTS = "/logs-ui/reports"
_JSON = "/logs"
_EVERYDAY = "цена гарантия доставка тариф машина менеджер поверка рубли испытание усилие".split()
"""Said in a tenth of all calls, or in most."""
_PAGE = 20
_STATUSES = ("Completed", "Abandoned", "NoInput", "Transferred", "Failed")
_SOURCES = ("general", "tech", "none")
_ORDERS = ("desc", "asc")


@dataclass(frozen=True)
class View:
    """One kind of view: the addresses under which it is asked for, in turn."""

    kind: Kind
    name: str
    paths: tuple[str, ...]
    is_fragment: bool = False
    """Whether htmx asks, for what changes only."""


class Views:
    """The views of a log of ``calls`` calls, each asked for ``times`` times."""

    def __init__(self, calls: int, times: int) -> None:
        self._calls = calls
        self._times = times
        self._chance = random.Random(SEED + 1)
        self._words = words_by_use(random.Random(SEED))

    def __iter__(self) -> Iterator[View]:
        yield from self._first_pages()
        yield from self._filters()
        yield from self._sorts()
        yield from self._pages()
        yield from self._searches()
        yield from self._narrowed_searches()
        yield from self._programs()
        yield from self._reports()

    def _first_pages(self) -> Iterator[View]:
        paths = (_LIST,) * self._times
        yield View("first page", "the list", paths)
        yield View("first page", "the list, as htmx asks", paths, is_fragment=True)

    def _filters(self) -> Iterator[View]:
        yield self._list("status", {"status": _STATUSES})
        yield self._list("source", {"source": _SOURCES})
        yield self._list("status and source", {"status": _STATUSES, "source": _SOURCES})
        for name, days in (("a day", 1), ("a month", 30), ("a year", 365)):
            yield self._list(name, self._days(days))
        both = {"status": _STATUSES, "source": _SOURCES}
        yield self._list("a month, status and source", {**self._days(30), **both})
        for name, digits in (("4 digits", 4), ("3 digits", 3), ("a whole number", 10)):
            yield self._list(f"caller, {name}", {"caller": self._numbers(digits)})

    def _sorts(self) -> Iterator[View]:
        for key in ("durationS", "status", "endTime", "callerId"):
            yield self._list(f"by {key}", {"sort": [key], "order": _ORDERS})
        longest = {"sort": ["durationS"], "order": _ORDERS}
        yield self._list("by durationS, status", {**longest, "status": _STATUSES})
        yield self._list("by durationS, without a base", {**longest, "source": ["none"]})
        yield self._list("by durationS, a month", {**longest, **self._days(30)})
        month = {**self._days(30), "status": _STATUSES}
        yield self._list("by durationS, a month and status", {**longest, **month})
        yield self._list("by status, source", {"sort": ["status"], "source": _SOURCES})

    def _pages(self) -> Iterator[View]:
        any_page = [self._chance.randrange(self._calls) // _PAGE * _PAGE for _ in range(7)]
        offsets = list(map(str, any_page))
        yield self._list("page 2", {"offset": [str(_PAGE)]})
        yield self._list("the last page", {"offset": [str(max(0, self._calls - _PAGE))]})
        yield self._list("any page", {"offset": offsets})
        yield self._list("any page by durationS", {"offset": offsets, "sort": ["durationS"]})
        numbers = [self._chance.randrange(1, self._calls + 1) for _ in range(self._times)]
        paths = tuple(f"{_LIST}{number}?status=Completed&source=tech" for number in numbers)
        yield View("filter or sort", "a call and its neighbours", paths)
        news = f"{_LIST}news?than={self._calls - 5}"
        yield View("filter or sort", "news since the last look", (news,) * self._times)

    def _searches(self) -> Iterator[View]:
        yield self._search("an everyday word", _EVERYDAY)
        yield self._search("a word said often", self._words[:40])
        yield self._search("a word said now and then", self._words[300:1000])
        yield self._search("a word said seldom", self._words[10_000:])
        yield self._search("two everyday words", self._pairs(_EVERYDAY, _EVERYDAY))
        rarer = self._pairs(_EVERYDAY, self._words[3000:])
        yield self._search("an everyday and a rare word", rarer)
        pairs = self._pairs(_EVERYDAY, self._words[:40])
        yield self._search("three words", [f"{self._any(PRODUCTS)} {pair}" for pair in pairs])
        yield self._search("a product", PRODUCTS)
        yield self._search("a beginning", ["гаран*", "достав*", "цен*", "мен*", "пров*", "кон*"])
        yield self._search("what nobody said", ["абырвалг", "хоббитания", "zzzz", "жжжжжж"])

    def _narrowed_searches(self) -> Iterator[View]:
        common, longest = _EVERYDAY, {"sort": ["durationS"]}
        without = {"status": ["Failed"], "source": ["none"]}
        yield self._search("an everyday word, status", common, {"status": _STATUSES})
        yield self._search("an everyday word, failed without a base", common, without)
        yield self._search("an everyday word, a month", common, self._days(30))
        yield self._search("an everyday word by durationS", common, longest)
        yield self._search("a rarer word by durationS", self._words[300:1000], longest)
        yield self._search("an everyday word, page 100", common, {"offset": [str(99 * _PAGE)]})
        yield self._search("an everyday word and 3 digits", common, {"caller": self._numbers(3)})

    def _programs(self) -> Iterator[View]:
        """With the dialogues, and with the exact number of all that match."""
        offsets = [str(self._chance.randrange(self._calls)) for _ in range(7)]
        yield self._view("filter or sort", "JSON, 100 calls", {"offset": offsets}, _JSON)
        words = self._some(self._words[300:1000])
        yield self._view("search", "JSON, a word said now and then", {"q": words}, _JSON)
        yield self._view("search", "JSON, an everyday word", {"q": _EVERYDAY}, _JSON)

    def _reports(self) -> Iterator[View]:
        for name, days in (("a day", 1), ("a month", 30), ("a year", 365)):
            yield self._view("report", name, self._days(days), _REPORTS)
        yield self._view("report", "all", {"period": ["all"]}, _REPORTS)

    def _list(self, name: str, fields: Fields) -> View:
        return self._view("filter or sort", name, fields)

    def _search(self, name: str, words: Sequence[str], more: Fields | None = None) -> View:
        return self._view("search", name, {"q": self._some(words), **(more or {})})

    def _view(self, kind: Kind, name: str, fields: Fields, page: str = _LIST) -> View:
        """Each time the next value of each field."""
        queries = (
            {field: values[turn % len(values)] for field, values in fields.items()}
            for turn in range(self._times)
        )
        return View(kind, name, tuple(f"{page}?{urlencode(query)}" for query in queries))

    def _days(self, days: int) -> Fields:
        """Ranges of so many days within the time of the calls."""
        first = BEGIN.date()
        known = max(1, round(self._calls * MEAN_GAP_S / 86400) - days)
        begins = [first + timedelta(self._chance.randrange(known)) for _ in range(self._times)]
        return {
            "date_from": tuple(date.isoformat(begin) for begin in begins),
            "date_to": tuple(date.isoformat(begin + timedelta(days - 1)) for begin in begins),
        }

    def _numbers(self, digits: int) -> tuple[str, ...]:
        whole = (str(9_613_000_000 + self._chance.randrange(300_000) * 37) for _ in range(7))
        return tuple(number[-digits:] for number in whole)

    def _pairs(self, first: Sequence[str], second: Sequence[str]) -> list[str]:
        return [f"{self._any(first)} {self._any(second)}" for _ in range(self._times)]

    def _some(self, words: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._any(words) for _ in range(self._times))

    def _any(self, words: Sequence[str]) -> str:
        return self._chance.choice(words)
