"""The audio leg of a call that is recorded: it does what it did, and the recording takes note."""

from bot.media import AudioLeg, LegFactory, OnEvent, OnFrame
from bot.recording.recorder import CallRecording


def recorded(open_leg: LegFactory, recording: CallRecording) -> LegFactory:
    """Makes legs as ``open_leg`` does, whose sound is recorded both ways."""

    def open_recorded(channel_id: str, on_frame: OnFrame, on_event: OnEvent) -> AudioLeg:
        def hear(frame: bytes) -> None:
            recording.note("heard", frame)
            on_frame(frame)

        return RecordedLeg(open_leg(channel_id, hear, on_event), recording)

    return open_recorded


class RecordedLeg:
    """An :class:`AudioLeg` that notes what it plays, once the leg beneath has taken it."""

    def __init__(self, leg: AudioLeg, recording: CallRecording) -> None:
        self.channel_id = leg.channel_id
        self._leg = leg
        self._recording = recording

    def open(self) -> None:
        self._leg.open()

    def begin(self) -> None:
        self._leg.begin()

    def send(self, pcm: bytes) -> None:
        self._leg.send(pcm)
        self._recording.note("queued", pcm)

    def mark(self, mark: str) -> None:
        self._leg.mark(mark)

    def finish(self, mark: str) -> None:
        self._leg.finish(mark)

    def pause(self) -> None:
        self._leg.pause()
        self._recording.note("paused")

    def resume(self) -> None:
        self._leg.resume()
        self._recording.note("resumed")

    def flush(self) -> None:
        self._leg.flush()
        self._recording.note("flushed")

    def close(self) -> None:
        self._leg.close()
        self._recording.note("flushed")  # a leg takes along what it has not played
