"""The converting process: ``python -m bot.documents.child docx|pdf BYTES SECONDS``.

Reads a document from standard input and writes one JSON object, ``{"markdown": …}`` or
``{"refused": …}``. It bounds its memory and processor time before it reads: a file can make
a library loop or allocate.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from bot.documents.isolation import TOO_COMPLEX
from bot.documents.kind import Kind
from bot.documents.limits import MARKDOWN_BYTES, MEGABYTE, UPLOAD_BYTES
from bot.documents.markdown import Block, render
from bot.errors import KnowledgeError

_OUTPUT_BYTES = 8 * MEGABYTE
"""JSON of the largest Markdown, each letter escaped."""

_NICENESS = 10
"""Callers who are talking go first."""


def main(arguments: Sequence[str]) -> int:
    """Convert what comes on standard input; 0 also when the document is refused."""
    kind, memory_bytes, cpu_s = arguments
    _bound(int(memory_bytes), int(cpu_s))
    try:
        answer = {"markdown": _markdown(Kind(kind), sys.stdin.buffer.read(UPLOAD_BYTES))}
    except KnowledgeError as error:
        answer = {"refused": str(error)}
    except (MemoryError, TimeoutError):
        answer = {"refused": TOO_COMPLEX}
    except ImportError as error:
        answer = {"refused": f"на сервере не установлен пакет {error.name}: выполните make setup"}
    json.dump(answer, sys.stdout)
    return 0


def _markdown(kind: Kind, data: bytes) -> str:
    text = render(_blocks(kind, data))
    if len(text.encode()) > MARKDOWN_BYTES:
        raise KnowledgeError(
            "в документе больше 2 МБ текста: разделите его на части и уберите лишнее"
        )
    return text


def _blocks(kind: Kind, data: bytes) -> list[Block]:
    """Only the reader that is needed is loaded: the other one's library takes memory."""
    if kind is Kind.DOCX:
        from bot.documents.docx.convert import docx_blocks

        return docx_blocks(data)
    from bot.documents.pdf.convert import pdf_blocks

    return pdf_blocks(data)


def _bound(memory_bytes: int, cpu_s: int) -> None:
    """Memory, processor time, output; no core file, no turn before the calls."""
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, _OUTPUT_BYTES, _OUTPUT_BYTES)
    # The first limit asks, the second one kills what does not hear: a loop inside a library.
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 2)
    signal.signal(signal.SIGXCPU, _out_of_time)
    os.nice(_NICENESS)


def _limit(what: int, soft: int, hard: int) -> None:
    """A limit, or the one that whoever started us has set, where that is lower."""
    most = resource.getrlimit(what)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(what, (soft, hard))


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
