"""The secret that signs sessions: one of each installation, kept for its owner alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import SettingError
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app
from webadmin.sessions import kept_secret


def test_a_secret_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "session.key"
    secret = kept_secret(path)
    assert len(secret) == 32
    assert kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["session.key"]


def test_two_installations_have_two_secrets(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "a") != kept_secret(tmp_path / "b")


def test_many_who_come_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: kept_secret(path), range(64)))) == 1


@pytest.mark.parametrize("contents", [b"", b"short", b"x" * 33])
def test_a_damaged_secret_stops_the_start_and_names_its_file(
    tmp_path: Path, contents: bytes
) -> None:
    path = tmp_path / "session.key"
    path.write_bytes(contents)
    with pytest.raises(SettingError, match=r"session\.key: damaged, delete it"):
        kept_secret(path)


def test_a_folder_that_cannot_be_written_stops_the_start(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match=r"^DB_PATH: "):
        create_app(make_settings(db_path=tmp_path / "file" / "log.sqlite"))


def test_cookies_are_for_this_site_and_not_for_scripts(make_settings: MakeSettings) -> None:
    app = create_app(make_settings())
    cookie = app.test_client().get("/logs-ui/").headers["Set-Cookie"]
    for part in ("metrotech_voice=", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    over_tls = app.test_client().get("/logs-ui/", base_url="https://localhost")
    assert "Secure" in over_tls.headers["Set-Cookie"]
