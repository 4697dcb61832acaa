"""Ask a running admin for views, one after the other, and take the time."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
import psutil
import requests

from tests.bench.scale_calls.views import AT_MOST_MS, View

_TIMEOUT_S = 120


@dataclass(frozen=True)
class Asked:
    """How long one kind of view took, milliseconds."""

    kind: str
    name: str
    first: float
    """The first answer, of which nothing was in memory yet."""
    p50: float
    p95: float
    cpu: float
    """Time of the processor for one answer, of the admin and its database together."""
    times: int
    at_most: float

    @property
    def met(self) -> bool:
        """Whether it is within the issue's target."""
        return self.p95 <= self.at_most

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self) | {"met": self.met}


def ask(address: str, views: Iterable[View]) -> Iterator[Asked]:
    """Ask for every view; raises :class:`requests.HTTPError` for an answer that is an error."""
    with requests.Session() as session:
        session.headers["Accept-Encoding"] = "gzip"
        session.get(f"{address}/logs-ui/", timeout=_TIMEOUT_S)  # templates are compiled
        for view in views:
            yield _asked(session, address, view)


def _asked(session: requests.Session, address: str, view: View) -> Asked:
    headers = {"HX-Request": "true"} if view.is_fragment else {}
    taken = []
    began_cpu = servers_cpu_s()
    for path in view.paths:
        began = perf_counter()
        session.get(address + path, headers=headers, timeout=_TIMEOUT_S).raise_for_status()
        taken.append((perf_counter() - began) * 1000)
    cpu = (servers_cpu_s() - began_cpu) * 1000 / len(taken)
    p50, p95 = (float(value) for value in np.percentile(taken, (50, 95)))
    return Asked(view.kind, view.name, taken[0], p50, p95, cpu, len(taken), AT_MOST_MS[view.kind])


def servers_cpu_s() -> float:
    """Time of the processor that all our processes but this one have had."""
    taken = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        taken += times.user + times.system + times.children_user + times.children_system
    return taken
