"""RTP as a telephone sends it: 20 ms packets of G.711, and keys as events.

Packets: RFC 3550; keys: RFC 4733.
"""

import secrets
import struct
import threading
from collections import deque
from typing import NamedTuple

from bot.audio import FRAME_MS, RATE_HZ
from bot.softphone.codecs import Codec

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
"""Samples at 8000 Hz in one packet: 160. The clock of key events too."""

SPEECH_DBFS = -45.0
"""A packet at least this loud is speech; a silent line is far below."""

KEYS = "0123456789*#ABCD"
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION = 0x80
_END = 0x80
_EVENT_LEVEL = 10
_END_PACKETS = 3


class RtpPacket(NamedTuple):
    """One parsed packet; ``timestamp`` counts samples."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


def parse_packet(datagram: bytes) -> RtpPacket | None:
    """The packet, or ``None`` for RTCP and anything else that is not RTP.

    RTCP may arrive on an RTP port: its types 200–207 are 72–79 here (RFC 5761, 4).
    """
    if len(datagram) <= _HEADER.size or datagram[0] & 0xC0 != _VERSION:
        return None
    first, second, sequence, timestamp, _ = _HEADER.unpack_from(datagram)
    payload_type = second & 0x7F
    if 72 <= payload_type <= 79:
        return None
    start = _HEADER.size + 4 * (first & 0x0F)
    return RtpPacket(payload_type, second > 0x7F, sequence, timestamp, datagram[start:])


def pressed_key(packet: RtpPacket) -> str | None:
    """The key that this event packet ends, or ``None`` while it is still held down."""
    if len(packet.payload) < _EVENT.size:
        return None
    event, flags, _ = _EVENT.unpack_from(packet.payload)
    return KEYS[event] if flags & _END and event < len(KEYS) else None


class RtpSender:
    """What one telephone sends, packet by packet; somebody else keeps the time.

    With ``send_silence`` there is a packet every 20 ms, as from most lines; without, only
    what was queued is sent, as from a line with discontinuous transmission.
    """

    def __init__(self, codec: Codec, event_type: int | None, *, send_silence: bool) -> None:
        self._codec = codec
        self._event_type = event_type
        self._send_silence = send_silence
        self._silence = codec.silence * codec.frame_bytes
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._events: deque[tuple[bytes, bool]] = deque()
        self._lock = threading.Lock()
        self._sequence = secrets.randbelow(1 << 16)
        self._timestamp = secrets.randbelow(1 << 32)
        self._ssrc = secrets.randbelow(1 << 32)
        self._event_began = 0
        self._talking = False
        self.all_sent = threading.Event()
        self.all_sent.set()
        self.speech_sent_at: list[float] = []
        """When each packet of speech left, in seconds of the caller's clock."""

    def queue_speech(self, pcm: bytes) -> None:
        """Send ``pcm`` after what is queued already; its last frame is filled with silence."""
        coded = self._codec.encode(pcm)
        size = self._codec.frame_bytes
        parts = [coded[at : at + size] for at in range(0, len(coded), size)]
        frames = [(part.ljust(size, self._codec.silence), self._is_speech(part)) for part in parts]
        with self._lock:
            if frames:
                self.all_sent.clear()
            self._frames.extend(frames)

    def queue_keys(self, keys: str, held_ms: int = 100) -> None:
        """Press ``keys`` one after another, before any speech still queued.

        Each is held so long, and its end said three times; with 0 it is said once, and no more.
        Raises ``ValueError`` for an unknown key or a far side that takes no key events.
        """
        if self._event_type is None:
            raise ValueError("the far side accepts no key events")
        packets: list[tuple[bytes, bool]] = []
        for key in keys.upper():
            event = KEYS.index(key)
            held = held_ms // FRAME_MS
            for number in range(1, held + (_END_PACKETS if held else 1) + 1):
                end = _END if number > held else 0
                samples = min(number, held + 1) * FRAME_SAMPLES
                packets.append((_EVENT.pack(event, end | _EVENT_LEVEL, samples), number == 1))
        with self._lock:
            self._events.extend(packets)

    def next_packet(self, now_s: float) -> bytes | None:
        """The packet for this 20 ms, or ``None`` when nothing is to be sent."""
        self._timestamp = (self._timestamp + self._codec.frame_ticks) & 0xFFFFFFFF
        with self._lock:
            if self._events:
                return self._event_packet(*self._events.popleft())
            if not self._frames:
                self.all_sent.set()
                return self._audio_packet(self._silence, talking=False)
            payload, is_speech = self._frames.popleft()
        if is_speech:
            self.speech_sent_at.append(now_s)
        return self._audio_packet(payload, talking=True)

    def _audio_packet(self, payload: bytes, *, talking: bool) -> bytes | None:
        if not (talking or self._send_silence):
            self._talking = False
            return None
        marker = not self._talking
        self._talking = True
        return self._packet(self._codec.payload_type, marker, self._timestamp, payload)

    def _event_packet(self, payload: bytes, begins: bool) -> bytes:
        assert self._event_type is not None  # noqa: S101 - queue_keys made sure of it
        if begins:
            self._event_began = self._timestamp
        return self._packet(self._event_type, begins, self._event_began, payload)

    def _packet(self, payload_type: int, marker: bool, timestamp: int, payload: bytes) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        second = payload_type | (0x80 if marker else 0)
        header = _HEADER.pack(_VERSION, second, self._sequence, timestamp, self._ssrc)
        return header + payload

    def _is_speech(self, payload: bytes) -> bool:
        return self._codec.level_dbfs(payload) >= SPEECH_DBFS
