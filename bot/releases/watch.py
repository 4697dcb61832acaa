"""Takes a new release up aside from the calls, so that none of them has to wait for it."""

import logging
import threading
from collections.abc import Callable

from bot.errors import AssistantError
from bot.release import Release, ReleaseSource

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
_STOP_WITHIN_S = 2.0


class ReleaseWatch:
    """A thread that looks every second which release is in service, and prepares for each once."""

    def __init__(
        self,
        releases: ReleaseSource,
        on_release: Callable[[Release], object],
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        """``on_release`` gets the release in service, and later every new one, in the thread."""
        self._releases = releases
        self._on_release = on_release
        self._number = 0
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="releases", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what is being done for a release is waited for two seconds."""
        self._stopping.set()
        self._thread.join(_STOP_WITHIN_S)

    def _watch(self) -> None:
        self._look()
        while not self._stopping.wait(self._every_s):
            self._look()

    def _look(self) -> None:
        try:
            release = self._releases.current()
        except AssistantError as error:
            log.error("event=release_unavailable why=%r", str(error))
            return
        if release.number != self._number:
            self._number = release.number
            self._on_release(release)
