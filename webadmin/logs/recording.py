"""The recording of a call: its file for players and programs, and what its page says of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from bot.calllog.recordings import Recording, Trouble, read_recording, recorded_among
from bot.calllog.retention import period_of, period_of_recordings
from bot.calllog.row import ListedCall
from bot.recording.folder import RecordingFolder
from webadmin.logs.blueprint import blueprint
from webadmin.logs.lookup import call_or_404
from webadmin.logs.soundpicture import SoundPicture
from webadmin.personal import sees_personal_data
from webadmin.services import services

_HIDDEN: Final = "Запись скрыта вместе с личными данными."
_GOING: Final = "Идёт запись. Послушать её можно будет, когда разговор кончится."
_MAKING: Final = "Запись готовится. Обновите страницу через несколько секунд."
_EXPIRED: Final = "Запись удалена по сроку хранения."
_ELSEWHERE: Final = "Файла записи нет в папке RECORDINGS_PATH этого сервера."
_OFF: Final = "Запись разговоров выключена (RECORD_CALLS)."
_NONE: Final = "Этот разговор не записан."
_TROUBLES: Final[dict[Trouble, str]] = {
    "disk_full": "на диске кончилось место",
    "disk_failed": "диск её не принял",
    "slow_disk": "диск не успевал за разговором",
    "killed": "программа остановилась посреди разговора",
}


@dataclass(frozen=True)
class ShownRecording:
    """What the page of a call shows: a player, or why there is none; ``words`` may go with both."""

    words: str = ""
    recording: Recording | None = None

    @property
    def goes_at(self) -> datetime | None:
        """When the recording is deleted, by itself or with its call; ``None`` when never."""
        settings = services().settings
        periods = filter(None, (period_of(settings), period_of_recordings(settings)))
        if self.recording is None:
            return None
        return min((period.due(self.recording.began_at) for period in periods), default=None)

    @property
    def picture(self) -> SoundPicture:
        """Both sides, drawn."""
        return SoundPicture(self.recording.peaks if self.recording else "")


@blueprint.get("/logs/<int:call_id>/recording")
def recording(call_id: int) -> ResponseReturnValue:
    """The sound of a call, or the part of it that ``Range`` asks for."""
    shown = shown_recording(call_or_404(call_id))
    if shown.recording is None:
        raise Forbidden(shown.words) if shown.words == _HIDDEN else NotFound(shown.words)
    answer = send_file(
        _folder().finished(shown.recording.file).resolve(),
        mimetype="audio/flac",
        as_attachment="download" in request.args,
        download_name=f"call-{call_id}.flac",
        conditional=True,
    )
    answer.headers["Cache-Control"] = "no-store"  # a voice stays out of every cache on the way
    return answer


def shown_recording(call: ListedCall) -> ShownRecording:
    """What the reader of this request is shown of a call's recording."""
    found = _recording_of(call.id)
    if found is None:
        return ShownRecording(_why_none(call))
    if found.state == "expired":
        return ShownRecording(_EXPIRED)
    cause = _TROUBLES.get(found.trouble, "")
    if found.state == "lost":
        return ShownRecording(f"Записи нет: {cause}." if cause else _NONE)
    if not sees_personal_data():
        return ShownRecording(_HIDDEN)
    if not _folder().finished(found.file).is_file():
        return ShownRecording(_ELSEWHERE)
    return ShownRecording(f"Запись обрывается: {cause}." if cause else "", found)


def recorded_calls(calls: Iterable[ListedCall]) -> dict[int, float]:
    """The seconds of each recording that is kept of these calls, by the call's number."""
    with services().call_log.connection() as connection:
        return recorded_among(connection, [call.id for call in calls])


def recording_as_json(call_id: int, recorded: dict[int, float]) -> dict[str, Any] | None:
    """What programs are told of a recording."""
    if call_id not in recorded:
        return None
    return {"url": url_for("logs.recording", call_id=call_id), "seconds": recorded[call_id]}


def _recording_of(call_id: int) -> Recording | None:
    with services().call_log.connection() as connection:
        return read_recording(connection, call_id)


def _why_none(call: ListedCall) -> str:
    folder = _folder()
    if folder.is_unfinished(call.id):
        return _GOING if call.status == "InProgress" else _MAKING
    return _NONE if services().settings.record_calls else _OFF


def _folder() -> RecordingFolder:
    return RecordingFolder(services().settings.recordings_path)
