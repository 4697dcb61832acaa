"""``make demo`` as a stranger without a terminal sees it."""

import contextlib
import os
import re
import subprocess
import sys
import uuid

import psutil
import pytest

from tests.lab.worker import REPO


@pytest.mark.timeout(300)
def test_the_demo_shows_a_recognised_question_its_answer_and_source_and_leaves_nothing() -> None:
    mark = {"DEMO_OF": str(uuid.uuid4())}
    result = subprocess.run(
        [sys.executable, "-m", "tests.demo"],
        cwd=REPO, env=os.environ | mark, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=280,
    )  # fmt: skip
    said = result.stdout
    assert result.returncode == 0, said + result.stderr
    assert re.search(r"caller +.*гаранти", said)
    assert re.search(r"assistant +\[general\] .*24 месяца", said)
    assert re.search(r"assistant +\[tech\] .*220 В", said)
    assert re.search(r"heard by caller +\d+", said)
    assert (REPO / "data" / "demo" / "call.wav").stat().st_size > 100_000
    assert _marked(mark) == []


def _marked(mark: dict[str, str]) -> list[str]:
    """Processes that the demo, or what it started, has left running."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if mark.items() <= process.environ().items():
                found.append(" ".join(process.cmdline()))
    return found
