"""An audio leg whose sound we pace ourselves, over any carrier of 20 ms frames."""

import threading
from collections.abc import Iterator
from typing import Protocol

from bot.media import MediaEvent, OnEvent, OnFrame
from bot.media.outgoing import Outgoing
from bot.media.pacer import Pacer

POLITE_S = 0.3
"""For Asterisk to close the connection; all of a call must be gone 500 ms after its end."""
ABORT_S = 2.0


class Carrier(Protocol):
    """The way of frames between us and one channel of Asterisk's."""

    def connect(self, channel_id: str) -> None:
        """Have Asterisk create the channel and connect to it.

        Raises :class:`bot.ari.AriError` or :class:`bot.media.MediaLostError`.
        """
        ...

    def ready(self) -> bool:
        """Whether a frame can be sent now. Raises ``OSError`` when the connection is gone."""
        ...

    def send(self, frame: bytes) -> None:
        """Send 20 ms of s16le, without blocking. Raises ``OSError``."""
        ...

    def received(self) -> Iterator[bytes | MediaEvent]:
        """Sound (s16le) and events as they come, until the connection ends. Never raises."""
        ...

    def abort(self) -> None:
        """End the connection at once, and with it :meth:`received`; does not block."""
        ...

    def hang_up(self) -> None:
        """Have Asterisk end the channel and the connection. Raises :class:`bot.ari.AriError`."""
        ...

    def close(self) -> None:
        """Give everything back; only after :meth:`received` has ended. Safe to repeat."""
        ...


class PacedLeg:
    """An :class:`bot.media.AudioLeg` over a carrier.

    Silence flows while nothing is to be played, from the first utterance on: until a channel
    is bridged, Asterisk reads nothing of what is sent to it, and would play it all at once.
    ``on_frame`` is called in the leg's reader thread, ``on_event`` there and in the pacer's.
    """

    def __init__(
        self, channel_id: str, carrier: Carrier, pacer: Pacer, on_frame: OnFrame, on_event: OnEvent
    ) -> None:
        self.channel_id = channel_id
        self._carrier = carrier
        self._pacer = pacer
        self._on_frame = on_frame
        self._on_event = on_event
        self._outgoing = Outgoing(on_event)
        self._flowing = False
        self._reader = threading.Thread(target=self._read, name=f"media-{channel_id}", daemon=True)

    def open(self) -> None:
        self._carrier.connect(self.channel_id)
        self._reader.start()

    def begin(self) -> None:
        self._outgoing.begin()
        if not self._flowing:
            self._flowing = True
            self._pacer.add(self._tick)

    def send(self, pcm: bytes) -> None:
        self._outgoing.send(pcm)

    def mark(self, mark: str) -> None:
        self._outgoing.mark(mark)

    def finish(self, mark: str) -> None:
        self._outgoing.finish(mark)

    def pause(self) -> None:
        self._outgoing.pause()

    def resume(self) -> None:
        self._outgoing.resume()

    def flush(self) -> None:
        self._outgoing.flush()

    def close(self) -> None:
        self._pacer.remove(self._tick)
        try:
            self._carrier.hang_up()
        finally:
            self._end_reader()
            self._carrier.close()

    def _end_reader(self) -> None:
        """Let Asterisk close first, so that it does not complain of a connection reset."""
        for wait_s in (POLITE_S, ABORT_S):
            if self._reader.is_alive():
                self._reader.join(wait_s)
                self._carrier.abort()

    def _tick(self) -> bool:
        """Send one frame; one that cannot be sent now is not lost but stays in the queue."""
        try:
            if self._carrier.ready():
                self._carrier.send(self._outgoing.next_frame())
        except OSError:
            self._carrier.abort()  # which ends the reader, and that tells the call
            return False
        return True

    def _read(self) -> None:
        """Hand over what comes until the connection ends. Never waits for anything else."""
        try:
            for item in self._carrier.received():
                if isinstance(item, MediaEvent):
                    self._on_event(item)
                else:
                    self._on_frame(item)
        finally:
            self._on_event(MediaEvent("closed"))
