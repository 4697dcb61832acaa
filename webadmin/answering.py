"""The assistant inside the admin: one agent for the process, made when it is first needed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from flask import Flask, current_app
from prometheus_client import CollectorRegistry

from bot.agent import Agent
from bot.agent_setup import Answering, build_answering
from bot.errors import AssistantError
from bot.metrics import Metrics
from webadmin.services import Services

_WAIT_S = 10.0
"""Rather a late answer than none: with the bundled embeddings it takes 0.2 s on a free core."""
_EXTENSION = "answering"


class NotReadyError(AssistantError):
    """The assistant cannot be asked just now."""

    status = 503


class AnsweringInMaking:
    """Makes the agent once, in a thread of its own. Thread-safe.

    What could not be made is tried again when somebody needs it next.
    """

    def __init__(self, make: Callable[[], Answering]) -> None:
        self._make = make
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="answering")
        self._lock = Lock()
        self._making: Future[Answering] | None = None

    def begin(self) -> Future[Answering]:
        """Have it made, if that is not done or under way already."""
        with self._lock:
            if self._making is None or _has_failed(self._making):
                self._making = self._maker.submit(self._make)
            return self._making

    def get(self, wait_s: float = _WAIT_S) -> Answering:
        """The agent and its releases; :class:`NotReadyError` says why not."""
        try:
            return self.begin().result(wait_s)
        except TimeoutError:
            raise NotReadyError(
                "Помощник готовится к работе. Повторите через несколько секунд."
            ) from None
        except AssistantError as error:
            raise NotReadyError(f"Помощник не готов: {error}") from error


def init_app(app: Flask) -> None:
    """Prepare to make the agent of this application; nothing is loaded yet."""
    parts: Services = app.extensions["services"]
    app.extensions[_EXTENSION] = AnsweringInMaking(
        # The metrics are not served: questions of operators are no calls.
        lambda: build_answering(parts.settings, Metrics(CollectorRegistry()))
    )


def warm_up() -> None:
    """Begin to make the agent, for a page from which questions are asked; returns at once."""
    _of_this_app().begin()


def agent() -> Agent:
    """The agent of this process, for any thread; raises :class:`NotReadyError`."""
    return _of_this_app().get().agent


def answering() -> Answering:
    """The agent and the releases it answers from; raises :class:`NotReadyError`."""
    return _of_this_app().get()


def _of_this_app() -> AnsweringInMaking:
    found: AnsweringInMaking = current_app.extensions[_EXTENSION]
    return found


def _has_failed(making: Future[Answering]) -> bool:
    return making.done() and making.exception() is not None
