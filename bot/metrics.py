"""The numbers that Prometheus reads; their names are fixed in contract.md."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
)

from bot.errors import ErrorKind

_TURN_BUCKETS_S = (
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8,
    1.0, 1.3, 1.6, 2.0, 2.5, 3.5, 5.0, 8.0, 15.0,
)  # fmt: skip
_LATENESS_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1.0)


class Metrics:
    """Every metric of one worker process, kept in the registry that was passed in.

    One of several processes keeps the values in files beside it (``PROMETHEUS_MULTIPROC_DIR``,
    set before this is imported); :mod:`bot.processes.supervisor` serves their sum.

    Durations are seconds. ``turn_seconds`` takes one of :data:`bot.records.STAGES`.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.calls_active = Gauge(
            "bot_calls_active", "Calls in progress", registry=registry, multiprocess_mode="livesum"
        )
        self.calls = Counter(
            "bot_calls_total", "Finished calls by status", ("status",), registry=registry
        )
        self.turn_seconds = Histogram(
            "bot_turn_seconds",
            "Stages of a turn; answer = end of the caller's speech to first audio sent",
            ("stage",),
            buckets=_TURN_BUCKETS_S,
            registry=registry,
        )
        self.barge_in = Counter(
            "bot_barge_in_total", "Interruptions by outcome", ("outcome",), registry=registry
        )
        self.speculation = Counter(
            "bot_speculation_total",
            "Recognitions and answers begun before the caller's turn was over, by what came of it",
            ("stage", "outcome"),
            registry=registry,
        )
        self.provider_errors = Counter(
            "bot_provider_errors_total",
            "Failures of services",
            ("provider", "kind"),
            registry=registry,
        )
        self.provider_fallback = Counter(
            "bot_provider_fallback_total",
            "Failures that a stand-by made good",
            ("stage",),
            registry=registry,
        )
        self.cache = Counter(
            "bot_cache_total", "Cache look-ups", ("cache", "result"), registry=registry
        )
        self.unanswered = Counter(
            "bot_unanswered_total", "Questions that neither base answers", registry=registry
        )
        self.frame_lateness_seconds = Histogram(
            "bot_frame_lateness_seconds",
            "How late a caller's 20 ms frame was handled",
            buckets=_LATENESS_BUCKETS_S,
            registry=registry,
        )

    def count_error(self, provider: str, kind: ErrorKind) -> None:
        """A service has failed."""
        self.provider_errors.labels(provider, kind).inc()

    def count_fallback(self, stage: str) -> None:
        """A stand-by made a failure good."""
        self.provider_fallback.labels(stage).inc()


def serve(registry: CollectorRegistry, bind: str) -> WSGIServer:
    """Answer ``GET /metrics`` on ``host:port`` from a daemon thread.

    ``shutdown()`` and ``server_close()`` of the result stop it. Raises ``OSError`` when
    the port is taken.
    """
    host, _, port = bind.rpartition(":")
    server, _thread = start_http_server(int(port), host, registry)
    return server
