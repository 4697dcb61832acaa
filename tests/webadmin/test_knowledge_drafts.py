"""Drafts on the disk: nothing an operator wrote is lost, and they do not fill the disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import ChangeError
from webadmin.knowledge.draftstore import Draft, DraftStore

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> DraftStore:
    return DraftStore(tmp_path / "drafts")


def draft(minute: int = 0, release: int = 0) -> Draft:
    return Draft("general", 1, "Анна", AT + timedelta(minutes=minute), release=release)


def test_a_draft_is_there_after_a_restart(store: DraftStore, tmp_path: Path) -> None:
    kept = store.put(draft(), "# А\n")
    again = DraftStore(tmp_path / "drafts")
    assert again.get(kept.id) == kept
    assert again.text(kept) == "# А\n"
    assert again.unpublished() == [kept]


def test_only_what_has_a_text_and_no_release_waits(store: DraftStore) -> None:
    store.put(draft())  # of a file that is being read
    store.put(draft(release=7), "# А\n")
    older, newer = store.put(draft(1), "# Б\n"), store.put(draft(2), "# В\n")
    assert store.unpublished() == [newer, older]


def test_a_change_of_a_draft_that_was_discarded_brings_nothing_back(store: DraftStore) -> None:
    kept = store.put(draft(), "# А\n")
    assert store.change(kept.id, problem="сбой") == replace(kept, problem="сбой")
    store.discard(kept)
    assert store.change(kept.id, "# Б\n", problem="сбой") is None
    assert store.get(kept.id) is None


def test_published_drafts_make_room_before_those_that_wait(tmp_path: Path) -> None:
    store = DraftStore(tmp_path, kept=5)
    waiting = [store.put(draft(minute), "# А\n") for minute in range(3)]
    done = [store.put(draft(10 + minute, release=minute + 2), "# Б\n") for minute in range(4)]
    assert [store.get(one.id) is not None for one in done] == [False, False, True, True]
    assert {one.id for one in store.unpublished()} == {one.id for one in waiting}
    waiting += [store.put(draft(20 + minute), "# В\n") for minute in range(3)]
    assert [store.get(one.id) is not None for one in waiting] == [
        False,
        True,
        True,
        True,
        True,
        True,
    ]
    assert len(list(tmp_path.iterdir())) == 2 * 5


@pytest.mark.parametrize("name", ["", "нет", "..", "../drafts/x", "a/b", "\x00", "a" * 5000])
def test_an_id_is_only_looked_up(store: DraftStore, name: str) -> None:
    store.put(draft(), "# А\n")
    assert store.get(name) is None


def test_a_damaged_draft_counts_as_none(store: DraftStore, tmp_path: Path) -> None:
    kept = store.put(draft(), "# А\n")
    (tmp_path / "drafts" / f"{kept.id}.json").write_text("{")
    assert store.get(kept.id) is None
    assert store.unpublished() == []


def test_a_disk_that_does_not_write_is_told(tmp_path: Path) -> None:
    (tmp_path / "drafts").write_text("a file stands in the way")
    with pytest.raises(ChangeError, match="Правка не записана на диск"):
        DraftStore(tmp_path / "drafts").put(draft(), "# А\n")
