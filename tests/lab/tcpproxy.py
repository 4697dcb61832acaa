"""A TCP proxy that spoils the way to a server: late answers, none, rubbish, cut connections."""

import contextlib
import socket
import threading
import time
from typing import Self

_CHUNK = 65_536


class TcpProxy:
    """Passes every connection on to ``target``; what goes wrong may be set at any time.

    ``delay_s`` holds each piece of an answer back, ``mute`` swallows answers, ``rubbish`` is sent
    in their place. A connection whose first request has the words ``refused`` in it is closed.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._links: list[_Link] = []
        self.delay_s = 0.0
        self.mute = False
        self.rubbish = b""
        self.refused = b""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, words: bytes = b"") -> int:
        """Close the connections whose first request has ``words`` in it; how many there were."""
        with self._lock:
            cut = [link for link in self._links if words in link.first_request]
            self._links = [link for link in self._links if link not in cut]
        return sum(link.close() for link in cut)

    def close(self) -> None:
        """Stop listening, and cut everything."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            link = _Link(client, server)
            with self._lock:
                self._links.append(link)
            threading.Thread(target=self._ask, args=(link,), daemon=True).start()
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _ask(self, link: "_Link") -> None:
        with contextlib.suppress(OSError):
            while piece := link.client.recv(_CHUNK):
                link.first_request = link.first_request or piece
                if self.refused and self.refused in link.first_request:
                    break
                link.server.sendall(piece)
        link.close()

    def _answer(self, link: "_Link") -> None:
        with contextlib.suppress(OSError):
            while piece := link.server.recv(_CHUNK):
                if self.delay_s:
                    time.sleep(self.delay_s)
                if not self.mute:
                    link.client.sendall(self.rubbish or piece)
        link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Link:
    """One connection and its other half."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.first_request = b""
        self._lock = threading.Lock()
        self._open = True

    def close(self) -> bool:
        """Close both halves; whether they were open."""
        with self._lock:
            was_open, self._open = self._open, False
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes whoever reads it
            one.close()
        return was_open
