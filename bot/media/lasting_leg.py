"""An audio leg that outlives its connection: a lost one is told of once and can be replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.media import AudioLeg, LegFactory, MediaEvent, MediaLostError, OnFrame


@dataclass(frozen=True)
class LegLost:
    """The leg of that channel is gone, or cannot be used any more."""

    channel_id: str


class LastingLeg:
    """An :class:`AudioLeg`; what is asked of it while it is lost comes to nothing.

    Its channels are called ``name``, ``name.2`` and so on. ``post`` is told of every event of
    the leg in use, and of its loss instead of ``closed``.
    """

    def __init__(
        self,
        make: LegFactory,
        name: str,
        on_frame: OnFrame,
        post: Callable[[MediaEvent | LegLost], None],
    ) -> None:
        self._make = make
        self._name = name
        self._on_frame = on_frame
        self._post = post
        self._opened = 0
        self._leg: AudioLeg | None = None
        self._is_lost = False
        self.channel_id = name

    def open(self) -> None:
        """Connect for the first time, or again; raises when that fails."""
        self.close()
        self._opened += 1
        self.channel_id = self._name if self._opened == 1 else f"{self._name}.{self._opened}"
        self._leg = self._make(
            self.channel_id, self._on_frame, partial(self._tell, self.channel_id)
        )
        self._leg.open()
        self._is_lost = False

    def begin(self) -> None:
        self._use(lambda leg: leg.begin())

    def send(self, pcm: bytes) -> None:
        self._use(lambda leg: leg.send(pcm))

    def mark(self, mark: str) -> None:
        self._use(lambda leg: leg.mark(mark))

    def finish(self, mark: str) -> None:
        self._use(lambda leg: leg.finish(mark))

    def pause(self) -> None:
        self._use(lambda leg: leg.pause())

    def resume(self) -> None:
        self._use(lambda leg: leg.resume())

    def flush(self) -> None:
        self._use(lambda leg: leg.flush())

    def close(self) -> None:
        """Let go of the connection; safe to repeat."""
        leg, self._leg = self._leg, None
        if leg is not None:
            leg.close()

    def _use(self, act: Callable[[AudioLeg], None]) -> None:
        if self._leg is None or self._is_lost:
            return
        try:
            act(self._leg)
        except MediaLostError:
            self._is_lost = True
            self._post(LegLost(self.channel_id))

    def _tell(self, channel_id: str, event: MediaEvent) -> None:
        self._post(LegLost(channel_id) if event.type == "closed" else event)


def first_leg(channel_id: str) -> str:
    """The name of the leg whose first or later channel this is."""
    return channel_id.partition(".")[0]
