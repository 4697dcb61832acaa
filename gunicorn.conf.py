"""How gunicorn serves the admin: one process, as many threads as open streams need."""

import socket
import sys
import time
from contextlib import suppress

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from bot.errors import SettingError
from bot.settings import load_settings

_LINGER_S = 0.5


class Worker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker, closing connections in the threads that served them.

    gunicorn 27 closes them in its one main thread, where it waits up to two seconds for each
    client to close too (``gthread.py``, ``finish_request``): four clients that do not, held up
    every other request for six seconds.
    """

    def handle(self, conn: TConn) -> object:
        """Serve one request; ``False`` when the connection is over."""
        kept = super().handle(conn)
        if kept is False:
            _let_go(conn.sock)
        return kept


def _let_go(connection: socket.socket) -> None:
    """End a connection such that nothing is left to wait for.

    What the client still sends is read for a moment: closing with unread data makes the kernel
    send a reset, which can take our last words from the client.
    """
    give_up_at = time.monotonic() + _LINGER_S
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_LINGER_S)
        while time.monotonic() < give_up_at and connection.recv(64 * 1024):
            pass
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


try:
    bind = load_settings().admin_bind
except SettingError as error:
    print(error, file=sys.stderr)
    sys.exit(1)

wsgi_app = "wsgi:app"
worker_class = Worker
workers = 1  # live pages and limits are kept per process
threads = 32
graceful_timeout = 3  # an open stream must not hold a restart
timeout = 60
control_socket_disable = True  # nothing uses it, and it would be one more door
