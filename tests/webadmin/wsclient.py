"""A client of ``/ws`` on a loopback address of its own, as limits are by address."""

import json
import socket
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import requests
import websocket

WAIT_S = 20.0
_ADDRESSES = count(2)


class WsClient:
    """One open socket; a context manager.

    A refused handshake raises ``websocket.WebSocketBadStatusException``.
    """

    def __init__(self, url: str, caller_id: str = "", **options: Any) -> None:
        parts = urlsplit(url)
        number = next(_ADDRESSES)
        self.address = f"127.0.{number // 250}.{number % 250 + 1}"
        stream = socket.create_connection(
            (parts.hostname, parts.port), WAIT_S, source_address=(self.address, 0)
        )
        self.socket = websocket.create_connection(
            f"ws://{parts.netloc}/ws?{urlencode({'callerId': caller_id})}",
            timeout=WAIT_S, socket=stream, **options,
        )  # fmt: skip
        self.socket.settimeout(WAIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.socket.close(timeout=1)
        self.socket.shutdown()

    def ask(self, text: str, sentences: int) -> list[str]:
        """Send a question and read so many frames."""
        self.socket.send(text)
        return [self.read() for _ in range(sentences)]

    def read(self) -> str:
        """The next text frame."""
        frame = self.socket.recv()
        assert isinstance(frame, str)
        return frame

    def end(self) -> tuple[list[str], int]:
        """What still came, and the code the server closed with."""
        said: list[str] = []
        while True:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return said, int.from_bytes(data[:2], "big")
            said.append(data.decode())

    def break_off(self) -> None:
        """Be gone without a word, as a program that was killed."""
        self.socket.shutdown()


def logged(url: str, caller_id: str, until: Callable[[Any], bool]) -> Any:
    """The only call of ``caller_id`` once ``until`` holds of it, with its dialogue's lines."""
    end = time.monotonic() + WAIT_S
    while True:
        (call,) = requests.get(f"{url}/logs", {"caller": caller_id}, timeout=WAIT_S).json()
        call["lines"] = json.loads(call["transcript_json"])
        if until(call):
            return call
        if time.monotonic() > end:
            raise TimeoutError(f"the call log never showed it: {call}")
        time.sleep(0.05)


def ended(call: Any) -> bool:
    """For :func:`logged`."""
    return bool(call["status"] != "InProgress")
