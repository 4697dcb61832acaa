"""A stand-in for OpenAI's API on a socket: chat, transcription and embeddings.

``with OpenAIServer() as server:`` in a test, ``python -m tests.lab.openai_server --port 8900``
beside a benchmark. It is as strict about requests as protocols.md says the vendor is, can be
slowed down and made to fail in each documented way, and counts what it was asked.
"""

import argparse
import contextlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from http.server import ThreadingHTTPServer
from types import FrameType, TracebackType
from typing import Any, Self

from tests.lab.openai_faults import FAULTS, ApiRefusal, ArmedFault, Fault
from tests.lab.openai_handler import Handler
from tests.lab.openai_plan import Endpoint, Ledger, Plan, RecordedRequest

KEY = "sk-stand-in"
NUMBERS = ("asr_s", "first_token_s", "token_s", "embedding_s", "no_speech_prob")
SETS = ("unverified_models", "plain_models", "extra_models")


class Listener(ThreadingHTTPServer):
    """The listening socket, with a backlog that 60 callers at once do not overrun."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], key: str, ledger: Ledger) -> None:
        self.key = key
        self.ledger = ledger
        self.open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def hang_up(self) -> None:
        """Break the connections that callers keep alive: a dead service answers on none."""
        with self.ledger.lock:
            kept = list(self.open)
        for connection in kept:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is counted; anything else is a fault of the stand-in."""
        if isinstance(sys.exception(), ConnectionError | TimeoutError):
            self.ledger.note("abandoned")
            return
        super().handle_error(request, client_address)

    def control(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out ``POST /_control`` and tell the counts.

        Keys, all optional: ``plan`` (numbers, ``transcript`` and model lists of :class:`Plan`),
        ``answers``, ``transcripts`` (texts to queue), ``faults`` (``{"endpoint", "fault",
        "times", "model", …arguments of the fault}``), ``reset`` (forget queues and counts).
        """
        if order.get("reset"):
            self.forget()
        for name, value in order.get("plan", {}).items():
            if name not in {field.name for field in fields(Plan)}:
                raise ApiRefusal(400, f"the plan has no {name}")
            setattr(self.ledger.plan, name, frozenset(value) if name in SETS else value)
        with self.ledger.lock:
            self.ledger.answers.extend(order.get("answers", []))
            self.ledger.transcripts.extend(order.get("transcripts", []))
        self.ledger.arm(*(_armed(fault) for fault in order.get("faults", [])))
        with self.ledger.lock:
            return {"counts": dict(self.ledger.counts)}

    def forget(self) -> None:
        """Forget queues, faults, records and counts."""
        with self.ledger.lock:
            for store in (
                self.ledger.answers,
                self.ledger.transcripts,
                self.ledger.armed,
                self.ledger.requests,
                self.ledger.counts,
            ):
                store.clear()


def _armed(order: Mapping[str, Any]) -> ArmedFault:
    arguments = dict(order)
    made = FAULTS[arguments.pop("fault")]
    endpoint, times = arguments.pop("endpoint"), arguments.pop("times", 1)
    return ArmedFault(
        endpoint, left=times, model=arguments.pop("model", None), fault=made(**arguments)
    )


class OpenAIServer:
    """The stand-in inside a test's process; a context manager."""

    def __init__(
        self, plan: Plan | None = None, key: str = KEY, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.plan = plan or Plan()
        self.key = key
        self._ledger = Ledger(self.plan)
        self._listener = Listener((host, port), key, self._ledger)
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="openai-stand-in",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Die: nobody is answered any more, not even on a connection kept alive."""
        self._ledger.stopping.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.hang_up()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """What belongs into ``OPENAI_BASE_URL``."""
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}/v1"

    def answer(self, *texts: str) -> None:
        """Queue the texts of the next chat answers."""
        with self._ledger.lock:
            self._ledger.answers.extend(texts)

    def hear(self, *texts: str) -> None:
        """Queue the texts of the next transcriptions."""
        with self._ledger.lock:
            self._ledger.transcripts.extend(texts)

    def fail(
        self,
        endpoint: Endpoint,
        fault: Fault,
        times: int = 1,
        model: str | None = None,
        **meets: Any,
    ) -> None:
        """Let the next ``times`` requests fail: to ``model``, with these values, if given."""
        self._ledger.arm(ArmedFault(endpoint, fault, times, model, meets))

    def forget(self) -> None:
        """Forget what is queued, armed, recorded and counted."""
        self._listener.forget()

    def requests(self, endpoint: Endpoint) -> Sequence[RecordedRequest]:
        """What was asked, oldest first."""
        return self._ledger.of(endpoint)

    def count(self, name: str) -> int:
        """Requests to an endpoint, ``connections`` accepted, or answers ``abandoned``."""
        with self._ledger.lock:
            return self._ledger.counts[name]

    def wait_for(self, name: str, at_least: int = 1, within_s: float = 5.0) -> bool:
        """Whether the counter ``name`` reaches ``at_least`` in time."""
        end = time.monotonic() + within_s
        while self.count(name) < at_least and time.monotonic() < end:
            time.sleep(0.01)
        return self.count(name) >= at_least


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve in the foreground until SIGTERM or Ctrl-C; the first line says where."""
    options = _parse(arguments)
    plan = Plan(**{name: getattr(options, name) for name in NUMBERS})
    if options.transcript:
        plan.transcript = options.transcript
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    with OpenAIServer(plan, key=options.key, port=options.port) as server:
        print(server.base_url, flush=True)
        stop.wait()
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--transcript", default="")
    for name in NUMBERS:
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, dest=name, type=float, default=getattr(Plan, name))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
