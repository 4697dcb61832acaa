"""The line between the supervisor and each worker process: counts of calls up, orders down.

A socket pair with one word or ``calls <number>`` a line. A worker whose supervisor is gone reads
the end of it, and drains.
"""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Literal

log = logging.getLogger(__name__)

Order = Literal["drain", "stop"]
_LONGEST = 4096


class SupervisorLink:
    """The worker's end, made of the descriptor that it was started with."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)

    def tell_calls(self, calls: int) -> None:
        """Let the supervisor know how many calls there are; one that is gone needs not know."""
        try:
            self._socket.sendall(b"calls %d\n" % calls)
        except OSError:
            log.warning("the supervisor is gone")

    def follow(self, drain: Callable[[], None], stop: Callable[[], None]) -> None:
        """Carry out the orders that come, in a thread of their own."""
        threading.Thread(
            target=self._follow, args=(drain, stop), name="supervisor", daemon=True
        ).start()

    def _follow(self, drain: Callable[[], None], stop: Callable[[], None]) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                (stop if line.strip() == b"stop" else drain)()
        drain()


class WorkerLink:
    """The supervisor's end. ``calls`` is what the worker told last, ``None`` before it is ready."""

    def __init__(self) -> None:
        self._socket, self._theirs = socket.socketpair()
        self._socket.setblocking(False)
        self._unread = b""
        self.calls: int | None = None

    @property
    def theirs(self) -> int:
        """The descriptor for the worker to inherit."""
        return self._theirs.fileno()

    def handed_over(self) -> None:
        """The worker has its end now."""
        self._theirs.close()

    def fileno(self) -> int:
        """For ``select``."""
        return self._socket.fileno()

    def read(self) -> bool:
        """Take in what the worker has told; false at the end."""
        try:
            data = self._socket.recv(_LONGEST)
        except BlockingIOError:
            return True
        except OSError:
            return False
        *lines, self._unread = (self._unread + data).split(b"\n")
        if lines:
            self.calls = int(lines[-1].removeprefix(b"calls "))
        return bool(data)

    def order(self, order: Order) -> None:
        """Tell the worker; one that is gone needs not know."""
        try:
            self._socket.sendall(order.encode() + b"\n")
        except OSError:
            log.debug("a worker is gone already")

    def close(self) -> None:
        """Done with this worker."""
        self._socket.close()
