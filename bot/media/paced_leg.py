"""An audio leg whose sound we pace ourselves, over any carrier of 20 ms frames."""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from bot.media import MediaEvent, OnEvent, OnFrame
from bot.media.outgoing import Outgoing
from bot.media.pacer import Pacer

POLITE_S = 0.3
"""For Asterisk to close the connection; all of a call must be gone 500 ms after its end."""
ABORT_S = 2.0


class Carrier(Protocol):
    """The connection between us and one channel of Asterisk's, in frames of 20 ms."""

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
        """Give everything back, once :meth:`received` has ended. Safe to repeat."""
        ...


Connect = Callable[[str], Carrier]
"""Has Asterisk create the channel of this id, and connects to it.

Raises :class:`bot.ari.AriError` or :class:`bot.media.MediaLostError`.
"""


class PacedLeg:
    """An :class:`bot.media.AudioLeg` over a carrier.

    Silence flows while nothing is to be played, from the beginning on: what Asterisk gets before
    the channel is bridged it drops, but without it 16.28 looks only every 200 ms at what it
    was asked to do with a channel.
    ``on_frame`` is called in the leg's reader thread, ``on_event`` there and in the pacer's.
    """

    def __init__(
        self, channel_id: str, connect: Connect, pacer: Pacer, on_frame: OnFrame, on_event: OnEvent
    ) -> None:
        self.channel_id = channel_id
        self._connect = connect
        self._pacer = pacer
        self._on_frame = on_frame
        self._on_event = on_event
        self._outgoing = Outgoing(on_event)
        self._carrier: Carrier | None = None
        self._reader: threading.Thread | None = None

    def open(self) -> None:
        self._carrier = self._connect(self.channel_id)
        self._reader = threading.Thread(
            target=self._read, args=(self._carrier,), name=f"media-{self.channel_id}", daemon=True
        )
        self._reader.start()
        self._pacer.add(self._tick)

    def begin(self) -> None:
        self._outgoing.begin()

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
        carrier, self._carrier = self._carrier, None
        if carrier is None:
            return
        self._pacer.remove(self._tick)
        try:
            carrier.hang_up()
        finally:
            self._end_reader(carrier)
            carrier.close()

    def _end_reader(self, carrier: Carrier) -> None:
        """Let Asterisk close first, so that it does not complain of a connection reset."""
        for wait_s in (POLITE_S, ABORT_S):
            if self._reader is not None and self._reader.is_alive():
                self._reader.join(wait_s)
                carrier.abort()

    def _tick(self) -> bool:
        """Send one frame; one that cannot be sent now is not lost but stays in the queue."""
        carrier = self._carrier
        if carrier is None:
            return False
        try:
            if carrier.ready():
                carrier.send(self._outgoing.next_frame())
        except OSError:
            carrier.abort()  # which ends the reader, and that tells the call
            return False
        return True

    def _read(self, carrier: Carrier) -> None:
        """Hand over what comes until the connection ends. Never waits for anything else."""
        try:
            for item in carrier.received():
                if isinstance(item, MediaEvent):
                    self._on_event(item)
                else:
                    self._on_frame(item)
        finally:
            self._on_event(MediaEvent("closed"))
