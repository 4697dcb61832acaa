"""The HTTP side of the OpenAI stand-in: one request from the socket to the answer."""

import json
import secrets
import select
import socket
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast

from tests.lab import openai_audio, openai_chat, openai_embeddings
from tests.lab.openai_faults import ApiRefusal, Fault, size_refusal
from tests.lab.openai_models import known_model
from tests.lab.openai_plan import Endpoint, Ledger, RecordedRequest

if TYPE_CHECKING:
    from tests.lab.openai_server import Listener

MAX_BODY_BYTES = 26_214_400
NO_SUCH_URL = "Invalid URL ({method} {path})"


class BrokenOffError(Exception):
    """The answer ends here by plan: the connection is closed as it is."""


class Handler(BaseHTTPRequestHandler):
    """One TCP connection, any number of requests on it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.listener = cast("Listener", self.server)
        self.ledger: Ledger = self.listener.ledger
        self.connection_number = self.ledger.note("connections")
        with self.ledger.lock:
            self.listener.open.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        with self.ledger.lock:
            self.listener.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the ledger is the log."""

    def do_GET(self) -> None:
        """Models and the control page."""
        self._handled(self._get)

    def do_POST(self) -> None:
        """Chat, transcription, embeddings and the control page."""
        self._handled(self._post)

    def _handled(self, act: Any) -> None:
        self.arrived = time.monotonic()
        try:
            act()
        except ApiRefusal as refusal:
            self._send_json(refusal.status, refusal.body, refusal.headers)
        except BrokenOffError:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.ledger.note("abandoned")
            self.close_connection = True

    def _get(self) -> None:
        if self.path == "/_control":
            self._send_json(200, self.listener.control({}))
            return
        self._check_key()
        listed, _, model = self.path.partition("/v1/models")
        if listed or model[:1] not in ("", "/"):
            raise ApiRefusal(404, NO_SUCH_URL.format(method="GET", path=self.path))
        self._record("models", {"model": model[1:]})
        self._break_off("models", {"model": model[1:]})
        if model:
            self._send_json(200, known_model(model[1:], self.ledger.plan.extra_models))
            return
        models = [known_model(name) for name in ("gpt-4o-mini", "gpt-6-luna", "whisper-1")]
        self._send_json(200, {"object": "list", "data": models})

    def _post(self) -> None:
        raw = self._read_body()
        if self.path == "/_control":
            self._send_json(200, self.listener.control(json.loads(raw or b"{}")))
            return
        self._check_key()
        answers = {
            "/v1/chat/completions": self._chat,
            "/v1/audio/transcriptions": self._transcription,
            "/v1/embeddings": self._embeddings,
        }
        if self.path not in answers:
            raise ApiRefusal(404, NO_SUCH_URL.format(method="POST", path=self.path))
        answers[self.path](raw)

    def _read_body(self) -> bytes:
        length = int(self.headers.get("content-length") or 0)
        if length > MAX_BODY_BYTES + 100_000:
            while length > 0:
                length -= len(self.rfile.read(min(length, 1 << 20)))
            raise size_refusal()
        return self.rfile.read(length)

    def _check_key(self) -> None:
        given = self.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise ApiRefusal(401, "You didn't provide an API key.")
        if not secrets.compare_digest(given.removeprefix("Bearer "), self.listener.key):
            raise ApiRefusal(401, "Incorrect API key provided.", code="invalid_api_key")

    def _json(self, raw: bytes) -> Mapping[str, Any]:
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise ApiRefusal(400, "Invalid content type: expected application/json")
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiRefusal(400, "We could not parse the JSON body of your request.")
        return body

    # ---- endpoints

    def _transcription(self, raw: bytes) -> None:
        form = openai_audio.parse_form(self.headers.get("content-type", ""), raw)
        self._record("transcription", form.as_body(), form.file, form.filename)
        self._break_off("transcription", form.as_body())
        openai_audio.check_form(form)
        seconds = openai_audio.check_file(form)
        text = self.ledger.next_transcript(form.file)
        self.ledger.pause_until(self.arrived + self.ledger.plan.asr_s)
        chance = self.ledger.plan.no_speech_prob
        answer = openai_audio.transcription_body(form, text, seconds, chance)
        if isinstance(answer, str):
            self._send(200, answer.encode(), "text/plain; charset=utf-8")
        else:
            self._send_json(200, answer)

    def _embeddings(self, raw: bytes) -> None:
        body = self._json(raw)
        self._record("embedding", body)
        self._break_off("embedding", body)
        answer = openai_embeddings.embeddings_body(body)
        self.ledger.pause_until(self.arrived + self.ledger.plan.embedding_s)
        self._send_json(200, answer)

    def _chat(self, raw: bytes) -> None:
        body = self._json(raw)
        self._record("chat", body)
        fault = self.ledger.fault_for("chat", body)
        if fault is not None and fault.refusal is not None:
            raise fault.refusal()
        openai_chat.check_chat(body, self.ledger.plan)
        text = self.ledger.next_answer(body, openai_chat.quote_passages)
        if body.get("stream"):
            self._stream(body, text, fault)
            return
        if fault is not None:
            self._suffer(fault)
        plan = self.ledger.plan
        pieces = len(openai_chat.tokens(text))
        self.ledger.pause_until(self.arrived + plan.first_token_s + plan.token_s * pieces)
        self._send_json(200, openai_chat.completion_body(body, text))

    def _stream(self, body: Mapping[str, Any], text: str, fault: Fault | None) -> None:
        plan = self.ledger.plan
        self.ledger.pause_until(self.arrived + plan.first_token_s)
        self._start_stream()
        said = 0
        for kind, chunk in openai_chat.chunks(body, text):
            if kind in ("content", "finish"):
                if fault is not None and said >= fault.after_chunks:
                    self._suffer(fault)
                self.ledger.pause_until(self.arrived + plan.first_token_s + plan.token_s * said)
                said += 1
            for part in openai_chat.torn(openai_chat.event_bytes(chunk)):
                self._write_chunk(part)
        self.wfile.write(b"0\r\n\r\n")

    def _start_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self._send_own_headers()
        self.end_headers()

    def _write_chunk(self, part: bytes) -> None:
        if self._caller_left():
            raise ConnectionResetError("the caller closed the stream")
        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    # ---- faults

    def _break_off(self, endpoint: Endpoint, body: Mapping[str, Any]) -> None:
        fault = self.ledger.fault_for(endpoint, body)
        if fault is not None and fault.refusal is not None:
            raise fault.refusal()
        if fault is not None:
            if fault.kind in ("garbage", "drip"):
                self._start_body()
            self._suffer(fault)

    def _start_body(self) -> None:
        """The head of an answer whose body will never be what it says."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _suffer(self, fault: Fault) -> None:
        if fault.kind == "error":
            error = {
                "message": "The server had an error while processing your request.",
                "type": "server_error",
                "param": None,
                "code": None,
            }
            self._write_chunk(openai_chat.event_bytes({"error": error}))
            self.wfile.write(b"0\r\n\r\n")
        elif fault.kind == "garbage":
            self._write_chunk(b"data: \x00\xff<html>\xd0\r\n\r\n")
            self.wfile.write(b"0\r\n\r\n")
        elif fault.kind == "stall":
            self._wait_silently(fault.stall_s)
        elif fault.kind == "drip":
            self._drip(fault.stall_s)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        raise BrokenOffError

    def _drip(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ledger.stopping.is_set():
            self._write_chunk(b" ")
            self.ledger.stopping.wait(0.1)

    def _wait_silently(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ledger.stopping.is_set():
            if self._caller_left():
                raise ConnectionResetError("the caller closed the stream")
            self.ledger.stopping.wait(0.02)

    def _caller_left(self) -> bool:
        """Whether the other side has closed the connection; nothing else may arrive now."""
        waiting = select.poll()  # not select(): its descriptors end at 1024
        waiting.register(self.connection, select.POLLIN)
        return bool(waiting.poll(0)) and self.connection.recv(1, socket.MSG_PEEK) == b""

    # ---- answers

    def _record(
        self, endpoint: Endpoint, body: Mapping[str, Any], file: bytes = b"", filename: str = ""
    ) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.ledger.record(
            RecordedRequest(
                endpoint, self.arrived, self.connection_number, headers, body, file, filename
            )
        )

    def _send_json(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        self._send(status, raw, "application/json", headers)

    def _send(
        self, status: int, raw: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        if self._caller_left():
            raise ConnectionResetError("the caller did not wait for the answer")
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(raw)))
        self._send_own_headers()
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _send_own_headers(self) -> None:
        spent_ms = round((time.monotonic() - self.arrived) * 1000)
        self.send_header("x-request-id", f"req_{secrets.token_hex(16)}")
        self.send_header("openai-processing-ms", str(spent_ms))
