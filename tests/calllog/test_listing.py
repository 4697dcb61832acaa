"""Every filter in every order, against the plain definition, on SQLite and PostgreSQL alike."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from bot.calllog import CallLog
from bot.calllog.counting import count, count_found
from bot.calllog.filter import SORT_KEYS, SOURCES, CallFilter, Order
from bot.calllog.listing import listing_of
from bot.calllog.reading import read_neighbours
from bot.records import STATUSES, Status
from bot.retrieval import BASES, Base
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import answered, asked
from tests.lab.postgres import PostgresServer

FORMS = {
    "тарифы": ("тариф", "тарифах", "Тарифов"),
    "звонок": ("звонки", "звонком", "ЗВОНОК"),
    "сталь": ("стали", "сталью", "сталей"),
    "рэм сто": ("РЭМ-100", "РЭМ-100-А"),
    "ёмкость": ("емкости", "ёмкостью"),
    "500": ("500",),
}
CALLERS = ("+79610000001", "+79610000010", "+74950001234", "Sip-Phone-7", "")
PARTS = ("+7961", "961000", "0001", "1", "001", "phone", "99")
CALLS = 60


@dataclass(frozen=True)
class Known:
    """One call as the test knows it."""

    id: int
    startTime: datetime
    endTime: datetime | None
    callerId: str
    status: Status
    sources: frozenset[Base]
    words: frozenset[str]

    @property
    def durationS(self) -> float | None:
        return (self.endTime - self.startTime).total_seconds() if self.endTime else None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CallLog, list[Known]]]:
    """Calls of five days with chosen words, some going on, some started at the same moment."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('listing')}/log.sqlite"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.new_database("listing")
    clock, chance = Clock(), random.Random(1)
    calls = CallLog(address, clock=clock)
    yield calls, [one_known(calls, clock, chance) for _ in range(CALLS)]
    calls.close()


@pytest.fixture
def calls(filled: tuple[CallLog, list[Known]]) -> CallLog:
    return filled[0]


@pytest.fixture
def known(filled: tuple[CallLog, list[Known]]) -> list[Known]:
    return filled[1]


def one_known(calls: CallLog, clock: Clock, chance: random.Random) -> Known:
    start = clock.moment = START + timedelta(hours=chance.randrange(120))
    caller = chance.choice(CALLERS)
    number = calls.start_call(caller, "channel", "worker-1")
    words = frozenset(word for word in FORMS if chance.random() < 0.4)
    for word in words:
        calls.append(number, asked(f"Скажите, {chance.choice(FORMS[word])}!"))
    sources = frozenset(base for base in BASES if chance.random() < 0.4)
    for base in sources:
        calls.append(number, answered("Ответ.", base))
    status: Status = chance.choice(STATUSES)
    clock.moment = start + timedelta(seconds=chance.randrange(4))
    if status != "InProgress":
        calls.end_call(number, status)
    ended = None if status == "InProgress" else clock.moment
    return Known(number, start, ended, caller, status, sources, words)


def matching(known: list[Known], wanted: CallFilter) -> list[Known]:
    """The definition of the list."""
    words = [word for word in FORMS if word in wanted.q]
    found = [
        call
        for call in known
        if call.words.issuperset(words)
        and (wanted.date_from is None or call.startTime >= wanted.date_from)
        and (wanted.date_to is None or call.startTime < wanted.date_to)
        and wanted.status in (None, call.status)
        and (wanted.source is None or wanted.source in (call.sources or {"none"}))
        and wanted.caller.lower() in call.callerId.lower()
    ]
    return in_order(found, wanted)


def in_order(found: list[Known], wanted: CallFilter) -> list[Known]:
    names = {"status": ("status", "startTime"), "id": ()}.get(wanted.sort, (wanted.sort,))

    def key(call: Known) -> tuple[Any, ...]:
        return (*(getattr(call, name) for name in names), call.id)

    has_value = [call for call in found if None not in key(call)]
    has_none = [call for call in found if None in key(call)]
    is_down = wanted.order == "desc"
    has_none.sort(key=lambda call: call.id, reverse=is_down)
    return sorted(has_value, key=key, reverse=is_down) + has_none


def filters() -> Iterator[CallFilter]:
    """Each choice alone and many together, in every order."""
    chance = random.Random(2)
    days = [START + timedelta(hours=hours) for hours in (-9.5, 0, 14.5, 38.5, 40, 62.5, 500)]
    for sort, order in itertools.product(SORT_KEYS, get_args(Order)):
        for _ in range(6):
            yield CallFilter(
                q=chance.choice(("", "", "тарифы", "сталь", "рэм сто", "звонок тарифы", "500")),
                date_from=chance.choice((None, None, *days)),
                date_to=chance.choice((None, None, *days)),
                status=chance.choice((None, None, *STATUSES)),
                source=chance.choice((None, None, *SOURCES)),
                caller=chance.choice(
                    ("", "", "+7961", "961000", "0001", "1", "001", "phone", "99")
                ),
                sort=sort,
                order=order,
            )


