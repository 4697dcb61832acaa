"""Converting in a process of its own: what a hostile file can do ends with that process."""

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from bot.documents.kind import Kind
from bot.documents.limits import CHILD_LIMITS, ChildLimits
from bot.errors import KnowledgeError

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
TOO_COMPLEX = (
    "документ слишком сложен, на него не хватило времени или памяти: разделите его на части "
    "или сохраните заново в программе, где он сделан"
)
_DAMAGED = (
    "файл повреждён или устроен так, что не читается: откройте его в программе, где он сделан, "
    "и сохраните заново"
)

_EXHAUSTED = (signal.SIGKILL, signal.SIGXCPU, signal.SIGABRT)
"""Past the deadline or the processor time; PDFium aborts when it is given no more memory."""


def converted(kind: Kind, data: bytes, limits: ChildLimits = CHILD_LIMITS) -> str:
    """Markdown of a ``.docx`` or ``.pdf``; raises :class:`KnowledgeError` with the reason.

    The process has no environment (no keys), bounded memory and time, and is gone afterwards.
    """
    with TemporaryFile() as source, TemporaryFile() as result:
        source.write(data)
        source.seek(0)
        code = _run(kind, source, result, limits)
        result.seek(0)
        answer = result.read()
    if code == 0:
        return _markdown(answer)
    # The reason of a crash tells an operator nothing that the file does not.
    log.warning("document_conversion_failed kind=%s exit=%d bytes=%d", kind, code, len(data))
    raise KnowledgeError(TOO_COMPLEX if -code in _EXHAUSTED else _DAMAGED)


def _run(kind: Kind, source: BinaryIO, result: BinaryIO, limits: ChildLimits) -> int:
    """The exit code: negative after a signal (a limit of the child, a crash of a library)."""
    program = [sys.executable, "-m", "bot.documents.child"]
    try:
        return subprocess.run(  # noqa: S603 - our own module, no word of the document in it
            [*program, kind, str(limits.memory_bytes), str(limits.cpu_s)],
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8"},
            stdin=source,
            stdout=result,
            stderr=subprocess.DEVNULL,
            timeout=limits.deadline_s,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL


def _markdown(answer: bytes) -> str:
    said: dict[str, str] = json.loads(answer)
    if "refused" in said:
        raise KnowledgeError(said["refused"])
    return said["markdown"]
