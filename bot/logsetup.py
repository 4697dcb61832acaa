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


def set_up_logging(settings: Settings) -> None:
    """Send this process's log where the settings say."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if settings.log_file is not None:
        settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                settings.log_file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
            )
        )
    logging.basicConfig(level=settings.log_level, format=FORMAT, handlers=handlers)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
