"""Stand-in of SpeechKit's HTTP v1 synthesis, and the stand-ins' ``/_control``."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import cast
from urllib.parse import parse_qs

from tests.lab import yandex_rules as rules
from tests.lab.yandex_plan import Fault, Heard, Plan

SYNTHESIZE = "/speech/v1/tts:synthesize"
CONTROL = "/_control"
_BODY_BYTES = 15 * 1024

_ANSWERS = {  # gRPC code → (HTTP status, error_code), protocols.md 1.3
    "INVALID_ARGUMENT": (400, "BAD_REQUEST"),
    "UNAUTHENTICATED": (401, "UNAUTHORIZED"),
    "PERMISSION_DENIED": (403, "FORBIDDEN"),
    "RESOURCE_EXHAUSTED": (429, "TOO_MANY_REQUESTS"),
    "UNAVAILABLE": (503, "SERVICE_UNAVAILABLE"),
    "DEADLINE_EXCEEDED": (504, "DEADLINE_EXCEEDED"),
    "INTERNAL": (500, "INTERNAL_SERVER_ERROR"),
}


class HttpServer(ThreadingHTTPServer):
    """A listening server that knows its plan and the plans it may be told to change."""

    request_queue_size = 256
    daemon_threads = True

    def __init__(self, port: int, plan: Plan, plans: dict[str, Plan]) -> None:
        self.plan = plan
        self.plans = plans
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept, and remember the connection."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget a connection that is over."""
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        """Break what clients keep alive: a dead host answers on no connection."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: what was asked is in the plan."""

    @property
    def _owner(self) -> HttpServer:
        return cast(HttpServer, self.server)

    def do_GET(self) -> None:
        """``/_control``: behaviour and record of both protocols."""
        if self.path != CONTROL:
            return self._send_json(404, {"error_message": "not found"})
        return self._send_json(200, {n: p.report() for n, p in self._owner.plans.items()})

    def do_POST(self) -> None:
        """Synthesis, or ``/_control`` with ``{"grpc": {…}, "http": {…}}`` to change plans."""
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if self.path == CONTROL:
            return self._control(body)
        if self.path != SYNTHESIZE:
            return self._send_json(404, {"error_code": "NOT_FOUND", "error_message": "not found"})
        return self._synthesize(body)

    def _control(self, body: bytes) -> None:
        try:
            for name, values in json.loads(body).items():
                self._owner.plans[name].change(values)
        except (ValueError, KeyError, AttributeError) as error:
            return self._send_json(400, {"error_message": f"bad control: {error}"})
        return self.do_GET()

    def _synthesize(self, body: bytes) -> None:
        plan = self._owner.plan
        fault = plan.begin()
        try:
            heard = self._read(body)
            plan.refuse_early(fault)
            plan.note(heard)
        except rules.Refused as refused:
            return self._refuse(refused)
        if fault in ("cut", "garbage"):
            return self._break_off(fault)
        return self._stream(heard, fault)

    def _break_off(self, fault: Fault) -> None:
        if fault == "garbage":
            self.wfile.write(b"\x00\xff\xd0<html>\r\n\r\n")
        self.close_connection = True

    def _read(self, body: bytes) -> Heard:
        """The form as understood; anything but a form has no fields (docs#683)."""
        if len(body) > _BODY_BYTES:
            raise rules.Refused("INVALID_ARGUMENT", "Request body is too large")
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        is_form = kind == "application/x-www-form-urlencoded"
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        form = {name: values[-1] for name, values in fields.items()} if is_form else {}
        authorization = self.headers.get("Authorization", "")
        rules.check_account(authorization, form.get("folderId"))
        return _read_form(form, authorization, self.headers.get("x-client-request-id"))

    def _stream(self, heard: Heard, fault: Fault | None) -> None:
        """The answer; counted before its end is sent, so that a client who has it finds it so."""
        plan = self._owner.plan
        try:
            self._send_audio(plan.speak(heard, fault))
        except (BrokenPipeError, ConnectionResetError, rules.Refused):
            plan.finish(whole=False)  # midway the status is gone, so the connection is cut
            self.close_connection = True
            return
        plan.finish(whole=True)
        with contextlib.suppress(OSError):
            self._send_chunk(b"")

    def _send_audio(self, chunks: Iterator[bytes | None]) -> None:
        started = False
        for chunk in chunks:
            if chunk is None:
                continue
            if not started:
                self._start_audio()
                started = True
            self._send_chunk(chunk)

    def _start_audio(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "audio/x-pcm")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _refuse(self, refused: rules.Refused) -> None:
        status, code = _ANSWERS[refused.code]
        message = refused.message
        if refused.code == "UNAUTHENTICATED":
            message = f"rpc error: code = Unauthenticated desc = {message}"
        wait = self._owner.plan.retry_after if status == 429 else None
        headers = {} if wait is None else {"Retry-After": wait}
        self._send_json(status, {"error_code": code, "error_message": message}, headers)

    def _send_json(
        self, status: int, value: object, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


def _read_form(form: dict[str, str], authorization: str, request_id: str | None) -> Heard:
    """The fields of section 1.4, checked."""
    if ("text" in form) == ("ssml" in form):
        raise rules.Refused("INVALID_ARGUMENT", "Exactly one of text and ssml must be specified")
    if "ssml" in form:
        raise rules.Refused("INVALID_ARGUMENT", "The stand-in does not read ssml")
    rules.check_text(form["text"], rules.V1_CHARACTERS)
    voice, role = form.get("voice", "marina"), form.get("emotion", "")
    rules.check_voice(rules.ROLES_V1, voice, role)
    if form.get("lang", "ru-RU") != "ru-RU":
        raise rules.Refused("INVALID_ARGUMENT", "Language does not match the voice")
    if form.get("format", "oggopus") != "lpcm":
        raise rules.Refused("INVALID_ARGUMENT", "The stand-in makes lpcm only")
    if (rate := form.get("sampleRateHertz", "48000")) not in ("8000", "16000", "48000"):
        raise rules.Refused("INVALID_ARGUMENT", f"Unsupported sample rate {rate}")
    speed = _number(form.get("speed", "1.0"))
    rules.check_speed(speed)
    return Heard(
        text=form["text"], voice=voice, role=role, speed=speed, rate_hz=int(rate),
        authorization=authorization, folder=form.get("folderId"), request_id=request_id,
    )  # fmt: skip


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise rules.Refused("INVALID_ARGUMENT", f"Not a number: {text}") from error


class HttpStandIn:
    """The service on a port; the port can be closed (connections refused) and opened again."""

    def __init__(self, port: int, grpc_plan: Plan) -> None:
        self.plan = Plan()
        self._plans = {"grpc": grpc_plan, "http": self.plan}
        self.port = port
        self.open()

    @property
    def url(self) -> str:
        """Value for ``YANDEX_TTS_HTTP_URL``."""
        return f"http://127.0.0.1:{self.port}{SYNTHESIZE}"

    @property
    def control_url(self) -> str:
        """Where behaviour is changed and the record is read, as JSON."""
        return f"http://127.0.0.1:{self.port}{CONTROL}"

    def open(self) -> None:
        """Listen (again on the same port after :meth:`refuse`)."""
        self.plan.closing.clear()
        self._server = HttpServer(self.port, self.plan, self._plans)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="yandex-http", daemon=True
        )
        self._thread.start()

    def refuse(self) -> None:
        """Close the port: clients see «connection refused»."""
        self.plan.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.cut_connections()
        self._thread.join()
