"""Stand-ins of both SpeechKit synthesis protocols on loopback sockets.

In a test: ``with YandexServer() as yandex: … yandex.environment()``. In a process of its
own: ``python -m tests.lab.yandex_server --grpc-port 0 --http-port 0 --latency 0.15``, which
prints the environment as ``NAME=value`` lines and is then steered over ``/_control``.
"""

import argparse
import signal
import sys
from types import TracebackType
from typing import Self

from tests.lab.yandex_grpc_server import GrpcStandIn
from tests.lab.yandex_http_server import HttpStandIn
from tests.lab.yandex_rules import SERVICE_KEY


class YandexServer:
    """gRPC v3 at ``.grpc`` and HTTP v1 at ``.http``, each with its ``.plan``."""

    def __init__(self, grpc_port: int = 0, http_port: int = 0, latency_s: float = 0.0) -> None:
        self.grpc = GrpcStandIn(grpc_port)
        self.http = HttpStandIn(http_port, self.grpc.plan)
        self.grpc.plan.latency_s = self.http.plan.latency_s = latency_s

    def environment(self) -> dict[str, str]:
        """The variables that point the product here, with a service account's key."""
        return {
            "YANDEX_API_KEY": SERVICE_KEY,
            "YANDEX_TTS_GRPC_TARGET": self.grpc.target,
            "YANDEX_TTS_GRPC_INSECURE": "1",
            "YANDEX_TTS_HTTP_URL": self.http.url,
        }

    def close(self) -> None:
        """Stop both; requests under way are dropped."""
        self.http.refuse()
        self.grpc.refuse()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Stand-ins of Yandex SpeechKit synthesis")
    parser.add_argument("--grpc-port", type=int, default=0)
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to the first chunk")
    parser.add_argument("--realtime-factor", type=float, default=0.0)
    arguments = parser.parse_args()
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the servers' threads start
    with YandexServer(arguments.grpc_port, arguments.http_port, arguments.latency) as yandex:
        for service in (yandex.grpc, yandex.http):
            service.plan.realtime_factor = arguments.realtime_factor
        for name, value in yandex.environment().items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.flush()
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
