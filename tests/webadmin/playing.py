"""Schemathesis on a running application, in a process of its own.

What Hypothesis makes up depends on the constants of every module that is loaded, so that within a
whole test run it would not be what it is in a run of one test.

``python -m tests.webadmin.playing http://127.0.0.1:9000 KEY`` prints one JSON object.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

_REJECTIONS = ["400", "401", "403", "404", "405", "406", "415", "422", "428", "5xx"]
"""Schemathesis's own answers to wrong data; of 5xx another check tells."""


@dataclass(frozen=True)
class Played:
    """``operations`` as ``GET /logs``; ``failures`` with the request, to be repeated by hand."""

    operations: list[str]
    failures: list[str]


def play(address: str, key: str) -> Played:
    """Everything the document allows, and much that it does not, sent to the application.

    ``SCHEMATHESIS_EXAMPLES`` sets how many examples each operation gets in each phase.
    """
    command = [sys.executable, "-m", "tests.webadmin.playing", address, key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return Played(**json.loads(done.stdout))


def _honest(path: str, *statuses: str) -> dict[str, Any]:
    """Refusals of requests, in the right form or not, that the form alone cannot tell."""
    refusals = ["401", "403", "404", "409", *statuses]
    checks = {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *refusals]},
        "negative_data_rejection": {"expected-statuses": [*_REJECTIONS, *refusals]},
    }
    return {"include-path": path, "checks": checks}


def _config(key: str) -> dict[str, Any]:
    examples = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))
    return {
        "headers": {"X-API-Key": key.encode().decode("latin-1")},
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "continue-on-failure": True,
        "request-timeout": 60,
        "suppress-health-check": ["all"],  # they tell a slow machine, not a wrong answer
        "operations": [
            _honest("/kb/upload", "422"),  # a picture is no base
            _honest("/kb2/upload", "422"),
            _honest(
                "/api/prompts", "412", "422"
            ),  # any If-Match but the right one; half a new request
            _honest("/api/settings", "412"),
            _honest("/api/model-settings", "412"),
            _honest("/ws", "400"),  # a request that is not for a WebSocket
        ],
    }


def _played(address: str, key: str) -> Played:
    config = SchemathesisConfig.from_dict(_config(key))
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    operations, failures = set(), []
    for event in engine.from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            operations.add(event.recorder.label)
            failures += list(_failures(event))
        elif isinstance(event, NonFatalError):
            failures.append(f"{event.label}: {event.value}")
        elif isinstance(event, FatalError):
            raise event.exception
    return Played(sorted(operations), failures)


def _failures(event: ScenarioFinished) -> Iterator[str]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                got = event.recorder.interactions[case_id].response
                answer = f"{got.status_code} {got.text[:200]}" if got else "no answer"
                sent = check.failure_info.code_sample
                yield f"{event.recorder.label} {check.name}\n{sent}\n{answer}"


if __name__ == "__main__":
    print(json.dumps(asdict(_played(*sys.argv[1:]))))
