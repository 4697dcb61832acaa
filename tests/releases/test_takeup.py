"""What a worker answers from, as other processes can see it; a base is changed by one at a time."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import OvertakenError
from bot.releases.serving import ReleaseFolder
from bot.releases.takeup import FOLDER, TakenUp, TakeUps, WorkerState, worker_states
from tests.releases.place import ROOT, TECH, Place

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
OTHER = """
import sys, pathlib
from bot.releases.takeup import TakeUps
tell = TakeUps(pathlib.Path(sys.argv[1]), "other")
tell(7)
print("told", flush=True)
sys.stdin.read()
"""


def other_worker(folder: Path) -> subprocess.Popen[str]:
    """A process that has taken release 7 up and goes on."""
    worker = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdout.readline() == "told\n"
    return worker


def test_the_moment_a_release_is_answered_from_is_told(place: Place) -> None:
    with TakeUps(place.directory, "asterisk-bot@host", lambda: AT) as taken_up:
        serving = ReleaseFolder(place.settings, place.embedder.model_key, taken_up)
        assert worker_states(place.directory) == []
        serving.current()
        told = TakenUp("asterisk-bot@host", 1, AT)
        assert worker_states(place.directory) == [WorkerState(told, is_running=True)]
        place.publisher.change_settings({"kb_top_k": 5}, "Анна")
        assert worker_states(place.directory)[0].taken_up.release == 1
        serving.current()
        assert worker_states(place.directory)[0].taken_up.release == 2
    assert not worker_states(place.directory)[0].is_running


def test_a_killed_worker_is_seen_to_run_no_more_and_goes_when_the_next_starts(
    tmp_path: Path,
) -> None:
    worker = other_worker(tmp_path)
    assert [(one.taken_up.release, one.is_running) for one in worker_states(tmp_path)] == [
        (7, True)
    ]
    worker.kill()
    worker.communicate()
    assert [(one.taken_up.release, one.is_running) for one in worker_states(tmp_path)] == [
        (7, False)
    ]
    with TakeUps(tmp_path, "next") as taken_up:
        taken_up(8)
        assert [one.taken_up.worker for one in worker_states(tmp_path)] == ["next"]


def test_workers_that_run_come_first_and_a_damaged_file_is_passed_over(tmp_path: Path) -> None:
    worker = other_worker(tmp_path)
    with TakeUps(tmp_path, "a") as mine:
        mine(1)
    (tmp_path / FOLDER / "broken.json").write_text("{")
    assert [one.taken_up.worker for one in worker_states(tmp_path)] == ["other", "a"]
    worker.communicate()
    assert [one.taken_up.worker for one in worker_states(tmp_path)] == ["a", "other"]


def test_a_disk_that_does_not_write_keeps_no_worker_from_answering(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with TakeUps(tmp_path, "a") as mine:
        (tmp_path / FOLDER).rename(tmp_path / "gone")
        mine(3)
    assert "event=take_up_not_told release=3" in caplog.text


def test_a_base_is_not_changed_in_place_of_a_text_that_is_no_more(place: Place) -> None:
    publisher = place.publisher
    publisher.change_base("tech", TECH + "# Масса\n900 кг.\n", "Анна", instead_of=TECH)
    with pytest.raises(OvertakenError, match="изменил кто-то другой"):
        publisher.change_base("tech", TECH + "# Цвет\nСерый.\n", "Борис", instead_of=TECH)
    assert place.store.in_service() == 2
