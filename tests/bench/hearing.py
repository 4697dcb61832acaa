"""OpenAI's stand-in in a process of its own, with a recogniser that tells callers apart.

Each line of its input is JSON, ``{"pcm": base64, "text": …}``: from now on that recording says
that. Each is confirmed with a line of output, the first of which is the server's address.
"""

import argparse
import base64
import json
import re
import signal
import sys
from collections.abc import Mapping
from typing import Any

from tests.bench.behaviours.ear import Ear
from tests.lab.openai_plan import Plan
from tests.lab.openai_server import OpenAIServer

FIRST_SENTENCE = "Итого цена {number} миллионов рублей."
"""Seven tokens with its ``|``: as long as the formula of conversation.md, line 1, leaves room for.

0.25 s + recognition 0.35 + first token 0.30 + six more tokens 0.09 + synthesis 0.15 = 1.14 s.
"""
AT_LENGTH = "Расскажите подробно"
UNBROKEN = " ".join(["превысокомногорассмотрительствующий" * 2] * 14) + "."
"""Speech with next to no gaps, so that the end of the sound is the end of speaking."""


def reply(body: Mapping[str, Any]) -> str:
    """The answer to a question, which its number makes different from all others."""
    asked = body["messages"][-1]["content"]
    number = re.search(r"взять (\d+) штук", asked)
    if AT_LENGTH in asked or number is None:
        return f"{UNBROKEN}|"
    return FIRST_SENTENCE.format(number=number.group(1)) + "|"


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("asr", "first-token", "token"):
        parser.add_argument(f"--{name}-s", type=float, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the benchmark's, which then ends us
    ear = Ear()
    plan = Plan(options.asr_s, options.first_token_s, options.token_s, transcript=ear, answer=reply)
    with OpenAIServer(plan) as server:
        _tell(server.base_url)
        for line in sys.stdin:
            order = json.loads(line)
            ear.means(base64.b64decode(order["pcm"]), order["text"])
            _tell("known")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
