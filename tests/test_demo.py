"""``make demo`` as a stranger without a terminal sees it."""

import re
import subprocess
import sys

import psutil
import pytest

from tests.lab.worker import REPO


@pytest.mark.timeout(300)
def test_the_demo_shows_a_recognised_question_its_answer_and_source_and_leaves_nothing() -> None:
    before = _servers()
    result = subprocess.run(
        [sys.executable, "-m", "tests.demo"],
        cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=280,
    )  # fmt: skip
    said = result.stdout
    assert result.returncode == 0, said + result.stderr
    assert re.search(r"caller +.*гаранти", said)
    assert re.search(r"assistant +\[general\] .*24 месяца", said)
    assert re.search(r"assistant +\[tech\] .*220 В", said)
    assert re.search(r"heard by caller +\d+", said)
    assert (REPO / "data" / "demo" / "call.wav").stat().st_size > 100_000
    assert _servers() <= before


def _servers() -> set[int]:
    """Processes of ours that would keep running."""
    names = ("asterisk", "redis-server", "festival", "gunicorn")
    return {
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if any(name in " ".join(process.info["cmdline"] or ()) for name in names)
        and process.info["name"] not in ("sh", "bash")
    }
