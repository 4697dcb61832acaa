"""One piece of work in flight for one key, its result shared by all who ask meanwhile."""

import threading
from collections.abc import Callable, Generator, Iterator

from bot.errors import AssistantError


class Flight:
    """A value being made by one thread and awaited by others."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._value: bytes | None = None
        self._error: AssistantError | None = None

    def run(self, make: Callable[[], bytes]) -> bytes:
        """Make the value in this thread; whatever happens, those who wait are woken."""
        try:
            self._value = make()
        except AssistantError as error:
            self._error = error
            raise
        finally:
            self._done.set()
        return self._value

    def join(self, timeout_s: float) -> tuple[bytes | None, AssistantError | None]:
        """The value or the error; neither when it took too long or ended in a bug."""
        self._done.wait(timeout_s)
        return self._value, self._error


class SharedStream:
    """A stream of chunks that several readers read from its beginning, as it comes.

    No thread of its own: the reader who needs a chunk that nobody has fetched yet fetches it,
    the others wait for it. A reader who leaves takes nothing from the rest; the source is
    closed when the last one leaves.
    """

    def __init__(
        self,
        produce: Callable[[], Iterator[bytes]],
        finish: Callable[[bytes], None],
        over: Callable[["SharedStream"], None],
    ) -> None:
        """``finish`` gets the whole stream when it ended well; ``over`` is called once, when
        nobody may join any more."""
        self._produce = produce
        self._finish = finish
        self._over = over
        self._changed = threading.Condition()
        self._source: Iterator[bytes] | None = None
        self._chunks: list[bytes] = []
        self._fetching = False
        self._ended = False
        self._error: AssistantError | None = None
        self._readers = 0

    def enter(self) -> bool:
        """Count one more reader; ``False`` when the stream is over and cannot be joined."""
        with self._changed:
            if self._ended:
                return False
            self._readers += 1
            return True

    def read(self) -> Generator[bytes]:
        """The chunks from the first one, for a reader who has entered.

        Raises the source's :class:`AssistantError` after the chunks that came before it.
        """
        position = 0
        try:
            while (chunk := self._chunk(position)) is not None:
                yield chunk
                position += 1
        finally:
            self._exit()

    def _chunk(self, position: int) -> bytes | None:
        with self._changed:
            while position >= len(self._chunks):
                if self._error is not None:
                    raise self._error
                if self._ended:
                    return None
                if not self._fetching:
                    self._fetching = True
                    break
                self._changed.wait()
            else:
                return self._chunks[position]
        self._fetch()
        return self._chunk(position)

    def _fetch(self) -> None:
        """Get the next chunk in this thread, outside the lock."""
        chunk: bytes | None = None
        error: AssistantError | None = AssistantError("the shared stream broke off")
        try:
            if self._source is None:
                self._source = self._produce()
            chunk = next(self._source, None)
            if chunk is None:
                self._finish(b"".join(self._chunks))
            error = None
        except AssistantError as failure:
            error = failure
        finally:
            self._fetched(chunk, error)

    def _fetched(self, chunk: bytes | None, error: AssistantError | None) -> None:
        ended = chunk is None or error is not None
        with self._changed:
            self._fetching = False
            self._error = error
            self._ended = ended
            if chunk is not None:
                self._chunks.append(chunk)
            self._changed.notify_all()
        if ended:
            self._over(self)

    def _exit(self) -> None:
        with self._changed:
            self._readers -= 1
            abandoned = self._readers == 0 and not self._ended
            self._ended = self._ended or abandoned
        if abandoned:
            self._over(self)
            if isinstance(self._source, Generator):
                self._source.close()
