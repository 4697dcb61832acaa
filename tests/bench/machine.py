"""What the figures of a benchmark were measured on."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """The processor, its cores and the Python."""
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
