"""The live page's streams under the real server: how many stay, what the others get, the end."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from bot.calllog import CallLog
from bot.records import UserLine, now
from bot.releases.takeup import TakeUps
from tests.lab.admin import Admin
from tests.lab.ports import free_port
from tests.webadmin.answering import place_environment
from webadmin.live.stream import MOST_STREAMS

OPERATORS = 50
WORKER = "asterisk-bot@lab"
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def calls(folder: Path) -> Iterator[CallLog]:
    log = CallLog(f"sqlite:///{folder / 'log.sqlite'}")
    yield log
    log.close()


@pytest.fixture(scope="module")
def admin(folder: Path, calls: CallLog) -> Iterator[Admin]:
    """One for the module; its last test ends it."""
    environment = place_environment(folder, ARI_URL=f"http://127.0.0.1:{free_port()}")
    with TakeUps(folder / "index", WORKER) as told, Admin(environment, free_port()) as running:
        told(1)
        yield running


class Operator:
    """A browser's end of the stream: it reads, and comes again as the server has asked."""

    def __init__(self, admin: Admin) -> None:
        self._address = f"{admin.url}/logs-ui/live/stream"
        self._last_id = ""
        self.connections = 0

    def read_until(self, words: str) -> bool:
        """Whether the words came before patience ended."""
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            with suppress(requests.ConnectionError):  # as a browser does, it comes again
                if self._read_one(words):
                    return True
            time.sleep(1.0)
        return False

    def _read_one(self, words: str) -> bool:
        self.connections += 1
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        with requests.get(self._address, headers=headers, stream=True, timeout=PATIENCE_S) as got:
            assert got.ok
            for line in got.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("id: "):
                    self._last_id = line.removeprefix("id: ")
                if words in line:
                    return True
        return False


def test_fifty_operators_all_see_it_and_pages_are_served_meanwhile(
    admin: Admin, calls: CallLog
) -> None:
    number = calls.start_call("+79610000001", "channel", WORKER)
    operators = [Operator(admin) for _ in range(OPERATORS)]
    with ThreadPoolExecutor(OPERATORS) as pool:
        waiting = [pool.submit(one.read_until, "Последняя реплика") for one in operators]
        give_up_at = time.monotonic() + PATIENCE_S
        while sum(one.connections for one in operators) < OPERATORS * 1.5:
            assert time.monotonic() < give_up_at, "nobody was let go"
            time.sleep(0.1)
        assert requests.get(f"{admin.url}/logs-ui/", timeout=PATIENCE_S).ok
        assert requests.get(f"{admin.url}/logs-ui/live", timeout=PATIENCE_S).ok
        calls.append(number, UserLine("Последняя реплика", "", now()))
        assert all(one.result() for one in waiting)
    stayed = [one for one in operators if one.connections == 1]
    assert len(stayed) == MOST_STREAMS


class Held:
    """A page that stays open; silence for ``timeout_s`` raises an error of requests."""

    def __init__(self, admin: Admin, timeout_s: float = PATIENCE_S) -> None:
        address = f"{admin.url}/logs-ui/live/stream"
        self._answer = requests.get(address, stream=True, timeout=timeout_s)
        self._lines = self._answer.iter_lines(chunk_size=1)
        assert next(self._lines).startswith(b"retry:")

    def read_to_end(self) -> None:
        for _ in self._lines:
            pass

    def close(self) -> None:
        self._answer.close()


def is_let_go(admin: Admin) -> bool:
    """Whether all places are taken."""
    held = Held(admin, timeout_s=2.0)
    try:
        held.read_to_end()
    except requests.RequestException:
        held.close()
        return False
    return True


def test_a_page_that_is_left_gives_its_place_back_and_a_stop_ends_all(admin: Admin) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    held = [Held(admin) for _ in range(MOST_STREAMS)]
    while not is_let_go(admin):  # those of the test before may have gone only now
        held.append(Held(admin))
    half = len(held) // 2
    for one in held[:half]:
        one.close()
    while is_let_go(admin):
        assert time.monotonic() < give_up_at, "no place was given back"
    admin.ask_to_stop()
    for one in held[half:]:
        one.read_to_end()
