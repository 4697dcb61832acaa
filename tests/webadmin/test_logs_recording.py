"""The recording of a call on its page and for programs: played, or missing with a reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.calllog.recordings import Recording, State, Trouble, read_recording, write_recording
from bot.recording.folder import RecordedCall, RecordingFolder
from bot.recording.keeper import RecordingKeeper
from bot.recording.wav import GrowingWav
from bot.records import BotLine, UserLine
from bot.settings import Settings
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.frame.dialog import KEY
from tests.webadmin.serving import served
from tests.webadmin.visiting import visiting
from webadmin import create_app
from webadmin.logs.dialogue import ShownLine
from webadmin.logs.soundpicture import SoundPicture, line_starts

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
SECONDS = 40
HEADERS = {"X-API-Key": KEY.encode().decode("latin-1")}


@pytest.fixture
def folder(tmp_path: Path) -> RecordingFolder:
    made = RecordingFolder(tmp_path / "recordings")
    made.make()
    return made


@pytest.fixture
def settings(make_settings: MakeSettings, folder: RecordingFolder) -> Settings:
    return make_settings(api_secret_key=KEY, record_calls=True, recordings_path=folder.path)


def a_call(calls: CallLog) -> int:
    number = calls.start_call("+79610000001", "channel", "worker")
    calls.append(number, BotLine("Здравствуйте!", AT, kind="greeting"))
    calls.append(number, UserLine("Какая гарантия?", "какая гарантия", AT + timedelta(seconds=10)))
    answer = BotLine(
        "Два года.", AT + timedelta(seconds=11), timings_ms={"answer": 1500.0}, interrupted=True,
        heard="Два",
    )  # fmt: skip
    calls.append(number, answer)
    return number


def both_sides() -> bytes:
    """The assistant for ten seconds, the caller for ten, and both at once."""
    time = np.arange(SECONDS * 8000) / 8000
    caller = np.sin(2 * np.pi * 300 * time) * ((time // 10 == 1) | (time // 10 == 3)) * 9000
    assistant = np.sin(2 * np.pi * 500 * time) * (time // 10 != 1) * 6000
    swell = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * 0.7 * time))
    return np.stack([caller * swell, assistant * swell], axis=1).astype("<i2").tobytes()


def recorded(calls: CallLog, folder: RecordingFolder) -> int:
    """A call with its recording, finished as the worker does it."""
    number = a_call(calls)
    stem = folder.new_stem(number)
    folder.told(stem).write_text(RecordedCall(number, "channel", AT).as_json())
    wav = GrowingWav(folder.growing(stem))
    wav.append(both_sides())
    wav.close()
    RecordingKeeper(folder, calls, None).look_after()
    calls.end_call(number, "Completed")
    with calls.connection() as connection:
        found = read_recording(connection, number)
        assert found is not None
        write_recording(connection, Recording(**(vars(found) | {"trouble": ""})))
    return number


def told(calls: CallLog, number: int, state: State, trouble: Trouble = "") -> None:
    with calls.connection() as connection:
        write_recording(connection, Recording(number, f"{number}-{'0' * 16}", state, trouble, AT))


@pytest.fixture
def number(calls: CallLog, folder: RecordingFolder) -> int:
    return recorded(calls, folder)


def test_programs_get_the_sound_whole_and_in_parts(client: FlaskClient, number: int) -> None:
    call = client.get(f"/logs/{number}").get_json()
    assert call["recording"] == {"url": f"/logs/{number}/recording", "seconds": float(SECONDS)}
    assert [one["recording"] for one in client.get("/logs").get_json()] == [call["recording"]]
    whole = client.get(call["recording"]["url"])
    assert (whole.status_code, whole.mimetype) == (200, "audio/flac")
    assert whole.data.startswith(b"fLaC")
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Cache-Control"] == "no-store"
    assert "Content-Disposition" not in whole.headers or "inline" in str(
        whole.headers["Content-Disposition"]
    )
    part = client.get(call["recording"]["url"], headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.data == whole.data[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole.data)}"
    beyond = client.get(call["recording"]["url"], headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    same = client.get(call["recording"]["url"], headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304
    saved = client.get(f"{call['recording']['url']}?download")
    assert f"attachment; filename=call-{number}.flac" in saved.headers["Content-Disposition"]


def test_the_page_and_the_list_show_that_there_is_a_recording(
    client: FlaskClient, calls: CallLog, number: int
) -> None:
    other = a_call(calls)
    page = client.get(f"/logs-ui/{number}").text
    assert f'src="/logs/{number}/recording"' in page
    assert 'data-from="0.0"' in page
    assert "Скачать: 40 с, " in page
    rows = client.get("/logs-ui/").text.split("<tr id=")
    assert ["есть запись" in row for row in rows[1:]] == [False, True]
    assert client.get(f"/logs/{other}").get_json()["recording"] is None
    assert "<audio" not in client.get(f"/logs-ui/{other}").text


def test_why_there_is_no_recording_is_said_plainly(
    client: FlaskClient, calls: CallLog, folder: RecordingFolder, make_settings: MakeSettings
) -> None:
    def words(call: int) -> str:
        assert client.get(f"/logs/{call}/recording").status_code == 404
        page = client.get(f"/logs-ui/{call}").text
        assert "<audio" not in page
        return page

    going = a_call(calls)
    assert "Этот разговор не записан." in words(going)
    wav = GrowingWav(folder.growing(folder.new_stem(going)))
    assert "Идёт запись." in words(going)
    calls.end_call(going, "Completed")
    assert "Запись готовится." in words(going)
    wav.close()
    expired, lost, elsewhere = a_call(calls), a_call(calls), a_call(calls)
    told(calls, expired, "expired")
    told(calls, lost, "lost", "disk_full")
    told(calls, elsewhere, "kept")
    assert "Запись удалена по сроку хранения." in words(expired)
    assert "Записи нет: на диске кончилось место." in words(lost)
    assert "Файла записи нет в папке RECORDINGS_PATH" in words(elsewhere)
    off = create_app(make_settings(recordings_path=folder.path)).test_client()
    assert (
        "Запись разговоров выключена (RECORD_CALLS)." in off.get(f"/logs-ui/{a_call(calls)}").text
    )
    assert client.get("/logs/99/recording").status_code == 404


def test_when_a_recording_goes_is_said(
    make_settings: MakeSettings, folder: RecordingFolder, number: int
) -> None:
    def page(**periods: int) -> str:
        settings = make_settings(recordings_path=folder.path, **periods)
        return create_app(settings).test_client().get(f"/logs-ui/{number}").text

    assert "Запись удалится" not in page()
    years = 365 * 50
    assert "Запись удалится в ночь на 21.07.2075." in page(retention_days_recordings=years)
    assert "Запись удалится в ночь на 20.07.2075." in page(
        retention_days_recordings=years, retention_days_calls=years - 1
    )


def test_a_recording_that_breaks_off_says_why(
    client: FlaskClient, calls: CallLog, number: int
) -> None:
    with calls.connection() as connection:
        found = read_recording(connection, number)
        assert found is not None
        write_recording(connection, Recording(**(vars(found) | {"trouble": "killed"})))
    page = client.get(f"/logs-ui/{number}").text
    assert "Запись обрывается: программа остановилась посреди разговора." in page
    assert "<audio" in page


def test_a_voice_is_personal_data(
    make_settings: MakeSettings, folder: RecordingFolder, number: int
) -> None:
    masked = make_settings(api_secret_key=KEY, recordings_path=folder.path, mask_personal_data=True)
    client = create_app(masked).test_client()
    assert client.get(f"/logs/{number}/recording").status_code == 403
    page = client.get(f"/logs-ui/{number}").text
    assert "Запись скрыта вместе с личными данными." in page
    assert "<audio" not in page
    assert client.get(f"/logs/{number}/recording", headers=HEADERS).status_code == 200
    client.post("/logs-ui/personal/show", headers=HEADERS)
    assert "<audio" in client.get(f"/logs-ui/{number}").text
    assert client.get(f"/logs/{number}/recording").status_code == 200


def test_strangers_get_no_recording(settings: Settings, number: int) -> None:
    app = create_app(settings)
    asked = app.test_client().get(
        f"/logs/{number}/recording", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert asked.status_code == 403
    assert b"fLaC" not in asked.data


def test_a_deleted_call_takes_its_recording_out_of_reach_at_once(
    client: FlaskClient, number: int
) -> None:
    assert client.delete(f"/logs/{number}", headers=HEADERS).status_code == 200
    assert client.get(f"/logs/{number}/recording").status_code == 404


def test_a_line_begins_where_it_was_said() -> None:
    lines = [
        ShownLine(role="bot", text="Здравствуйте!", at=AT + timedelta(seconds=1)),
        ShownLine(role="user", text="Сколько?" * 13, at=AT + timedelta(seconds=14)),
        ShownLine(role="bot", text="Сто.", at=AT + timedelta(seconds=15),
                  timings_ms={"answer": 1500.0}),
        ShownLine(role="user", text="Да", at=AT + timedelta(seconds=15)),
        ShownLine(role="bot", text="Ещё.", at=AT + timedelta(seconds=90)),
    ]  # fmt: skip
    assert line_starts(lines, AT, 60.0) == (1.0, 5.0, 15.0, 15.0, 60.0)


def test_the_picture_has_a_stroke_for_each_part_and_side() -> None:
    picture = SoundPicture("00ff40ff")
    assert picture.width == 2
    assert picture.caller == "M0.5 15.6V16.4M1.5 8.5V23.5"
    assert picture.assistant == "M0.5 33.0V63.0M1.5 33.0V63.0"
    assert SoundPicture("").caller == ""


@pytest.fixture
def page(settings: Settings, number: int, chromium: Browser) -> Iterator[Browser]:
    with (
        served(create_app(settings)) as site,
        visiting(chromium, site, f"/logs-ui/{number}") as opened,
    ):
        yield opened


SOUND = "document.getElementById('recording')"


def test_lines_and_the_picture_play_from_their_moment_in_daylight_and_at_night(
    page: Browser,
) -> None:
    page.run(f"{SOUND}.muted = true")
    assert not any(address.endswith("/recording") for address in page.requests), (
        "nothing is fetched yet"
    )
    page.click("#line-2 .listen")
    page.wait_for(f"{SOUND}.currentTime > 11.05 && !{SOUND}.paused")
    assert page.run(f"{SOUND}.currentTime") < 30
    assert page.run(f"{SOUND}.duration") == pytest.approx(SECONDS, abs=0.1)
    page.wait_for("document.querySelector('#line-2').classList.contains('line-sounding')")
    assert page.run("document.querySelectorAll('.line-sounding').length") == 1
    page.run(f"{SOUND}.pause()")
    page.run("document.querySelector('#line-0 .listen').focus()")
    page.press("Enter")
    page.wait_for("document.querySelector('#line-0').classList.contains('line-sounding')")
    page.wait_for(f"!{SOUND}.paused && {SOUND}.currentTime < 8")
    page.click("[data-sound]")
    page.wait_for(f"{SOUND}.currentTime > {SECONDS / 2 - 1}")
    drawn = "Number(document.querySelector('[data-now]').getAttribute('x1'))"
    page.wait_for(f"{drawn} > document.querySelector('[data-sound]').viewBox.baseVal.width * 0.45")
    page.run(f"{SOUND}.pause()")
    for scheme in ("dark", "light"):
        page.prefer(scheme)
        page.wait_for(f"document.documentElement.dataset.bsTheme === '{scheme}'")
        assert axe(page) == []