def test_every_filter_lists_and_counts_exactly_what_matches(
    calls: CallLog, known: list[Known]
) -> None:
    for wanted in filters():
        expected = [call.id for call in matching(known, wanted)]
        with calls.connection() as connection:
            for is_rare in (False, True):
                listing = replace(listing_of(connection, wanted), is_rare=is_rare)
                numbers = list(connection.execute(listing.ids()).scalars())
                assert numbers == expected, (wanted, is_rare)
                backwards = list(connection.execute(listing.ids(is_reversed=True)).scalars())
                assert backwards == expected[::-1], (wanted, is_rare)
                assert count_found(connection, listing, up_to=None) == len(expected), wanted
                assert count_found(connection, listing, up_to=2) == min(3, len(expected))
            counts = count(connection, listing)
        assert (counts.total, counts.is_exact) == (len(expected), True), wanted
        for status in STATUSES:
            there = matching(known, replace(wanted, status=status))
            assert counts.by_status[status] == len(there), wanted
        for source in SOURCES:
            there = matching(known, replace(wanted, source=source))
            assert counts.by_source[source] == len(there), wanted


def test_pages_of_both_halves_are_cut_from_the_same_list(
    calls: CallLog, known: list[Known]
) -> None:
    for sort, order in itertools.product(SORT_KEYS, get_args(Order)):
        wanted = CallFilter(sort=sort, order=order, limit=7)
        expected = [call.id for call in matching(known, wanted)]
        for offset in (0, 7, 28, 35, CALLS - 7, CALLS - 3, CALLS, CALLS + 50):
            page = calls.page(replace(wanted, offset=offset))
            assert [call.id for call in page.calls] == expected[offset : offset + 7]


def test_neighbours_are_the_calls_before_and_after_in_the_list(
    calls: CallLog, known: list[Known]
) -> None:
    for wanted in itertools.islice(filters(), 0, None, 3):
        listed = [call.id for call in matching(known, wanted)]
        for place, number in enumerate(listed[:12]):
            neighbours = calls.neighbours(wanted, number)
            assert neighbours.previous == (listed[place - 1] if place else None), wanted
            after = listed[place + 1] if place + 1 < len(listed) else None
            assert neighbours.next == after, wanted
            assert neighbours.place == place + 1, wanted
            assert neighbours.counts.total == len(listed), wanted


def test_a_place_is_counted_from_the_nearer_end_and_not_at_all_in_the_middle_of_very_many(
    calls: CallLog, known: list[Known]
) -> None:
    wanted = CallFilter()
    listed = [call.id for call in matching(known, wanted)]
    with calls.connection() as connection:
        found = [read_neighbours(connection, wanted, number, up_to=5) for number in listed]
    places = [neighbours.place for neighbours in found]
    known_to = 6
    assert places[:known_to] == list(range(1, known_to + 1))
    assert places[-known_to:] == list(range(CALLS - known_to + 1, CALLS + 1))
    assert set(places[known_to:-known_to]) == {None}


def test_a_call_outside_the_filter_has_the_neighbours_of_its_place(
    calls: CallLog, known: list[Known]
) -> None:
    wanted = CallFilter(status="Failed", order="asc")
    inside = matching(known, wanted)
    for outside in (call for call in known if call.status == "NoInput"):
        place = (outside.startTime, outside.id)
        before = [call.id for call in inside if (call.startTime, call.id) < place]
        after = [call.id for call in inside if (call.startTime, call.id) > place]
        neighbours = calls.neighbours(wanted, outside.id)
        assert neighbours.previous == (before[-1] if before else None)
        assert neighbours.next == (after[0] if after else None)
        assert neighbours.place is None
        assert neighbours.counts.total == len(inside)


def test_a_number_that_no_call_has_has_no_neighbours(calls: CallLog) -> None:
    for number in (0, CALLS + 1, 10**30):
        missing = calls.neighbours(CallFilter(), number)
        assert (missing.previous, missing.next) == (None, None)


def test_calls_in_progress_are_those_that_have_not_ended(
    calls: CallLog, known: list[Known]
) -> None:
    going_on = matching(known, CallFilter(status="InProgress", order="asc"))
    assert [call.id for call in calls.in_progress()] == [call.id for call in going_on]


def test_newer_calls_are_counted_within_the_filter(calls: CallLog, known: list[Known]) -> None:
    for wanted in itertools.islice(filters(), 0, None, 5):
        newer = [call for call in matching(known, wanted) if call.id > CALLS // 2]
        assert calls.newer(wanted, CALLS // 2) == len(newer)
