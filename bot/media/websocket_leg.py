"""The audio leg over Asterisk's ``chan_websocket``, which paces the sound itself.

Facts about it are from protocols.md, section 3.7.
"""

import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import websocket

from bot.ari import AriClient
from bot.media import MediaEvent, MediaEventType, MediaLostError, OnEvent, OnFrame
from bot.media.framereader import FrameReader

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 3.0
SEND_TIMEOUT_S = 5.0
MESSAGE_BYTES = 32_000  # over 65 500 Asterisk hangs up
COMMAND_BYTES = 128  # longer ones are ignored by Asterisk without a word
CHANNEL = {
    "transport": "websocket",
    "encapsulation": "none",
    "connection_type": "server",
    "external_host": "INCOMING",
    "format": "slin",
    "transport_data": "f(json)",
}
"""What ``externalMedia`` is asked for: slin at 8 kHz, JSON control."""

_EVENT_TYPES: dict[str, MediaEventType] = {
    "MEDIA_START": "started",
    "MEDIA_MARK_PROCESSED": "played",
    "MEDIA_BUFFERING_COMPLETED": "finished",
    "MEDIA_XOFF": "flow_off",
    "MEDIA_XON": "flow_on",
    "DTMF_END": "dtmf",
}


def parse_media_event(message: bytes) -> MediaEvent | None:
    """The event a control message stands for; ``None`` for any that we have no use for."""
    try:
        body: Any = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    event_type = _EVENT_TYPES.get(str(body.get("event")))
    if event_type is None:
        return None
    detail = body.get("correlation_id") or body.get("digit") or ""
    return MediaEvent(event_type, str(detail))


class WebSocketLeg:
    """An :class:`AudioLeg` over ``externalMedia`` with ``transport=websocket``.

    ``on_frame`` and ``on_event`` are called in the leg's reader thread and must not block.
    """

    def __init__(
        self,
        ari: AriClient,
        app: str,
        channel_id: str,
        on_frame: OnFrame,
        on_event: OnEvent,
    ) -> None:
        self.channel_id = channel_id
        self._ari = ari
        self._app = app
        self._on_frame = on_frame
        self._on_event = on_event
        self._socket: websocket.WebSocket | None = None
        self._reader = threading.Thread(target=self._read, name=f"media-{channel_id}", daemon=True)

    def open(self) -> None:
        said = self._ari.external_media(self._app, self.channel_id, CHANNEL)
        connection_id = said["MEDIA_WEBSOCKET_CONNECTION_ID"]
        url = f"{self._ari.address.websocket_url}/media/{connection_id}"
        try:
            self._socket = websocket.create_connection(
                url,
                timeout=CONNECT_TIMEOUT_S,
                subprotocols=["media"],
                enable_multithread=True,
                skip_utf8_validation=True,
            )
        except (OSError, websocket.WebSocketException) as error:
            raise MediaLostError(f"media socket: {type(error).__name__}") from error
        self._socket.settimeout(SEND_TIMEOUT_S)
        self._reader.start()

    def begin(self) -> None:
        self._command("START_MEDIA_BUFFERING")

    def send(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), MESSAGE_BYTES):
            self._write(partial(_send_binary, pcm[start : start + MESSAGE_BYTES]))

    def mark(self, mark: str) -> None:
        self._command("MARK_MEDIA", mark)

    def finish(self, mark: str) -> None:
        self._command("STOP_MEDIA_BUFFERING", mark)

    def pause(self) -> None:
        self._command("PAUSE_MEDIA")

    def resume(self) -> None:
        self._command("CONTINUE_MEDIA")

    def flush(self) -> None:
        self._command("FLUSH_MEDIA")
        self._command("CONTINUE_MEDIA")  # a flush leaves the channel paused

    def close(self) -> None:
        socket, self._socket = self._socket, None
        if socket is None:
            return
        socket.abort()  # wakes the reader, which closing alone would not
        self._reader.join(timeout=2)
        socket.shutdown()

    def _command(self, name: str, correlation_id: str | None = None) -> None:
        fields = {"command": name}
        if correlation_id is not None:
            fields["correlation_id"] = correlation_id
        text = json.dumps(fields, separators=(",", ":"))
        if len(text) > COMMAND_BYTES:
            raise ValueError(f"media command over {COMMAND_BYTES} bytes: {text}")
        self._write(lambda socket: socket.send(text))

    def _write(self, send: Callable[[websocket.WebSocket], Any]) -> None:
        if self._socket is None:
            raise MediaLostError("media socket is not open")
        try:
            send(self._socket)
        except (OSError, websocket.WebSocketException) as error:
            raise MediaLostError(f"media socket: {type(error).__name__}") from error

    def _read(self) -> None:
        """Hand over frames and events until the socket ends. Never waits for anything else."""
        socket = self._socket
        try:
            if socket is not None:
                self._read_from(socket)
        finally:
            self._on_event(MediaEvent("closed"))

    def _read_from(self, socket: websocket.WebSocket) -> None:
        if socket.sock is None:  # closed before this thread began
            return
        reader = FrameReader(socket.sock)
        while True:
            try:
                opcode, data = reader.message()
                if opcode == websocket.ABNF.OPCODE_PING:
                    socket.pong(data)
            except TimeoutError:
                continue  # nothing arrives while the far side is silent
            except (OSError, websocket.WebSocketException):
                return
            if opcode == websocket.ABNF.OPCODE_BINARY:
                self._on_frame(data)
            elif opcode == websocket.ABNF.OPCODE_TEXT:
                self._deliver(data)
            elif opcode == websocket.ABNF.OPCODE_CLOSE:
                return

    def _deliver(self, message: bytes) -> None:
        event = parse_media_event(message)
        if event is not None:
            self._on_event(event)
        else:
            log.debug("media message ignored channel=%s bytes=%d", self.channel_id, len(message))


def _send_binary(pcm: bytes, socket: websocket.WebSocket) -> None:
    socket.send_binary(pcm)
