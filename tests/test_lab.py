"""The laboratory itself: what the other tests stand on is really there."""

from pathlib import Path

import pytest
import redis
import requests

from tests.lab.apt_sources import debian_archives
from tests.lab.asterisk import Asterisk
from tests.lab.redis import RedisServer
from tests.lab.system_packages import missing_packages, wanted_packages


def test_asterisk_can_do_what_the_worker_needs(asterisk: Asterisk) -> None:
    assert asterisk.tree.check() == asterisk.get("asterisk/info")["system"]["version"].split("+")[0]
    assert asterisk.get("asterisk/modules/chan_websocket.so")["status"] == "Running"
    assert "control_message_format = json" in (
        asterisk.folder / "conf" / "chan_websocket.conf"
    ).read_text(encoding="utf-8")


def test_every_debian_package_that_set_up_names_is_installed() -> None:
    assert {"redis-server", "festvox-ru", "chromium"} <= set(wanted_packages())
    assert missing_packages() == []


def test_ari_refuses_a_wrong_password(asterisk: Asterisk) -> None:
    answer = requests.get(
        f"{asterisk.http_url}/ari/channels", auth=(asterisk.ari_user, "wrong"), timeout=10
    )
    assert answer.status_code == 401


def test_two_asterisks_run_side_by_side_and_leave_nothing_behind(asterisk: Asterisk) -> None:
    with Asterisk() as second:
        assert second.http_port != asterisk.http_port
        assert second.channels() == []
        folder = second.folder
    assert not folder.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(second.http_url, timeout=5)
    assert asterisk.left_behind() == []


def test_restarted_asterisk_answers_on_the_same_address() -> None:
    with Asterisk() as server:
        before = server.http_url
        server.kill()
        with pytest.raises(requests.ConnectionError):
            server.channels()
        server.start()
        assert server.http_url == before
        assert server.channels() == []


def test_redis_comes_back_empty_on_the_same_address() -> None:
    with RedisServer() as server:
        client = redis.Redis.from_url(server.url)
        client.set("key", "value")
        server.stop()
        with pytest.raises(redis.ConnectionError):
            client.get("key")
        server.start()
        assert client.get("key") is None


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        (
            "sources.list",
            "# deb http://commented.example/debian bookworm main\n"
            "deb-src http://mirror.example/debian bookworm main\n"
            "deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main\n",
            "deb [signed-by=/keys/a.gpg] http://mirror.example/debian sid main",
        ),
        (
            "sources.list.d/other.list",
            "deb cdrom:[Debian]/ bookworm main\n"
            "deb [trusted=yes] http://mirror.example/debian/ bookworm main # ours\n"
            "deb http://vendor.example/apt stable-dist contrib\n",
            "deb [trusted=yes] http://mirror.example/debian/ sid main",
        ),
        (
            "sources.list.d/debian.sources",
            "Types: deb\n# a note\nURIs: http://mirror.example/debian-security\n"
            "Suites: bookworm-security\nComponents: main\n\n"
            "Types: deb deb-src\nURIs: http://vendor.example/x\nSuites: stable\nComponents: main\n"
            "\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
            "Components: main contrib\nSigned-By: /keys/b.gpg\n\n"
            "Types: deb\nURIs: http://off.example/debian\nSuites: sid\nComponents: main\n"
            "Enabled: no\n",
            "deb [signed-by=/keys/b.gpg] http://mirror.example/debian sid main",
        ),
    ],
)
def test_the_machines_own_debian_archive_is_found(
    tmp_path: Path, file: str, text: str, line: str
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert debian_archives(tmp_path)[0].line("sid") == line


def test_commented_disabled_and_partial_archives_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "#deb http://a.example/debian sid main\n"
        "deb http://b.example/debian-security bookworm-security main\n"
        "deb http://c.example/flat ./\n",
        encoding="utf-8",
    )
    assert debian_archives(tmp_path) == []
