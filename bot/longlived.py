"""What a worker keeps as long as it runs is no work for Python's cyclic garbage collector.

Index, dictionaries and libraries are 140,000 objects. To look at them all takes the collector
60–130 ms, in which the interpreter does nothing else: no frame is taken, no turn goes on.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def leave_alone() -> None:
    """Have the collector leave alone all that there is now. What is let go of is freed as ever.

    For a worker: where things come and go in circles, those of them that are left alone stay.
    """
    gc.freeze()


@contextmanager
def loading() -> Iterator[None]:
    """Much that will stay is being made: have nothing looked at meanwhile."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
