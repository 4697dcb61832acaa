"""Whether the server is being stopped: whoever holds a connection for long must then let go.

gunicorn gives open requests three seconds (``graceful_timeout``) and then cuts them off.
"""

import signal
from threading import Event
from types import FrameType

from flask import Flask, current_app

_EXTENSION = "stopping"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def init_app(app: Flask) -> None:
    """Let requests of this application learn that the server is being stopped."""
    app.extensions[_EXTENSION] = Event()


def stopping() -> Event:
    """Set when the server is being stopped; look at it at least twice a second."""
    return _of(current_app)


def stop_with_signals(app: Flask) -> None:
    """Set it when a signal ends this process; for the main thread, once the server set its own."""
    for number in _SIGNALS:
        _announce(number, _of(app))


def _announce(number: signal.Signals, event: Event) -> None:
    servers = signal.getsignal(number)

    def handle(signum: int, frame: FrameType | None) -> None:
        event.set()
        if callable(servers):
            servers(signum, frame)

    signal.signal(number, handle)


def _of(app: Flask) -> Event:
    found: Event = app.extensions[_EXTENSION]
    return found
