"""What a worker is called: at Asterisk, in the call log and in the log.

Every worker process has an ARI application of its own, ``<ARI_APP>-<WORKER_NAME>-<number>``, so
that several processes, on one host or many, can share an Asterisk (architecture.md, «Threads and
processes»).
"""

import re
import socket
from dataclasses import dataclass

from bot.settings import MOST_PROCESSES, Settings

LONGEST_HOST = 40


@dataclass(frozen=True)
class WorkerName:
    """One worker process of this host; ``app`` is its own application.

    ``former`` are names that no process of this host bears any more, now that this one runs:
    calls that they left open are closed by this one.
    """

    app: str
    number: int
    former: tuple[str, ...] = ()

    @property
    def in_log(self) -> str:
        """The name in the call log; what precedes ``@`` is where operators' commands go."""
        return _in_log(self.app)


def worker_name(settings: Settings, number: int) -> WorkerName:
    """The name of worker ``number`` (from 1) of this host."""
    former: tuple[str, ...] = ()
    if number == 1:
        unused = range(settings.bot_processes + 1, MOST_PROCESSES + 1)
        former = (settings.ari_app, *(_app(settings, one) for one in unused))
    return WorkerName(_app(settings, number), number, tuple(_in_log(app) for app in former))


def _app(settings: Settings, number: int) -> str:
    host = settings.worker_name or socket.gethostname()
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", host)[:LONGEST_HOST]
    return f"{settings.ari_app}-{plain}-{number}"


def _in_log(app: str) -> str:
    return f"{app}@{socket.gethostname()}"
