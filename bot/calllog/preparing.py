"""The tables are made ready in a thread of their own, so that nobody waits for a long upgrade.

To bring a million calls up to a new version takes minutes. Until that is done every use of the
call log fails as if its database were away: calls are kept in memory and written afterwards.
"""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.calllog.upgrade import Step, ensure_schema
from bot.errors import AssistantError, SettingError

log = logging.getLogger(__name__)


class CallLogError(AssistantError):
    """The call log could not be read or written just now."""

    status = 503


class UpgradingError(CallLogError):
    """The tables are being brought up to this version; nothing is wrong, it takes its time."""


class Preparation:
    """One attempt to make the tables what this version needs, begun at once.

    Its users wait ``patience_s`` in all. ``then`` is called when it has succeeded. It ends with the
    process, in the middle of a transaction if need be, which leaves the tables as they were.
    """

    def __init__(self, engine: Engine, then: Callable[[], None], patience_s: float) -> None:
        self._engine = engine
        self._then = then
        self._patience_s = patience_s
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._error: SQLAlchemyError | SettingError | None = None
        self._step: Step | None = None
        threading.Thread(target=self._run, name="log-schema", daemon=True).start()

    def wait(self) -> None:
        """Return when the tables are ready; raise what has gone wrong.

        Raises :class:`UpgradingError` when it goes on for longer than ``patience_s``.
        """
        left_s = self._began + self._patience_s - time.monotonic()
        if not self._ended.wait(max(0.0, left_s)):
            raise UpgradingError(self._progress())
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            with self._engine.begin() as connection:
                ensure_schema(connection, self._tell)
        except (SQLAlchemyError, SettingError) as error:
            self._error = error
        else:
            if self._step is not None:
                log.info("event=log_upgraded seconds=%.1f", time.monotonic() - self._began)
            self._then()
        finally:
            self._ended.set()

    def _tell(self, step: Step) -> None:
        self._step = step
        passed_s = time.monotonic() - self._began
        log.info(
            "event=log_upgrade step=%d of=%d seconds=%.1f doing=%s",
            step.number, step.of, passed_s, step.doing,
        )  # fmt: skip

    def _progress(self) -> str:
        passed_s = round(time.monotonic() - self._began)
        step = self._step
        done = f"шаг {step.number} из {step.of}, " if step else ""
        return (
            f"Журнал звонков переводится на новую версию ({done}идёт {passed_s} с). "
            "Звонки принимаются и будут записаны. Обновите страницу через минуту."
        )
