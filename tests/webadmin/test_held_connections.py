"""Clients that do not let go of their connections cost others nothing."""

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.lab.admin import Admin
from tests.lab.ports import free_port
from tests.webadmin.answering import place_environment

HELD = 12
LAST_REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_connections_that_clients_do_not_close_hold_up_nobody(tmp_path: Path) -> None:
    with Admin(place_environment(tmp_path), free_port()) as admin:
        where = urlsplit(admin.url)
        held = [socket.create_connection((where.hostname, where.port)) for _ in range(HELD)]
        for each in held:
            each.sendall(LAST_REQUEST)
        for each in held:
            assert each.recv(20).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert requests.get(f"{admin.url}/health/live", timeout=60).ok
        # gunicorn's own worker waits two seconds for each of them first.
        assert time.monotonic() - began < HELD
        for each in held:
            each.close()
