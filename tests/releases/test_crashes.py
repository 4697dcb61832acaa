"""A publisher may be killed at any step: there is always one whole release in service."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.releases.store import ReleaseStore
from tests.releases.killed_publisher import settings_in
from tests.releases.place import ROOT, Place


@pytest.fixture
def killed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders in which a publisher was killed, one step later in each; in the last it was not."""
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.releases.killed_publisher", place.folder, folder],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    steps = int(done.stdout)
    assert steps > 20
    return [folder / str(step) for step in range(1, steps + 1)]


def test_whenever_a_publisher_is_killed_one_whole_release_serves(
    place: Place, killed: list[Path]
) -> None:
    served, numbers = [], []
    for folder in killed:
        place.folder = folder
        release = place.folder_in_service().current()
        served.append(release.prompts.greeting)
        numbers.append(release.number)
        working = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
        assert release.prompts.greeting == working["greeting"]
    assert set(served) == {"Да.", "Слушаю."}
    assert served == sorted(served)
    assert numbers[0] == 1
    assert numbers[-1] == 2


def test_a_number_that_a_killed_publisher_took_is_given_to_nobody_else(
    place: Place, killed: list[Path]
) -> None:
    for folder in killed:
        taken = {int(one.name) for one in (folder / "index" / "releases").iterdir()}
        place.folder = folder
        record = place.publisher.change_settings({"kb_top_k": 9}, "Борис").record
        store = ReleaseStore(settings_in(folder).persist_directory)
        assert record.number == max(taken) + 1
        assert store.in_service() == record.number
        listed = [one.number for one in store.records()]
        assert listed == sorted(set(listed), reverse=True)
        for one in store.records():
            store.content(one)
        shutil.rmtree(folder)
