"""Recordings are finished, and go with their calls and after their period, whatever was killed."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, inspect, text, update

from bot.calllog import CallLog
from bot.calllog.deletions import UNDO, carry_out_some
from bot.calllog.recordings import Recording, read_recording, recorded_among
from bot.calllog.retention import Period
from bot.calllog.schema import LOGS, STATE
from bot.recording.folder import RecordedCall, RecordingFolder
from bot.recording.keeper import RecordingKeeper
from bot.recording.recorder import Recorder
from bot.recording.wav import GrowingWav
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import one_call

SECOND = b"\x10\x20\x30\x40" * 8000
PERIOD = Period(30, ZoneInfo("Europe/Moscow"))


@pytest.fixture
def folder(tmp_path: Path) -> RecordingFolder:
    made = RecordingFolder(tmp_path / "recordings")
    made.make()
    return made


@pytest.fixture
def keeper(folder: RecordingFolder, calls: CallLog, clock: Clock) -> RecordingKeeper:
    return RecordingKeeper(folder, calls, PERIOD, clock)


def left_behind(folder: RecordingFolder, call_id: int, channel_id: str = "channel") -> str:
    """Two seconds and a torn sample, as a killed worker leaves them."""
    stem = folder.new_stem(call_id)
    call = RecordedCall(call_id, channel_id, START)
    folder.told(stem).write_text(call.as_json())
    wav = GrowingWav(folder.growing(stem))
    wav.append(2 * SECOND)
    wav.append(b"\0")
    wav.close()
    return stem


def recording(calls: CallLog, call_id: int) -> Recording | None:
    with calls.connection() as connection:
        return read_recording(connection, call_id)


def names(folder: RecordingFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir())


def test_what_a_killed_worker_left_is_finished_and_smaller(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper
) -> None:
    number = one_call(calls, "Какая гарантия?")
    stem = left_behind(folder, number)
    keeper.look_after()
    found = recording(calls, number)
    assert found is not None
    assert (found.state, found.trouble, found.seconds) == ("kept", "killed", 2.0)
    assert names(folder) == [f"{stem}.flac"]
    assert 0 < found.bytes == folder.finished(stem).stat().st_size < 2 * len(SECOND)
    assert found.began_at == START
    assert bytes.fromhex(found.peaks)[:2] == bytes((0x2010 >> 7, 0x4030 >> 7))
    with calls.connection() as connection:
        assert recorded_among(connection, [number, number + 1]) == {number: 2.0}


def test_what_is_still_written_is_left_alone(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper
) -> None:
    number = one_call(calls, "Какая гарантия?")
    stem = folder.new_stem(number)
    wav = GrowingWav(folder.growing(stem))
    wav.append(SECOND)
    keeper.look_after()
    assert folder.is_unfinished(number)
    assert recording(calls, number) is None
    wav.close()
    keeper.look_after()
    found = recording(calls, number)
    assert found is not None
    assert found.state == "kept", "although nothing was told beside it"
    assert not folder.is_unfinished(number)


def test_a_call_that_had_no_number_yet_is_known_by_its_channel(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper, clock: Clock
) -> None:
    left_behind(folder, 0, "channel-of-a-dark-hour")
    keeper.look_after()
    assert len(names(folder)) == 2, "its call may still come"
    clock.moment = START + timedelta(seconds=1)
    number = calls.start_call("101", "channel-of-a-dark-hour", "worker")
    keeper.look_after()
    assert recording(calls, number) is not None
    left_behind(folder, 0, "channel-of-nobody")
    clock.moment = START + timedelta(days=1)
    keeper.look_after()
    assert len(names(folder)) == 1


@pytest.mark.parametrize("how", ["one", "all"])
def test_a_recording_goes_with_its_call_once_that_cannot_be_undone(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper, clock: Clock, how: str
) -> None:
    number, other = one_call(calls, "Какая гарантия?"), one_call(calls, "Какая цена?")
    stem, kept = left_behind(folder, number), left_behind(folder, other)
    keeper.look_after()
    deleted = calls.delete_call(number) if how == "one" else calls.delete_calls()
    assert deleted is not None
    keeper.look_after()
    assert len(names(folder)) == 2
    clock.moment += UNDO
    with calls.connection() as connection:
        while carry_out_some(connection, clock.moment):
            pass
    left_behind(folder, number)  # it was still being made
    keeper.look_after()
    assert names(folder) == ([f"{kept}.flac"] if how == "one" else [])
    assert recording(calls, number) is None
    assert not folder.finished(stem).exists()


def test_after_its_period_a_recording_is_gone_and_that_is_told(
    calls: CallLog,
    folder: RecordingFolder,
    keeper: RecordingKeeper,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    number = one_call(calls, "Какая гарантия?")
    left_behind(folder, number)
    clock.moment = PERIOD.due(START) - timedelta(seconds=1)
    keeper.look_after()
    assert len(names(folder)) == 1
    clock.moment = PERIOD.due(START)
    keeper.look_after()
    assert names(folder) == []
    found = recording(calls, number)
    assert found is not None
    assert (found.state, found.peaks, found.bytes) == ("expired", "", 0)
    assert calls.call(number) is not None
    assert "event=old_recordings_deleted recordings=1" in caplog.text


def test_without_the_folder_nothing_is_forgotten(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper, clock: Clock, tmp_path: Path
) -> None:
    number = one_call(calls, "Какая гарантия?")
    left_behind(folder, number)
    keeper.look_after()
    elsewhere = RecordingKeeper(RecordingFolder(tmp_path / "not-here"), calls, PERIOD, clock)
    clock.moment = PERIOD.due(START)
    elsewhere.look_after()
    found = recording(calls, number)
    assert found is not None
    assert found.state == "kept"


def test_a_recording_whose_file_could_not_be_made_is_told_to_be_lost(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper, tmp_path: Path
) -> None:
    number = one_call(calls, "Какая гарантия?")
    (tmp_path / "file").touch()
    recorder = Recorder(RecordingFolder(tmp_path / "file"), keeper.closed)
    recorder.start()
    recorder.begin(number, "channel").note("heard", bytes(320))
    recorder.stop()
    keeper.look_after()
    found = recording(calls, number)
    assert found is not None
    assert (found.state, found.trouble) == ("lost", "disk_failed")
    assert names(folder) == []


def test_what_was_closed_well_is_whole_whoever_finishes_it(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper
) -> None:
    number = one_call(calls, "Какая гарантия?")
    recorder = Recorder(folder, lambda *_: None)
    recorder.start()
    going = recorder.begin(number, "channel")
    time.sleep(0.05)
    going.note("heard", bytes(320))
    going.close()
    recorder.stop()
    keeper.look_after()
    found = recording(calls, number)
    assert found is not None
    assert (found.state, found.trouble) == ("kept", "")
    assert found.seconds >= 0.05


def test_a_disk_that_is_too_slow_costs_the_recording_its_end(
    calls: CallLog, folder: RecordingFolder, keeper: RecordingKeeper
) -> None:
    """Nothing is written while the notes of a minute come in."""
    number = one_call(calls, "Какая гарантия?")
    recorder = Recorder(folder, keeper.closed)
    slow = recorder.begin(number, "channel")
    for _ in range(3001):
        slow.note("heard", bytes(320))
    slow.note("heard", bytes(320))
    recorder.start()
    recorder.stop()
    keeper.look_after()
    found = recording(calls, number)
    assert found is not None
    assert (found.state, found.trouble) == ("lost", "slow_disk")


def test_a_log_of_the_version_before_learns_of_recordings(
    calls: CallLog, address: str, folder: RecordingFolder
) -> None:
    number = one_call(calls, "Какая гарантия?")
    with calls.connection() as connection:
        connection.execute(text("DROP TABLE recordings"))
        on = "" if address.startswith("sqlite") else " ON logs"
        connection.execute(text(f"DROP TRIGGER recordings_unwanted{on}"))
        connection.execute(update(STATE).where(STATE.c.name == "schema").values(value=3))
    again = CallLog(address, wait_s=5)
    left_behind(folder, number)
    keeper = RecordingKeeper(folder, again, None)
    keeper.look_after()
    assert recording(again, number) is not None
    with again.connection() as connection:
        connection.execute(delete(LOGS).where(LOGS.c.id == number))
    keeper.look_after()
    assert names(folder) == []
    with again.connection() as connection:
        assert "recordings_in_time" in {
            str(index["name"]) for index in inspect(connection).get_indexes("recordings")
        }
    again.close()
