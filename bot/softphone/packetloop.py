"""One thread that paces outgoing packets and stamps incoming ones for many calls at once."""

import heapq
import logging
import os
import select
import socket
import struct
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable
from itertools import count

from bot.audio import FRAME_MS

logger = logging.getLogger(__name__)

FRAME_S = FRAME_MS / 1000
_IDLE_S = 1.0
_SO_TIMESTAMPNS = 35  # Linux; the socket module has no name for it
_TIMESPEC = struct.Struct("@qq")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

OnDatagram = Callable[[bytes, float], None]
"""Takes a datagram and its arrival in monotonic seconds."""
OnTick = Callable[[float], bool]
"""Takes the monotonic time; answers whether it wants the next tick."""


class PacketLoop:
    """Sends when the time comes and reads when something is there, all in one thread.

    Arrival is the kernel's stamp, so a busy process does not make packets look late.
    Callbacks must not block.
    """

    def __init__(self, name: str) -> None:
        self.lateness_s = array("f")
        """How late each tick ran, in seconds."""
        self._epoll = select.epoll()
        self._readers: dict[int, tuple[socket.socket, OnDatagram]] = {}
        self._requests: deque[Callable[[], None]] = deque()
        self._ticks: list[tuple[float, int, float, OnTick]] = []
        self._numbers = count()
        self._stopping = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def read(self, sock: socket.socket, on_datagram: OnDatagram) -> None:
        """Give every datagram of ``sock`` to ``on_datagram``."""
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._readers[sock.fileno()] = (sock, on_datagram)
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    def tick(self, on_tick: OnTick, every_s: float = FRAME_S) -> None:
        """Call ``on_tick`` every ``every_s`` from now, without drift, until it says no."""
        entry = (time.monotonic(), next(self._numbers), every_s, on_tick)
        self._ask(lambda: heapq.heappush(self._ticks, entry))

    def close_socket(self, sock: socket.socket) -> None:
        """Stop reading ``sock`` and close it, in the loop's own thread."""
        self._ask(lambda: self._close(sock))

    def stop(self) -> None:
        """End the thread and close every socket that is still read."""
        self._ask(self._stopping.set)
        self._thread.join()
        for sock, _ in list(self._readers.values()):
            self._close(sock)
        self._epoll.close()
        os.close(self._wake)

    def _ask(self, request: Callable[[], None]) -> None:
        """Have the loop's thread do ``request`` at once."""
        self._requests.append(request)
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            while self._requests:
                self._requests.popleft()()
            for descriptor, _ in self._epoll.poll(self._run_due_ticks()):
                reader = self._readers.get(descriptor)
                if reader is not None:
                    self._receive(*reader)
                elif descriptor == self._wake:
                    os.eventfd_read(self._wake)

    def _run_due_ticks(self) -> float:
        """Run what is due; seconds until the next."""
        while self._ticks:
            due_s, number, every_s, on_tick = self._ticks[0]
            now_s = time.monotonic()
            if due_s > now_s:
                return min(due_s - now_s, _IDLE_S)
            self.lateness_s.append(now_s - due_s)
            if self._wants_more(on_tick, now_s):
                heapq.heapreplace(self._ticks, (due_s + every_s, number, every_s, on_tick))
            else:
                heapq.heappop(self._ticks)
        return _IDLE_S

    def _wants_more(self, on_tick: OnTick, now_s: float) -> bool:
        try:
            return on_tick(now_s)
        except Exception:  # one call's fault must not stop the others
            logger.exception("event=tick_failed")
            return False

    def _receive(self, sock: socket.socket, on_datagram: OnDatagram) -> None:
        try:
            datagram, ancillary, _, _ = sock.recvmsg(4096, _ANCILLARY_BYTES)
        except OSError:  # nothing there after all, or the far port is closed
            return
        arrived_s = time.monotonic()
        if ancillary:
            seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
            arrived_s -= max(0, time.time_ns() - seconds * 1_000_000_000 - nanoseconds) / 1e9
        try:
            on_datagram(datagram, arrived_s)
        except Exception:  # one call's fault must not stop the others
            logger.exception("event=datagram_failed")

    def _close(self, sock: socket.socket) -> None:
        if self._readers.pop(sock.fileno(), None):
            self._epoll.unregister(sock.fileno())
        sock.close()
