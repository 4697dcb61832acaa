"""Converting in a process of its own: what a hostile file can do ends with that process."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from bot.documents.kind import Kind
from bot.documents.limits import DEADLINE_S
from bot.errors import KnowledgeError

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
_TOO_LONG = (
    "документ преобразуется слишком долго: разделите его на части или сохраните заново "
    "в программе, где он сделан"
)
_DAMAGED = (
    "файл повреждён или устроен так, что не читается: откройте его в программе, где он сделан, "
    "и сохраните заново"
)


def converted(kind: Kind, data: bytes) -> str:
    """Markdown of a ``.docx`` or ``.pdf``; raises :class:`KnowledgeError` with the reason.

    The process has no environment (no keys), bounded memory and time, and is gone afterwards.
    """
    with TemporaryFile() as source, TemporaryFile() as result:
        source.write(data)
        source.seek(0)
        code = _run(kind, source, result)
        result.seek(0)
        answer = result.read()
    if code != 0:
        # The reason of a crash tells an operator nothing that the file does not.
        log.warning("document_conversion_failed kind=%s exit=%d bytes=%d", kind, code, len(data))
        raise KnowledgeError(_DAMAGED)
    return _markdown(answer)


def _run(kind: Kind, source: BinaryIO, result: BinaryIO) -> int:
    """The exit code: negative after a signal (a limit of the child, a crash of a library)."""
    try:
        return subprocess.run(  # noqa: S603 - our own module, no word of the document in it
            [sys.executable, "-m", "bot.documents.child", kind],
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8"},
            stdin=source,
            stdout=result,
            stderr=subprocess.DEVNULL,
            timeout=DEADLINE_S,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired as error:
        log.warning("document_conversion_failed kind=%s exit=deadline", kind)
        raise KnowledgeError(_TOO_LONG) from error


def _markdown(answer: bytes) -> str:
    said: dict[str, str] = json.loads(answer)
    if "refused" in said:
        raise KnowledgeError(said["refused"])
    return said["markdown"]
