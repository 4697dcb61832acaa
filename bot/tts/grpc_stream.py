"""A gRPC stream read with a limit on every wait, which the library's own iterator lacks."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import grpc

from bot.deadline import Deadline

_LOOK_S = 0.05
"""How soon a deadline called off by another thread is noticed."""
_LOST_S = 0.5


class Late(Exception):
    """No message came in time, or nobody waits for one any more."""


def responses(
    call: Any, deadline: Deadline, first_s: float, gap_s: float, counts: Callable[[Any], bool]
) -> Generator[Any]:
    """The messages of ``call``; the call is cancelled when the generator is closed.

    Raises :class:`Late` when none for which ``counts`` holds came within ``first_s`` seconds,
    the next within ``gap_s``, or ``deadline`` is over; ``grpc.RpcError`` when the call failed.

    The messages are read by a thread: grpcio 1.85 now and then never tells the iterator that
    a call has ended whose server went away, and then neither the call's timeout nor
    ``cancel()`` wakes the reader (seen in 2 of 450 such calls: the status is there and
    ``receive_message`` stays due). Here the thread is left behind and the caller goes on.
    """
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(call, arrived), name="tts-grpc", daemon=True).start()
    due = time.monotonic() + first_s
    try:
        while (message := _next(call, arrived, deadline, due)) is not None:
            yield message
            if counts(message):
                due = time.monotonic() + gap_s  # the time that our reader took is not theirs
    finally:
        call.cancel()


def _read(call: Any, arrived: "queue.SimpleQueue[Any]") -> None:
    """Pass every message on; after the last one whatever the call ended with."""
    with contextlib.suppress(grpc.RpcError):  # the status is in the call
        for message in call:
            arrived.put(message)
    arrived.put(None)


def _next(call: Any, arrived: "queue.SimpleQueue[Any]", deadline: Deadline, due: float) -> Any:
    """The next message, or ``None`` after the last."""
    ended_at: float | None = None
    while True:
        with contextlib.suppress(queue.Empty):
            message = arrived.get(timeout=_LOOK_S)
            if message is None:
                _raise_failure(call)
            return message
        now = time.monotonic()
        if not call.is_active():
            ended_at = ended_at or now
            if now - ended_at > _LOST_S:
                _raise_failure(call)
                raise Late
        if deadline.expired or now > due:
            raise Late


def _raise_failure(call: Any) -> None:
    if call.code() is not grpc.StatusCode.OK:
        raise call
