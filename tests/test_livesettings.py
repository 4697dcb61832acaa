"""Settings that change while calls go on."""

import os
from pathlib import Path

import pytest

from bot.errors import SettingError
from bot.livesettings import LiveSettingsSource
from bot.settings import load_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


@pytest.fixture
def source(path: Path) -> LiveSettingsSource:
    return LiveSettingsSource(load_settings(env_file=None), path)


def test_the_environment_counts_until_somebody_saves(source: LiveSettingsSource) -> None:
    assert source.current().kb_top_k == load_settings(env_file=None).kb_top_k


def test_what_is_saved_is_in_force_here_and_in_another_process(
    source: LiveSettingsSource, path: Path
) -> None:
    other = LiveSettingsSource(load_settings(env_file=None), path)
    other.current()
    assert source.save({"kb_top_k": 7, "llm_temperature": 0.5}).kb_top_k == 7
    assert (other.current().kb_top_k, other.current().llm_temperature) == (7, 0.5)
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kb_top_k": 0}, "kb_top_k"),
        ({"kb_fallback_threshold": 1.5}, "kb_fallback_threshold"),
        ({"llm_temperature": "hot"}, "llm_temperature"),
        ({"llm_model_primary": ""}, "llm_model_primary"),
        ({"kb_topk": 3}, "kb_topk"),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(
    source: LiveSettingsSource, path: Path, changes: dict[str, object], field: str
) -> None:
    before = source.current()
    with pytest.raises(SettingError, match=field):
        source.save(changes)
    assert source.current() == before
    assert not path.exists()


@pytest.mark.parametrize("broken", [b"{", b"[]", b"\xff\xfe", b'{"kb_top_k": -1}', b'{"x": 1}'])
def test_a_broken_file_leaves_the_last_good_settings(
    source: LiveSettingsSource, path: Path, broken: bytes
) -> None:
    good = source.save({"kb_top_k": 9})
    path.write_bytes(broken)
    os.utime(path, (1, 1))
    assert source.current() == good


def test_a_deleted_file_means_the_environment_again(source: LiveSettingsSource, path: Path) -> None:
    source.save({"kb_top_k": 9})
    path.unlink()
    assert source.current().kb_top_k == load_settings(env_file=None).kb_top_k


def test_a_file_may_hold_only_some_of_the_settings(source: LiveSettingsSource, path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"llm_model_fallback": ""}', encoding="utf-8")
    assert source.current().models == (source.current().llm_model_primary,)
