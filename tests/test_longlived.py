"""What stays loaded is not looked at by the garbage collector; what comes later is."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.longlived import leave_alone, loading


class Thing:
    """Something that can be watched."""


@pytest.fixture(autouse=True)
def looked_at_again() -> Iterator[None]:
    yield
    gc.unfreeze()
    assert gc.isenabled()


def is_looked_at(thing: Thing) -> bool:
    return any(one is thing for one in gc.get_objects())


def test_what_there_is_is_left_alone_and_what_comes_is_not() -> None:
    kept = Thing()
    assert is_looked_at(kept)
    leave_alone()
    assert not is_looked_at(kept)
    assert is_looked_at(Thing())


def test_nothing_is_looked_at_while_much_is_loaded() -> None:
    before = gc.get_stats()[0]["collections"]
    with loading():
        kept = [Thing() for _ in range(10_000)]
        assert gc.get_stats()[0]["collections"] == before
    kept += [Thing() for _ in range(10_000)]
    assert gc.get_stats()[0]["collections"] > before


def test_loading_that_fails_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(ValueError, match="damaged"), loading():
        raise ValueError("damaged")
    assert gc.isenabled()


def test_what_is_let_go_of_is_freed_all_the_same() -> None:
    kept = Thing()
    gone = weakref.ref(kept)
    leave_alone()
    del kept
    assert gone() is None
