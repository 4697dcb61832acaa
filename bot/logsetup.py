"""Where log lines go: the standard error stream (the journal) and a file that is rotated."""

import logging
from logging.handlers import RotatingFileHandler

from bot.settings import Settings

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FILE_BYTES = 10 * 1024 * 1024
FILES_KEPT = 5
QUIET = (
    "httpx2",
    "httpcore2",
    "urllib3",
    "websocket",
    "faster_whisper",
    "faiss.loader",
    "pymorphy3",
)
"""Libraries that would put addresses and words into our log at INFO."""


def set_up_logging(settings: Settings, worker: int | None = None) -> None:
    """Send this process's log where the settings say.

    One of several workers has a file of its own (``app-2.log``), as two processes cannot rotate
    one, and its number in each line.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if (file := settings.log_file) is not None:
        if worker is not None:
            file = file.with_stem(f"{file.stem}-{worker}")
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
        )
    shape = FORMAT if worker is None else f"{FORMAT} worker={worker}"
    logging.basicConfig(level=settings.log_level, format=shape, handlers=handlers)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
